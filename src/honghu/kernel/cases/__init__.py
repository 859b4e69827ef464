"""Cases and the one write path: `perform`."""
