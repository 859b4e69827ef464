"""What one can hold in the head: functions of at most 70 lines, files of at most 500."""

import ast

from tests.architecture.tree import parsed, python_files, shown

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 500
EXEMPT: frozenset[str] = frozenset()
"""Files that may be longer, each with its reason in a comment here. There are none."""


def test_no_function_is_longer_than_a_screen() -> None:
    long = []
    for path in python_files():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    long.append(f"{shown(path)}:{node.lineno} {node.name}: {lines} lines")
    assert not long, "\n".join(long)


def test_no_file_is_too_long_to_be_read_in_one_go() -> None:
    long = []
    for path in python_files():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > FILE_LINES_MAX and shown(path) not in EXEMPT:
            long.append(f"{shown(path)}: {lines} lines")
    assert not long, "\n".join(long)


def test_measures_see_the_code() -> None:
    """A check that looks at nothing would pass for ever."""
    assert sum(1 for _path in python_files()) > 200
