"""Maps: places, lines and areas drawn by the server, without tiles."""
