"""The case page and the forms of its actions."""
