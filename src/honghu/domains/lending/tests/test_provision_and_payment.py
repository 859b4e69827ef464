"""Provisions by class, and who pays out a drawdown, on both sides of 2024-07-01."""

import dataclasses
import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.domains.lending.rules.classification import RiskClass
from honghu.domains.lending.rules.entrusted import (
    Credit,
    Demand,
    Drawdown,
    LoanPurpose,
    Payee,
    PaymentTerms,
    Reason,
    UnableToDecidePayment,
    decide_payment,
    read_threshold,
)
from honghu.domains.lending.rules.provision import (
    ProvisionError,
    adequacy,
    read_provision_rules,
    required_provision,
)
from honghu.domains.lending.tests.rulebook import rules_on

DAY = dt.date(2025, 1, 2)
RULES = read_provision_rules(rules_on(DAY))
WAN = 1_000_000
SUPPLIER = Payee("宏达建材", "6222000000000001")
SHOWN = frozenset({Demand.PAYMENT_ORDER, Demand.TRADE_CONTRACT})
WORKING = PaymentTerms(
    purpose=LoanPurpose.WORKING_CAPITAL,
    agreed_payees=frozenset({SUPPLIER}),
    threshold_fen=None,
)


def test_ratios_by_class_rounded_half_up():
    found = [required_provision(10_050, each, RULES) for each in RiskClass]
    assert found == [101, 201, 2513, 5025, 10_050]


@given(st.integers(0, 10**13), st.sampled_from(RiskClass), st.sampled_from(RiskClass))
def test_a_worse_class_never_needs_less(balance, one, other):
    better, worse = sorted((one, other))
    assert required_provision(balance, better, RULES) <= required_provision(balance, worse, RULES)


def test_only_two_ratios_may_be_moved_and_by_a_fifth():
    for risk_class, least, most in (
        (RiskClass.SUBSTANDARD, "0.20", "0.30"),
        (RiskClass.DOUBTFUL, "0.40", "0.60"),
        (RiskClass.LOSS, "1", "1"),
    ):
        for bound, beyond in ((least, "-0.001"), (most, "0.001")):
            assert RULES.ratio(risk_class, Decimal(bound)) == Decimal(bound)
            with pytest.raises(ProvisionError, match="permitted"):
                RULES.ratio(risk_class, Decimal(bound) + Decimal(beyond))
    with pytest.raises(ProvisionError, match="no provision"):
        read_provision_rules(rules_on(dt.date(2002, 4, 1))).ratio(RiskClass.LOSS)


def test_the_strictest_of_three_measures_counts():
    balances = {RiskClass.NORMAL: 9_900, RiskClass.SUBSTANDARD: 100}
    found = adequacy(200, balances, RULES)
    assert (found.allowance_ratio, found.coverage_ratio) == (Fraction(1, 50), Fraction(2))
    assert found.shortfall_fen == 50  # 2.5 % of all loans
    assert adequacy(250, balances, RULES).shortfall_fen == 0
    assert adequacy(0, {RiskClass.LOSS: 100}, RULES).shortfall_fen == 150  # 150 % of the bad ones
    assert adequacy(0, {}, RULES).coverage_ratio is None


def decide(terms, yuan, day, *, payee=SUPPLIER, evidence=SHOWN):
    threshold = read_threshold(terms.purpose, rules_on(day))
    return decide_payment(terms, Drawdown(payee, yuan * 100, evidence), threshold)


def test_working_capital_on_both_sides_of_the_new_rule():
    old, new = dt.date(2024, 6, 30), dt.date(2024, 7, 1)
    with pytest.raises(UnableToDecidePayment, match="set an amount"):
        decide(WORKING, 10_000_001, old)
    agreed = dataclasses.replace(WORKING, threshold_fen=500 * WAN)
    assert decide(agreed, 5_000_000, old).is_entrusted is False
    assert decide(agreed, 5_000_001, old).reasons == (Reason.ABOVE_CONTRACT_THRESHOLD,)
    assert decide(WORKING, 10_000_000, new).is_entrusted is False
    assert decide(WORKING, 10_000_001, new).reasons == (Reason.ABOVE_THRESHOLD,)
    # the contract may be stricter than the rule, not laxer
    assert decide(agreed, 5_000_001, new).is_entrusted
    laxer = dataclasses.replace(WORKING, threshold_fen=9_000 * WAN)
    assert decide(laxer, 10_000_001, new).is_entrusted


@pytest.mark.parametrize(
    ("purpose", "yuan"),
    [(LoanPurpose.PERSONAL_CONSUMPTION, 300_000), (LoanPurpose.PERSONAL_BUSINESS, 500_000)],
)
def test_personal_loans(purpose, yuan):
    terms = dataclasses.replace(WORKING, purpose=purpose)
    for day in (dt.date(2024, 6, 30), dt.date(2024, 7, 1)):
        assert decide(terms, yuan, day).is_entrusted is False
        assert decide(terms, yuan + 1, day).is_entrusted
    with pytest.raises(UnableToDecidePayment, match="not named"):
        decide(terms, yuan + 1, DAY, payee=None)


def test_a_new_borrower_of_ordinary_standing_is_paid_by_the_lender():
    terms = dataclasses.replace(WORKING, is_new_borrower=True)
    with pytest.raises(UnableToDecidePayment, match="not assessed"):
        decide(terms, 1, DAY)
    assert not decide(dataclasses.replace(terms, credit=Credit.GOOD), 1, DAY).is_entrusted
    ordinary = decide(dataclasses.replace(terms, credit=Credit.ORDINARY), 1, DAY)
    assert ordinary.reasons == (Reason.NEW_BORROWER,)


def test_payee_and_evidence():
    stranger = SUPPLIER._replace(account="6222000000000002")
    refused = decide(WORKING, 10_000_001, DAY, payee=stranger, evidence=frozenset())
    assert not refused.is_allowed
    assert refused.reasons[1:] == (Reason.PAYEE_NOT_AGREED, Reason.EVIDENCE_MISSING)
    assert refused.missing == refused.demands == SHOWN
    assert decide(WORKING, 10_000_001, DAY).is_allowed
    # below the threshold the borrower pays anybody, and reports
    own = decide(WORKING, 1, DAY, payee=None, evidence=frozenset())
    assert own.is_allowed
    assert own.demands == {Demand.USE_REPORT}
    with pytest.raises(UnableToDecidePayment, match="above zero"):
        decide(WORKING, 0, DAY)
