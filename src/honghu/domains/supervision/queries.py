"""Reads: what the minutes propose, the card of a task, the tasks that are open."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.timezone import localdate

from honghu.domains.supervision.models import Climb, ProposedTask
from honghu.domains.supervision.rules import CardBounds, card_of
from honghu.domains.supervision.rules.slips import Card
from honghu.kernel.cases.queries import CaseFilter, find_case, iterate_cases
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.documents.queries import documents_of_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.queries import get_register
from honghu.kernel.rulesets.queries import get_calendar, get_rule

TASKS: Final = "supervision-task"
SUBTASKS: Final = "supervision-subtask"
UNDER_WAY: Final = ("issued", "doing")


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal of the latest minutes. `doubts` names what the text does not say plainly."""

    ordinal: int
    version: int
    text: str
    lead_name: str | None
    lead_id: uuid.UUID | None
    co_owner_names: Sequence[str]
    due_text: str | None
    due_on: dt.date | None
    state: str
    task_id: uuid.UUID | None

    @property
    def doubts(self) -> tuple[str, ...]:
        """What a person has to decide: `lead`, `due`."""
        lead = () if self.lead_id else ("lead",)
        return lead + (() if self.due_on else ("due",))


def proposals_of(meeting_id: uuid.UUID) -> list[ProposalRow]:
    """The proposals of the latest version of the minutes, in the order of the text."""
    rows = ProposedTask.objects.filter(meeting_id=meeting_id).order_by("-version", "ordinal")
    found = [
        ProposalRow(
            row.ordinal, row.version, row.text, row.lead_name, row.lead_id, row.co_owner_names,
            row.due_text, row.due_on, row.state, row.task_id,
        )
        for row in rows
    ]  # fmt: skip
    return [row for row in found if row.version == found[0].version]


def overdue_working_days(due_on: dt.date, *, today: dt.date) -> int:
    """How many working days have passed since the due day; 0 until it is over."""
    return max(0, get_calendar().count_working_days(due_on, today)) if today > due_on else 0


def card_of_task(task: CaseRow, returns: int, *, now: dt.datetime) -> Card | None:
    """The yellow or red card of a task as of now, from its due day and its returns."""
    today = localdate(now)

    def bound(code: str) -> int:
        return get_rule(f"supervision.{code}", on=today, region=settings.HONGHU_REGION).as_int()

    bounds = CardBounds(bound("red_after"), bound("yellow_returns"), bound("red_returns"))
    due_on = dt.date.fromisoformat(task.facts["due_on"])
    late = 0 if task.ended else overdue_working_days(due_on, today=today)
    return card_of(late, returns, bounds)


def tasks_under_way(*, now: dt.datetime, lead: uuid.UUID | None = None) -> list[CaseRow]:
    """All tasks that were issued and are not reported yet, or those of one leading organisation."""
    facts = {} if lead is None else {"lead": str(lead)}
    wanted = CaseFilter(states=UNDER_WAY, facts=facts)
    return list(iterate_cases(get_register(TASKS), actor=SYSTEM, now=now, wanted=wanted))


@dataclass(frozen=True, slots=True)
class ClimbRow:
    """A rung that a case climbed, its urging, and the number of the paper once it is served."""

    rung: str
    climbed_at: dt.datetime
    urging_id: uuid.UUID
    number: str
    paper: str | None


_PAPERS: Final = {"slip": "督办单", "interview": "约谈通知", "notice": "通报"}


def climbs_of(case_id: uuid.UUID) -> list[ClimbRow]:
    """The rungs that a case climbed, in their order; of all its deadlines. Few queries."""
    climbs = list(Climb.objects.filter(case_id=case_id).order_by("climbed_at", "id"))
    numbers: dict[uuid.UUID, str] = {}
    papers: dict[tuple[uuid.UUID, str], str | None] = {}
    for urging in {each.urging_id for each in climbs}:
        numbers[urging] = find_case(urging, actor=SYSTEM, now=climbs[0].climbed_at).number
        papers |= {(urging, row.series): row.number for row in documents_of_case(urging)}
    return [
        ClimbRow(
            each.rung, each.climbed_at, each.urging_id, numbers[each.urging_id],
            papers.get((each.urging_id, _PAPERS.get(each.rung, ""))),
        )
        for each in climbs
    ]  # fmt: skip
