"""Tests of the kernel's commands."""
