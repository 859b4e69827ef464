"""Rows 22 to 31 of the county's page of June 2023, out of invented problems on its own rivers."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from honghu.analytics.figure import Aggregate, Scope
from honghu.analytics.queries import figure_rows, measure
from honghu.analytics.registry import get_figure
from honghu.domains.rivers.figures import FIGURES
from honghu.domains.rivers.module import MODULE
from honghu.kernel.cases.queries import find_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.sample import rivers
from honghu.site.sample.county import SampleCounty
from tests.county.filled import empty_registers

CHINA = ZoneInfo("Asia/Shanghai")
PAGE = Scope(end=dt.datetime(2023, 7, 1, tzinfo=CHINA))
JUNE = Scope(start=dt.datetime(2023, 6, 1, tzinfo=CHINA), end=PAGE.end)
FENGKOU = Scope(start=JUNE.start, end=PAGE.end, region="421083105")
MAY = Scope(start=dt.datetime(2023, 5, 1, tzinfo=CHINA), end=dt.datetime(2023, 6, 1, tzinfo=CHINA))
SUMS = {
    "rivers.labour": 460,
    "rivers.machine": 16,
    "rivers.truck": 230,
    "rivers.boat": 66,
    "rivers.plants_cleared": 165_000,
    "rivers.rubbish_cleared": 345_000,
}


@pytest.fixture
def rectified(shipped: None) -> None:
    county = SampleCounty()
    rivers.load(county)


@pytest.mark.slow
def test_figures_of_the_page_come_out_of_problems(rectified: None) -> None:
    # 22: the same day, and what was cleared in 峰口 is alligator weed.
    assert measure(get_figure("rivers.alligator_weed_days"), FENGKOU).value == 0
    assert len(figure_rows(get_figure("rivers.alligator_weed_days"), FENGKOU)) == 3
    # 23: four named rivers, five days at most, on town lists only.
    assert measure(get_figure("rivers.weed_days"), JUNE).value == 5
    assert measure(get_figure("rivers.weed_rivers"), JUNE).value == 4
    named = {row.subject for row in figure_rows(get_figure("rivers.weed_rivers"), JUNE)}
    assert {str(subject).partition(" ")[0] for subject in named} == set(rivers.WEEDED)
    # 24 and 25: two levels, never one sum; rivers on which something stands are in neither.
    _check_rivers()
    # 26 to 31: plants without rubbish, rubbish without plants, and each row one line of work.
    for code, total in SUMS.items():
        rows = figure_rows(get_figure(code), PAGE, limit=1000)
        assert measure(get_figure(code), PAGE).value == total, code
        assert sum(row.numerator or 0 for row in rows) == total, code
        assert max(row.numerator or 0 for row in rows) < total / 3, "no row may stand for many"
        assert len({row.numerator for row in rows}) > 1, code
    reversed_lines = [
        row for row in figure_rows(get_figure("rivers.labour"), PAGE) if (row.numerator or 0) < 0
    ]
    assert len(reversed_lines) == 1
    _check_rates()
    _check_all()
    assert empty_registers(MODULE) == []


def _check_rivers() -> None:
    city, town = get_figure("rivers.rectified_city"), get_figure("rivers.rectified_town")
    assert [measure(city, PAGE).value, measure(town, PAGE).value] == [3, 32]
    rows = figure_rows(city, PAGE)
    assert {str(row.subject).partition(" ")[0] for row in rows} == set(rivers.CITY_RIVERS)
    for row in rows:
        assert row.case_id is not None
        case = find_case(row.case_id, actor=SYSTEM, now=PAGE.end)
        assert (case.state, case.facts["source"], case.facts["level"]) == (
            "struck_off", "superior", "city",
        )  # fmt: skip
    # The river to which plants came back counts once, with both of its cases.
    assert len(figure_rows(town, PAGE)) == 33


def _check_rates() -> None:
    def value(code: str, scope: Scope) -> Decimal:
        found = measure(get_figure(f"rivers.{code}"), scope).value
        assert found is not None
        return found

    listed = measure(get_figure("rivers.rectification_rate"), PAGE)
    assert [listed.numerator, listed.denominator] == [36, 38]
    assert value("on_time_rate", PAGE) == 1
    rebounds = measure(get_figure("rivers.rebound_rate"), PAGE)
    assert [rebounds.numerator, rebounds.denominator] == [1, 36]
    assert 1 < value("days_to_rectify", PAGE) < 7
    assert value("attendance_rate", MAY) == 1
    assert value("patrols", MAY) == 1 + 4 * 3 + 3 * 4 + 2
    done = measure(get_figure("rivers.patrol_completion"), MAY)
    # Weekly chiefs owe 31/7 in May; the one who lags behind did two.
    assert done.denominator == Decimal("0.3407") + 12 + 4 * Decimal("4.4286")
    assert done.numerator == Decimal("0.3407") + 12 + 3 * 4 + 2


def _check_all() -> None:
    """Each figure is the aggregate of its rows; a passed scope gives the same rows ever after."""
    for figure in FIGURES:
        value, rows = measure(figure, PAGE), figure_rows(figure, PAGE, limit=1000)
        numbers = [row.numerator for row in rows if row.numerator is not None]
        if figure.aggregate is Aggregate.SUM:
            assert value.value == sum(numbers), figure.code
        elif figure.aggregate is Aggregate.DISTINCT:
            assert value.value == len({row.subject for row in rows}), figure.code
        elif figure.aggregate is Aggregate.LAST:
            assert value.value == max(numbers), figure.code
        else:
            assert value.row_count == len(rows), figure.code
    april = Scope(end=dt.datetime(2023, 4, 1, tzinfo=CHINA))
    assert measure(get_figure("rivers.labour"), april).value < 460  # type: ignore[operator]
