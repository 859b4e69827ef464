"""Passes steps on to all who tell the outside of them."""
