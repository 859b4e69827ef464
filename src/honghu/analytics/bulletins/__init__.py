"""Bulletins: texts, tables and charts over figures, frozen, published, and provable offline."""
