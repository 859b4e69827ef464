"""Reads of the rivers: waters and posts by their codes, lines of work, the ladder, photographs."""

import datetime as dt
import itertools
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext as _

from honghu.base.problems import Invalid, NotFound
from honghu.domains.rivers.models import PatrolRecord, WorkLine
from honghu.domains.rivers.rules.places import Picture
from honghu.domains.rivers.rules.problems import Standing
from honghu.kernel.cases.models import Case, Deadline, Step
from honghu.kernel.cases.queries import (
    CaseFilter,
    cases_with_fact,
    find_case_by_number,
    iterate_cases,
)
from honghu.kernel.cases.rows import CaseDetail, CaseRow
from honghu.kernel.evidence.pairing import Shot, shots_of
from honghu.kernel.evidence.queries import uses_of_case, uses_of_evidence
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.registers.queries import get_register
from honghu.kernel.rulesets.queries import RuleValue, get_rule

WATERS: Final = "water-body"
SECTIONS: Final = "river-section"
POSTS: Final = "chief-post"
PLANS: Final = "patrol-plan"
PATROLS: Final = "river-patrol"
PROBLEMS: Final = "river-problem"
RECTIFYING: Final = ("rectify", "rectify_on_plan")
RUNGS: Final = {
    "remind": "reminder",
    "supervise": "supervision",
    "call_in": "interview",
    "circulate": "circular",
}
"""The actions that are steps of the ladder."""
_OFFERED_MAX: Final = 1000
"""So many records stand in a box to choose from."""


def rule(code: str, on: dt.date) -> RuleValue:
    """A rule of the rivers as it holds in this county on a day. Raises RuleMissingError."""
    return get_rule(f"rivers.{code}", on=on, region=settings.HONGHU_REGION)


def local_zone() -> ZoneInfo:
    """The zone in which the county's days begin."""
    return ZoneInfo(settings.TIME_ZONE)


def find_by_code(register: str, code: str, *, field: str, now: dt.datetime) -> CaseRow:
    """The standing case of a register with this code. Raises Invalid at the field that named it."""
    found = [
        row for row in cases_with_fact(register, fact="code", value=code, now=now) if not row.ended
    ]
    if not found:
        message = _("There is no {code} on the roll.").format(code=code)
        raise Invalid(message, remedy=_("Look the code up on the roll."), fields={field: message})
    return found[0]


def find_by_number(register: str, number: str, *, field: str, now: dt.datetime) -> CaseRow:
    """The case of a register with this number. Raises Invalid at the field that named it."""
    try:
        row = find_case_by_number(number.strip(), actor=SYSTEM, now=now)
    except NotFound:
        row = None
    if row is None or row.register != register:
        message = _("There is no case {number} in this register.").format(number=number)
        raise Invalid(message, remedy=_("Check the number."), fields={field: message})
    return row


def posts_offered(
    *,
    actor: Actor,
    now: dt.datetime,
    detail: CaseDetail | None,  # noqa: ARG001 the same for every case
) -> Sequence[tuple[str, str]]:
    """The posts that are held, of those in sight: number, chief, office and section."""
    wanted = CaseFilter(states=("in_post",))
    return [(row.number, row.title) for row in _standing(POSTS, actor, now, wanted)]


def sections_offered(
    *,
    actor: Actor,
    now: dt.datetime,
    detail: CaseDetail | None,  # noqa: ARG001 the same for every case
) -> Sequence[tuple[str, str]]:
    """The sections on the roll: code, water and both ends, by water."""
    return _on_roll(SECTIONS, actor, now)


def waters_offered(
    *,
    actor: Actor,
    now: dt.datetime,
    detail: CaseDetail | None,  # noqa: ARG001 the same for every case
) -> Sequence[tuple[str, str]]:
    """The waters on the roll: code and name, by name."""
    return _on_roll(WATERS, actor, now)


def patrols_offered(
    *,
    actor: Actor,
    now: dt.datetime,
    detail: CaseDetail | None,  # noqa: ARG001 the same for every case
) -> Sequence[tuple[str, str]]:
    """The patrols in sight, the latest first: number, chief, water and day."""
    rows = _standing(PATROLS, actor, now, CaseFilter(), sort="-opened_at")
    return [(row.number, f"{row.title}（{row.number}）") for row in rows]


def problems_offered(
    *, actor: Actor, now: dt.datetime, detail: CaseDetail | None
) -> Sequence[tuple[str, str]]:
    """The other problems that are still open: number and title; what one may be merged into."""
    rows = _standing(PROBLEMS, actor, now, CaseFilter(open_only=True), sort="-opened_at")
    own = detail.row.id if detail else None
    return [(row.number, f"{row.number} {row.title}") for row in rows if row.id != own]


def struck_off_offered(
    *,
    actor: Actor,
    now: dt.datetime,
    detail: CaseDetail | None,  # noqa: ARG001 the same for every case
) -> Sequence[tuple[str, str]]:
    """The problems struck off, the latest first: number and title; what may have come back."""
    rows = _standing(PROBLEMS, actor, now, CaseFilter(states=("struck_off",)), sort="-changed_at")
    return [(row.number, f"{row.number} {row.title}") for row in rows]


def _on_roll(register: str, actor: Actor, now: dt.datetime) -> Sequence[tuple[str, str]]:
    """Code and name of what stands on a roll, by name."""
    rows = _standing(register, actor, now, CaseFilter(open_only=True))
    found = [(row.facts["code"], f"{row.title}（{row.facts['code']}）") for row in rows]
    return sorted(found, key=lambda each: each[1])


def _standing(
    register: str, actor: Actor, now: dt.datetime, wanted: CaseFilter, *, sort: str = "number"
) -> Iterator[CaseRow]:
    found = iterate_cases(get_register(register), actor=actor, now=now, wanted=wanted, sort=sort)
    return itertools.islice(found, _OFFERED_MAX)


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of work. `is_reversed` tells a line that another one takes back."""

    id: uuid.UUID
    number: int
    at: dt.datetime
    day: dt.date
    unit_id: uuid.UUID
    side: str
    kind: str
    measure: str
    quantity: Decimal
    vehicle: str | None
    site: str | None
    reverses_number: int | None
    is_reversed: bool


def lines_of_case(case_id: uuid.UUID) -> list[LineRow]:
    """All lines of work of a problem in the order in which they were booked, in one query."""
    lines = WorkLine.objects.filter(case_id=case_id).select_related("reverses", "reversed_by")
    return [
        LineRow(
            line.id,
            line.number,
            line.at,
            line.day,
            line.unit_id,
            line.side,
            line.kind,
            line.measure,
            line.quantity,
            line.vehicle,
            line.site,
            line.reverses.number if line.reverses else None,
            hasattr(line, "reversed_by"),
        )
        for line in lines.order_by("number")
    ]


def presence_of(vehicle: str, day: dt.date) -> Decimal:
    """How much of one day's presence of a vehicle is counted already, over all problems."""
    lines = WorkLine.objects.filter(vehicle=vehicle, day=day)
    return lines.aggregate(total=Sum("quantity"))["total"] or Decimal(0)


def standing_of(case_id: uuid.UUID, supervised_due_on: str | None) -> Standing | None:
    """How a problem stands under its running term; null where none runs."""
    deadline = Deadline.objects.filter(
        case_id=case_id, code__in=RECTIFYING, status=Deadline.Status.RUNNING
    ).first()
    if deadline is None:
        return None
    done = Step.objects.filter(case_id=case_id, action__in=RUNGS).values_list("action", flat=True)
    return Standing(
        deadline.started_at,
        deadline.due_at,
        frozenset(RUNGS[action] for action in done),
        end_of_day(supervised_due_on) if supervised_due_on else None,
    )


def end_of_day(day: str) -> dt.datetime:
    """24:00 of a day in the county."""
    following = dt.date.fromisoformat(day) + dt.timedelta(days=1)
    return dt.datetime.combine(following, dt.time(), local_zone())


def uploaded_shots(shas: Sequence[str], actor: Actor) -> list[Shot]:
    """Photographs that the actor's organisation has uploaded and that no case has yet.

    Those it has not are left out: attaching them is refused by the kernel.
    """
    found = []
    for sha in shas:
        mine = [
            use
            for use in uses_of_evidence(sha)
            if use.case_id is None
            and (
                use.uploader_organisation_id == actor.organisation_id
                or use.uploader_person_id == actor.person_id
            )
        ]
        found += mine[-1:]
    return shots_of(found)


def shots_before(case_id: uuid.UUID) -> list[Shot]:
    """The photographs of a case from before the work."""
    return shots_of([use for use in uses_of_case(case_id) if use.kind == "before"])


def picture_of(shot: Shot) -> Picture:
    """What pairing by the rule looks at."""
    return Picture(shot.use.sha256, shot.place)


def last_valid_patrol(post_id: uuid.UUID, before: dt.datetime) -> dt.datetime | None:
    """When the post's last patrol that counts ended before an instant; voided ones left out."""
    voided = Case.objects.filter(register=PATROLS, state="voided").values("id")
    records = PatrolRecord.objects.filter(post_id=post_id, valid=True, ended_at__lte=before)
    return (
        records.exclude(case_id__in=voided)
        .order_by("-ended_at")
        .values_list("ended_at", flat=True)
        .first()
    )


def patrols_between(post_id: uuid.UUID, first: dt.date, last: dt.date) -> list[PatrolRecord]:
    """The judged patrols of a post that began on days from first to last; voided ones left out."""
    zone = local_zone()
    begin = dt.datetime.combine(first, dt.time(), zone)
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone)
    voided = Case.objects.filter(register=PATROLS, state="voided").values("id")
    records = PatrolRecord.objects.filter(
        post_id=post_id, started_at__gte=begin, started_at__lt=end
    )
    return list(records.exclude(case_id__in=voided).order_by("started_at"))
