"""The rule file of financing: readable, and with the numbers of the statutes."""

import datetime as dt
from pathlib import Path

import pytest

from honghu.kernel.clocks.durations import parse_duration
from honghu.kernel.rulesets.commands import publish_rules
from honghu.kernel.rulesets.queries import get_rule

FOLDER = Path(__file__).resolve().parents[1] / "rulesets"
NOW = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
HONGHU = "421083"
TODAY = dt.date(2026, 1, 5)

PERIODS = {
    "report_working_days": "2 working_days",
    "decision_working_days": "5 working_days",
    "notice_working_days": "2 working_days",
    "result_notice_working_days": "1 working_day",
    "challenge_working_days": "7 working_days",
    "contract_signing_natural_days": "30 natural_days",
    "contract_publication_working_days": "2 working_days",
    "contract_filing_working_days": "7 working_days",
    "invitation_response_working_days": "2 working_days",
    "loan_days.first": "5 working_days",
    "loan_days.repeat": "3 working_days",
    "receivable_confirmation_natural_days": "30 natural_days",
    "payment_natural_days": "30 natural_days",
    "payment_agreed_natural_days_max": "60 natural_days",
    "closure_working_days": "5 working_days",
}


@pytest.fixture
def published(db):
    for path in sorted(FOLDER.glob("*.yaml")):
        publish_rules(path, now=NOW, approved_by=None)


@pytest.mark.parametrize(("code", "period"), PERIODS.items())
def test_periods_of_financing(published, code, period):
    rule = get_rule(f"financing.{code}", on=TODAY, region=HONGHU)
    assert rule.as_duration() == parse_duration(period)


def test_rates_and_bounds_of_financing(published):
    def held(code):
        return get_rule(f"financing.{code}", on=TODAY, region=HONGHU)

    assert str(held("rate_cap_of_reference").as_decimal()) == "0.8"
    assert str(held("ceiling_ratio_max").as_decimal()) == "1.00"
    assert str(held("supplement_ratio_max").as_decimal()) == "0.10"
    assert str(held("late_interest_rate_per_day").as_decimal()) == "0.0005"
    assert held("fee_max").as_money_fen() == 0
    assert held("monthly_report_day").as_int() == 10


def test_payment_terms_follow_the_regulation_of_their_day(published):
    new = get_rule("financing.payment_natural_days", on=dt.date(2025, 6, 1))
    old = get_rule("financing.payment_natural_days", on=dt.date(2025, 5, 31))
    assert "第802号" in new.source
    assert "第728号" in old.source
