"""Organisations, persons and the positions that persons hold in them."""
