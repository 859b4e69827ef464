"""The five classes: thresholds of their day, conduct, restructuring, the debtor, persons."""

import dataclasses
import datetime as dt
import uuid
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.domains.lending.rules.classification import (
    Ground,
    LoanFacts,
    Restructured,
    RiskClass,
    classify,
    observed_until,
    own_findings,
    read_classification_rules,
    with_debtor,
)
from honghu.domains.lending.rules.classification_change import (
    Cure,
    UnableToRaiseClass,
    VerifierNeeded,
    judge,
)
from honghu.domains.lending.rules.classification_debtor import DebtorClaim, debtor_findings
from honghu.domains.lending.tests.rulebook import rules_on

NEW_DAY = dt.date(2023, 7, 1)
OLD_DAY = dt.date(2023, 6, 30)
NEW = read_classification_rules(rules_on(NEW_DAY))
OLD = read_classification_rules(rules_on(OLD_DAY))
NORMAL, MENTION, SUBSTANDARD, DOUBTFUL, LOSS = RiskClass
ONE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


def class_of(rules, day, **facts):
    return classify(LoanFacts(**facts), rules, day).risk_class


@pytest.mark.parametrize(
    ("days", "before", "after"),
    [
        (0, NORMAL, NORMAL),
        (1, MENTION, MENTION),
        (90, MENTION, MENTION),
        (91, SUBSTANDARD, SUBSTANDARD),
        (180, SUBSTANDARD, SUBSTANDARD),
        (181, DOUBTFUL, SUBSTANDARD),
        (270, DOUBTFUL, SUBSTANDARD),
        (271, DOUBTFUL, DOUBTFUL),
        (360, DOUBTFUL, DOUBTFUL),
        # the guideline of 2007 set no days for a loss
        (361, DOUBTFUL, LOSS),
    ],
)
def test_days_overdue_on_both_sides_of_the_new_rule(days, before, after):
    assert class_of(OLD, OLD_DAY, days_past_due=days) is before
    assert class_of(NEW, NEW_DAY, days_past_due=days) is after


_FACTS = st.builds(
    LoanFacts,
    days_past_due=st.integers(0, 500),
    is_technical=st.booleans(),
    is_misused=st.booleans(),
    is_refinanced=st.booleans(),
    is_impaired=st.booleans(),
    loss_share=st.none() | st.fractions(0, 1),
    is_evading=st.booleans(),
    is_bankrupt=st.booleans(),
    restructurings=st.lists(
        st.integers(0, 700).map(lambda days: Restructured(NEW_DAY - dt.timedelta(days=days))),
        max_size=2,
    ).map(tuple),
    previous=st.none() | st.sampled_from(RiskClass),
    judged=st.none() | st.sampled_from(RiskClass),
)


@given(_FACTS, st.integers(0, 500), st.sampled_from([(OLD, OLD_DAY), (NEW, NEW_DAY)]))
def test_more_overdue_days_never_give_a_better_class(facts, more, rules_and_day):
    rules, day = rules_and_day
    later = dataclasses.replace(facts, days_past_due=facts.days_past_due + more)
    assert classify(later, rules, day).risk_class >= classify(facts, rules, day).risk_class


@given(_FACTS)
def test_the_class_is_its_worst_finding_and_the_worst_stands_first(facts):
    found = classify(facts, NEW, NEW_DAY)
    assert found.risk_class is (found.findings[0].at_least if found.findings else NORMAL)
    assert facts.judged is None or found.risk_class >= facts.judged
    if facts.previous is not None and facts.previous.is_bad:
        assert found.risk_class.is_bad


def test_a_slip_of_operations_counts_for_a_week_and_not_before_the_new_rule():
    assert class_of(NEW, NEW_DAY, days_past_due=7, is_technical=True) is NORMAL
    assert class_of(NEW, NEW_DAY, days_past_due=8, is_technical=True) is MENTION
    assert class_of(OLD, OLD_DAY, days_past_due=7, is_technical=True) is MENTION


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (None, SUBSTANDARD),
        (Fraction(49, 100), SUBSTANDARD),
        (Fraction(1, 2), DOUBTFUL),
        (Fraction(899, 1000), DOUBTFUL),
        (Fraction(9, 10), LOSS),
    ],
)
def test_impairment(share, expected):
    assert class_of(NEW, NEW_DAY, is_impaired=True, loss_share=share) is expected
    assert class_of(NEW, NEW_DAY, is_impaired=False, loss_share=share) is NORMAL


def test_conduct():
    assert class_of(NEW, NEW_DAY, is_misused=True) is MENTION
    assert class_of(NEW, NEW_DAY, is_refinanced=True) is MENTION
    assert class_of(NEW, NEW_DAY, is_evading=True) is DOUBTFUL
    assert class_of(OLD, OLD_DAY, is_evading=True) is SUBSTANDARD
    assert class_of(NEW, NEW_DAY, is_bankrupt=True) is LOSS


def test_a_restructured_loan_is_observed_for_a_year_and_anew_if_it_becomes_bad():
    start = dt.date(2024, 2, 29)
    once = LoanFacts(restructurings=(Restructured(start),))
    assert observed_until(once, NEW) == dt.date(2025, 2, 28)
    assert observed_until(once, OLD) == dt.date(2024, 8, 29)
    assert classify(once, NEW, dt.date(2025, 2, 27)).risk_class is MENTION
    assert classify(once, NEW, dt.date(2025, 2, 28)).risk_class is NORMAL
    assert classify(once, OLD, dt.date(2024, 8, 28)).risk_class is SUBSTANDARD
    overdue = dataclasses.replace(once, days_past_due=1)
    assert classify(overdue, OLD, dt.date(2024, 8, 28)).risk_class is DOUBTFUL
    assert classify(overdue, NEW, dt.date(2024, 8, 28)).risk_class is MENTION
    bad = dataclasses.replace(once, fell_bad_date=dt.date(2024, 12, 1))
    assert observed_until(bad, NEW) == dt.date(2025, 12, 1)
    again = dataclasses.replace(
        once, restructurings=(Restructured(start), Restructured(dt.date(2024, 9, 1)))
    )
    assert classify(again, NEW, dt.date(2025, 3, 1)).risk_class is SUBSTANDARD


def claim(amount, own_class=NORMAL, days=0, lender="one"):
    return DebtorClaim(lender, amount, days, own_class)


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ([claim(90), claim(10, SUBSTANDARD)], {Ground.DEBTOR_BAD}),
        ([claim(899), claim(101, SUBSTANDARD)], {Ground.DEBTOR_BAD, Ground.DEBTOR_BAD_SHARE}),
        # at another bank it does not count for the share here, but it is a warning
        ([claim(10), claim(90, SUBSTANDARD, lender="two")], {Ground.DEBTOR_BAD}),
        ([claim(80), claim(20, days=91, lender="two")], set()),
        ([claim(799), claim(201, days=91, lender="two")], {Ground.DEBTOR_OVERDUE_SHARE}),
        ([claim(799), claim(201, days=90, lender="two")], set()),
        ([], set()),
    ],
)
def test_the_debtor_as_a_whole(claims, expected):
    assert {found.ground for found in debtor_findings(claims, "one", NEW)} == expected
    old = {found.ground for found in debtor_findings(claims, "one", OLD)}
    assert old == expected & {Ground.DEBTOR_BAD}


def test_contagion_makes_a_good_loan_bad_and_names_why():
    own = classify(LoanFacts(), NEW, NEW_DAY)
    found = with_debtor(own, debtor_findings([claim(8), claim(2, LOSS)], "one", NEW))
    assert found.risk_class is SUBSTANDARD
    assert found.findings[0].ground is Ground.DEBTOR_BAD_SHARE


def test_one_person_may_lower_and_two_may_raise():
    assert judge(NORMAL, DOUBTFUL, (), NEW, on=NEW_DAY, by=ONE).after is DOUBTFUL
    for second in (None, ONE):
        with pytest.raises(VerifierNeeded):
            judge(MENTION, NORMAL, (), NEW, on=NEW_DAY, by=ONE, verified_by=second)
    raised = judge(MENTION, NORMAL, (), NEW, on=NEW_DAY, by=ONE, verified_by=OTHER)
    assert (raised.after, raised.by, raised.verified_by) == (NORMAL, ONE, OTHER)


def test_raising_stops_at_the_rules_and_out_of_bad_needs_a_cure():
    floor = tuple(own_findings(LoanFacts(days_past_due=30), NEW, NEW_DAY))

    def raise_to(wanted, own=(), cure=None, on=NEW_DAY):
        return judge(DOUBTFUL, wanted, own, NEW, on=on, by=ONE, verified_by=OTHER, cure=cure)

    with pytest.raises(UnableToRaiseClass, match="special_mention at least"):
        raise_to(NORMAL, own=floor)
    assert raise_to(SUBSTANDARD).after is SUBSTANDARD
    paid = dt.date(2023, 8, 31)
    with pytest.raises(UnableToRaiseClass, match="arrears"):
        raise_to(MENTION)
    with pytest.raises(UnableToRaiseClass):
        raise_to(MENTION, cure=Cure(paid, 9), on=dt.date(2024, 2, 28))
    with pytest.raises(UnableToRaiseClass):
        raise_to(MENTION, cure=Cure(paid, 1), on=dt.date(2024, 2, 29))
    assert raise_to(MENTION, cure=Cure(paid, 2), on=dt.date(2024, 2, 29)).after is MENTION
