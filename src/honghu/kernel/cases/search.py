"""Substring search for Chinese and other text, by pairs of neighbouring characters.

A word of n characters has n - 1 pairs; a case is found when it holds all pairs of the asked word.
This needs no dictionary and no database extension (see docs/adr/0004-search-by-bigrams.md).
"""

import re
import unicodedata
from collections.abc import Iterable

_BREAKS = re.compile(r"[\s\x00-\x1f\x7f\ud800-\udfff,，。；;：:、（）()《》〈〉“”\"'!！?？]+")


def _pieces(text: str) -> Iterable[str]:
    return (p for p in _BREAKS.split(unicodedata.normalize("NFKC", text).lower()) if p)


def index_terms(*texts: str) -> list[str]:
    """The distinct terms of the texts: their characters' pairs, and each single character word."""
    terms: set[str] = set()
    for text in texts:
        for piece in _pieces(text):
            terms.update(piece[i : i + 2] for i in range(len(piece) - 1))
            if len(piece) == 1:
                terms.add(piece)
    return sorted(terms)


def query_terms(text: str) -> list[str]:
    """The terms that a case must all hold to match what was typed; empty for nothing typed."""
    return index_terms(text)
