"""The clocks of a case: started by entering a state, ended by leaving it, stopped by suspension."""

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from honghu.base.identifiers import new_id
from honghu.base.problems import Invalid
from honghu.kernel.clocks.deadlines import Due, WorkingTime, amber_at, due, shift_due
from honghu.kernel.clocks.durations import Duration, parse_duration
from honghu.kernel.registers.model import Clock, Register, State
from honghu.kernel.rulesets.queries import get_calendar, get_office_hours, get_rule

AMBER_RULE = "kernel.amber_share"
RUNNING = "running"


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


def local_zone() -> ZoneInfo:
    """The zone in which days begin and offices open."""
    return ZoneInfo(settings.TIME_ZONE)


def working_time(now: dt.datetime) -> WorkingTime:
    """Calendar and office hours as they hold here on the day of `now`."""
    zone = local_zone()
    hours = get_office_hours(on=now.astimezone(zone).date(), region=settings.HONGHU_REGION)
    return WorkingTime(get_calendar(), hours, zone)


def amber_between(
    start: dt.datetime,
    due_at: dt.datetime,
    now: dt.datetime,
    adjustments: Iterable[Mapping[str, Any]] = (),
) -> dt.datetime:
    """When the light turns amber: after the share that the rule book sets here on the day of `now`.

    `adjustments` are those of the deadline: while it was suspended its clock did not run.
    """
    day = now.astimezone(local_zone()).date()
    share = get_rule(AMBER_RULE, on=day, region=settings.HONGHU_REGION).as_decimal()
    return amber_at(start, due_at, share, stood_still(adjustments))


def stood_still(adjustments: Iterable[Mapping[str, Any]]) -> dt.timedelta:
    """How long a deadline's clock was suspended in all, by its adjustments."""
    spans = (each["suspended"] for each in adjustments if "suspended" in each)
    return sum(
        (dt.datetime.fromisoformat(end) - dt.datetime.fromisoformat(begun) for begun, end in spans),
        dt.timedelta(),
    )


def _instant(value: object, clock: Clock) -> dt.datetime | None:
    """A date or instant fact as an instant; the whole day belongs to a date, so it ends at 24:00."""
    if value is None:
        return None
    text = str(value)
    try:
        if len(text) == len("2026-01-01"):
            day = dt.date.fromisoformat(text) + dt.timedelta(days=1)
            return dt.datetime.combine(day, dt.time(), local_zone())
        return dt.datetime.fromisoformat(text)
    except OverflowError as error:
        message = _("The day after {day} is beyond the year 9999.").format(day=text)
        raise Invalid(message, remedy=_("Correct the date.")) from error
    except ValueError as error:
        message = f"the clock {clock.code} needs a date, found {text!r}"
        raise Invalid(message) from error


def plan(
    code: str, duration: Duration, *, rule: str, start: dt.datetime, now: dt.datetime
) -> NewDeadline:
    """A deadline of `duration` from `start`, amber after the share that the rule book sets.

    The rules are those of the day on which it is reckoned: `start` may be a date that somebody
    typed, from before the rule book begins.
    """
    on = working_time(now)
    found = due(start, duration, on.calendar, on.office_hours, on.tz)
    amber = amber_between(start, found.at, now)
    return NewDeadline(
        new_id(), code, rule, str(duration), start, found.at, amber, found.provisional
    )


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
        begun = min(now, at)
        amber = amber_between(begun, at, now)
        return NewDeadline(new_id(), clock.code, rule, "", begun, at, amber, provisional=False)
    start = now if clock.starts == "entry" else _instant(facts.get(clock.starts), clock)
    if start is None:
        return None
    if clock.duration is not None:
        duration, rule = parse_duration(clock.duration), clock.source or ""
    else:
        rule_code = clock.rule_code(facts)
        if rule_code is None:
            return None
        day = now.astimezone(local_zone()).date()
        value = get_rule(rule_code, on=day, region=settings.HONGHU_REGION)
        duration, rule = value.as_duration(), rule_code
    return plan(clock.code, duration, rule=rule, start=start, now=now)


_SUSPEND = """
UPDATE cases_deadline SET status = 'suspended', suspended_at = %(now)s
WHERE case_id = %(case)s AND status = 'running'
"""
_DROP = """
UPDATE cases_deadline SET ended_at = %(now)s, status = 'cancelled'
WHERE case_id = %(case)s AND status = 'suspended' AND code IS DISTINCT FROM %(kept)s
"""
_RESUMABLE = """
SELECT id, duration, started_at, suspended_at, due_at, amber_at, adjustments FROM cases_deadline
WHERE case_id = %(case)s AND status = 'suspended' FOR UPDATE
"""
_RESUME = """
UPDATE cases_deadline SET status = 'running', suspended_at = NULL, due_at = %(due_at)s,
  amber_at = %(amber_at)s, provisional = %(provisional)s,
  adjustments = adjustments || %(adjustment)s::jsonb
WHERE id = %(id)s
"""
_LIVE = """
SELECT code, due_at, amber_at, provisional, status FROM cases_deadline
WHERE case_id = %(case)s AND status IN ('running', 'suspended')
"""


@dataclasses.dataclass(frozen=True, slots=True)
class LiveDeadline:
    """A deadline that is running, or suspended."""

    due_at: dt.datetime
    amber_at: dt.datetime
    provisional: bool
    running: bool

    @classmethod
    def read(cls, code: str, due_at: str, amber_at: str, *rest: Any) -> tuple[str, "LiveDeadline"]:
        """Code and deadline from the database's JSON."""
        provisional, status = rest
        instants = (dt.datetime.fromisoformat(due_at), dt.datetime.fromisoformat(amber_at))
        return code, cls(*instants, provisional, status == RUNNING)


LiveDeadlines = Mapping[str, LiveDeadline]
"""The live deadlines of a case by code: there is at most one of each."""


@dataclasses.dataclass(frozen=True, slots=True)
class ClockMoves:
    """What a step does to its case's clocks, and the deadline that is the nearest afterwards.

    `ended` is the code of the clock that ends met or missed; with `cancel` all others lose their
    meaning.
    """

    nearest: LiveDeadline | None
    ended: str | None = None
    cancel: bool = False
    started: NewDeadline | None = None

    def parameters(self) -> dict[str, Any]:
        """As SQL parameters of the statement that writes the step."""
        clock, near = self.started, self.nearest
        return {
            "ended": self.ended,
            "cancel": self.cancel,
            "clock": clock.id if clock else None,
            "clock_code": clock.code if clock else None,
            "clock_rule": clock.rule if clock else None,
            "clock_duration": clock.duration if clock else None,
            "clock_started": clock.started_at if clock else None,
            "clock_due": clock.due_at if clock else None,
            "clock_amber": clock.amber_at if clock else None,
            "clock_provisional": clock.provisional if clock else None,
            "due_at": near.due_at if near else None,
            "amber_at": near.amber_at if near else None,
            "provisional": near.provisional if near else False,
        }


def move(
    cursor: CursorWrapper,
    *,
    case_id: uuid.UUID,
    register: Register,
    facts: Mapping[str, Any],
    origin: str,
    target: str,
    live: LiveDeadlines,
    now: dt.datetime,
) -> ClockMoves:
    """End the clock of the state that is left, start that of the state that is entered.

    A suspension, and the return from one, are written at once (they are rare); all else is
    returned, to be written together with the step.
    """
    if target == origin:
        return ClockMoves(_nearest(live))
    left, entered = register.states.get(origin), register.states[target]
    if entered.suspended:
        cursor.execute(_SUSPEND, {"case": case_id, "now": now})
        return ClockMoves(None)
    ended: str | None = None
    if left is not None and left.clock is not None and not _shares_clock(left, entered):
        ended = left.clock.code
    if left is not None and left.suspended:
        kept = entered.clock.code if entered.clock is not None else None
        resume(cursor, case_id, kept, now)
        live = read_live(cursor, case_id)
    if entered.end is not None:
        return ClockMoves(None, ended, cancel=True)
    going_on = {code: each for code, each in live.items() if code != ended}
    planned = for_state(register, target, facts, now)
    if planned is None or planned.code in going_on:
        return ClockMoves(_nearest(going_on), ended)
    begun = LiveDeadline(planned.due_at, planned.amber_at, planned.provisional, running=True)
    return ClockMoves(_nearest(going_on | {planned.code: begun}), ended, started=planned)


def _shares_clock(left: State, entered: State) -> bool:
    """States whose clocks bear one code stand under one deadline, which then runs on."""
    return (
        left.clock is not None
        and entered.clock is not None
        and left.clock.code == entered.clock.code
    )


def _nearest(live: LiveDeadlines) -> LiveDeadline | None:
    running = [each for each in live.values() if each.running]
    return min(running, key=lambda each: each.due_at, default=None)


def read_live(cursor: CursorWrapper, case_id: uuid.UUID) -> LiveDeadlines:
    """The live deadlines of a case whose row is locked."""
    cursor.execute(_LIVE, {"case": case_id})
    return {
        code: LiveDeadline(due_at, amber_at, provisional, status == RUNNING)
        for code, due_at, amber_at, provisional, status in cursor.fetchall()
    }


def resume(cursor: CursorWrapper, case_id: uuid.UUID, kept: str | None, now: dt.datetime) -> None:
    """Let the stopped clock of the state that is entered run on: what was left of it is left again.

    Other stopped clocks have lost their meaning: their states are not returned to. A deadline that
    had passed when the clock was stopped is not revived; one that was set by a date of the case
    itself does not move.
    """
    cursor.execute(_DROP, {"case": case_id, "kept": kept, "now": now})
    cursor.execute(_RESUMABLE, {"case": case_id})
    for row_id, duration, started_at, suspended_at, due_at, amber, before in cursor.fetchall():
        halt = {"suspended": [suspended_at.isoformat(), now.isoformat()]}
        if not duration or due_at <= suspended_at:
            moved = {"due_at": due_at, "amber_at": amber, "provisional": False}
        else:
            shifted = resumed_due(duration, suspended_at, due_at, now)
            halts = [*json.loads(before), halt]
            moved = {
                "due_at": shifted.at,
                "amber_at": amber_between(started_at, shifted.at, now, halts),
                "provisional": shifted.provisional,
            }
        cursor.execute(_RESUME, {"id": row_id, "adjustment": json.dumps([halt])} | moved)


def resumed_due(
    duration: str, suspended_at: dt.datetime, due_at: dt.datetime, now: dt.datetime
) -> Due:
    """The due instant after a suspension, counted in the clock's own unit."""
    on = working_time(now)
    return shift_due(
        due_at, parse_duration(duration), suspended_at, now, on.calendar, on.office_hours, on.tz
    )
