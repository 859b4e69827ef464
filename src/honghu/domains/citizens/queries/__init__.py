"""Reads: the services that registers offer, reports as the public may see them, likely duplicates."""
