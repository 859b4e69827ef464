"""Reads: a project's ratings, its milestones as they count, the gates that are shut."""

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from honghu.domains.projects.models import MonthlyRating
from honghu.domains.projects.rules import PlannedMilestone
from honghu.kernel.cases.queries import children_of
from honghu.kernel.cases.rows import CaseRow

PROJECTS: Final = "key-project"
MILESTONES: Final = "project-milestone"
ARTEFACTS: Final = "gate-artefact"
ISSUES: Final = "project-issue"
RESOLUTIONS: Final = "project-resolution"
_SETTLED: Final = frozenset({"accepted", "waived"})


@dataclass(frozen=True, slots=True)
class RatingRow:
    """A month's rating: amounts in fen, shares in per cent, `ratio` as a fraction of one."""

    month: str
    plan_version: int
    annual_fen: int
    invested_fen: int
    scheduled: Decimal | None
    completed: Decimal | None
    ratio: Decimal | None
    light: str | None
    is_jump: bool


def ratings_of(project_id: uuid.UUID) -> list[RatingRow]:
    """All ratings of a project, the earliest month first."""
    return [
        RatingRow(
            row.month, row.plan_version, row.annual_fen, row.invested_fen, row.scheduled,
            row.completed, row.ratio, row.light, row.is_jump,
        )
        for row in MonthlyRating.objects.filter(project_id=project_id).order_by("month")
    ]  # fmt: skip


def milestones_of(project_id: uuid.UUID, *, now: dt.datetime) -> list[PlannedMilestone]:
    """The milestones that count: those dropped do not, and achieved is what was verified."""
    return [
        PlannedMilestone(
            weight=row.facts["weight"],
            planned_on=dt.date.fromisoformat(row.facts["planned_on"]),
            achieved_on=(
                dt.date.fromisoformat(row.facts["achieved_on"]) if row.state == "achieved" else None
            ),
        )
        for row in children_of(project_id, register=MILESTONES, now=now)
        if row.state != "dropped"
    ]


def shut_gates(
    project_id: uuid.UUID, stages: tuple[str, ...], *, now: dt.datetime
) -> list[CaseRow]:
    """The artefacts required for entering these stages that are neither accepted nor waived."""
    return [
        row
        for row in children_of(project_id, register=ARTEFACTS, now=now)
        if row.facts["gate"] in stages and row.state not in _SETTLED
    ]
