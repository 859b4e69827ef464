"""Every key by name: what is unknown, missing or wrong is refused with place and remedy."""

from decimal import Decimal
from typing import Any

import pytest

from honghu.domains.lending.readers.loan_terms import is_dates_only, read_terms
from honghu.domains.lending.rules.daycount import DayCount
from honghu.domains.lending.rules.problems import LoanTermsError
from honghu.domains.lending.rules.rounding import Rounding
from honghu.domains.lending.rules.terms import InterestPeriod, PartPaid
from honghu.domains.lending.tests.builders import BASE, day, make_terms


@pytest.mark.parametrize(
    ("changes", "place", "remedy"),
    [
        ({"anual_rate": "5"}, "terms.anual_rate", "did you mean annual_rate"),
        ({"xyz": 1}, "terms.xyz", "known are principal"),
        ({"principal": None}, "terms.principal missing", "add it"),
        ({"principal": "12.345"}, "terms.principal", "write it like"),
        ({"principal": "0"}, "terms.principal", "leave out"),
        ({"principal": 1000.5}, "terms.principal", "write digits"),
        ({"principal": True}, "terms.principal", "write digits"),
        ({"annual_rate": "-1"}, "terms.annual_rate", "write it like"),
        ({"annual_rate": "1e-9"}, "terms.annual_rate", "write it like"),
        ({"start_date": "2024-02-30"}, "terms.start_date", "write it like"),
        ({"start_date": "9999-12-31"}, "terms.start_date", "write it like"),
        ({"annual_rate": "1e999999999"}, "terms.annual_rate", "write digits"),
        ({"n": 0}, "terms.n", "in that range"),
        ({"n": 2.5}, "terms.n", "write digits"),
        ({"n": "2.5"}, "terms.n", "in that range"),
        ({"unit": "fortnights"}, "terms.unit", "choose one"),
        ({"method": []}, "terms.method", "choose one"),
        ({"emi_smoothing": "true"}, "terms.emi_smoothing", "without quotes"),
        ({"down_payment_pct": "101"}, "terms.down_payment_pct", "leave out"),
        ({"later_disbursements": {}}, "terms.later_disbursements", "square brackets"),
        ({"later_disbursements": [{"date": "2024-02-01"}]}, "disbursements[0].amount", "add it"),
        ({"rate_changes": [{"from": "2024-02-01", "rat": "4"}]}, "rate_changes[0].rat", "mean rate"),
        ({"rounding": []}, "terms.rounding", "curly brackets"),
        ({"rounding": {"money": "3 decimals, half-even"}}, "rounding.money", "2 decimals"),
        ({"rounding": {"money": "to the penny"}}, "rounding.money", "2 decimals"),
        ({"rounding": {"sub_period": "both"}}, "rounding.sub_period", "sum once"),
        (
            {"rounding": {"money": "whole units, multiples of 100, half-up", "currency_multiple": "30"}},
            "currency_multiple",
            "multiple of the other",
        ),
        ({"paid_on": []}, "terms.paid_on", "write it like"),
        ({"paid_on": {"one": "2024-02-01"}}, "terms.paid_on", "write digits"),
        ({"partial_paid": "5"}, "terms.partial_paid", "write it like"),
        ({"partial_paid": [{"amount": "5"}]}, "partial_paid[0].row", "add it"),
        ({"day_count": None, "interest_period": None}, "terms.day_count missing", "add it"),
    ],
)  # fmt: skip
def test_refusals_name_place_and_remedy(changes: dict[str, Any], place: str, remedy: str):
    with pytest.raises(LoanTermsError) as refusal:
        make_terms(**changes)
    assert place in refusal.value.message
    assert remedy in refusal.value.remedy


def test_terms_must_be_an_object():
    with pytest.raises(LoanTermsError, match="curly brackets"):
        read_terms(["principal"])


def test_interest_basis_that_follows():
    assert make_terms(day_count=None).day_count is DayCount.PERIOD
    assert make_terms(interest_period=None).interest_period is InterestPeriod.REPAYMENT_PERIOD
    daily = make_terms(interest_period=None, day_count="actual/360")
    assert daily.interest_period is InterestPeriod.DAILY


def test_rounding_rules():
    terms = make_terms(
        rounding={
            "money": "whole units, multiples of 100, half-even",
            "currency_multiple": "100",
            "instalment_multiple": "1",
            "sub_period": "each",
        }
    )
    assert terms.rounding == Rounding(10_000, instalment_multiple_fen=100, each_part=True)
    terms = make_terms(rounding={"money": "1 decimals, half-up"})
    assert terms.rounding == Rounding(10, half_up=True)


def test_numbers_may_be_numbers():
    terms = make_terms(principal=1000, annual_rate=Decimal("4.35"))
    assert (terms.principal_fen, terms.annual_rate) == (100_000, Decimal("4.35"))


def test_lateness():
    terms = make_terms(
        as_of="2024-03-10",
        unpaid=[2],
        paid_on={"1": "2024-02-20"},
        partial_paid=[{"row": 2, "amount": "5.00", "date": "2024-03-05"}],
    )
    assert terms.lateness.paid_date(1) == day("2024-02-20")
    assert terms.lateness.paid_date(2) is None
    assert terms.lateness.unpaid == frozenset({2})
    assert terms.lateness.part_paid == (PartPaid(2, 500, day("2024-03-05")),)


def test_dates_only():
    assert is_dates_only({"start_date": "2024-01-01", "n": 3})
    assert not is_dates_only(BASE)
    assert not is_dates_only({})
    assert not is_dates_only([])
