"""The clocks of a case: started by entering a state, ended by leaving it, stopped by suspension."""

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.backends.utils import CursorWrapper
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.identifiers import new_id
from honghu.base.problems import Invalid
from honghu.kernel.clocks.calendar import Calendar
from honghu.kernel.clocks.deadlines import amber_at, due, shift_due
from honghu.kernel.clocks.durations import Duration, parse_duration
from honghu.kernel.registers.model import Clock, Register
from honghu.kernel.rulesets.queries import get_calendar, get_office_hours, get_rule

AMBER_RULE = "kernel.amber_share"


@dataclasses.dataclass(frozen=True, slots=True)
class NewDeadline:
    """A deadline about to be written."""

    id: uuid.UUID
    code: str
    rule: str
    duration: str
    started_at: dt.datetime
    due_at: dt.datetime
    amber_at: dt.datetime
    provisional: bool


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def _instant(value: object, clock: Clock) -> dt.datetime | None:
    """A date or instant fact as an instant; the whole day belongs to a date, so it ends at 24:00."""
    if value is None:
        return None
    text = str(value)
    try:
        if len(text) == len("2026-01-01"):
            day = dt.date.fromisoformat(text) + dt.timedelta(days=1)
            return dt.datetime.combine(day, dt.time(), _zone())
        return dt.datetime.fromisoformat(text)
    except OverflowError as error:
        message = _("The day after {day} is beyond the year 9999.").format(day=text)
        raise Invalid(message, remedy=_("Correct the date.")) from error
    except ValueError as error:
        message = f"the clock {clock.code} needs a date, found {text!r}"
        raise Invalid(message) from error


def plan(
    code: str,
    duration: Duration,
    *,
    rule: str,
    start: dt.datetime,
    calendar: Calendar,
    now: dt.datetime,
) -> NewDeadline:
    """A deadline of `duration` from `start`, amber after the share that the rule book sets.

    The rules are those of the day on which it is reckoned: `start` may be a date that somebody
    typed, from before the rule book begins.
    """
    found = due(start, duration, calendar, get_office_hours(on=localdate(now)), _zone())
    return _with_amber(
        code, rule, str(duration), start, found.at, provisional=found.provisional, now=now
    )


def _with_amber(
    code: str,
    rule: str,
    duration: str,
    start: dt.datetime,
    due_at: dt.datetime,
    *,
    provisional: bool,
    now: dt.datetime,
) -> NewDeadline:
    share = get_rule(AMBER_RULE, on=localdate(now)).as_decimal()
    amber = amber_at(start, due_at, share)
    return NewDeadline(new_id(), code, rule, duration, start, due_at, amber, provisional)


def for_state(
    register: Register, state: str, facts: Mapping[str, Any], now: dt.datetime
) -> NewDeadline | None:
    """The deadline that entering the state starts; null if the state has no clock, or the fact
    that it depends on is unknown."""
    clock = register.states[state].clock
    if clock is None:
        return None
    if clock.due is not None:
        at = _instant(facts.get(clock.due), clock)
        if at is None:
            return None
        rule = f"fact:{clock.due}"
        return _with_amber(clock.code, rule, "", min(now, at), at, provisional=False, now=now)
    start = now if clock.starts == "entry" else _instant(facts.get(clock.starts), clock)
    if start is None:
        return None
    if clock.duration is not None:
        duration, rule = parse_duration(clock.duration), clock.source or ""
    else:
        rule_code = clock.rule_code(facts)
        if rule_code is None:
            return None
        value = get_rule(rule_code, on=localdate(now), region=settings.HONGHU_REGION)
        duration, rule = value.as_duration(), rule_code
    return plan(clock.code, duration, rule=rule, start=start, calendar=get_calendar(), now=now)


_END = """
UPDATE cases_deadline SET ended_at = %(now)s,
  status = CASE WHEN %(now)s <= due_at OR status = 'suspended' THEN 'met' ELSE 'missed' END
WHERE case_id = %(case)s AND status IN ('running', 'suspended') AND code = ANY(%(codes)s)
"""
_END_ALL = """
UPDATE cases_deadline SET ended_at = %(now)s, status = 'cancelled'
WHERE case_id = %(case)s AND status IN ('running', 'suspended')
"""
_START = """
INSERT INTO cases_deadline (id, case_id, code, rule, duration, started_at, due_at, amber_at,
                            provisional, adjustments, status)
VALUES (%(id)s, %(case)s, %(code)s, %(rule)s, %(duration)s, %(started_at)s, %(due_at)s,
        %(amber_at)s, %(provisional)s, '[]', 'running')
ON CONFLICT (case_id, code) WHERE status IN ('running', 'suspended') DO NOTHING
"""
_SUSPEND = """
UPDATE cases_deadline SET status = 'suspended', suspended_at = %(now)s
WHERE case_id = %(case)s AND status = 'running'
"""
_DROP = """
UPDATE cases_deadline SET ended_at = %(now)s, status = 'cancelled'
WHERE case_id = %(case)s AND status = 'suspended' AND code IS DISTINCT FROM %(kept)s
"""
_RESUMABLE = """
SELECT id, duration, started_at, suspended_at, due_at, amber_at FROM cases_deadline
WHERE case_id = %(case)s AND status = 'suspended' FOR UPDATE
"""
_RESUME = """
UPDATE cases_deadline SET status = 'running', suspended_at = NULL, due_at = %(due_at)s,
  amber_at = %(amber_at)s, provisional = %(provisional)s,
  adjustments = adjustments || %(adjustment)s::jsonb
WHERE id = %(id)s
"""
_NEAREST = """
SELECT due_at, amber_at, provisional FROM cases_deadline
WHERE case_id = %(case)s AND status = 'running' ORDER BY due_at LIMIT 1
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest running deadline of a case, as the case row repeats it."""

    due_at: dt.datetime | None
    amber_at: dt.datetime | None
    provisional: bool


def start(cursor: CursorWrapper, case_id: uuid.UUID, deadline: NewDeadline) -> None:
    """Write a running deadline; one that already runs under this code goes on as it is."""
    cursor.execute(_START, dataclasses.asdict(deadline) | {"case": case_id})


def end(cursor: CursorWrapper, case_id: uuid.UUID, codes: Sequence[str], now: dt.datetime) -> None:
    """End the live deadlines of these codes: met in time, or missed."""
    cursor.execute(_END, {"case": case_id, "codes": list(codes), "now": now})


def end_all(cursor: CursorWrapper, case_id: uuid.UUID, now: dt.datetime) -> None:
    """The case has ended: whatever else was running has lost its meaning."""
    cursor.execute(_END_ALL, {"case": case_id, "now": now})


def suspend(cursor: CursorWrapper, case_id: uuid.UUID, now: dt.datetime) -> None:
    """Stop all running clocks of the case."""
    cursor.execute(_SUSPEND, {"case": case_id, "now": now})


def resume(cursor: CursorWrapper, case_id: uuid.UUID, kept: str | None, now: dt.datetime) -> None:
    """Let the stopped clock of the state that is entered run on: what was left of it is left again.

    Other stopped clocks have lost their meaning: their states are not returned to. A deadline that
    had passed when the clock was stopped is not revived; one that was set by a date of the case
    itself does not move.
    """
    cursor.execute(_DROP, {"case": case_id, "kept": kept, "now": now})
    cursor.execute(_RESUMABLE, {"case": case_id})
    for row_id, duration, started_at, suspended_at, due_at, amber in cursor.fetchall():
        if not duration or due_at <= suspended_at:
            moved = {"due_at": due_at, "amber_at": amber, "provisional": False}
        else:
            moved = resumed_due(duration, started_at, suspended_at, due_at, now)
        halt = json.dumps([{"suspended": [suspended_at.isoformat(), now.isoformat()]}])
        cursor.execute(_RESUME, {"id": row_id, "adjustment": halt} | moved)


def resumed_due(
    duration: str,
    started_at: dt.datetime,
    suspended_at: dt.datetime,
    due_at: dt.datetime,
    now: dt.datetime,
) -> dict[str, Any]:
    """The due instant after a suspension, counted in the clock's own unit."""
    shifted = shift_due(
        due_at,
        parse_duration(duration),
        suspended_at,
        now,
        get_calendar(),
        get_office_hours(on=localdate(now)),
        _zone(),
    )
    planned = _with_amber(
        "", "", duration, started_at, shifted.at, provisional=shifted.provisional, now=now
    )
    return {
        "due_at": planned.due_at,
        "amber_at": planned.amber_at,
        "provisional": planned.provisional,
    }


def nearest(cursor: CursorWrapper, case_id: uuid.UUID) -> Nearest:
    """The nearest running deadline of the case; nulls if none runs."""
    cursor.execute(_NEAREST, {"case": case_id})
    row = cursor.fetchone()
    return Nearest(*row) if row else Nearest(None, None, provisional=False)
