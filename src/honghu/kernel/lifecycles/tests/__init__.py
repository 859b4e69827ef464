"""Tests of the lifecycles."""
