"""Peers that the benchmarks run beside Honghu, on the same database."""
