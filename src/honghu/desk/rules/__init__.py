"""The rule book for people."""
