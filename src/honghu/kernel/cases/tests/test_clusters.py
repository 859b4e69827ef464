"""A map tells what its list tells: the same cases, the same lights, whatever the way of counting."""

import dataclasses
import datetime as dt
import itertools
from collections import Counter
from typing import Any

import pytest

from honghu.base.spots import Box, read_box, spot_of
from honghu.kernel.cases import clusters
from honghu.kernel.cases.clusters import CaseMap, has_places, map_cases
from honghu.kernel.cases.conditions import CaseFilter
from honghu.kernel.cases.queries import list_cases
from honghu.kernel.cases.rows import CaseRow, Light
from honghu.kernel.cases.tests.straw import NOW, Straw, settle_straw
from honghu.kernel.cases.tests.test_budgets import statements
from honghu.kernel.registers.queries import get_register

COUNTY = read_box("113.1,29.6,114.1,30.2")
LATER = NOW + dt.timedelta(hours=3)
"""The two hours to judge a fire are over; the three days to clear one are not."""


@pytest.fixture
def fires(request: pytest.FixtureRequest, settled_fires: Any) -> Straw:
    """The fires, and those who fight them."""
    return settled_fires.value.afresh() if settled_fires.enter(request) else _light()


@pytest.fixture(scope="session")
def settled_fires(settle_once: Any) -> Any:
    """The fires, once for the session."""
    return settle_once(_light)


def _light() -> Straw:
    """Nine fires: five near one another, two on one spot, one far off, one outside the county."""
    straw = settle_straw()
    near = [f"113.40{number},29.80{number}" for number in range(5)]
    for place in (*near, "113.8,30.1", "113.8,30.1", "113.2,30.0", "112.0,29.9"):
        straw.open(form=straw.finding(place=place))
    straw.issued(place="113.9,29.7")
    return straw


def seen(
    straw: Straw, wanted: CaseFilter | None = None, *, box: Box = COUNTY, who: str = "officer"
) -> tuple[CaseMap, list[CaseRow]]:
    """The map, and the rows that a list without pages has in its box."""
    register = get_register(straw.register)
    filtered = dataclasses.replace(wanted or CaseFilter(), box=box)
    actor = straw.cast[who]
    found = map_cases(register, actor=actor, now=LATER, box=box, wanted=wanted)
    return found, list(list_cases(register, actor=actor, now=LATER, wanted=filtered).rows)


@pytest.mark.parametrize("counted_to", [10_000, 3], ids=["exact", "square by square"])
@pytest.mark.parametrize(
    "wanted",
    [
        CaseFilter(),
        CaseFilter(light=Light.RED),
        CaseFilter(light=Light.GREEN, open_only=True),
        CaseFilter(states=("in_progress",)),
        CaseFilter(states=("in_progress", "registered")),
        CaseFilter(text="小港"),
        CaseFilter(facts={"source": "patrol"}),
    ],
    ids=str,
)
def test_a_map_counts_what_the_list_shows(
    fires: Straw, wanted: CaseFilter, counted_to: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "COUNTED_TO", counted_to)
    found, rows = seen(fires, wanted)
    assert found.shown == len(rows)
    assert not found.shown_is_more
    lights = Counter(itertools.chain(*(Counter(each.lights).elements() for each in found.clusters)))
    assert lights == Counter(row.light for row in rows)
    alone = [each.case for each in found.clusters if each.count == 1]
    assert {each.id for each in alone if each} <= {row.id for row in rows}
    assert None not in alone
    for each in found.clusters:
        west, south, east, north = each.extent
        assert west <= each.longitude <= east
        assert south <= each.latitude <= north
    if counted_to > 3:
        whole = list_cases(
            get_register(fires.register), actor=fires.cast["officer"], now=LATER, wanted=wanted
        )
        assert (found.total, found.placed) == (whole.total, whole.total)


def test_places_apart_are_apart_when_looked_at_closely(fires: Straw) -> None:
    found, _rows = seen(fires)
    whole = sorted(each.count for each in found.clusters)
    assert whole == [1, 1, 2, 5]
    twins = next(each for each in found.clusters if each.count == 2)
    assert twins.extent[:2] == twins.extent[2:]
    crowd = next(each for each in found.clusters if each.count == 5)
    assert crowd.extent[:2] != crowd.extent[2:]
    close, rows = seen(fires, box=Box(*crowd.extent))
    assert len(close.clusters) == len(rows) == 5
    assert {spot_of(row.facts["place"]) for row in rows} == {
        spot_of(each.case.facts["place"]) for each in close.clusters if each.case
    }


def test_a_town_sees_its_own_fires_on_the_map_and_a_stranger_none(fires: Straw) -> None:
    own, rows = seen(fires, who="xiaogang")
    assert own.shown == len(rows) == 1
    assert seen(fires, who="passer-by")[0].shown == 0


def test_a_crowded_square_says_that_there_are_more(
    fires: Straw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "COUNTED_TO", 3)
    monkeypatch.setattr(clusters, "SQUARE_COUNTED_TO", 2)
    found, _rows = seen(fires)
    assert found.more_than
    assert {each.is_more for each in found.clusters if each.count > 2} == {True}
    assert found.shown_is_more


def test_a_map_costs_three_queries(fires: Straw, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(fires)
    register, actor = get_register(fires.register), fires.cast["officer"]
    monkeypatch.setattr(clusters, "COUNTED_TO", 3)
    cost = statements(lambda: map_cases(register, actor=actor, now=LATER, box=COUNTY))
    assert len(cost) == 3, cost
    assert has_places(register)
