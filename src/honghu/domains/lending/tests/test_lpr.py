"""LPR plus points, and what the table doesn't know."""

from decimal import Decimal

import pytest
from django.utils import translation
from typer.testing import CliRunner

from honghu.base.problems import HonghuError
from honghu.domains.lending.cli import app
from honghu.domains.lending.queries.lpr import known_lpr
from honghu.domains.lending.readers.floating import read_floating_terms
from honghu.domains.lending.readers.lpr import published_lpr, read_lpr_table
from honghu.domains.lending.rules.lpr import (
    LprContract,
    LprError,
    LprTable,
    LprTenor,
    yearly_reset_dates,
)
from honghu.domains.lending.rules.schedule import build_schedule
from honghu.domains.lending.rules.terms import RateChange
from honghu.domains.lending.tests.builders import BASE, day


def test_the_last_published_rate_is_in_force():
    table = published_lpr()
    assert table.on(day("2023-06-19"), LprTenor.ONE_YEAR) == Decimal("3.65")
    assert table.on(day("2023-06-20"), LprTenor.ONE_YEAR) == Decimal("3.55")
    assert table.on(day("2023-06-20"), LprTenor.FIVE_YEARS) == Decimal("4.20")


def test_the_cuts_since_2023():
    table = published_lpr()
    for published, one_year, five_years in (
        ("2024-02-20", "3.45", "3.95"),
        ("2024-07-22", "3.35", "3.85"),
        ("2024-10-21", "3.10", "3.60"),
        ("2025-05-20", "3.00", "3.50"),
    ):
        assert table.on(day(published), LprTenor.ONE_YEAR) == Decimal(one_year)
        assert table.on(day(published), LprTenor.FIVE_YEARS) == Decimal(five_years)


@pytest.mark.django_db
def test_a_county_adds_what_is_published_month_by_month():
    def lpr(*asked):
        with translation.override("en"):
            return CliRunner().invoke(app, ["lpr", *asked])

    def add(*asked, source="https://www.chinamoney.com.cn/"):
        return lpr("add", *asked, "--source", source)

    last = published_lpr().rows[-1].date
    first, second = (f"{last:%Y}-{month:02}-20" for month in (last.month + 1, last.month + 2))
    with pytest.raises(LprError, match="lending lpr add"):
        known_lpr().on(day(first), LprTenor.ONE_YEAR)
    assert "add the months between first" in add(second, "2.90", "3.40").stderr
    assert add(first, "2.95", "3.45").output == "added\n"
    assert add(first, "2.95", "3.45").output == "stands there already\n"
    assert "rows are never edited" in add(first, "2.96", "3.45").stderr
    assert add(second, "2.90", "3.40").exit_code == 0
    assert known_lpr().on(day(first), LprTenor.FIVE_YEARS) == Decimal("3.45")
    assert known_lpr().on(day(second), LprTenor.ONE_YEAR) == Decimal("2.90")
    assert lpr("list").output.endswith(f"{second} 2.90 3.40\n")
    for asked, told in (
        ((last.isoformat(), "3", "3.5"), "ends on"),
        (("2999-01-20", "3", "3.5"), "has not come"),
        ((second, "x", "3.5"), "no rates"),
        ((second, "0", "3.5"), "no rates"),
    ):
        refused = add(*asked)
        assert refused.exit_code == 1
        assert told in refused.stderr
    assert "without its source" in add(second, "2.90", "3.40", source=" ").stderr


def test_the_package_knows_every_month_it_claims_to():
    months = [(row.date.year, row.date.month) for row in published_lpr().rows]
    first, last = months[0], months[-1]
    assert first == (2019, 8)
    assert len(months) == (last[0] - first[0]) * 12 + last[1] - first[1] + 1


def test_an_unknown_rate_is_not_taken_from_an_older_one():
    table = read_lpr_table("date,one_year,five_years\n2023-11-20,3.45,4.20\n2023-12-20,3.45,4.20\n")
    assert table.on(day("2024-01-19"), LprTenor.ONE_YEAR) == Decimal("3.45")
    with pytest.raises(LprError, match="the table ends on 2023-12-20"):
        table.on(day("2024-01-20"), LprTenor.ONE_YEAR)
    with pytest.raises(LprError, match="the table begins on 2023-11-20"):
        table.on(day("2023-11-19"), LprTenor.ONE_YEAR)


def test_resets_on_1_january_with_the_rate_of_the_day_before():
    dates = tuple(yearly_reset_dates(day("2020-05-06"), day("2023-05-06"), (1, 1)))
    contract = LprContract(LprTenor.FIVE_YEARS, points_bp=-20, reset_dates=dates, days_before=1)
    changes = contract.rate_changes(published_lpr(), day("2023-05-06"))
    # 4.65 at the ends of 2020 and 2021, 4.30 at the end of 2022
    assert changes == (
        RateChange(day("2021-01-01"), Decimal("4.45")),
        RateChange(day("2023-01-01"), Decimal("4.10")),
    )


def test_anniversaries_of_29_february():
    dates = yearly_reset_dates(day("2020-02-29"), day("2024-03-01"))
    assert [found.isoformat() for found in dates] == [
        "2021-02-28",
        "2022-02-28",
        "2023-02-28",
        "2024-02-29",
    ]


def test_a_repriced_schedule():
    # 1Y LPR: 3.85 on 1 July 2021, 3.70 a year later; +115 bp: 5.00 and 4.85
    lpr = {"tenor": "1y", "points_bp": 115}
    plain = {key: value for key, value in BASE.items() if key != "annual_rate"}
    plain |= {"start_date": "2021-07-01", "n": 8, "unit": "quarters", "method": "bullet"}
    for resets in ("yearly", "07-01", ["2022-07-01"]):
        terms = read_floating_terms({**plain, "lpr": lpr | {"resets": resets}}, published_lpr())
        rows = build_schedule(terms)
        assert [row.interest_fen for row in rows] == [1250] * 4 + [1212] * 4
    late = {**plain, "start_date": "2025-06-01", "lpr": lpr | {"resets": "yearly"}}
    for wrong, said in (
        (late, "the table ends on"),
        ({**plain, "annual_rate": "3.6", "lpr": lpr}, "the only rate"),
        ({**plain, "lpr": lpr | {"resets": "13-01"}}, "MM-DD"),
    ):
        with pytest.raises(HonghuError, match=said):
            read_floating_terms(wrong, published_lpr())


def test_a_rate_below_zero_is_refused():
    with pytest.raises(LprError, match="below zero"):
        LprContract(LprTenor.ONE_YEAR, -400).rate_on(published_lpr(), day("2023-06-20"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("day,rate\n", "line 1"),
        ("date,one_year,five_years\n2023-06-20,3.55,4.20\n20 June,3.55,4.20\n", "line 3"),
        ("date,one_year,five_years\n2023-06-20,3.55\n", "line 2"),
        ("date,one_year,five_years\n", "empty"),
        ("date,one_year,five_years\n2023-07-20,3,4\n2023-06-20,3,4\n", "out of order"),
    ],
)
def test_tables_that_are_wrong(text: str, words: str):
    with pytest.raises(LprError, match=words):
        read_lpr_table(text)


def test_an_empty_table_is_refused():
    with pytest.raises(LprError, match="empty"):
        LprTable(())
