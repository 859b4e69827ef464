"""Reads: the value of a figure with the hash of its rows, and the rows themselves."""

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from honghu.analytics.figure import Aggregate, Figure, Scope

_VALUE: Final = {
    Aggregate.COUNT: "count(*)::numeric",
    Aggregate.SUM: "sum(numerator)",
    Aggregate.DISTINCT: "count(DISTINCT subject)::numeric",
    Aggregate.SHARE: "sum(numerator) / nullif(sum(denominator), 0)",
    Aggregate.MEAN: "avg(numerator)",
    Aggregate.FIRST: "min(numerator)",
    Aggregate.LAST: "max(numerator)",
}
_MEASURE: Final = """
SELECT {value}, sum(numerator), sum(denominator), count(*), count(DISTINCT key), encode(sha256(
  convert_to(coalesce(string_agg(concat_ws('|', key, coalesce(subject, ''),
    coalesce(trim_scale(numerator)::text, ''), coalesce(trim_scale(denominator)::text, '')),
    E'\\n' ORDER BY key COLLATE "C"), ''), 'UTF8')), 'hex')
FROM ({rows}) AS rows
"""
_VALUE_ALONE: Final = "SELECT {value}, sum(numerator), sum(denominator) FROM ({rows}) AS rows"
_LINES: Final = """
SELECT key, coalesce(subject, ''), coalesce(trim_scale(numerator)::text, ''),
  coalesce(trim_scale(denominator)::text, ''), coalesce(transfer_id, step_id)
FROM ({rows}) AS rows ORDER BY key COLLATE "C" LIMIT %(row_limit)s
"""
_SPLIT: Final = """
SELECT subject, {value} AS value, count(*) FROM ({rows}) AS rows
GROUP BY subject ORDER BY value DESC NULLS LAST, subject LIMIT %(row_limit)s
"""
_ROWS: Final = """
SELECT rows.key, rows.case_id, rows.step_id, rows.transfer_id, rows.subject, rows.numerator,
  rows.denominator, rows.at, c.number, c.title, c.register
FROM ({rows}) AS rows LEFT JOIN cases_case c ON c.id = rows.case_id
ORDER BY rows.at, rows.key LIMIT %(row_limit)s OFFSET %(row_offset)s
"""


class RowsNotDistinctError(Exception):
    """A figure's relation gives one key twice: a fault of its declaration."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A computed figure: value (null where nothing can be said), its parts, and its rows' hash.

    `row_set_sha256` is SHA-256 over one line a row, `key|subject|numerator|denominator`, ordered by
    key: the same rows give the same hash.
    """

    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    row_count: int
    row_set_sha256: str


@dataclass(frozen=True, slots=True)
class Parts:
    """A value (null where nothing can be said) with its numerator and denominator."""

    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One row behind a value, and the case that it leads to."""

    key: str
    case_id: uuid.UUID | None
    step_id: uuid.UUID | None
    transfer_id: uuid.UUID | None
    subject: str | None
    numerator: Decimal | None
    denominator: Decimal | None
    at: dt.datetime
    case_number: str | None
    case_title: str | None
    register: str | None


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row as its line is hashed, and the leaf that stands for it in the journal."""

    key: str
    subject: str
    numerator: str
    denominator: str
    leaf_id: uuid.UUID | None

    def text(self) -> str:
        """The line under the hash of the row set."""
        return "|".join((self.key, self.subject, self.numerator, self.denominator))


@dataclass(frozen=True, slots=True)
class Share:
    """What one subject (an organisation, a kind) contributes to a figure."""

    subject: str | None
    value: Decimal | None
    row_count: int


def measure(figure: Figure, scope: Scope) -> Measured:
    """Compute a figure in one query.

    A sum, mean or share over no rows is null: nothing was measured. Raises RowsNotDistinctError.
    """
    relation = figure.relation(scope)
    sql = _MEASURE.format(value=_VALUE[figure.aggregate], rows=relation.sql)
    with connection.cursor() as cursor:
        cursor.execute(sql, dict(relation.parameters))
        value, numerator, denominator, count, distinct, digest = cursor.fetchone()
    if count != distinct:
        message = f"{figure.code}: {count} rows have {distinct} keys"
        raise RowsNotDistinctError(message)
    return Measured(value, numerator, denominator, count, digest)


def measure_value(figure: Figure, scope: Scope) -> Parts:
    """The value and its parts without the hash of the rows: for charts, which prove nothing."""
    relation = figure.relation(scope)
    sql = _VALUE_ALONE.format(value=_VALUE[figure.aggregate], rows=relation.sql)
    with connection.cursor() as cursor:
        cursor.execute(sql, dict(relation.parameters))
        return Parts(*cursor.fetchone())


def figure_rows(
    figure: Figure, scope: Scope, *, limit: int = 100, offset: int = 0
) -> list[FigureRow]:
    """The rows behind a figure in the order of their time, in one query."""
    return [FigureRow(*row) for row in _read(_ROWS, figure, scope, limit=limit, offset=offset)]


def row_lines(figure: Figure, scope: Scope, *, limit: int) -> list[RowLine]:
    """The lines under the hash of a figure's rows, in its order; at most `limit`."""
    return [RowLine(*row) for row in _read(_LINES, figure, scope, limit=limit)]


def shares_by_subject(figure: Figure, scope: Scope, *, limit: int = 50) -> list[Share]:
    """The figure split by the subjects of its rows, the largest first."""
    # Distinct subjects are counted over all rows: each of them would be one.
    aggregate = figure.aggregate
    value = "sum(numerator)" if aggregate is Aggregate.DISTINCT else _VALUE[aggregate]
    template = _SPLIT.replace("{value}", value)
    return [Share(*row) for row in _read(template, figure, scope, limit=limit)]


def _read(template: str, figure: Figure, scope: Scope, **bounds: int) -> list[Any]:
    relation = figure.relation(scope)
    parameters = dict(relation.parameters) | {f"row_{name}": n for name, n in bounds.items()}
    with connection.cursor() as cursor:
        cursor.execute(template.format(rows=relation.sql), parameters)
        return list(cursor.fetchall())
