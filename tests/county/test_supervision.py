"""Rows 40 to 43 of the county's page of June 2023, out of invented meetings."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from honghu.analytics.figure import Scope
from honghu.analytics.queries import figure_rows, measure
from honghu.analytics.registry import get_figure
from honghu.domains.supervision.figures import FIGURES
from honghu.domains.supervision.module import MODULE
from honghu.kernel.cases.queries import find_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.sample import supervision
from honghu.site.sample.county import SampleCounty
from tests.county.filled import empty_registers

CHINA = ZoneInfo("Asia/Shanghai")
PAGE = Scope(start=dt.datetime(2023, 1, 1, tzinfo=CHINA), end=dt.datetime(2023, 7, 1, tzinfo=CHINA))
ELAPSED = Decimal(181) / 365


@pytest.fixture
def met(shipped: None) -> None:
    county = SampleCounty()
    supervision.load(county)


@pytest.mark.slow
def test_figures_of_the_page_come_out_of_minutes(met: None) -> None:
    said = {
        "supervision.campaign_year.antiporn": 2023,
        "supervision.done_rate.antiporn": Decimal("0.5"),
        "supervision.reports.agriculture": 7,
        "supervision.pledges.antiporn": 4,
        "supervision.competitions": 6,
        "supervision.sign_rate": 1,
        "supervision.on_time_rate": 1,
    }
    for code, value in said.items():
        assert measure(get_figure(code), PAGE).value == value, code
    half = measure(get_figure("supervision.done_rate.antiporn"), PAGE)
    assert half.value is not None
    assert half.value >= ELAPSED, "half the time, half the work"
    assert half.numerator == supervision.CONCLUDED
    assert half.denominator == 12
    before = Scope(end=dt.datetime(2023, 4, 1, tzinfo=CHINA))
    assert measure(get_figure("supervision.done_rate.antiporn"), before).value == 0

    for figure in FIGURES:
        value = measure(figure, PAGE)
        rows = figure_rows(figure, PAGE, limit=1000)
        assert len(rows) == value.row_count > 0, figure.code
        assert sum(row.numerator or 0 for row in rows) == value.numerator, figure.code
    returned = [
        row
        for row in figure_rows(get_figure("supervision.return_rate"), PAGE)
        if row.numerator == 1
    ]
    assert len(returned) == 2

    # From the figure to the words of the minutes.
    row = figure_rows(get_figure("supervision.competitions"), PAGE)[0]
    assert row.case_id is not None
    task = find_case(row.case_id, actor=SYSTEM, now=PAGE.end)
    (item,) = (each for each in supervision.GATHERINGS[2].items if each.words == row.subject)
    assert task.facts["decision"].startswith(f"{item.words}。由{item.lead}牵头")
    assert task.facts["due_on"] == item.due.isoformat()
    assert empty_registers(MODULE) == ["supervision-urging"], "other domains are late, not this one"
