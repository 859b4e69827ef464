"""Climbing the ladder: what is late under a rule of the ladder gets an urging, one rung after another.

Each rung of a deadline is climbed once: the row that says so and the step of the urging are written
in one transaction, so that a crash leaves both or none.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate

from honghu.domains.supervision.models import Climb
from honghu.domains.supervision.rules.ladder import RUNGS, Rung, next_rung
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.deadlines import stood_still, working_time
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import CaseFilter, iterate_cases
from honghu.kernel.cases.running import RunningDeadline, ended_deadlines, running_deadlines
from honghu.kernel.clocks.deadlines import amber_at, due
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.queries import get_register, latest_registers
from honghu.kernel.rulesets.queries import RuleValue, find_rule, get_rule

URGINGS: Final = "supervision-urging"
_LADDER: Final = "supervision.ladder"
_OPENINGS: Final[Mapping[Rung, str]] = {"reminder": "remind", "slip": "press"}
_RAISES: Final[Mapping[Rung, str]] = {
    "slip": "raise_slip", "interview": "raise_interview", "notice": "raise_notice"
}  # fmt: skip
_RUNG_OF: Final[Mapping[str, Rung]] = {
    action: rung for table in (_OPENINGS, _RAISES) for rung, action in table.items()
}


def ladder_of(register: str, *, on: dt.date) -> dict[Rung, RuleValue]:
    """The rules of a register's ladder by rung; empty for a register that has none.

    A ladder has a slip: without its row nothing is climbed.
    """
    name = f"{_LADDER}.{register.replace('-', '_')}"
    found = {
        rung: rule
        for rung in RUNGS
        if (rule := find_rule(f"{name}.{rung}", on=on, region=settings.HONGHU_REGION)) is not None
    }
    return found if "slip" in found else {}


def climb_ladders(*, now: dt.datetime) -> int:
    """Climb what is due now, at most one rung of a deadline; how many. Again at once: 0.

    Urgings whose deadline has ended are lifted. A suspended clock climbs nothing.
    """
    on = localdate(now)
    ladders = {one.code: ladder_of(one.code, on=on) for one in latest_registers()}
    ladders = {code: ladder for code, ladder in ladders.items() if ladder}
    if not ladders:
        return 0
    found = list(running_deadlines(ladders, now=now))
    climbed = _climbed(each.id for each in found)
    count = 0
    for deadline in found:
        known = climbed.get(deadline.id, {})
        rung = _due_rung(deadline, ladders[deadline.register], known, now)
        if rung is not None:
            _climb(deadline, rung, known, now)
            count += 1
    _lift(now)
    return count


def _climbed(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, dict[str, Climb]]:
    found: dict[uuid.UUID, dict[str, Climb]] = {}
    for row in Climb.objects.filter(deadline_id__in=list(ids)):
        found.setdefault(row.deadline_id, {})[row.rung] = row
    return found


def _due_rung(
    deadline: RunningDeadline,
    ladder: Mapping[Rung, RuleValue],
    known: Mapping[str, Climb],
    now: dt.datetime,
) -> Rung | None:
    pause = get_rule(f"{_LADDER}_pause", on=localdate(now), region=settings.HONGHU_REGION)
    last = max((row.climbed_at for row in known.values()), default=None)
    return next_rung(
        {rung: _time_of(rule, deadline, now) for rung, rule in ladder.items()},
        {rung: row.climbed_at for rung, row in known.items()},
        now=now,
        due_at=deadline.due_at,
        heard_until=None if last is None else _after(last, pause, now),
    )


def _time_of(rule: RuleValue, deadline: RunningDeadline, now: dt.datetime) -> dt.datetime:
    """From when a rung is due: after a share of the term, or so long after its end."""
    if rule.unit == "ratio":
        still = stood_still(deadline.adjustments)
        return amber_at(deadline.started_at, deadline.due_at, rule.as_decimal(), still)
    return _after(deadline.due_at, rule, now)


def _after(start: dt.datetime, rule: RuleValue, now: dt.datetime) -> dt.datetime:
    on = working_time(now)
    return due(start, rule.as_duration(), on.calendar, on.office_hours, on.tz).at


def _climb(
    deadline: RunningDeadline, rung: Rung, known: Mapping[str, Climb], now: dt.datetime
) -> None:
    """One rung: its row and its step, together. The urging is opened with the first of them."""
    key = f"ladder:{deadline.id}:{rung}"
    with transaction.atomic():
        if known:
            urging = next(iter(known.values())).urging_id
            perform(urging, _RAISES[rung], actor=SYSTEM, now=now, idempotency_key=key)
        else:
            urging = open_case(
                URGINGS, actor=SYSTEM, now=now, idempotency_key=key, action=_OPENINGS[rung],
                form=_facts_of(deadline),
            ).case_id  # fmt: skip
        Climb.objects.create(
            deadline_id=deadline.id, case_id=deadline.case_id, urging_id=urging, rung=rung,
            climbed_at=now,
        )  # fmt: skip


def _facts_of(deadline: RunningDeadline) -> dict[str, Any]:
    """What an urging says of the case that it urges."""
    register = get_register(deadline.register)
    state = register.states.get(deadline.state)
    return {
        "urged_number": deadline.number,
        "urged_title": deadline.title,
        "urged_register": register.title.zh,
        "urged_state": state.title.zh if state is not None else deadline.state,
        "overdue_since": deadline.due_at.isoformat(),
        "pressed": _answering(register, deadline),
    }


def _answering(register: Register, deadline: RunningDeadline) -> str | None:
    """The organisation whose turn it is; null where an office without a field has it."""
    state = register.states.get(deadline.state)
    for code in state.waits_for if state is not None else ():
        role = register.roles.get(code)
        if role is not None and role.of and deadline.facts.get(role.of):
            return str(deadline.facts[role.of])
    return None


def _lift(now: dt.datetime) -> None:
    """Lift the urgings whose deadline has ended, in whatever way."""
    wanted = CaseFilter(open_only=True)
    rows = list(iterate_cases(get_register(URGINGS), actor=SYSTEM, now=now, wanted=wanted))
    climbs = dict(
        Climb.objects.filter(urging_id__in=[row.id for row in rows]).values_list(
            "urging_id", "deadline_id"
        )
    )
    ended = ended_deadlines(climbs.values())
    for urging, deadline in climbs.items():
        if deadline in ended:
            key = f"ladder:{deadline}:lift"
            perform(urging, "lift", actor=SYSTEM, now=now, idempotency_key=key)


def name_rung(effect: Effect) -> None:
    """Effect of each rung: the last one climbed stands in the facts; the title names the case."""
    facts = effect.case.facts
    facts["rung"] = _RUNG_OF[effect.action.code]
    effect.case.title = f"{facts['urged_number']} {facts['urged_title']}"
