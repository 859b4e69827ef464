"""A figure's declaration as data, so that a value can keep the definition it was computed under."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from honghu.analytics.figure import Figure, Scope
from honghu.base.hashing import canonical_json, sha256
from honghu.kernel.registers.model import Text

_OF_THE_SCOPE: Final = frozenset({"start", "end", "region", "chosen"})
"""Parameters that follow from when and where is asked, and from the rows."""


def definition_of(figure: Figure, scope: Scope) -> dict[str, Any]:
    """All that fixes the value besides scope and rows: words, unit, aggregate, the relation's SQL.

    Numbers that the relation takes from the rule book on that day are part of it.
    """
    relation = figure.relation(scope)
    return {
        "code": figure.code,
        "title": _words(figure.title),
        "definition": _words(figure.definition),
        "unit": figure.unit.value,
        "unit_words": _words(figure.unit_words) if figure.unit_words else None,
        "aggregate": figure.aggregate.value,
        "personal": figure.personal,
        "confidential": figure.confidential,
        "derived": figure.derived,
        "forecast": figure.forecast,
        "sql": " ".join(relation.sql.split()),
        "parameters": _told(relation.parameters),
    }


def digest(value: object) -> str:
    """SHA-256 of the canonical JSON (RFC 8785), in hex."""
    return sha256(canonical_json(value)).hex()


def _told(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in parameters.items() if name not in _OF_THE_SCOPE}


def _plain(value: Any) -> Any:
    match value:
        case list() | tuple() | set() | frozenset():
            return sorted(map(str, value))
        case Decimal() | dt.datetime() | dt.date():
            return str(value)
        case None | bool() | int() | str():
            return value
        case _:
            return str(value)


def _words(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
