"""Days that are over, counted once: what was closed on each, by register and organisation.

A closed case never changes, so neither does such a day: the rows are exactly what counting again
gives. `honghu oversight verify` counts again and compares, `rebuild` throws them away and counts
anew.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from django.utils.timezone import get_current_timezone, get_current_timezone_name, localdate

from honghu.analytics.models import KeptUntil
from honghu.kernel.cases import fates
from honghu.kernel.cases.fates import Fate
from honghu.kernel.registers.model import Register

WHOLE: Final = "*"
"""In place of a field: the register as a whole."""
EVERY: Final = ""
"""In place of a field: an organisation in whichever field."""
SETTLED_AFTER: Final = dt.timedelta(hours=1)
"""So long after midnight no transaction of the day before is still to be committed."""
_KEEPING_LOCK: Final = 6_203_114_206

_CLOSINGS: Final = f"""
SELECT register, field, organisation_id, day, count(*), count(*) FILTER (WHERE on_time),
  count(*) FILTER (WHERE returned), count(*) FILTER (WHERE extended)
FROM (
  SELECT c.register, parties, (closed_at AT TIME ZONE %(tz)s)::date AS day,
    {fates.ON_TIME} AS on_time,
    EXISTS (SELECT 1 FROM cases_step s WHERE s.case_id = c.id AND (s.register, s.action, s.to_state)
      IN (SELECT * FROM unnest(%(back_registers)s::text[], %(back_actions)s::text[],
        %(back_states)s::text[]))) AS returned,
    EXISTS (SELECT 1 FROM cases_step s WHERE s.case_id = c.id AND (s.register, s.action, s.to_state)
      IN (SELECT * FROM unnest(%(long_registers)s::text[], %(long_actions)s::text[],
        %(long_states)s::text[]))) AS extended
  FROM cases_case c
  JOIN unnest(%(end_registers)s::text[], %(end_states)s::text[]) AS ended (register, state)
    ON c.register = ended.register AND c.state = ended.state
  WHERE c.register = ANY(%(registers)s) AND c.changed_at >= %(since)s AND c.closed_at >= %(since)s
    AND c.closed_at < %(until)s
) closed
CROSS JOIN LATERAL (
  SELECT '*' AS field, NULL::uuid AS organisation_id
  UNION ALL
  SELECT DISTINCT '', o.value::uuid
  FROM jsonb_each(closed.parties) p, jsonb_array_elements_text(p.value) o
  UNION ALL
  SELECT DISTINCT p.key, o.value::uuid
  FROM jsonb_each(closed.parties) p, jsonb_array_elements_text(p.value) o
) parts
GROUP BY register, field, organisation_id, day
"""  # noqa: S608 constants of this package
_COLUMNS: Final = (
    "register, field, organisation_id, day, closed, on_time, returned, extended"
)  # fmt: skip
_KEEP: Final = f"INSERT INTO analytics_closedday ({_COLUMNS}) {_CLOSINGS}"
_FORGET: Final = "DELETE FROM analytics_closedday"
# Open cases by organisation, from the cases themselves: what the triggers keep.
_ANSWERS: Final = """
SELECT DISTINCT c.id AS case_id, p.key AS field, o.value::uuid AS organisation_id, c.register,
  dense_rank() OVER (PARTITION BY c.id, o.value ORDER BY p.key) = 1 AS is_first, c.due_at,
  c.amber_at
FROM cases_case c, jsonb_each(c.parties) p, jsonb_array_elements_text(p.value) o
WHERE c.closed_at IS NULL
"""
_ANSWER_COLUMNS: Final = "case_id, field, organisation_id, register, is_first, due_at, amber_at"
_DIFFERENCES: Final = """
SELECT count(*) FROM (
  (SELECT {columns} FROM {kept} EXCEPT ALL ({counted}))
  UNION ALL
  (({counted}) EXCEPT ALL SELECT {columns} FROM {kept})
) differences
"""


@dataclass(frozen=True, slots=True)
class Closings:
    """What was closed on a day: closed, on time, sent back, prolonged; `field` may be WHOLE or EVERY."""

    register: str
    field: str
    organisation_id: uuid.UUID | None
    day: dt.date
    counts: tuple[int, ...]


def kept_until() -> dict[str, dt.date]:
    """By register the last day that is kept; no entry where none is."""
    return dict(KeptUntil.objects.values_list("register", "day"))


def closings_since(
    registers: Sequence[Register], since: Mapping[str, dt.date], *, until: dt.datetime
) -> list[Closings]:
    """The closings counted from the cases, by register from the first of a day on.

    One statement for each first day: where days are kept, one in all.
    """
    found = []
    with connection.cursor() as cursor:
        for day, some in _by_day(registers, since):
            cursor.execute(_CLOSINGS, _values(some, day, until))
            found += [
                Closings(register, field, organisation, on, tuple(counts))
                for register, field, organisation, on, *counts in cursor.fetchall()
            ]
    return found


def _by_day(
    registers: Sequence[Register], since: Mapping[str, dt.date]
) -> list[tuple[dt.date, list[Register]]]:
    """Registers by their first day: the planner must see a day to know how little lies behind it."""
    found: dict[dt.date, list[Register]] = {}
    for one in registers:
        found.setdefault(since[one.code], []).append(one)
    return sorted(found.items())


def keep_days(registers: Sequence[Register], *, now: dt.datetime) -> int:
    """Keep the days that are over and not kept yet; of how many registers.

    Twice is once. A register without closed cases is left alone: its days would hold nothing.
    """
    last = localdate(now - SETTLED_AFTER) - dt.timedelta(days=1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_KEEPING_LOCK])
        cursor.execute("SELECT DISTINCT register FROM cases_case WHERE closed_at IS NOT NULL")
        closing = {code for (code,) in cursor.fetchall()}
        known = kept_until()
        due = [
            one for one in registers
            if one.code in closing and known.get(one.code, dt.date.min) < last
        ]  # fmt: skip
        since = {
            one.code: known[one.code] + dt.timedelta(days=1) if one.code in known else dt.date.min
            for one in due
        }
        for day, some in _by_day(due, since):
            cursor.execute(_KEEP, _values(some, day, _beginning(last + dt.timedelta(days=1))))
        for one in due:
            KeptUntil.objects.update_or_create(register=one.code, defaults={"day": last})
    return len(due)


def rebuild(registers: Sequence[Register], *, now: dt.datetime) -> int:
    """Throw away what is kept, days and answers, and count anew; of how many registers."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE cases_case IN SHARE MODE")
        cursor.execute(_FORGET)
        cursor.execute("DELETE FROM analytics_keptuntil")
        cursor.execute("DELETE FROM analytics_answer")
        cursor.execute(f"INSERT INTO analytics_answer ({_ANSWER_COLUMNS}) {_ANSWERS}")
        return keep_days(registers, now=now)


def count_differences(registers: Sequence[Register]) -> tuple[int, int]:
    """How many kept rows differ from what counting again gives: of days, of answers. Both are 0."""
    known = kept_until()
    kept = [one for one in registers if one.code in known]
    days = 0
    # Each comparison is one statement, and so of one moment.
    with connection.cursor() as cursor:
        for one in kept:
            until = _beginning(known[one.code] + dt.timedelta(days=1))
            values = _values([one], dt.date.min, until)
            of_register = "analytics_closedday WHERE register = (%(registers)s::text[])[1]"
            cursor.execute(
                _DIFFERENCES.format(columns=_COLUMNS, kept=of_register, counted=_CLOSINGS.strip()),
                values,
            )
            days += int(cursor.fetchone()[0])
        cursor.execute(
            _DIFFERENCES.format(
                columns=_ANSWER_COLUMNS, kept="analytics_answer", counted=_ANSWERS.strip()
            )
        )
        answers = int(cursor.fetchone()[0])
    return days, answers


def _beginning(day: dt.date) -> dt.datetime:
    if day == dt.date.min:
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return dt.datetime.combine(day, dt.time(), get_current_timezone())


def _values(registers: Sequence[Register], since: dt.date, until: dt.datetime) -> dict[str, Any]:
    """The parameters of _CLOSINGS."""
    moves = {
        name: [
            (one.code, *move) for one in registers for move in fates.moves_of(one, fate)
        ]
        for name, fate in (("back", Fate.RETURNED), ("long", Fate.EXTENDED))
    }  # fmt: skip
    ends = [(one.code, state) for one in registers for state in fates.closing_states(one)]
    return {
        "tz": get_current_timezone_name(),
        "registers": [one.code for one in registers],
        "since": _beginning(since),
        "until": until,
        "end_registers": [code for code, _state in ends],
        "end_states": [state for _code, state in ends],
        **{
            f"{name}_{part}": [move[index] for move in found]
            for name, found in moves.items()
            for index, part in enumerate(("registers", "actions", "states"))
        },
    }
