"""The list of problems: from finding to striking off, and what is refused on the way."""

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from honghu.base.earth import Point
from honghu.base.problems import Invalid
from honghu.domains.rivers.commands.problems import (
    UnableToList,
    UnableToOpenProblem,
    UnableToSuspend,
)
from honghu.domains.rivers.commands.strike_off import UnableToSubmit
from honghu.domains.rivers.commands.urging import UnableToUrge
from honghu.domains.rivers.commands.work import UnableToCorrect, UnableToCountTwice
from honghu.domains.rivers.models import Listing, WorkLine
from honghu.domains.rivers.queries import lines_of_case
from honghu.domains.rivers.tests.cast import Cast
from honghu.kernel.cases.commands import WrongState
from honghu.kernel.cases.models import Case
from honghu.kernel.cases.papers import picture_pairs
from honghu.kernel.cases.permissions import GuardRefuses, NotYourTurn, SameHands
from honghu.kernel.documents.pictures import pairs_of
from honghu.kernel.documents.queries import documents_of_case
from honghu.kernel.evidence.commands import EvidenceReusedError

FAR = Point(Decimal("113.3521"), Decimal("30.0801"))  # some 190 m east


@contextmanager
def _refused_at(field: str) -> Iterator[None]:
    with pytest.raises(UnableToSubmit) as refusal:
        yield
    assert set(refusal.value.fields) == {field}


def test_a_town_problem_is_struck_off_by_others_and_leaves_its_papers(cast: Cast) -> None:
    problem = cast.struck_off()
    row = cast.see(problem)
    assert row.state == "struck_off"
    assert row.facts["inputs"] == "8人次"
    assert row.facts["outputs"] == "1200平方米"
    assert (row.facts["first_checker"], row.facts["reviewer"]) == ("陶柳生", "范水根")
    assert row.facts["notice_number"] == "峰河办整改通知〔2023〕1号"
    assert row.facts["struck_off_on"] == "2023-06-06"
    papers = {
        paper.content.title: paper.content for paper in documents_of_case(problem) if paper.content
    }
    assert papers.keys() == {"关于中府河问题整改的通知", "河湖问题销号申请表", "河湖问题整改验收单"}
    (pair,) = pairs_of(papers["河湖问题整改验收单"].data)
    assert pair["after"]
    assert pair["remark"] == "相距0米"
    with pytest.raises(WrongState):
        cast.input(problem)


def test_nobody_checks_own_work(cast: Cast) -> None:
    """The rectifier's organisation closes nothing; the first checker does not review as well."""
    problem = cast.working()
    cast.input(problem)
    cast.submit(problem)
    with pytest.raises(NotYourTurn):
        cast.do(problem, "first_check", "villager", {"result": "passed"})
    cast.do(problem, "first_check", "town_clerk", {"result": "passed"})
    with pytest.raises(NotYourTurn):
        cast.review(problem, "villager")
    assert cast.review(problem, "town_head").state == "struck_off"


def test_a_town_that_worked_itself_cannot_strike_off(cast: Cast) -> None:
    problem = cast.found()
    cast.listed(problem, responsible=str(cast.organisations["town"]))
    cast.do(problem, "issue", "town_head")
    cast.appoint("town_chief", "rectifier")
    cast.do(problem, "sign", "town_chief")
    cast.input(problem, who="town_chief")
    cast.later(hours=3)
    shot = {"after": [cast.photo("town_chief")]}
    cast.do(problem, "submit", "town_chief", {"summary": "已清"}, evidence=shot)
    cast.do(problem, "first_check", "town_clerk", {"result": "passed"})
    with pytest.raises(SameHands):
        cast.review(problem, "town_head")


def test_a_city_problem_is_first_checked_by_the_town_and_reviewed_by_the_city(cast: Cast) -> None:
    problem = cast.struck_off("clerk", "head", source="superior")
    row = cast.see(problem)
    assert row.facts["notice_number"] == "洪河办整改通知〔2023〕1号"
    assert (row.facts["first_checker"], row.facts["reviewer"]) == ("陶柳生", "江望平")
    assert Listing.objects.get(pk=problem).level == "city"


def test_a_list_has_the_level_of_its_office(cast: Cast) -> None:
    problem = cast.found()
    with pytest.raises(UnableToList):
        cast.listed(problem, level="city")
    row = cast.do(
        problem,
        "hand_over",
        "town_clerk",
        {"issuer": str(cast.organisations["office"]), "reason": "跨镇"},
    )
    assert row.facts["issuer"] == str(cast.organisations["office"])
    cast.listed(problem, "clerk")


@pytest.mark.parametrize(
    ("found", "refused", "allowed"),
    [
        (("net_pen", "1000", "m2"), "minor", "serious"),
        (("net_pen", "5000.1", "m2"), "serious", "major"),
        (("mining", "501", "m3"), "minor", "serious"),
    ],
)
def test_severity_is_not_milder_than_its_band(
    cast: Cast, found: tuple[str, str, str], refused: str, allowed: str
) -> None:
    category, quantity, unit = found
    problem = cast.found(category=category, quantity=quantity, quantity_unit=unit)
    with pytest.raises(UnableToList):
        cast.listed(problem, severity=refused)
    assert cast.listed(problem, severity=allowed).facts["term"] == allowed


def test_a_major_problem_needs_a_plan_two_reviewers_and_the_chief(cast: Cast) -> None:
    problem = cast.found(category="net_pen", quantity="6000", quantity_unit="m2")
    cast.listed(problem, severity="major")
    cast.do(problem, "issue", "town_head")
    with pytest.raises(GuardRefuses):
        cast.do(problem, "sign", "villager")
    cast.do(problem, "sign_major", "villager")
    plan = {"plan_due_on": "2023-08-31", "milestones": "6月底拆除一半，8月底清零"}
    row = cast.do(
        problem, "file_plan", "villager", plan, evidence={"plan": [cast.file("villager")]}
    )
    assert (row.state, row.due_at) == ("on_plan", dt.datetime(2023, 8, 31, 16, tzinfo=dt.UTC))
    cast.later(days=3)
    cast.input(problem, "machine", "2")
    cast.submit(problem)
    cast.do(problem, "first_check", "town_clerk", {"result": "passed"})
    with pytest.raises(GuardRefuses):
        cast.review(problem, "town_head")
    form = {"result": "passed", "second_reviewer": "叶双清"}
    check = {"check": [cast.photo("town_head")]}
    row = cast.do(problem, "review_major", "town_head", form, evidence=check)
    assert (row.state, row.facts.get("struck_off_on")) == ("to_countersign", None)
    row = cast.do(problem, "countersign", "town_chief", {"result": "passed"})
    assert (row.state, row.facts["reviewer"]) == ("struck_off", "范水根、叶双清")


def test_terms_follow_the_kind_of_problem(cast: Cast) -> None:
    dues = {}
    for category in ("alligator_weed", "water_hyacinth", "household_waste", "silt"):
        problem = cast.working(category=category)
        dues[category] = cast.see(problem).due_at
    assert dues == {
        "alligator_weed": dt.datetime(2023, 6, 5, 13, 0, tzinfo=dt.UTC),
        # The fifth day is a Saturday.
        "water_hyacinth": dt.datetime(2023, 6, 12, 10, 0, tzinfo=dt.UTC),
        "household_waste": dt.datetime(2023, 6, 8, 10, 0, tzinfo=dt.UTC),
        # 15 working days, the Dragon-Boat festival and its make-up Sunday in between.
        "silt": dt.datetime(2023, 6, 27, 10, 0, tzinfo=dt.UTC),
    }


def test_an_after_picture_is_newer_than_the_notice_near_and_new(cast: Cast) -> None:
    problem, other = cast.working(), cast.working()
    cast.later(hours=5)
    with _refused_at("summary"):
        cast.submit(problem)
    cast.input(problem)
    with _refused_at("after"):
        cast.submit(problem, cast.photo("villager", ago=dt.timedelta(days=2)))
    with pytest.raises(UnableToSubmit, match=r"19\d"):
        cast.submit(problem, cast.photo("villager", FAR))
    with _refused_at("unplaced_reason"):
        cast.submit(problem, cast.photo("villager", None))
    assert cast.see(problem).state == "in_progress"
    shot = cast.photo("villager")
    cast.submit(problem, shot)
    cast.input(other)
    with pytest.raises(EvidenceReusedError):
        cast.submit(other, shot)
    row = cast.submit(other, cast.photo("villager", None), unplaced_reason="手机无定位")
    assert row.state == "submitted"
    (pair,) = picture_pairs(other)
    assert pair.after is not None, "the reviewer sees what there is"
    assert "位置不明" in pair.remark


def test_returns_are_counted_and_worked_again(cast: Cast) -> None:
    problem = cast.working()
    cast.later(hours=2)
    cast.input(problem)
    cast.submit(problem)
    cast.do(problem, "first_check", "town_clerk", {"result": "failed", "opinion": "岸边仍有残留"})
    cast.submit(problem)
    cast.do(problem, "first_check", "town_clerk", {"result": "passed"})
    assert cast.review(problem, "town_head", "failed").state == "returned"
    assert Case.objects.get(pk=problem).counters == {"checks": 3, "returns": 2}


def test_duplicates_are_merged_into_an_open_case_only(cast: Cast) -> None:
    first, second = cast.found(), cast.found()
    with pytest.raises(UnableToList):
        cast.do(second, "merge", "town_clerk", {"original": cast.see(second).number})
    row = cast.do(second, "merge", "town_clerk", {"original": cast.see(first).number})
    assert row.state == "merged"


def test_the_ladder_is_climbed_step_by_step(cast: Cast) -> None:
    """提醒 at 80 % of the time, 督办单 overdue (new term at most half), 约谈, 通报: none early."""
    problem = cast.working()
    due = cast.see(problem).due_at
    assert due is not None
    for action in ("remind", "call_in", "circulate"):
        form = {"called_in": "杜满仓"} if action == "call_in" else {}
        with pytest.raises(UnableToUrge):
            cast.do(problem, action, "clerk", form)
    cast.later(days=6)
    cast.do(problem, "remind", "town_clerk")
    with pytest.raises(UnableToUrge):
        cast.do(problem, "remind", "town_clerk")
    cast.now = due + dt.timedelta(hours=1)
    with pytest.raises(UnableToUrge, match="2023-06-16"):
        cast.do(problem, "supervise", "town_clerk", {"supervised_due_on": "2023-06-20"})
    row = cast.do(problem, "supervise", "town_clerk", {"supervised_due_on": "2023-06-14"})
    assert (row.facts["rung"], row.light) == ("supervision", "red")
    with pytest.raises(UnableToUrge):
        cast.do(problem, "call_in", "town_clerk", {"called_in": "杜满仓"})
    cast.later(days=3)
    cast.do(problem, "call_in", "town_clerk", {"called_in": "杜满仓"})
    cast.do(problem, "circulate", "town_clerk")
    titles = [paper.content.title for paper in documents_of_case(problem) if paper.content]
    assert titles[1:] == [
        "河湖问题整改提醒函",
        "河湖问题督办单",
        "河湖问题整改约谈通知",
        "河湖问题整改通报",
    ]


# Edge cases of the section


def test_edge_section_crossing_towns(cast: Cast) -> None:
    """One lead town; the other helps, and its inputs stay its own."""
    cast.section("FK-01-2", co_town_one=str(cast.organisations["other_town"]), seq=2)
    problem = cast.working(section_code="FK-01-2")
    assert cast.see(problem).facts["helper_names"] == "万全镇人民政府"
    cast.input(problem, "labour", "5")
    cast.input(problem, "labour", "7", "other_town")
    with pytest.raises(NotYourTurn):
        cast.do(problem, "submit", "other_town", {"summary": "已清"})
    by_unit = {line.unit_id: line.quantity for line in lines_of_case(problem)}
    assert by_unit == {
        cast.organisations["village"]: Decimal(5),
        cast.organisations["other_town"]: Decimal(7),
    }


def test_edge_flood_season_suspension(cast: Cast) -> None:
    """In flood season the clock stops, and runs on with what was left of it."""
    problem = cast.working(category="silt")
    due = cast.see(problem).due_at
    assert due is not None
    form = {"ground": "flood_season", "explanation": "水位超警，无法作业"}
    cast.later(days=2)
    assert cast.do(problem, "suspend", "town_head", form).due_at is None
    cast.later(days=20)
    resumed = cast.do(problem, "resume", "town_clerk").due_at
    assert due == dt.datetime(2023, 6, 27, 10, tzinfo=dt.UTC)
    # 13 working days stood still.
    assert resumed == dt.datetime(2023, 7, 14, 10, tzinfo=dt.UTC)


def test_edge_flood_season_is_no_ground_in_winter(cast: Cast) -> None:
    cast.now = dt.datetime(2023, 1, 9, 1, tzinfo=dt.UTC)
    problem = cast.working(category="silt")
    with pytest.raises(UnableToSuspend):
        cast.do(
            problem, "suspend", "town_head", {"ground": "flood_season", "explanation": "水位高"}
        )


def test_edge_dry_channel_has_no_water_surface(cast: Cast) -> None:
    section = Case.objects.get(register="river-section").id
    cast.do(section, "mark_dry", "town_clerk", evidence={"check": [cast.photo("town_clerk")]})
    with pytest.raises(UnableToOpenProblem, match="2023-06-05"):
        cast.found(category="water_hyacinth")
    cast.found(category="household_waste")
    cast.do(section, "mark_wet", "town_clerk")
    cast.found(category="water_hyacinth")


def test_edge_one_truck_for_two_matters(cast: Cast) -> None:
    """A truck counts once a day over all problems: its presence is split, never copied."""
    one, other = cast.working(), cast.working()
    cast.input(one, "truck", "0.5", vehicle="鄂D12345")
    with pytest.raises(UnableToCountTwice, match=r"0\.5"):
        cast.input(other, "truck", "1", vehicle="鄂d12345")
    cast.input(other, "truck", "0.5", vehicle="鄂D12345")
    lines = [*lines_of_case(one), *lines_of_case(other)]
    assert sum(line.quantity for line in lines) == 1
    cast.later(days=1)
    cast.input(other, "truck", "1", vehicle="鄂D12345")


def test_edge_correction_after_closure_only_by_reversal(cast: Cast) -> None:
    problem = cast.struck_off()
    number = cast.see(problem).number
    before = lines_of_case(problem)
    form = {"problem_number": number, "line": 1, "right_amount": "6", "reason": "重复计人"}
    proof = {"proof": [cast.file("villager")]}
    correction = cast.open("river-correction", "request", "villager", form, evidence=proof)
    assert lines_of_case(problem) == before
    with pytest.raises(NotYourTurn):
        cast.do(correction, "verify", "villager", {"result": "passed"})
    check = {"proof": [cast.file("town_head")]}
    cast.do(correction, "verify", "town_head", {"result": "passed"}, evidence=check)
    lines = lines_of_case(problem)
    assert [(line.number, line.quantity, line.reverses_number) for line in lines] == [
        (1, Decimal(8), None),
        (2, Decimal(1200), None),
        (3, Decimal(-8), 1),
        (4, Decimal(6), None),
    ]
    proof = {"proof": [cast.file("villager")]}
    with pytest.raises(UnableToCorrect):
        cast.open("river-correction", "request", "villager", form, evidence=proof)
    for change in ("UPDATE rivers_workline SET quantity = 1", "DELETE FROM rivers_workline"):
        with pytest.raises(DatabaseError), transaction.atomic():
            _execute(change)


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_edge_plants_drifting_back_are_a_rebound(cast: Cast) -> None:
    """A struck-off case never changes: what comes back is a new case, linked to it."""
    problem = cast.struck_off()
    number = cast.see(problem).number
    cast.later(days=10)
    back = cast.found(earlier=number)
    assert cast.see(back).facts["is_rebound"] is True
    assert Case.objects.get(pk=back).rebound_of_id == problem
    cast.listed(back)
    assert Listing.objects.get(pk=back).rebound_of == problem
    linked = cast.found(rebound_of_id=problem)
    assert cast.see(linked).facts["earlier"] == number
    with pytest.raises(UnableToOpenProblem):
        cast.found(earlier=cast.see(back).number)
    cast.water("HH-FK-02", "大武河")
    cast.section("FK-02-1", "HH-FK-02")
    with pytest.raises(UnableToOpenProblem):
        cast.found(earlier=number, section_code="FK-02-1")


def test_what_is_unknown_is_told_at_its_field(cast: Cast) -> None:
    with pytest.raises(Invalid) as refusal:
        cast.found(section_code="XX-99")
    assert set(refusal.value.fields) == {"section_code"}
    problem = cast.working()
    with pytest.raises(Invalid) as refusal:
        cast.input(problem, day="2023-06-04")
    assert set(refusal.value.fields) == {"day"}
    assert not WorkLine.objects.filter(case_id=uuid.UUID(str(problem))).exists()
