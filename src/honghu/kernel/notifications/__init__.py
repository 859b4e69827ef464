"""Telling people: what waits for them and what runs out, at the desk and by mail."""
