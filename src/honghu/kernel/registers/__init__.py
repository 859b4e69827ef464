"""Registers: one YAML file each, checked, published and never changed."""
