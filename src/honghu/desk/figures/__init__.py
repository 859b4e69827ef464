"""Figures for people: what is counted, its value over time, the rows behind it, and the proof."""
