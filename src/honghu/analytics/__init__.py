"""Figures that a county publishes, each with the rows that prove it."""
