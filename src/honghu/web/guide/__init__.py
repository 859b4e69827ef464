"""Invented content of the style guide. No person, firm or case in it exists."""
