"""Reading the value of a rule by its unit."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.base.identifiers import new_id
from honghu.kernel.clocks.durations import ClockUnit, Duration
from honghu.kernel.rulesets.values import MEANINGS, RuleValue, RuleValueError


def value(text, unit, clock=None):
    return RuleValue(
        id=new_id(),
        name="test.rule",
        value=text,
        unit=unit,
        clock=clock,
        region=None,
        title_zh="规则",
        title_en="Rule",
        effective_from=dt.date(2020, 1, 1),
        effective_to=None,
        revision=1,
        source="测试",
        source_mark="D",
    )


def test_each_unit_is_read_exactly():
    assert value("5", "period", "working_day").as_duration() == Duration(5, ClockUnit.WORKING_DAY)
    assert value("5", "period", "working_day").as_int() == 5
    assert value("10", "day_of_month").as_int() == 10
    assert value("0.0005", "rate_per_day").as_decimal() == Decimal("0.0005")
    assert value("1.00", "ratio").as_decimal() == Decimal(1)
    assert value("3000000", "yuan").as_money_fen() == 300_000_000
    assert value("actual/360", "text").as_text() == "actual/360"
    assert (
        str(value("08:30-12:00,14:30-18:00", "hours_of_day").as_office_hours().closes) == "18:00:00"
    )


@given(st.integers(min_value=0, max_value=10**15))
def test_money_is_exact_to_the_fen(fen):
    assert value(f"{fen // 100}.{fen % 100:02}", "yuan").as_money_fen() == fen


@pytest.mark.parametrize(
    ("text", "unit", "clock"),
    [
        ("five", "count", None),
        ("0", "period", "working_day"),
        ("-3", "period", "working_day"),
        ("3", "period", "fortnight"),
        ("3", "period", None),
        ("NaN", "ratio", None),
        ("Infinity", "ratio", None),
        ("0,8", "ratio", None),
        ("1.005", "yuan", None),
        ("08:30", "hours_of_day", None),
        ("", "text", None),
        ("1", "furlong", None),
    ],
)
def test_a_value_that_its_unit_cannot_read_is_refused(text, unit, clock):
    with pytest.raises(RuleValueError) as refused:
        value(text, unit, clock).check()
    assert "test.rule" in refused.value.message


@pytest.mark.parametrize(
    ("unit", "clock", "ask"),
    [
        ("ratio", None, RuleValue.as_int),
        ("yuan", None, RuleValue.as_decimal),
        ("period", "month", RuleValue.as_decimal),
        ("count", None, RuleValue.as_money_fen),
        ("count", None, RuleValue.as_duration),
        ("text", None, RuleValue.as_office_hours),
    ],
)
def test_asking_for_another_kind_is_refused(unit, clock, ask):
    with pytest.raises(RuleValueError):
        ask(value("1", unit, clock))


def test_a_decision_can_cite_the_row():
    rule = value("5", "period", "working_day")
    assert rule.cite() == {
        "id": str(rule.id),
        "name": "test.rule",
        "value": "5",
        "unit": "working_day",
        "source": "测试",
    }


def test_every_unit_has_a_reading():
    examples = {
        "period": ("1", "month"),
        "hours_of_day": ("09:00-17:00", None),
        "ratio": ("0.8", None),
        "text": ("a", None),
    }
    for unit in MEANINGS:
        text, clock = examples.get(unit, ("1", None))
        value(text, unit, clock).check()
