"""Tests of the procurement domain."""
