"""Figures and bulletins over the kernel's facts."""
