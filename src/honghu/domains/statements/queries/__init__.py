"""Reads of bank statements."""
