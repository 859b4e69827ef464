"""Append-only Merkle log (RFC 9162) over steps and postings, with signed checkpoints."""
