"""Hazards: grading by two, orders, listing, acceptance, and the edge cases around them."""

import datetime as dt

import pytest

from honghu.analytics.figure import Scope
from honghu.analytics.queries import measure
from honghu.analytics.registry import get_figure
from honghu.base.problems import Invalid
from honghu.domains.safety.commands.hazards import (
    UnableToDowngradeHazard,
    UnableToGradeHazard,
    UnableToMergeHazard,
)
from honghu.domains.safety.tests.cast import FIVE, Cast, settle
from honghu.kernel.cases.extensions import UnableToExtend
from honghu.kernel.cases.permissions import GuardRefuses, NotYourTurn, SameHands
from honghu.kernel.documents.queries import documents_of_case

MAJOR = {"grading_basis": "符合判定条款", "clause": "第四条第一项"}
CONFIRMED = {"result": "confirmed", "reason": "属实"}
PASSED = {"result": "passed", "opinion": "整改到位"}


@pytest.fixture
def cast(shipped: None, now: dt.datetime) -> Cast:
    return settle(now)


def test_major_hazard_is_listed_accepted_struck_off_and_resumed(cast: Cast) -> None:
    case = cast.listed(stop=True)
    cast.submitted(case)
    row = cast.see(case)
    assert row.due_at is not None
    assert (row.due_at - cast.now).days == 10, "accepted within ten days"
    with pytest.raises(SameHands):
        cast.do(case, "accept", "inspector", PASSED, check=[cast.photo("inspector")])
    assert cast.do(case, "accept", "second", PASSED, check=[cast.photo("second")]) == "accepted"
    with pytest.raises(GuardRefuses):
        cast.do(case, "strike_off", "committee", {"result": "closed"})
    assert cast.do(case, "strike_off", "committee", {"result": "resume"}) == "awaiting_resume"
    with pytest.raises(Invalid):
        cast.do(case, "approve_resume", "head", {"stop_use": True})
    assert cast.do(case, "approve_resume", "head", {"stop_use": False}) == "closed"
    assert [each.content and each.content.title for each in documents_of_case(case)] == [
        "责令限期整改指令书",
        "重大事故隐患挂牌督办通知书",
        "重大事故隐患整改验收意见",
        "重大事故隐患核销批复",
    ]


def test_the_head_signs_and_only_with_all_five(cast: Cast) -> None:
    case = cast.listed()
    cast.do(case, "check_five", "inspector", FIVE | {"five_funds": False})
    cast.do(case, "rectify", "manager", {"measures": "加装"}, after=[cast.photo("manager")])
    with pytest.raises(NotYourTurn):
        cast.do(case, "self_accept_major", "foreman", {"result": "passed"})
    with pytest.raises(GuardRefuses, match=r"five implementations|五落实"):
        cast.do(case, "self_accept_major", "boss", {"result": "passed"})


def test_major_needs_a_clause_and_a_second_person(cast: Cast) -> None:
    case = cast.found()
    with pytest.raises(Invalid) as refusal:
        cast.do(case, "grade_major", "inspector", {"grading_basis": "感觉严重"})
    assert set(refusal.value.fields) == {"clause"}
    cast.do(case, "grade_major", "inspector", MAJOR)
    with pytest.raises(NotYourTurn):
        cast.do(case, "confirm_major", "inspector", CONFIRMED)
    assert cast.do(case, "confirm_major", "grader", CONFIRMED) == "graded"
    with pytest.raises(GuardRefuses):
        cast.do(case, "order", "head", {"order_mode": "by_date", "due_on": cast.today(5)})


def test_ordinary_hazard_is_ordered_rectified_and_rechecked(cast: Cast) -> None:
    case = cast.found()
    cast.do(case, "grade_ordinary", "inspector", {"grading_basis": "能够当场整改"})
    for wrong in (
        {"order_mode": "immediate", "due_on": cast.today(2)},
        {"order_mode": "by_date", "due_on": cast.today(-1)},
    ):
        with pytest.raises(Invalid):
            cast.do(case, "order", "head", wrong)
    cast.do(case, "order", "head", {"order_mode": "immediate", "due_on": cast.today()})
    cast.do(case, "rectify", "manager", {"measures": "加装"}, after=[cast.photo("manager")])
    with pytest.raises(SameHands):
        cast.do(case, "self_accept", "manager", {"result": "passed"})
    cast.do(case, "self_accept", "foreman", {"result": "passed"})
    photo = cast.photo("inspector")
    assert (
        cast.do(case, "recheck", "inspector", {"result": "failed"}, check=[photo]) == "rectifying"
    )
    cast.do(case, "rectify", "manager", {"measures": "再加装"}, after=[cast.photo("manager")])
    cast.do(case, "self_accept", "foreman", {"result": "passed"})
    photo = cast.photo("inspector")
    assert cast.do(case, "recheck", "inspector", {"result": "passed"}, check=[photo]) == "closed"


def test_edge_standard_changed_after_grading(cast: Cast) -> None:
    """The standard of the day of finding holds, whatever holds on the day of grading."""
    editions = {}
    for found_on in ("2023-05-14", "2023-05-15"):
        case = cast.found(found_on=found_on)
        cast.do(case, "grade_major", "inspector", MAJOR)
        editions[found_on] = cast.see(case).facts["standard"]
    assert "2017版" in editions["2023-05-14"]
    assert "第10号" in editions["2023-05-15"]
    early = cast.found(found_on="2023-05-14", sector="gas")
    with pytest.raises(UnableToGradeHazard):
        cast.do(early, "grade_major", "inspector", MAJOR)
    assert cast.see(early).state == "found"


def test_edge_downgrade_needs_the_same_authority_and_a_reason(cast: Cast) -> None:
    case, reason = cast.graded_major(), {"reason": "现场复核，不符合判定条款"}
    with pytest.raises(UnableToDowngradeHazard):
        cast.do(case, "downgrade", "other_grader", reason, check=[cast.paper("other_grader")])
    with pytest.raises(Invalid):
        cast.do(case, "downgrade", "grader", {}, check=[cast.paper("grader")])
    cast.do(case, "downgrade", "grader", reason, check=[cast.paper("grader")])
    assert cast.see(case).facts["level"] == "ordinary"
    cast.do(case, "order", "head", {"order_mode": "by_date", "due_on": cast.today(5)})


def test_edge_hazard_with_no_legal_owner(cast: Cast) -> None:
    with pytest.raises(Invalid) as refusal:
        cast.found(ownership="none")
    assert "responsible" in refusal.value.fields
    town = str(cast.offices["township"])
    case = cast.found(ownership="none", responsible=town)
    cast.do(case, "grade_ordinary", "inspector", {"grading_basis": "危墙"})
    cast.do(case, "order", "head", {"order_mode": "by_date", "due_on": cast.today(5)})
    cast.do(case, "rectify", "town", {"measures": "拆除"}, after=[cast.photo("town")])
    assert cast.do(case, "self_accept", "mayor", {"result": "passed"}) == "submitted"


def test_edge_lease_chain_records_owner_and_tenant(cast: Cast) -> None:
    with pytest.raises(Invalid) as refusal:
        cast.found(ownership="leased", tenant=str(cast.offices["plant"]))
    assert "owner" in refusal.value.fields
    sides = {"owner": str(cast.offices["landlord"]), "tenant": str(cast.offices["plant"])}
    facts = cast.see(cast.found(ownership="leased", **sides)).facts
    assert facts["owner"] != facts["tenant"] == facts["responsible"]


def test_edge_enterprise_closed(cast: Cast) -> None:
    case, why = cast.listed(), {"reason": "企业已注销"}
    with pytest.raises(Invalid):
        cast.do(case, "end_with_organisation", "head", why)
    assert cast.do(case, "end_with_organisation", "head", why, proof=[cast.paper("head")]) == (
        "terminated"
    )


def test_edge_found_by_two_departments_is_merged_and_both_are_credited(cast: Cast) -> None:
    first, second = cast.found(), cast.found("other_inspector")
    with pytest.raises(UnableToMergeHazard):
        cast.do(second, "merge", "other_inspector", {"duplicate_of": str(second)})
    state = cast.do(second, "merge", "other_inspector", {"duplicate_of": str(first)})
    assert state == "merged"
    facts = cast.see(first).facts
    assert facts["finder"] == str(cast.offices["regulator"])
    assert facts["co_finder"] == str(cast.offices["bureau"])
    third = cast.found("other_inspector")
    cast.do(third, "merge", "other_inspector", {"duplicate_of": str(first)})
    scope = Scope(end=cast.now + dt.timedelta(minutes=1))
    assert measure(get_figure("safety.hazards_found"), scope).value == 1
    assert measure(get_figure("safety.finding_credits"), scope).value == 2, "once each"
    fourth = cast.found("other_inspector")
    with pytest.raises(UnableToMergeHazard):
        cast.do(fourth, "merge", "inspector", {"duplicate_of": str(second)})


def test_edge_listing_at_most_a_year_and_extension_asked_in_time(cast: Cast) -> None:
    case = cast.graded_major()
    order = {"order_mode": "by_date", "due_on": cast.today(9)}
    stop = {"interim_control": "停用", "stop_use": True}
    cast.do(case, "order_major", "head", order | stop)
    ticked = {"checklist": ["goal", "method", "funds", "people", "term", "safety"]}
    report = {"reported_on": cast.today()} | ticked
    cast.do(case, "report_major", "boss", report, report=[cast.paper("boss")])
    with pytest.raises(Invalid):
        cast.do(case, "list", "committee", {"listed_on": cast.today(), "due_on": cast.today(400)})
    cast.do(case, "list", "committee", {"listed_on": cast.today(), "due_on": cast.today(3)})
    cast.now += dt.timedelta(days=10)
    cast.do(case, "ask_extension", "manager", {"reason": "设备未到货"})
    with pytest.raises(UnableToExtend):
        cast.do(case, "grant_extension", "head", {"extension": "5 working_days"})


def test_own_hazard_belongs_to_its_finder(cast: Cast) -> None:
    form = {
        "summary": "配电箱未上锁",
        "found_on": cast.today(),
        "category": "management",
        "sector": "industry",
    }
    case = cast.open(
        "safety-hazard", "open_self", "manager", form, {"before": [cast.photo("manager")]}
    )
    facts = cast.see(case).facts
    assert facts["source"] == "self"
    assert facts["responsible"] == facts["finder"] == str(cast.offices["plant"])
    with pytest.raises(Invalid):
        cast.open(
            "safety-hazard",
            "open_self",
            "manager",
            form | {"found_on": cast.today(1)},
            {"before": [cast.photo("manager")]},
        )
