"""Files by their SHA-256: bounded, typed by content, kept once."""
