"""Award and contract notices, read into awards and contracts (OCDS)."""
