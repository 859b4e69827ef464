"""Urban management on the county's page of June 2023: four problem rows, and a completed marking."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from honghu.analytics.figure import Scope
from honghu.analytics.queries import figure_rows, measure
from honghu.analytics.registry import get_figure
from honghu.domains.urban.figures import FIGURES
from honghu.domains.urban.module import MODULE
from honghu.kernel.cases.queries import find_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.sample import urban
from honghu.site.sample.county import SampleCounty
from tests.county.filled import empty_registers

CHINA = ZoneInfo("Asia/Shanghai")
PAGE = Scope(start=dt.datetime(2023, 1, 1, tzinfo=CHINA), end=dt.datetime(2023, 7, 1, tzinfo=CHINA))
EARLY = Scope(end=dt.datetime(2023, 3, 12, tzinfo=CHINA))


@pytest.fixture
def cleaned(shipped: None) -> None:
    county = SampleCounty()
    urban.load(county)


@pytest.mark.slow
def test_problems_and_marking_come_out_of_the_cases(cleaned: None) -> None:
    rows = figure_rows(get_figure("urban.problems"), PAGE)
    seen = [find_case(row.case_id, actor=SYSTEM, now=PAGE.end) for row in rows if row.case_id]
    assert {row.facts["problem"] for row in seen} == {each.problem for each in urban.PROBLEMS}
    for row in seen:
        named = ("cause", "measure", "meeting", "deciders", "responsible")
        assert all(row.facts[name] for name in named), row.number
        assert row.facts["decided_on_site"] is True
        assert row.facts["similar"] is None
    said = {
        "problems": 4,
        "closing_rate": 1,
        "on_time_rate": 1,
        "rework_rate": 0,
        "extension_rate": 0,
        "filing_accuracy": 1,
        "wrong_dispatch_rate": 0,
        "on_site_share": 1,
        "satisfaction_rate": 1,
        "marking_rate": 1,
        "demarking_rate": 1,
        "activities": 3,
    }
    assert {f"urban.{name}" for name in said} == {figure.code for figure in FIGURES}
    for name, value in said.items():
        figure = get_figure(f"urban.{name}")
        measured = measure(figure, PAGE)
        behind = figure_rows(figure, PAGE)
        assert measured.value == value, name
        assert len(behind) == measured.row_count > 0, name
        assert sum(row.numerator or 0 for row in behind) == measured.numerator, name
    marked = measure(get_figure("urban.marking_rate"), PAGE)
    assert marked.denominator == urban.VEHICLES, "the retired vehicle is in neither part"
    early = measure(get_figure("urban.marking_rate"), EARLY)
    assert early.value is not None
    assert 0 < early.value < 1
    assert empty_registers(MODULE) == []
