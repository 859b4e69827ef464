"""Registers: one YAML file declares fields, roles, states and actions; read, checked, published."""
