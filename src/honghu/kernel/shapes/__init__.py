"""Shapes: the lines and areas that a county draws on its maps."""
