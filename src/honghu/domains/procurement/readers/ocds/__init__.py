"""OCDS 1.1: release and record packages and JSON Lines in, and the merging of releases."""
