"""Tests of the repository itself: sizes, docstrings, words, dependencies, glossary, documents."""
