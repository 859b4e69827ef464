"""Serving stored evidence to those who may see it."""
