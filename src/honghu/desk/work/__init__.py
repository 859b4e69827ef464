"""What waits for the reader, and search."""
