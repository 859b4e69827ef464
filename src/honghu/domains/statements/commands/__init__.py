"""Writes of bank statements: taking them in, filing their entries, handling exceptions."""
