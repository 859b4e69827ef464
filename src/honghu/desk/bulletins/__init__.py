"""Bulletins for people: drafts for the editors, published ones for everybody."""
