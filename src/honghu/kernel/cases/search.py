"""Search inside Chinese and other text, by pairs of neighbouring characters.

A word of n characters has n - 1 pairs; a case is found when it holds all pairs of the asked word.
One character is found as the beginning of a pair, or as a text's last character. This needs no
dictionary and no database extension (see docs/adr/0004-search-by-bigrams.md).
"""

import re
import unicodedata
from collections.abc import Iterable

TERMS_MAX = 50_000
"""No text vector of the database holds more than a mebibyte; longer texts are found by the rest."""

_BREAKS = re.compile(r"[\s\x00-\x1f\x7f\ud800-\udfff,，。；;：:、（）()《》〈〉“”\"'!！?？]+")


def _pieces(text: str) -> Iterable[str]:
    return (p for p in _BREAKS.split(unicodedata.normalize("NFKC", text).lower()) if p)


def index_terms(*texts: str) -> list[str]:
    """The distinct terms of the texts: all pairs, and each last character that begins no pair."""
    pairs: set[str] = set()
    last: set[str] = set()
    for text in texts:
        for piece in _pieces(text):
            pairs.update(piece[i : i + 2] for i in range(len(piece) - 1))
            last.add(piece[-1])
    return sorted(pairs | (last - {pair[0] for pair in pairs}))[:TERMS_MAX]


def query_terms(text: str) -> list[str]:
    """What a case must all hold to match what was typed; empty for nothing typed.

    A term of two characters is a pair, one of a single character begins a term of the case.
    """
    terms: set[str] = set()
    for piece in _pieces(text):
        terms.update(piece[i : i + 2] for i in range(len(piece) - 1))
        if len(piece) == 1:
            terms.add(piece)
    return sorted(terms)


def text_query(terms: Iterable[str]) -> str:
    """The terms as PostgreSQL's `tsquery`."""
    return " & ".join(f"{_quoted(term)}:*" if len(term) == 1 else _quoted(term) for term in terms)


def state_query(states: Iterable[str]) -> str:
    """The states, any of them, as PostgreSQL's `tsquery`.

    In the index a state stands among the words behind a colon, which is in no word.
    """
    return " | ".join(_quoted(f":{state}") for state in states)


def _quoted(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"
