"""What a domain declares of itself, and the registry that holds it."""
