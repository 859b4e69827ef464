"""Patrols: what counts, what is due, and what happens when a receiver fails or a chief changes."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.base.earth import Point, metres_between
from honghu.base.problems import NotFound
from honghu.domains.rivers.commands.patrols import UnableToFilePatrol
from honghu.domains.rivers.commands.posts import UnableToPlan
from honghu.domains.rivers.models import PatrolQuota, PatrolRecord
from honghu.domains.rivers.queries import posts_offered, sections_offered
from honghu.domains.rivers.readers import TrackUnreadable, read_track
from honghu.domains.rivers.rules.patrols import (
    Fix,
    Frequency,
    Period,
    required_patrols,
    way_of,
)
from honghu.domains.rivers.rules.places import Picture, pair_pictures
from honghu.domains.rivers.tests.cast import Cast, track
from honghu.kernel.cases.files import visible_use
from honghu.kernel.cases.models import Case
from honghu.kernel.cases.permissions import SameHands
from honghu.kernel.cases.queries import find_case
from honghu.kernel.documents.queries import documents_of_case
from honghu.kernel.evidence.queries import uses_of_case
from honghu.kernel.modules.module import Offering

PERIODS: list[Period] = ["quarter", "month", "ten_days", "week"]
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))


def _patrol(
    cast: Cast, post: str, who: str, *, minutes: int = 45, metres: int = 2700
) -> PatrolRecord:
    """Somebody files a track that ends now."""
    start = cast.now - dt.timedelta(minutes=minutes)
    content = track(start, minutes=minutes, metres=metres)
    shown = cast.file(who, content, "patrol.gpx", "track")
    form = {"post_number": post, "mode": "online", "observations": "水面清洁", "findings": 0}
    case = cast.open("river-patrol", "file_track", who, form, evidence={"track": [shown]})
    return PatrolRecord.objects.get(pk=case)


def test_posts_and_sections_are_offered_by_name(cast: Cast) -> None:
    cast.section("FK-01-2", seq=2, begins="陈赵桥", ends="大武闸")
    own = cast.post("village_chief", "village")
    town = cast.post("town_chief", "town")

    def offered(offer: Offering, who: str) -> dict[str, str]:
        return dict(offer(actor=cast.actor(who), now=cast.now, detail=None))

    assert set(offered(posts_offered, "village_chief")) == {own.number}, "own posts alone"
    assert set(offered(posts_offered, "clerk")) == {own.number, town.number}
    assert "中府河" in offered(posts_offered, "village_chief")[own.number]
    sections = offered(sections_offered, "clerk")
    assert sections["FK-01-2"] == "中府河 陈赵桥—大武闸（FK-01-2）"
    cast.do(own.id, "leave", "clerk", {"to_on": cast.now.date().isoformat()})
    assert offered(posts_offered, "village_chief") == {}, "a post that was left is none"


def test_time_and_way_come_from_the_track(cast: Cast) -> None:
    post = cast.post("village_chief", "village").number
    record = _patrol(cast, post, "village_chief")
    assert (record.minutes, record.valid, record.reasons) == (45, True, [])
    assert abs(record.metres - 2700) <= 3
    cast.later(hours=3)
    assert _patrol(cast, post, "village_chief").reasons == ["too_soon"]
    cast.later(days=7)
    short = _patrol(cast, post, "village_chief", minutes=12, metres=300)
    assert short.reasons == ["too_short_in_time", "too_short_in_way"]
    assert Case.objects.get(pk=short.case_id).facts["is_valid"] is False
    # What does not count does not stop the next one from counting.
    assert _patrol(cast, post, "village_chief").valid


def test_a_short_section_is_patrolled_to_its_end(cast: Cast) -> None:
    cast.section("FK-01-9", length_m=400, seq=9)
    post = cast.post("village_chief", "village", "FK-01-9").number
    assert _patrol(cast, post, "village_chief", metres=410).valid


def test_only_own_patrols_of_a_held_post_count(cast: Cast) -> None:
    post = cast.post("town_chief", "town")
    assert _patrol(cast, post.number, "village_chief").reasons == ["not_own"]
    cast.do(post.id, "leave", "clerk", {"to_on": "2023-06-05"})
    with pytest.raises(UnableToFilePatrol):
        _patrol(cast, post.number, "town_chief")


def test_edge_gps_loss_needs_a_second_signature(cast: Cast) -> None:
    """A paper patrol counts once a witness of the same organisation, not its filer, has signed."""
    post = cast.post("village_chief", "village").number
    form = {
        "post_number": post,
        "started_at": "2023-06-05T07:30:00+08:00",
        "ended_at": "2023-06-05T08:20:00+08:00",
        "metres": 2600,
        "observations": "定位失效，步行巡查",
        "findings": 0,
        "paper_reason": "手机无信号",
    }
    paper = {"paper": [cast.file("village_chief")]}
    case = cast.open("river-patrol", "file_paper", "village_chief", form, evidence=paper)
    assert not PatrolRecord.objects.filter(pk=case).exists()
    with pytest.raises(NotFound):
        cast.do(case, "countersign", "town_chief")
    row = cast.do(case, "countersign", "witness")
    assert (row.state, row.facts["is_valid"], row.facts["mode"]) == ("kept", True, "paper")


def test_edge_the_filer_cannot_be_the_witness(cast: Cast) -> None:
    cast.appoint("village_chief", "patrol_witness")
    post = cast.post("village_chief", "village").number
    form = {
        "post_number": post,
        "started_at": "2023-06-05T07:30:00+08:00",
        "ended_at": "2023-06-05T08:20:00+08:00",
        "metres": 2600,
        "observations": "步行巡查",
        "findings": 0,
        "paper_reason": "手机无信号",
    }
    paper = {"paper": [cast.file("village_chief")]}
    case = cast.open("river-patrol", "file_paper", "village_chief", form, evidence=paper)
    with pytest.raises(SameHands):
        cast.do(case, "countersign", "village_chief")


def test_edge_chief_change_mid_period(cast: Cast) -> None:
    """Both chiefs of a period owe together what one would owe alone."""
    leaving = cast.post("town_chief", "town")
    plan = {"post_number": leaving.number, "from_on": "2023-04-01", "to_on": "2023-06-30"}
    case = cast.open("patrol-plan", "plan", "clerk", plan)
    assert cast.see(case).facts["patrols_due"] == "9"
    with pytest.raises(UnableToPlan):
        cast.open("patrol-plan", "plan", "clerk", plan)
    cast.do(leaving.id, "leave", "clerk", {"to_on": "2023-06-14"})
    cut = cast.see(case)
    assert (cut.facts["to_on"], cut.facts["patrols_due"]) == ("2023-06-14", "7.4")
    successor = cast.post("mayor", "town", from_on="2023-06-15")
    rest = {"post_number": successor.number, "from_on": "2023-06-15", "to_on": "2023-06-30"}
    after = cast.see(cast.open("patrol-plan", "plan", "clerk", rest))
    assert Decimal(cut.facts["patrols_due"]) + Decimal(after.facts["patrols_due"]) == 9
    assert PatrolQuota.objects.filter(plan_id=case).count() == 2


def test_a_plan_is_reported_with_its_log_and_assessed_by_the_city(cast: Cast) -> None:
    post = cast.post("village_chief", "village").number
    plan = {"post_number": post, "from_on": "2023-06-05", "to_on": "2023-06-18"}
    case = cast.open("patrol-plan", "plan", "clerk", plan)
    _patrol(cast, post, "village_chief")
    cast.later(days=5)
    _patrol(cast, post, "village_chief", metres=100)
    cast.later(days=8)
    log = {"log": [cast.file("village_chief")]}
    row = cast.do(case, "report", "village_chief", evidence=log)
    assert (row.facts["patrols_due"], row.facts["patrols_valid"]) == ("2", 1)
    (paper,) = documents_of_case(case)
    assert paper.content is not None
    assert len(paper.content.body) == 2
    assert "里程不足" in paper.content.body[1]
    proof = {"proof": [cast.file("clerk")]}
    row = cast.do(case, "assess", "clerk", {"result": "passed"}, evidence=proof)
    assert row.state == "assessed"


@given(
    first=DAYS,
    lengths=st.tuples(st.integers(1, 200), st.integers(1, 200)),
    period=st.sampled_from(PERIODS),
)
def test_patrols_due_add_up_wherever_a_period_is_divided(
    first: dt.date, lengths: tuple[int, int], period: Period
) -> None:
    frequency = Frequency(3, period)
    middle = first + dt.timedelta(days=lengths[0])
    last = middle + dt.timedelta(days=lengths[1])
    before = required_patrols(first, middle - dt.timedelta(days=1), frequency)
    after = required_patrols(middle, last, frequency)
    # Each of the three is rounded once.
    assert abs(before + after - required_patrols(first, last, frequency)) <= Decimal("0.00015")


def _point(longitude: float, latitude: float) -> Point:
    return Point(Decimal(longitude), Decimal(latitude))


@given(st.floats(-179, 179), st.floats(-80, 80), st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
def test_distance_is_symmetric_and_zero_at_home(
    lon: float, lat: float, dlon: float, dlat: float
) -> None:
    here, there = _point(lon, lat), _point(lon + dlon, lat + dlat)
    assert metres_between(here, here) == 0
    assert metres_between(here, there) == pytest.approx(metres_between(there, here), abs=1e-6)
    assert metres_between(here, _point(lon, lat + 0.001)) == pytest.approx(111.2, abs=0.1)


def test_an_unknown_place_is_never_taken_for_a_near_one() -> None:
    here, near = _point(113.35, 30.08), _point(113.3503, 30.08)
    far = _point(113.36, 30.08)
    before = [Picture("b1", here), Picture("b2", None), Picture("b3", far)]
    after = [Picture("a1", near), Picture("a2", None)]
    pairs = pair_pictures(before, after, metres_max=50)
    assert [(pair.after, pair.verdict) for pair in pairs] == [
        ("a1", "paired"),
        (None, "unknown"),
        (None, "unknown"),
    ]
    (apart,) = pair_pictures(before[2:], after[:1], metres_max=50)
    assert (apart.verdict, apart.after) == ("apart", "a1")


@pytest.mark.parametrize(
    "content",
    [
        b"not xml",
        b'<!DOCTYPE x [<!ENTITY a "b">]><gpx><trkpt>&a;</trkpt></gpx>',
        b"<gpx><trk/></gpx>",
        track(dt.datetime(2023, 6, 5, tzinfo=dt.UTC), minutes=9, metres=9).replace(b"<time>", b"<t>").replace(b"</time>", b"</t>"),
        track(dt.datetime(2023, 6, 5, tzinfo=dt.UTC), minutes=9, metres=9).replace(b'lat="30.08"', b'lat="nan"'),
    ],
    ids=["no-xml", "entities", "empty", "no-times", "nan"],
)  # fmt: skip
def test_a_track_that_proves_nothing_is_refused(content: bytes) -> None:
    with pytest.raises(TrackUnreadable):
        read_track(content)


def test_the_order_of_points_does_not_lengthen_a_track() -> None:
    fixes = read_track(track(dt.datetime(2023, 6, 5, tzinfo=dt.UTC), minutes=30, metres=2000))
    assert way_of(fixes) == way_of([list(reversed(stretch)) for stretch in fixes])


def test_a_pause_counts_neither_as_way_nor_as_time() -> None:
    """Two stretches of twenty minutes, an hour and two kilometres apart."""
    start = dt.datetime(2023, 6, 5, 1, tzinfo=dt.UTC)
    (first,) = read_track(track(start, minutes=20, metres=900))
    (second,) = read_track(track(start + dt.timedelta(minutes=80), minutes=20, metres=900))
    moved = [
        Fix(fix.at, Point(fix.point.longitude + Decimal("0.02"), fix.point.latitude))
        for fix in second
    ]
    way = way_of([moved, first])
    assert (way.minutes, way.paused) == (40, dt.timedelta(hours=1))
    assert abs(way.metres - 1800) <= 2
    assert (way.started_at, way.ended_at) == (first[0].at, second[-1].at)
    # What was made twice at once was made once.
    assert way_of([first, first]).metres == way_of([first]).metres


def test_a_track_is_read_by_its_own_office_alone(cast: Cast) -> None:
    """行踪轨迹 is sensitive (PIPL article 28): the city's office sees the patrol, not the ways."""
    record = _patrol(cast, cast.post("village_chief", "village").number, "village_chief")
    (track_used,) = uses_of_case(record.case_id)
    assert visible_use(track_used.sha256, actor=cast.actor("village_chief")).kind == "track"
    clerk = cast.actor("clerk")
    assert find_case(record.case_id, actor=clerk, now=cast.now).state == "kept"
    with pytest.raises(NotFound):
        visible_use(track_used.sha256, actor=clerk)
