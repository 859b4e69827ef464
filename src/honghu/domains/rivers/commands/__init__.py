"""Writes of the rivers: what the registers' actions call, each inside the action's transaction."""
