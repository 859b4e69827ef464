"""The ladder of urging over any register: each rung once, by rule, with its paper, until it is lifted."""

import dataclasses
import datetime as dt
import uuid
from typing import Any
from unittest.mock import patch

import pytest
from django.urls import reverse
from django.utils.timezone import now as clock  # noqa: TID251 as the pages do

from honghu.desk.tests.cast import Cast, picture, settle
from honghu.domains.supervision.commands.ladder import URGINGS, climb_ladders
from honghu.domains.supervision.models import Climb
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.detail import get_case
from honghu.kernel.cases.models import Case, Deadline, Step
from honghu.kernel.documents.commands import open_series
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.commands import appoint
from honghu.kernel.rulesets.commands import publish_rules

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
RULES = """
domain: supervision
rules:
  - {code: ladder.ditch_weeds.reminder, title: {zh: 提, en: R}, unit: ratio, rows: [{value: 0.8, from: 2026-01-01, source: 试, mark: D}]}
  - {code: ladder.ditch_weeds.slip, title: {zh: 督, en: S}, unit: period, clock: working_day, rows: [{value: 1, from: 2026-01-01, source: 试, mark: D}]}
  - {code: ladder.ditch_weeds.interview, title: {zh: 谈, en: I}, unit: period, clock: working_day, rows: [{value: 3, from: 2026-01-01, source: 试, mark: D}]}
  - {code: ladder.ditch_weeds.notice, title: {zh: 报, en: N}, unit: period, clock: working_day, rows: [{value: 5, from: 2026-01-01, source: 试, mark: D}]}
"""


@pytest.fixture
def late(db: None) -> tuple[Cast, uuid.UUID, Deadline]:
    """A case issued to the north, and the deadline under which it waits there."""
    cast = settle(clock())
    publish_rules(RULES, now=cast.now, approved_by=None)
    office, north = cast.organisations["office"], cast.organisations["north"]
    for name, organisation, role in (
        ("bo", office, "supervision_clerk"), ("lan", office, "supervision_head"),
        ("wei", north, "urged_officer"),
    ):  # fmt: skip
        person = cast.people[name][0]
        appoint(
            person_id=person, organisation_id=organisation, role=role,
            from_date=dt.date(2026, 1, 1),
        )  # fmt: skip
    for series in ("督办单", "约谈通知", "通报"):
        open_series(
            code=series, organ_mark=f"洪{series}", organisation_id=office, organ_name="洪湖市督查室",
            now=cast.now,
        )  # fmt: skip
    case_id = cast.issued(town="north").case_id
    return cast, case_id, Deadline.objects.get(case_id=case_id, status="running")


def _do(cast: Cast, who: str, action: str, at: dt.datetime, **form: Any) -> None:
    urging = Case.objects.get(register=URGINGS)
    perform(
        urging.id, action, actor=cast.actor(who), now=at, idempotency_key=str(uuid.uuid4()),
        form=form,
    )  # fmt: skip


def _rungs() -> list[str]:
    return list(Climb.objects.order_by("climbed_at").values_list("rung", flat=True))


def test_each_rung_once_until_it_is_lifted(late: tuple[Cast, uuid.UUID, Deadline]) -> None:
    cast, case_id, deadline = late
    due = deadline.due_at
    assert climb_ladders(now=cast.now) == 0

    reminded = due - HOUR
    assert [climb_ladders(now=reminded) for _again in range(2)] == [1, 0]
    urging = Case.objects.get(register=URGINGS)
    assert (urging.state, urging.facts["rung"]) == ("reminded", "reminder")
    assert urging.parties["pressed"] == [str(cast.organisations["north"])]
    number = Case.objects.get(pk=case_id).number
    assert number in urging.title
    assert "North" not in urging.title
    # The officer of the town finds it among the work that waits, and answers.
    assert urging.number in cast.client("wei").get("/").content.decode()
    _do(cast, "wei", "answer", reminded, reply="已安排船只")

    assert climb_ladders(now=due + HOUR) == 0
    slip = due + 4 * DAY
    assert [climb_ladders(now=slip) for _again in range(2)] == [1, 0]
    _do(cast, "bo", "serve_slip", slip, demand="三日内清理完毕")
    page = cast.client("lan").get(reverse("case", args=[case_id])).content.decode()
    assert f"洪督办单〔{slip.astimezone().year}〕1号" in page
    assert "Supervision slip" in page
    assert reverse("case", args=[urging.id]) in page

    interview = slip + 4 * DAY
    assert [climb_ladders(now=interview) for _again in range(2)] == [1, 0]
    _do(cast, "lan", "hold_interview", interview, called_in="熊伟", held_on="2026-12-01")
    notice = interview + 6 * DAY
    assert [climb_ladders(now=notice) for _again in range(2)] == [1, 0]
    assert climb_ladders(now=notice + 30 * DAY) == 0
    assert _rungs() == ["reminder", "slip", "interview", "notice"]

    # Its time has ended: the urging is lifted, once.
    ended = notice + 31 * DAY
    later = dataclasses.replace(cast, now=ended)
    after = store_evidence(
        content=picture(3), filename="a.png", actor=cast.actor("wei"), now=ended, kind="photo"
    )
    later.do(
        case_id, "submit", "wei", form={"cleared": "1", "checklist": ["banks"]},
        evidence={"after": [after.sha256]},
    )  # fmt: skip
    assert [climb_ladders(now=ended + HOUR) for _again in range(2)] == [0, 0]
    detail = get_case(urging.id, actor=SYSTEM, now=notice)
    assert detail.row.state == "lifted"
    assert [step.action for step in detail.steps] == [
        "remind", "answer", "raise_slip", "serve_slip", "raise_interview", "hold_interview",
        "raise_notice", "lift",
    ]  # fmt: skip


def test_a_crash_between_leaves_both_or_none(late: tuple[Cast, uuid.UUID, Deadline]) -> None:
    _cast, _case_id, deadline = late
    at = deadline.due_at - HOUR
    steps = Step.objects.count()
    with (
        patch.object(Climb.objects, "create", side_effect=RuntimeError("the power is off")),
        pytest.raises(RuntimeError),
    ):
        climb_ladders(now=at)
    assert (Step.objects.count(), Climb.objects.count()) == (steps, 0)
    assert not Case.objects.filter(register=URGINGS).exists()
    assert [climb_ladders(now=at) for _again in range(2)] == [1, 0]
    assert Case.objects.filter(register=URGINGS).count() == 1


def test_rungs_missed_are_climbed_one_by_one(late: tuple[Cast, uuid.UUID, Deadline]) -> None:
    """After a month without the worker: no reminder any more, a slip; the next not before it is heard."""
    _cast, _case_id, deadline = late
    at = deadline.due_at + 30 * DAY
    assert [climb_ladders(now=at + turn * HOUR) for turn in range(3)] == [1, 0, 0]
    assert _rungs() == ["slip"]
    assert climb_ladders(now=at + 5 * DAY) == 1
    assert _rungs() == ["slip", "interview"]


def test_a_suspended_clock_climbs_nothing(late: tuple[Cast, uuid.UUID, Deadline]) -> None:
    _cast, _case_id, deadline = late
    Deadline.objects.filter(pk=deadline.pk).update(status="suspended", suspended_at=deadline.due_at)
    assert climb_ladders(now=deadline.due_at + 30 * DAY) == 0
    assert not Climb.objects.exists()
