"""Dated, sourced parameters: no business number stands in code."""
