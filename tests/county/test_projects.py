"""Rows 5 and 6 of the county's page of June 2023, out of invented projects."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from honghu.analytics.figure import Aggregate, Scope
from honghu.analytics.queries import figure_rows, measure
from honghu.analytics.registry import get_figure
from honghu.domains.projects.figures import FIGURES
from honghu.domains.projects.module import MODULE
from honghu.domains.projects.queries import ratings_of
from honghu.kernel.cases.queries import find_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.sample import projects
from honghu.site.sample.county import SampleCounty
from tests.county.filled import empty_registers

CHINA = ZoneInfo("Asia/Shanghai")
PAGE = Scope(start=dt.datetime(2023, 1, 1, tzinfo=CHINA), end=dt.datetime(2023, 7, 1, tzinfo=CHINA))


@pytest.fixture
def served(shipped: None) -> None:
    county = SampleCounty()
    projects.load(county)


@pytest.mark.slow
def test_figures_of_the_page_come_out_of_projects(served: None) -> None:
    named = figure_rows(get_figure("projects.reported"), PAGE)
    assert measure(get_figure("projects.reported"), PAGE).value == 3
    assert {row.subject for row in named} == {each.name for each in projects.SKETCHES}

    same_day = get_figure("projects.days_to_agreement.gate")
    assert measure(same_day, PAGE).value == 0
    (row,) = figure_rows(same_day, PAGE)
    assert row.case_id is not None
    issue = find_case(row.case_id, actor=SYSTEM, now=PAGE.end)
    assert issue.state == "closed"
    assert issue.facts["source"] == "gate"
    assert issue.title.startswith(projects.LACKING.name)
    _check_rows()
    assert empty_registers(MODULE) == []


def _check_rows() -> None:
    """Each figure is the aggregate of its rows; what nothing can be said of yet is null."""
    for figure in FIGURES:
        value = measure(figure, PAGE)
        rows = figure_rows(figure, PAGE, limit=1000)
        if figure.code in {"projects.completion_rate", "projects.production_rate"}:
            assert (value.value, rows) == (None, []), "no completion was planned so early"
            continue
        assert len(rows) == value.row_count > 0, figure.code
        assert sum(row.numerator or 0 for row in rows) == value.numerator, figure.code
        if figure.aggregate is Aggregate.SHARE:
            assert value.value is not None
            assert value.value >= 0
    half = sum(each.half_wan for each in projects.SKETCHES)
    plan = sum(each.annual_wan for each in (*projects.SKETCHES, projects.LACKING))
    rate = measure(get_figure("projects.investment_rate"), PAGE)
    assert rate.numerator == half * 1_000_000
    assert rate.value == pytest.approx(Decimal(half) / plan)
    against = measure(get_figure("projects.schedule_ratio"), PAGE)
    assert against.value == pytest.approx(Decimal(half) / plan / (Decimal(181) / 365))
    assert measure(get_figure("projects.start_rate"), PAGE).value == Decimal(3) / 4
    assert measure(get_figure("projects.issue_closure_rate"), PAGE).value == 1
    for row in figure_rows(get_figure("projects.reported"), PAGE):
        assert row.case_id is not None
        lights = [each.light for each in ratings_of(row.case_id)]
        assert lights == [None, *["green"] * 5], "nothing is scheduled in January"
