"""States and actions as a graph, and the proofs that it is sound; pure."""
