"""Deadlines that are running now, of many cases at once: what presses them looks at these."""

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

_RUNNING: Final = """
SELECT d.id, d.code, d.started_at, d.due_at, d.adjustments, c.id, c.register, c.number, c.title,
  c.state, c.facts
FROM cases_deadline d JOIN cases_case c ON c.id = d.case_id
WHERE d.status = 'running' AND d.started_at <= %(now)s AND c.closed_at IS NULL
  AND c.register = ANY(%(registers)s)
ORDER BY d.due_at, d.id
"""
_ENDED: Final = """
SELECT id FROM cases_deadline
WHERE id = ANY(%s) AND status NOT IN ('running', 'suspended')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningDeadline:
    """A deadline whose clock runs, and the case that waits under it."""

    id: uuid.UUID
    code: str
    started_at: dt.datetime
    due_at: dt.datetime
    adjustments: Sequence[Mapping[str, Any]]
    case_id: uuid.UUID
    register: str
    number: str
    title: str
    state: str
    facts: Mapping[str, Any]


def running_deadlines(registers: Iterable[str], *, now: dt.datetime) -> Iterator[RunningDeadline]:
    """The running deadlines of these registers, the longest overdue first; suspended ones are not.

    One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RUNNING, {"registers": sorted(registers), "now": now})
        for row in cursor.fetchall():
            yield RunningDeadline(
                id=row[0], code=row[1], started_at=row[2], due_at=row[3],
                adjustments=_read(row[4]), case_id=row[5], register=row[6], number=row[7],
                title=row[8], state=row[9], facts=_read(row[10]),
            )  # fmt: skip


def ended_deadlines(ids: Iterable[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Those of these deadlines that were met, missed or cancelled. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, [list(ids)])
        return frozenset(row[0] for row in cursor.fetchall())


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
