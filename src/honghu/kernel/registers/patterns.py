"""Patterns of text fields, in RE2's language: matching takes linear time whatever the pattern.

A register is written by officials and its patterns meet text from anybody; with Python's own `re`
one unlucky pattern could stop the server.
"""

import functools

import re2


class PatternError(ValueError):
    """A pattern that RE2 can't read."""


@functools.cache
def _compiled(pattern: str) -> object:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise PatternError(pattern) from error


def check_pattern(pattern: str) -> None:
    """Raise PatternError unless the pattern can be read."""
    _compiled(pattern)


def matches(pattern: str, text: str) -> bool:
    """Tell whether the whole text matches."""
    return re2.fullmatch(_compiled(pattern), text) is not None
