"""Deadlines that move: extensions granted, and due times counted anew when a calendar is published."""

import datetime as dt
import json
import uuid
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid
from honghu.kernel.cases.deadlines import amber_between, working_time
from honghu.kernel.cases.effects import Effect
from honghu.kernel.clocks.deadlines import Due, due, prolong_due, revise_due, shift_due
from honghu.kernel.clocks.durations import parse_duration

FIELD = "extension"

_ASKED = """
SELECT at FROM cases_step
WHERE case_id = %s AND action = ANY(%s) ORDER BY sequence DESC LIMIT 1
"""
_LIVE = """
SELECT id, started_at, due_at, adjustments FROM cases_deadline
WHERE case_id = %s AND code = %s AND status = 'running' FOR UPDATE
"""
_MOVE = """
UPDATE cases_deadline SET due_at = %(due_at)s, amber_at = %(amber_at)s,
  provisional = %(provisional)s, adjustments = adjustments || %(adjustment)s::jsonb
WHERE id = %(id)s
"""
_PROVISIONAL = """
SELECT id, case_id, duration, started_at, due_at, adjustments FROM cases_deadline
WHERE status = 'running' AND provisional AND duration <> '' ORDER BY case_id FOR UPDATE
"""
_REPEAT = """
UPDATE cases_case c SET due_at = n.due_at, amber_at = n.amber_at, due_provisional = n.provisional
FROM (SELECT DISTINCT ON (case_id) case_id, due_at, amber_at, provisional FROM cases_deadline
      WHERE status = 'running' AND case_id = ANY(%s) ORDER BY case_id, due_at) n
WHERE c.id = n.case_id
"""


class UnableToExtend(Conflict):
    """The extension was asked for too late, by nobody, or for no running clock."""

    code = "extension-refused"


def grant_extension(cursor: CursorWrapper, effect: Effect) -> None:
    """Carry out an action of kind `extension`: prolong the clock of the present state.

    Its `not_by` names the action by which the extension was asked for; it must have been asked for
    before the due time, and be granted by somebody else. Its form has the duration `extension`.
    Raises UnableToExtend, Invalid without a duration.
    """
    case, wanted = effect.case, effect.form.get(FIELD)
    if not wanted:
        message = _("Say by how long.")
        raise Invalid(message, fields={FIELD: message})
    clock = case.register.states[case.state].clock
    cursor.execute(_LIVE, [case.id, clock.code if clock is not None else ""])
    live = cursor.fetchone()
    if live is None:
        message = _("No clock is running that could be extended.")
        raise UnableToExtend(message)
    cursor.execute(_ASKED, [case.id, sorted(effect.action.not_by)])
    asked = cursor.fetchone()
    row_id, started_at, due_at, adjustments = live
    if asked is None or asked[0] > due_at:
        message = _("The extension was not asked for before the due time.")
        raise UnableToExtend(message, remedy=_("Ask before the time is over."))
    on = working_time(effect.now)
    moved = prolong_due(due_at, parse_duration(wanted), on.calendar, on.office_hours, on.tz)
    amber = amber_between(started_at, moved.at, effect.now, _loads(adjustments))
    _move(cursor, row_id, moved, amber, [{"extended": wanted}])


def _move(
    cursor: CursorWrapper,
    row_id: uuid.UUID,
    moved: Due,
    amber: dt.datetime,
    adjustments: list[dict[str, Any]],
) -> None:
    cursor.execute(
        _MOVE,
        {
            "id": row_id,
            "due_at": moved.at,
            "amber_at": amber,
            "provisional": moved.provisional,
            "adjustment": json.dumps(adjustments),
        },
    )


def recount_provisional(*, now: dt.datetime) -> int:
    """Count provisional due times again after a calendar year was published; how many moved.

    A due time that has passed never moves, and none is moved into the past.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PROVISIONAL)
        touched = []
        for row_id, case_id, duration, started_at, due_at, adjustments in cursor.fetchall():
            earlier = _loads(adjustments)
            found = _counted(duration, started_at, earlier, now)
            before = Due(due_at, localdate(due_at), provisional=True, rule="")
            after = revise_due(before, found, now)
            if after is found:
                amber = amber_between(started_at, found.at, now, earlier)
                _move(cursor, row_id, found, amber, [])
                touched.append(case_id)
        cursor.execute(_REPEAT, [touched])
    return len(touched)


def _loads(value: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(value) if isinstance(value, str) else value
    return found


def _counted(
    duration: str, started_at: dt.datetime, adjustments: list[dict[str, Any]], now: dt.datetime
) -> Due:
    """The due time from its start, with all that moved it since, on the present calendar."""
    on, term = working_time(now), parse_duration(duration)
    found = due(started_at, term, on.calendar, on.office_hours, on.tz)
    provisional = found.provisional
    for each in adjustments:
        if "extended" in each:
            longer = parse_duration(each["extended"])
            found = prolong_due(found.at, longer, on.calendar, on.office_hours, on.tz)
        else:
            stopped, resumed = (dt.datetime.fromisoformat(at) for at in each["suspended"])
            found = shift_due(found.at, term, stopped, resumed, on.calendar, on.office_hours, on.tz)
        provisional = provisional or found.provisional
    return Due(found.at, found.last_day, provisional=provisional, rule=found.rule)
