"""What no committed file may contain: unfinished work, somebody's machine, somebody's package index.

The patterns are written so that they do not match themselves.
"""

import re

import pytest

from tests.architecture.tree import committed, shown, text_of

FORBIDDEN = {
    "unfinished work": r"\b(?:TOD[O]|FIXM[E]|XX[X])\b",
    "a path of one machine": r"(?<![\w.$}])/(?:wor[k]|shar[e]d|roo[t]|hom[e])/\w",
    "a package index": r"--(?:extra-)?index-ur[l]|\bpythonhoste[d]\b|/simpl[e]/",
    "a private address": r"\b(?:10|192\.168|172\.1[6-9])(?:\.\d{1,3}){2,3}:\d+\b",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_contains(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = []
    for path in committed():
        text = text_of(path)
        for number, line in enumerate((text or "").splitlines(), start=1):
            if pattern.search(line):
                found.append(f"{shown(path)}:{number}: {line.strip()[:100]}")
    assert not found, f"{what}:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("unfinished work", "# TO" + "DO: later"),
        ("a path of one machine", 'open("/ro' + 'ot/notes.txt")'),
        ("a package index", "pip install --index-u" + "rl https://example.org"),
        ("a private address", "http://10.0.0" + ".12:3128"),
    ],
)
def test_the_patterns_find_what_they_are_for(what: str, line: str) -> None:
    assert re.search(FORBIDDEN[what], line)


def test_there_is_something_to_look_at() -> None:
    assert len(committed()) > 300
