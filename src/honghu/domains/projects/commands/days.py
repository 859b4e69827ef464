"""What a new day brings by itself: missing artefacts become issues, overdue issues climb."""

import datetime as dt
from typing import Final

from django.conf import settings
from django.utils.timezone import localdate

from honghu.domains.projects.queries import ARTEFACTS, ISSUES
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.queries import CaseFilter, iterate_cases
from honghu.kernel.cases.rows import CaseRow, Light
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.queries import get_register
from honghu.kernel.rulesets.queries import get_calendar, get_rule

_LADDER: Final = {
    "assigned": "escalate_department",
    "coordinating": "escalate_department",
    "department": "escalate_leader",
    "leader_meeting": "escalate_mayor",
}


def begin_day(*, now: dt.datetime) -> tuple[int, int]:
    """Raise what is missing before a gate, lift what is overdue one step of the ladder.

    Returns how many issues were raised and how many climbed. Again on the same day it raises
    nothing twice: an artefact has one issue, and each step of the ladder has its own time.
    """
    return raise_gate_issues(now=now), escalate_issues(now=now)


def raise_gate_issues(*, now: dt.datetime) -> int:
    """An issue for each artefact that is missing as many working days before its gate as the rule
    book sets, or later; returns how many."""
    today = localdate(now)
    notice = get_rule("projects.gate_alert", on=today, region=settings.HONGHU_REGION).as_int()
    calendar = get_calendar()
    late = [
        row
        for row in _open(ARTEFACTS, ("missing",), now)
        if not row.facts.get("issue")
        and calendar.count_working_days(today, dt.date.fromisoformat(row.facts["gate_on"]))
        <= notice
    ]
    for row in late:
        _perform(row, "raise_issue", now)
    return len(late)


def escalate_issues(*, now: dt.datetime) -> int:
    """Each overdue issue climbs one step of the ladder; returns how many did."""
    late = [row for row in _open(ISSUES, tuple(_LADDER), now) if row.light is Light.RED]
    for row in late:
        _perform(row, _LADDER[row.state], now)
    return len(late)


def _open(register: str, states: tuple[str, ...], now: dt.datetime) -> list[CaseRow]:
    found = iterate_cases(
        get_register(register), actor=SYSTEM, now=now, wanted=CaseFilter(states=states)
    )
    return list(found)


def _perform(row: CaseRow, action: str, now: dt.datetime) -> None:
    perform(
        row.id,
        action,
        actor=SYSTEM,
        now=now,
        idempotency_key=f"{action}:{row.id}:{row.version}",
        expected_version=row.version,
    )
