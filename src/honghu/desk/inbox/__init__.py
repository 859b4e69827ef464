"""What the reader was told, and how the reader wants to be told."""
