"""Extensions: asked for before the due time, granted by somebody else; due times counted anew."""

import datetime as dt
import uuid

import pytest

from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.extensions import UnableToExtend, recount_provisional
from honghu.kernel.cases.models import Case, Deadline
from honghu.kernel.cases.permissions import SameHands
from honghu.kernel.cases.tests.straw import Straw, new_key
from honghu.kernel.rulesets.commands import publish_calendar_year


def _issued(straw: Straw) -> uuid.UUID:
    case_id = straw.open().case_id
    _do(straw, case_id, "issue", "officer", severity="minor", responsible=straw.town())
    return case_id


def _do(straw: Straw, case_id: uuid.UUID, action: str, who: str, **form: object) -> None:
    perform(
        case_id,
        action,
        actor=straw.cast[who],
        now=straw.now,
        idempotency_key=new_key(),
        form=form,
    )


def _clock(case_id: uuid.UUID) -> Deadline:
    return Deadline.objects.get(case_id=case_id, status="running")


def test_an_extension_prolongs_the_clock_by_its_own_unit(straw: Straw) -> None:
    """Found Monday 1 June, three working days: Thursday 4; two more: Monday 8 June 2026."""
    case_id = _issued(straw)
    assert _clock(case_id).due_at == dt.datetime(2026, 6, 4, 10, 0, tzinfo=dt.UTC)
    _do(straw, case_id, "ask_extension", "xiaogang", reason="大风")
    _do(straw, case_id, "grant_extension", "officer", extension="2 working_days")
    clock = _clock(case_id)
    assert clock.due_at == dt.datetime(2026, 6, 8, 10, 0, tzinfo=dt.UTC)
    assert clock.adjustments == [{"extended": "2 working_days"}]
    assert Case.objects.get(pk=case_id).due_at == clock.due_at
    assert Case.objects.get(pk=case_id).counters == {"extensions": 1}


def test_nobody_asked(straw: Straw) -> None:
    case_id = _issued(straw)
    with pytest.raises(UnableToExtend):
        _do(straw, case_id, "grant_extension", "officer", extension="2 working_days")


def test_asked_too_late(straw: Straw) -> None:
    case_id = _issued(straw)
    straw.now += dt.timedelta(days=10)
    _do(straw, case_id, "ask_extension", "xiaogang", reason="忘了")
    with pytest.raises(UnableToExtend, match="before the due time"):
        _do(straw, case_id, "grant_extension", "officer", extension="2 working_days")


def test_who_asked_may_not_grant(straw: Straw) -> None:
    case_id = _issued(straw)
    _do(straw, case_id, "ask_extension", "xiaogang-colleague", reason="大风")
    with pytest.raises(SameHands):
        _do(straw, case_id, "grant_extension", "xiaogang-colleague", extension="2 working_days")


def test_a_published_year_moves_provisional_due_times(straw: Straw) -> None:
    """Issued on 30 December 2026, the year 2027 unpublished: Monday to Friday, provisionally. Once
    1 and 4 January 2027 are holidays, the third working day is two days later."""
    straw.now = dt.datetime(2026, 12, 30, 1, 0, tzinfo=dt.UTC)
    case_id = _issued(straw)
    before = _clock(case_id)
    assert before.provisional
    days = [(dt.date(2027, 1, day), "holiday") for day in (1, 4)]
    publish_calendar_year(2027, days, source="test", now=straw.now, approved_by=None)
    assert recount_provisional(now=straw.now) == 1
    after = _clock(case_id)
    assert not after.provisional
    assert before.due_at.date() == dt.date(2027, 1, 4)
    assert after.due_at.date() == dt.date(2027, 1, 6)
    assert not Case.objects.get(pk=case_id).due_provisional
    assert recount_provisional(now=straw.now) == 0


def test_a_due_time_that_has_passed_never_moves(straw: Straw) -> None:
    straw.now = dt.datetime(2026, 12, 30, 1, 0, tzinfo=dt.UTC)
    case_id = _issued(straw)
    before = _clock(case_id).due_at
    straw.now += dt.timedelta(days=30)
    days = [(dt.date(2027, 1, day), "holiday") for day in (1, 4)]
    publish_calendar_year(2027, days, source="test", now=straw.now, approved_by=None)
    assert recount_provisional(now=straw.now) == 0
    assert _clock(case_id).due_at == before
