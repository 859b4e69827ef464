"""Deadlines as the steps of a case start, stop, move and end them.

2026-06-01 is a Monday; the sample rules give 2 hours to judge, 3 working days (minor) or 24 hours
(major) to clear, counted from the find, and 2 working days to verify.
"""

import datetime as dt
import uuid

import pytest

from honghu.base.problems import Invalid
from honghu.kernel.cases.models import Deadline
from honghu.kernel.cases.rows import Light
from honghu.kernel.cases.tests.straw import NOW, SOURCE, Straw
from honghu.kernel.cases.tests.untouched import nothing_changes
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.commands import publish_register
from honghu.kernel.rulesets.commands import publish_rules

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def honghu(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> dt.datetime:
    """An instant by the clock on the wall in Honghu."""
    zone = dt.timezone(dt.timedelta(hours=8))
    return dt.datetime(year, month, day, hour, minute, tzinfo=zone)


def clocks(case_id: uuid.UUID) -> list[tuple[str, str]]:
    rows = Deadline.objects.filter(case_id=case_id).order_by("started_at", "id")
    return [(row.code, row.status) for row in rows]


def test_entering_a_state_starts_its_clock(straw: Straw) -> None:
    done = straw.open()
    row = straw.row(done.case_id)
    assert row.due_at == NOW + 2 * HOUR
    (deadline,) = straw.see(done.case_id).deadlines
    assert (deadline.code, deadline.rule, deadline.status) == (
        "registered",
        "straw_burning.triage",
        "running",
    )
    assert deadline.duration == "2 hours"


def test_the_rule_follows_the_choice_and_the_start_the_fact(straw: Straw) -> None:
    """Found on Sunday at 20:00, issued on Monday: the term counts from the find."""
    found = honghu(2026, 5, 31, 20)
    major = straw.issued("major", found_at=found.isoformat())
    minor = straw.issued("minor", found_at=found.isoformat())
    assert straw.row(major).due_at == found + DAY
    # Three working days after Sunday: Monday, Tuesday, Wednesday, to the close of business.
    assert straw.row(minor).due_at == honghu(2026, 6, 3, 18)


def test_in_time_is_met_and_late_is_missed(straw: Straw) -> None:
    quick, slow = straw.open().case_id, straw.open().case_id
    form = {"severity": "minor", "responsible": straw.town()}
    straw.do(quick, "issue", "chief", form, now=NOW + 2 * HOUR)
    straw.do(slow, "issue", "chief", form, now=NOW + 2 * HOUR + dt.timedelta(microseconds=1))
    assert clocks(quick) == [("registered", "met"), ("issued", "running")]
    assert clocks(slow) == [("registered", "missed"), ("issued", "running")]


def test_parking_stops_the_clock_and_resuming_moves_it_by_working_days(straw: Straw) -> None:
    """Due Thursday 4 June; parked on Tuesday with two working days left, resumed a week later."""
    case_id = straw.issued("minor", found_at=NOW.isoformat())
    assert straw.row(case_id).due_at == honghu(2026, 6, 4, 18)
    straw.do(case_id, "park", "officer", {"reason": "等雨停"}, now=honghu(2026, 6, 2, 10))
    parked = straw.row(case_id)
    assert (parked.due_at, parked.light) == (None, Light.NONE)
    assert clocks(case_id)[-1] == ("issued", "suspended")
    straw.do(case_id, "resume", "officer", now=honghu(2026, 6, 9, 10))
    # Tuesday to Tuesday suspends five working days: Thursday 4 + 5 = Thursday 11 June.
    assert straw.row(case_id).due_at == honghu(2026, 6, 11, 18)
    assert clocks(case_id) == [("registered", "met"), ("issued", "running")]


def test_a_clock_that_had_run_out_is_not_revived(straw: Straw) -> None:
    case_id = straw.issued("major", found_at=NOW.isoformat())
    straw.do(case_id, "park", "officer", {"reason": "等雨停"}, now=NOW + 30 * HOUR)
    straw.do(case_id, "resume", "officer", now=NOW + 60 * HOUR)
    assert straw.row(case_id).due_at == NOW + DAY
    straw.now = NOW + 61 * HOUR
    assert straw.row(case_id).light is Light.RED


def test_returning_to_another_state_drops_the_clock_of_the_one_that_was_left(
    straw: Straw,
) -> None:
    """What was suspended belongs to its own state: nobody is late for a turn that is over."""
    publish_register(
        source=SOURCE.replace("version: 1\n", "version: 2\n").replace(
            "    from: parked\n    to: issued\n", "    from: parked\n    to: registered\n"
        ),
        actor=SYSTEM,
        now=NOW,
    )
    case_id = straw.issued()
    straw.do(case_id, "park", "officer", {"reason": "等雨停"})
    straw.do(case_id, "resume", "officer", now=NOW + HOUR)
    assert clocks(case_id) == [
        ("registered", "met"),
        ("issued", "cancelled"),
        ("registered", "running"),
    ]
    assert straw.row(case_id).due_at == NOW + 3 * HOUR


def test_the_end_ends_all_clocks(straw: Straw) -> None:
    case_id = straw.issued()
    straw.submit(case_id)
    straw.verify(case_id)
    row = straw.row(case_id)
    assert (row.due_at, row.light) == (None, Light.NONE)
    assert [status for _code, status in clocks(case_id)] == ["met", "met", "met"]


def test_a_round_back_starts_the_clock_again(straw: Straw) -> None:
    case_id = straw.issued()
    straw.submit(case_id)
    straw.verify(case_id, result="failed")
    assert clocks(case_id) == [
        ("registered", "met"),
        ("issued", "met"),
        ("submitted", "met"),
        ("issued", "running"),
    ]


def test_a_note_moves_no_clock(straw: Straw) -> None:
    case_id = straw.issued()
    before = list(Deadline.objects.filter(case_id=case_id).order_by("id").values())
    straw.do(case_id, "note", "xiaogang", {"text": "正在调集机械"}, now=NOW + HOUR)
    assert list(Deadline.objects.filter(case_id=case_id).order_by("id").values()) == before


def test_the_lights_follow_the_amber_share(straw: Straw) -> None:
    """Amber from 80 % of the two hours on, red after them."""
    case_id = straw.open().case_id
    for minutes, light in (
        (95, Light.GREEN),
        (96, Light.AMBER),
        (120, Light.AMBER),
        (121, Light.RED),
    ):
        straw.now = NOW + dt.timedelta(minutes=minutes)
        assert straw.row(case_id).light is light, minutes


def test_a_term_into_a_year_without_calendar_is_provisional(straw: Straw) -> None:
    """The State Council has published no calendar of 2031 yet."""
    found = honghu(2030, 12, 31, 9)
    straw.now = found
    case_id = straw.issued("minor", found_at=found.isoformat())
    row = straw.row(case_id)
    assert row.due_provisional
    assert row.due_at is not None
    assert straw.see(case_id).deadlines[-1].provisional


def test_a_published_year_is_not_provisional(straw: Straw) -> None:
    assert not straw.row(straw.issued()).due_provisional


@pytest.mark.parametrize("found_at", ["9999-12-31T23:00:00+08:00", "0001-01-02T09:00:00+08:00"])
def test_a_find_at_an_end_of_time_is_refused_beside_its_field(straw: Straw, found_at: str) -> None:
    evidence = {"before": [straw.picture()]}
    with nothing_changes(), pytest.raises(Invalid) as refusal:
        straw.open(form=straw.finding(found_at=found_at), evidence=evidence)
    assert set(refusal.value.fields) == {"found_at"}


def test_a_find_before_the_rule_book_began_is_late_at_once(straw: Straw) -> None:
    case_id = straw.open(form=straw.finding(found_at="1901-01-02T09:00:00+08:00")).case_id
    form = {"severity": "minor", "responsible": straw.town()}
    assert straw.do(case_id, "issue", "chief", form).state == "issued"
    assert straw.row(case_id).light is Light.RED


class TestDueByAFact:
    """A clock whose due day the case itself states; the day belongs to the term, to 24:00."""

    @pytest.fixture
    def straw(self, straw: Straw) -> Straw:
        publish_register(
            source=SOURCE.replace("version: 1\n", "version: 2\n")
            .replace(
                "roles:\n",
                "  promised_on:\n    title: {zh: 承诺日期, en: Promised on}\n    type: date\nroles:\n",
                1,
            )
            .replace(
                "facts: [severity, responsible]", "facts: [severity, responsible, promised_on]"
            )
            .replace(
                "clock: {rule: straw_burning.clear, by: severity, starts: found_at}",
                "clock: {due: promised_on}",
            ),
            actor=SYSTEM,
            now=NOW,
        )
        return straw

    def issue(self, straw: Straw, promised_on: str | None) -> uuid.UUID:
        case_id = straw.open().case_id
        town = {"severity": "minor", "responsible": straw.town(), "promised_on": promised_on}
        straw.do(case_id, "issue", "chief", town)
        return case_id

    def test_the_whole_day_belongs_to_the_term(self, straw: Straw) -> None:
        assert straw.row(self.issue(straw, "2026-06-05")).due_at == honghu(2026, 6, 6)

    def test_an_unknown_day_starts_no_clock(self, straw: Straw) -> None:
        row = straw.row(self.issue(straw, None))
        assert (row.due_at, row.light) == (None, Light.NONE)

    def test_a_promised_day_does_not_move_when_the_case_is_parked(self, straw: Straw) -> None:
        case_id = self.issue(straw, "2026-06-20")
        before = straw.see(case_id).deadlines[-1]
        straw.do(case_id, "park", "officer", {"reason": "等雨停"})
        straw.do(case_id, "resume", "officer", now=NOW + 3 * DAY)
        after = straw.see(case_id).deadlines[-1]
        assert after.due_at == before.due_at == honghu(2026, 6, 21)
        assert after.light is before.light is Light.GREEN

    def test_the_last_day_of_time_is_refused_beside_its_field(self, straw: Straw) -> None:
        with pytest.raises(Invalid) as refusal:
            self.issue(straw, "9999-12-31")
        assert set(refusal.value.fields) == {"promised_on"}


def test_while_a_case_is_parked_its_clock_does_not_run_towards_amber(straw: Straw) -> None:
    """Twice parked for two days; then prolonged. The warning is a fifth of the time that ran."""
    case_id = straw.issued()

    def clock() -> Deadline:
        return Deadline.objects.get(case_id=case_id, status="running")

    for day, stood in ((2, 2 * DAY), (8, 4 * DAY)):
        straw.do(case_id, "park", "officer", {"reason": "等雨停"}, now=honghu(2026, 6, day, 10))
        straw.do(case_id, "resume", "officer", now=honghu(2026, 6, day + 2, 10))
        due = clock().due_at
        assert clock().amber_at == due - (due - NOW - stood) / 5
    before = clock().due_at
    straw.now = honghu(2026, 6, 10, 11)
    straw.do(case_id, "ask_extension", "xiaogang", {"reason": "大风"})
    straw.do(case_id, "grant_extension", "officer", {"extension": "2 working_days"})
    longer = clock().due_at
    assert longer > before
    assert clock().amber_at == longer - (longer - NOW - 4 * DAY) / 5


_OF_THE_COUNTY = """
domain: kernel
rules:
  - code: amber_share
    title: {zh: 黄灯, en: Amber}
    unit: ratio
    rows: [{value: 0.5, from: 2026-01-01, region: "421083", source: 测试, mark: D}]
  - code: office_hours
    title: {zh: 办公时间, en: Office hours}
    unit: hours_of_day
    rows: [{value: "09:00-16:00", from: 2026-01-01, region: "421083", source: 测试, mark: D}]
"""


def test_a_countys_own_rows_hold_at_the_start_and_at_an_extension(straw: Straw) -> None:
    """Half of the time that the clock runs, and the close of business, as this county has them."""
    publish_rules(_OF_THE_COUNTY, now=NOW, approved_by=None)
    case_id = straw.issued()

    def clock() -> Deadline:
        return Deadline.objects.get(case_id=case_id, status="running")

    started = clock()
    assert started.due_at == dt.datetime(2026, 6, 4, 8, 0, tzinfo=dt.UTC)
    assert started.amber_at == NOW + (started.due_at - NOW) / 2
    straw.do(case_id, "ask_extension", "xiaogang", {"reason": "大风"})
    straw.do(case_id, "grant_extension", "officer", {"extension": "2 working_days"})
    extended = clock()
    assert extended.due_at == dt.datetime(2026, 6, 8, 8, 0, tzinfo=dt.UTC)
    assert extended.amber_at == NOW + (extended.due_at - NOW) / 2
