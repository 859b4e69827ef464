"""What one can hold in the head: functions of at most 70 lines, files of at most 500, short lines."""

import ast

from tests.architecture.tree import parsed, python_files, shown

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 500
PROSE_WIDTH_MAX = 108
"""The formatter breaks code, not prose: a hundred, and a little for a closing word."""
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


def test_no_line_of_prose_runs_out_of_the_window() -> None:
    wide = []
    for path in python_files():
        lines = path.read_text(encoding="utf-8").splitlines()
        prose = {number for number, line in enumerate(lines, 1) if line.lstrip().startswith("# ")}
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                prose |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        wide += [
            f"{shown(path)}:{number}: {len(lines[number - 1])} characters"
            for number in sorted(prose)
            if len(lines[number - 1]) > PROSE_WIDTH_MAX
        ]
    assert not wide, "\n".join(wide)


def test_measures_see_the_code() -> None:
    """A check that looks at nothing would pass for ever."""
    assert sum(1 for _path in python_files()) > 200
