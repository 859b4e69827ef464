"""Every package says what it is for; every public write, read and rule says what it does."""

import ast

from tests.architecture.tree import parsed, public_definitions, python_files, shown

EXPLAINED = frozenset({"commands", "queries", "rules"})
SILENT = frozenset({"tests", "migrations", "templatetags"})
"""Packages whose name, given by Django or pytest, says everything."""


def test_every_package_says_what_it_is_for() -> None:
    silent = [
        shown(path)
        for path in python_files()
        if path.name == "__init__.py"
        and path.parent.name not in SILENT
        and not ast.get_docstring(parsed(path))
    ]
    assert not silent, "\n".join(silent)


def test_every_public_write_read_and_rule_is_explained() -> None:
    """commands.py, queries.py and rules.py, whether they are one file or a package."""
    looked_at, silent = 0, []
    for path in python_files():
        if path.stem not in EXPLAINED and path.parent.name not in EXPLAINED:
            continue
        for name, node in public_definitions(path):
            looked_at += 1
            if not ast.get_docstring(node):
                silent.append(f"{shown(path)}:{node.lineno} {name}")
    assert looked_at > 100
    assert not silent, "\n".join(silent)
