"""Cases move to another version of their register, or stay with a reason; nothing in between."""

import dataclasses
import itertools
import uuid

import pytest
from django.db import connection

from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.migrating import (
    MIGRATION,
    MigrationReport,
    UnableToMigrate,
    migrate_cases,
)
from honghu.kernel.cases.models import Case, Deadline, PersonalFacts, Step
from honghu.kernel.cases.permissions import SameHands
from honghu.kernel.cases.queries import CaseFilter, list_cases
from honghu.kernel.cases.tests.straw import NOW, SOURCE, Straw, new_key
from honghu.kernel.cases.tests.untouched import contents
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.checker import load_register
from honghu.kernel.registers.commands import publish_register
from honghu.kernel.registers.queries import get_register
from honghu.kernel.registers.versions import VersionMap, judge_map

CODE = "straw-burning"
SECOND = (
    SOURCE.replace("version: 1\n", "version: 2\n")
    .replace("from: issued", "from: ordered")
    .replace("to: issued", "to: ordered")
    .replace("failed: issued", "failed: ordered")
    .replace("[registered, issued,", "[registered, ordered,")
    .replace("  issued:\n    title: {zh: 待处置, en: To be dealt with}",
             "  ordered:\n    title: {zh: 待整改, en: Ordered}")
    .replace("by: severity, starts: found_at}", "by: severity, starts: found_at, code: issued}")
    .replace("clock: {rule: straw_burning.verify}",
             "clock: {rule: straw_burning.verify, code: check}")
    .replace("  area:\n", "  area_burnt:\n")
    .replace("place, area, informant", "place, area_burnt, informant")
    .replace("facts.area", "facts.area_burnt")
    .replace("sum: area", "sum: area_burnt")
    .replace("source, area, responsible", "source, area_burnt, responsible")
)  # fmt: skip
STATES = {"registered": "registered", "issued": "ordered", "submitted": "submitted",
          "parked": "parked"}  # fmt: skip
MAP = VersionMap(STATES, {"area": "area_burnt"})


_versions = itertools.count(3)


def move(
    straw: Straw, wanted: VersionMap = MAP, *, dry_run: bool = False, to: int = 2
) -> MigrationReport:
    """Migrate as the chief."""
    return migrate_cases(
        CODE, 1, to, wanted, actor=straw.cast["chief"], now=straw.now, why="分级", dry_run=dry_run
    )


def publish(source: str = SECOND) -> int:
    """Publish; another text gets a version of its own, since a process reads a version once."""
    version = 2 if source == SECOND else next(_versions)
    source = source.replace("version: 2\n", f"version: {version}\n")
    publish_register(source=source, actor=SYSTEM, now=NOW)
    return version


def clocks(case_id: uuid.UUID) -> set[tuple[str, str]]:
    return set(Deadline.objects.filter(case_id=case_id).values_list("code", "status"))


def test_cases_of_both_versions_go_on_and_those_that_moved_do_so_to_the_end(straw: Straw) -> None:
    moving, staying = straw.issued(area="1"), straw.issued()
    due = Deadline.objects.get(case_id=moving, status="running")
    publish()
    guarded = dataclasses.replace(MAP, guard="facts.area_burnt < 1.5")
    report = move(straw, guarded)
    assert (dict(report.moved), report.reasons) == (
        {("issued", "ordered"): 1},
        {"guard-refuses": 1},
    )
    case = Case.objects.get(pk=moving)
    assert (case.register_version, case.state, case.version) == (2, "ordered", 3)
    assert case.facts["area_burnt"] == "1"
    assert "area" not in case.facts
    assert PersonalFacts.objects.get(case_id=moving).facts == {"informant": "田大爷"}
    # The clock bears the same code: the very same deadline runs on.
    assert Deadline.objects.get(case_id=moving, status="running").pk == due.pk
    assert case.due_at == due.due_at
    # Words among open cases are found in the states of every version.
    asked = CaseFilter(text=straw.row(staying).number[:2], open_only=True)
    page = list_cases(get_register(CODE), actor=straw.cast["chief"], now=straw.now, wanted=asked)
    assert {row.id for row in page.rows} == {moving, staying}
    for case_id in (moving, staying):
        straw.submit(case_id)
        straw.verify(case_id)
        assert straw.row(case_id).ended
    assert Case.objects.get(pk=staying).register_version == 1
    step = Step.objects.get(case_id=moving, action=MIGRATION)
    assert (step.from_state, step.to_state, step.register_version) == ("issued", "ordered", 2)
    assert step.person_id == straw.cast["chief"].person_id
    assert step.stepform.form == {"from_version": 1, "to_version": 2, "why": "分级"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_leaf WHERE id = %s", [step.pk])
        assert cursor.fetchone() == (1,)


def test_a_clock_of_another_code_is_cancelled_and_the_new_one_starts(straw: Straw) -> None:
    case_id = straw.issued()
    straw.submit(case_id)
    publish()
    move(straw)
    assert clocks(case_id) == {
        ("registered", "met"), ("issued", "met"), ("submitted", "cancelled"), ("check", "running"),
    }  # fmt: skip
    assert straw.row(case_id).due_at == Deadline.objects.get(case_id=case_id, code="check").due_at
    with pytest.raises(SameHands):
        straw.verify(case_id, who="xiaogang-colleague")


def test_a_stopped_clock_stays_stopped_and_runs_on_where_it_may(straw: Straw) -> None:
    parked, freed = straw.issued(), straw.issued()
    for case_id in (parked, freed):
        straw.do(case_id, "park", "officer", {"reason": "雨"})
    publish()
    only = dataclasses.replace(MAP, guard="context.number == '" + straw.row(parked).number + "'")
    move(straw, only)
    assert ("issued", "suspended") in clocks(parked)
    assert straw.row(parked).due_at is None
    move(straw, VersionMap(STATES | {"parked": "ordered"}, MAP.fields))
    assert ("issued", "running") in clocks(freed)
    assert straw.row(freed).due_at is not None
    straw.do(parked, "resume", "officer")
    assert ("issued", "running") in clocks(parked)


def test_a_dry_run_says_the_same_and_writes_nothing(straw: Straw) -> None:
    straw.issued()
    straw.open()
    publish()
    without = VersionMap({"issued": "ordered"})
    before = contents()
    foreseen = move(straw, without, dry_run=True)
    assert contents() == before
    assert foreseen.dry_run
    assert foreseen.reasons == {"field-unknown": 2, "state-not-mapped": 1}
    done = move(straw, without)
    assert (done.moved, done.reasons) == (foreseen.moved, foreseen.reasons)
    assert contents() == before


def test_a_second_run_finds_nothing_left_to_do(straw: Straw) -> None:
    for _index in range(3):
        straw.open()
    publish()
    assert move(straw).count == 3
    before = contents()
    again = move(straw)
    assert (again.count, again.refused) == (0, [])
    assert contents() == before


def test_ended_cases_keep_their_version(straw: Straw) -> None:
    case_id = straw.issued()
    straw.submit(case_id)
    straw.verify(case_id)
    publish()
    assert move(straw).count == 0
    assert Case.objects.get(pk=case_id).register_version == 1


@pytest.mark.parametrize(
    ("source", "wanted", "code"),
    [
        (SECOND.replace("type: decimal\n    unit: {zh: 亩, en: mu}\n    min: 0\n    public",
                        "type: integer\n    unit: {zh: 亩, en: mu}\n    min: 0\n    public"),
         MAP, "field-type"),
        (SECOND.replace("    personal: true\n", ""), MAP, "field-personal"),
        (SECOND.replace("max_length: 60", "max_length: 3"), MAP, "field-value"),
        (SECOND.replace("straw_burning.triage", "straw_burning.nothing").replace(
            "rule: straw_burning.nothing", "rule: straw_burning.nothing, code: other"),
         MAP, "rule_missing"),
        (SECOND, VersionMap(STATES | {"registered": "ordered"}, MAP.fields),
         "organisation-not-recorded"),
    ],
)  # fmt: skip
def test_a_case_that_the_new_version_does_not_take_stays(
    straw: Straw, source: str, wanted: VersionMap, code: str
) -> None:
    case_id = straw.open().case_id
    version = publish(source)
    before = contents()
    assert set(move(straw, wanted, to=version).reasons) == {code}
    assert contents() == before
    straw.do(case_id, "reject", "officer", {"reason": "x"})
    assert straw.row(case_id).ended


def test_who_did_the_work_cannot_escape_the_separation_by_another_name(straw: Straw) -> None:
    case_id = straw.issued()
    straw.submit(case_id)
    source = SECOND.replace("  submit:\n", "  finish:\n").replace("[submit]", "[finish]")
    assert move(straw, to=publish(source)).reasons == {"separation-lost": 1}
    assert Case.objects.get(pk=case_id).register_version == 1


@pytest.mark.parametrize(
    ("states", "fields", "code"),
    [
        ({"nothing": "ordered"}, {}, "state-unknown"),
        ({"issued": "nothing"}, {}, "state-unknown"),
        ({"submitted": "closed"}, {}, "state-ends"),
        ({"issued": "ordered"}, {"nothing": None}, "field-unknown"),
        ({"issued": "ordered"}, {"area": "nothing"}, "field-unknown"),
        ({"issued": "ordered"}, {"area": "village"}, "field-twice"),
    ],
)
def test_a_map_that_does_not_fit_is_refused_as_a_whole(
    states: dict[str, str], fields: dict[str, str | None], code: str
) -> None:
    wanted = VersionMap(states, fields)
    found = judge_map(load_register(SOURCE), load_register(SECOND), wanted)
    assert [reason.code for reason in found] == [code]


def test_a_refused_map_moves_nothing(straw: Straw) -> None:
    straw.issued()
    publish()
    before = contents()
    with pytest.raises(UnableToMigrate, match="no state nothing"):
        move(straw, VersionMap({"issued": "nothing"}, MAP.fields))
    with pytest.raises(UnableToMigrate, match="guard"):
        move(straw, dataclasses.replace(MAP, guard="facts.nothing == 1"))
    assert contents() == before


def test_a_map_cannot_lead_around_the_verification() -> None:
    extra = """  verified:
    title: {zh: 已复核, en: Verified}
    waits_for: burning_office
    no_clock: {zh: 当日办结, en: closed the same day}
  closed:
"""
    strike = """  strike:
    title: {zh: 销号, en: Strike off}
    from: verified
    to: closed
    by: [burning_office]
    kind: decision
  note:
"""
    source = SECOND.replace("  closed:\n", extra, 1).replace("  note:\n", strike, 1)
    source = source.replace("passed: closed", "passed: verified")
    wanted = VersionMap({"submitted": "verified"}, MAP.fields)
    found = judge_map(load_register(SOURCE), load_register(source), wanted)
    assert [reason.code for reason in found] == ["verification-passed-over"]


def test_whoever_saw_the_case_before_it_moved_must_look_again(straw: Straw) -> None:
    case_id = straw.issued()
    version = straw.row(case_id).version
    publish()
    move(straw)
    with pytest.raises(Exception, match="has changed since"):
        perform(
            case_id, "note", actor=straw.cast["officer"], now=straw.now, form={"text": "x"},
            idempotency_key=new_key(), expected_version=version,
        )  # fmt: skip
