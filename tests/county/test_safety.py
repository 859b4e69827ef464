"""Rows 33 to 35 of the county's page of June 2023, and the figures of hazards beside them."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from honghu.analytics.figure import Aggregate, Scope
from honghu.analytics.queries import figure_rows, measure
from honghu.analytics.registry import get_figure
from honghu.domains.safety.figures import FIGURES
from honghu.domains.safety.module import MODULE
from honghu.domains.safety.queries import campaign_cells
from honghu.kernel.cases.queries import cases_with_fact, find_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.sample import safety
from honghu.site.sample.county import SampleCounty
from tests.county.filled import empty_registers

CHINA = ZoneInfo("Asia/Shanghai")
PAGE = Scope(start=dt.datetime(2023, 1, 1, tzinfo=CHINA), end=dt.datetime(2023, 7, 1, tzinfo=CHINA))
BEFORE = Scope(end=dt.datetime(2023, 5, 1, tzinfo=CHINA))
JUNE = Scope(start=dt.datetime(2023, 6, 1, tzinfo=CHINA), end=PAGE.end)


def value(code: str, scope: Scope = PAGE) -> Decimal | None:
    return measure(get_figure(f"safety.{code}"), scope).value


@pytest.fixture
def half_year(shipped: None) -> None:
    county = SampleCounty()
    safety.load(county)


@pytest.mark.slow
def test_figures_of_the_page_come_out_of_the_cases(half_year: None) -> None:
    # Row 33: the 22nd safety month; a year before it was the 21st.
    assert [value("month_edition", scope) for scope in (PAGE, BEFORE)] == [22, 21]
    # Row 34: 1 + 2 + 3 + 4 items, none of them titled.
    assert [value("work_items", scope) for scope in (PAGE, BEFORE)] == [10, 0]
    items = figure_rows(get_figure("safety.work_items"), PAGE)
    seen = [find_case(row.case_id, actor=SYSTEM, now=PAGE.end) for row in items if row.case_id]
    assert sorted(row.facts["group"] for row in seen) == [1, 2, 2, 3, 3, 3, 4, 4, 4, 4]
    assert {row.facts.get("item") for row in seen} == {None}
    # Row 35: six routines, five provisions, two lists; kinds, not how often.
    assert [value(each) for each in ("six_routines", "five_provisions", "two_lists")] == [6, 5, 2]
    assert measure(get_figure("safety.six_routines"), PAGE).row_count > 6
    _check_traps()
    _check_rates()
    _check_rows()
    assert empty_registers(MODULE) == []


def _check_traps() -> None:
    """Listed hazards are a part of those found; drills are no hazards."""
    names = ("department_found", "department_rectified", "self_found", "self_rectified", "listed")
    cells = [value(f"campaign_{name}") for name in (*names, "listed_rectified")]
    assert cells == [2, 1, 1, 1, 3, 2]
    (campaign,) = cases_with_fact(
        "safety-campaign", fact="kind", value="major_hazards", now=PAGE.end
    )
    counted = campaign_cells(campaign.id)
    assert counted.faults() == ()
    assert (counted.found, counted.listed, counted.rectified) == (3, 3, 2)
    rows = figure_rows(get_figure("safety.hazards_found"), PAGE)
    assert {row.register for row in rows} == {"safety-hazard"}


def _check_rates() -> None:
    assert value("hazards_found") == 2 + 3 + 4 + 5 + 3
    assert value("rectification_rate") == pytest.approx(Decimal(15) / 17)
    assert value("self_found_share") == pytest.approx(Decimal(7) / 17)
    assert value("major_on_time_rate") == pytest.approx(Decimal(1) / 2)
    assert value("five_complete_rate") == 0
    assert value("listing_rate") == 1
    assert value("first_visit_rate") == pytest.approx(Decimal(14) / 15)
    assert value("drill_coverage", JUNE) == pytest.approx(Decimal(2) / 3)
    assert value("routine_completion", JUNE) == pytest.approx(Decimal(6 + 5 + 4 + 3) / 24)
    assert value("reward_paid") == 80_000


def _check_rows() -> None:
    for figure in FIGURES:
        measured = measure(figure, PAGE)
        rows = figure_rows(figure, PAGE, limit=1000)
        assert len(rows) == measured.row_count > 0, figure.code
        assert sum(row.numerator or 0 for row in rows) == measured.numerator, figure.code
        if figure.aggregate is Aggregate.MEAN:
            days = [row.numerator for row in rows]
            assert len(set(days)) > 3, "no row may stand for many"
