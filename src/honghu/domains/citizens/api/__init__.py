"""Open311 GeoReport v2 for other platforms: its own addresses, shapes and errors."""
