"""What a new day brings by itself: reminders and slips, one step of the ladder at a time."""

import datetime as dt
from typing import cast

from django.conf import settings
from django.utils.timezone import localdate

from honghu.domains.supervision.queries import card_of_task, tasks_under_way
from honghu.domains.supervision.rules import next_slip, wanted_slip
from honghu.domains.supervision.rules.slips import Colour
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.detail import get_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.rulesets.queries import get_calendar, get_rule


def begin_day(*, now: dt.datetime) -> int:
    """Remind of feedback that is late, press what is near its day or past it; how many slips.

    Again on the same day it presses nothing twice: the colour rises once a day, and a missing
    feedback is reminded of once.
    """
    tasks = tasks_under_way(now=now)
    return sum(_press(task, now) + _ask_feedback(task, now) for task in tasks)


def _press(task: CaseRow, now: dt.datetime) -> int:
    """Send the slip that the day calls for; 1 if one was sent."""
    today, due_on = localdate(now), dt.date.fromisoformat(task.facts["due_on"])
    near = get_rule("supervision.near_due", on=today, region=settings.HONGHU_REGION).as_int()
    is_near = get_calendar().count_working_days(today, due_on) <= near
    returns = get_case(task.id, actor=SYSTEM, now=now).counters.get("returns", 0)
    card = card_of_task(task, returns, now=now)
    before = cast("Colour | None", task.facts.get("slip"))
    colour = next_slip(
        before, wanted_slip(card, is_near_due=is_near), urgent=task.facts.get("urgent") is True
    )
    if colour is None:
        return 0
    cause = "near_due" if card is None else "overdue" if today > due_on else "returned"
    return _remind(task, colour, cause, f"{today}", now)


def _ask_feedback(task: CaseRow, now: dt.datetime) -> int:
    """Remind of a feedback that is late; 1 if it was not reminded of before."""
    wanted = task.facts.get("next_feedback_on")
    if task.state != "doing" or not wanted or wanted >= localdate(now).isoformat():
        return 0
    if task.facts.get("reminded_for") == wanted:
        return 0
    return _remind(task, "blue", "feedback", wanted, now)


def _remind(task: CaseRow, colour: Colour, cause: str, of: str, now: dt.datetime) -> int:
    """Once for a cause and a day: the key is the same when the job runs again."""
    done = perform(
        task.id,
        "remind",
        actor=SYSTEM,
        now=now,
        idempotency_key=f"remind:{task.id}:{cause}:{of}",
        form={"colour": colour, "cause": cause},
    )
    return int(done.version > task.version)
