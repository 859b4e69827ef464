"""What persons state and judge, and what the next close makes of it."""

import datetime as dt
import random
import uuid
from decimal import Decimal

import pytest

from honghu.base.problems import NotAllowed
from honghu.domains.lending.closing.classifying import borrower_bounds, classify_borrowers
from honghu.domains.lending.closing.classifying import classification_rules as rules_of
from honghu.domains.lending.closing.judging import (
    BadRiskStatement,
    RiskStated,
    judge_class,
    state_risk,
)
from honghu.domains.lending.closing.models import ClassChange, RiskStatement
from honghu.domains.lending.closing.tests.portfolio import START, at, lend, settle
from honghu.domains.lending.commands.changes import mark_misused, restructure_loan
from honghu.domains.lending.models import Loan
from honghu.domains.lending.rules.classification import RiskClass
from honghu.domains.lending.rules.classification_change import (
    Cure,
    UnableToRaiseClass,
    VerifierNeeded,
)
from honghu.kernel.parties.actor import SYSTEM, Actor

OFFICER = Actor(uuid.UUID(int=5), uuid.UUID(int=11), frozenset(), "李会计", "农商行")
SECOND = uuid.UUID(int=6)
DAY = START + dt.timedelta(days=1)


@pytest.fixture
def loan(db):
    settle()
    return lend(1, chooser=random.Random(1), principal_fen=1_000_000)  # noqa: S311 a test's choice


def class_after_close(loan, day):
    for bounds in borrower_bounds(day, 100):
        classify_borrowers(bounds, rules_of(day), day, at(day))
    return Loan.objects.get(pk=loan.id).risk_class


def test_statements_count_from_the_next_close_on_and_are_kept(loan):
    assert class_after_close(loan, DAY) == "normal"
    stated = RiskStated(is_impaired=True, loss_share=Decimal("0.5"))
    assert state_risk(actor=OFFICER, now=at(DAY), loan_id=loan.id, stated=stated) == 1
    assert state_risk(actor=OFFICER, now=at(DAY), loan_id=loan.id, stated=stated) == 1
    assert class_after_close(loan, DAY) == "doubtful"
    bankrupt = RiskStated(is_bankrupt=True)
    assert state_risk(actor=OFFICER, now=at(DAY), loan_id=loan.id, stated=bankrupt) == 2
    assert class_after_close(loan, DAY) == "loss"
    assert RiskStatement.objects.filter(loan_id=loan.id).count() == 2
    for wrong in (
        RiskStated(loss_share=Decimal("0.5")),
        RiskStated(is_impaired=True, loss_share=Decimal("1.1")),
    ):
        with pytest.raises(BadRiskStatement):
            state_risk(actor=OFFICER, now=at(DAY), loan_id=loan.id, stated=wrong)
    with pytest.raises(NotAllowed):
        state_risk(actor=SYSTEM, now=at(DAY), loan_id=loan.id, stated=RiskStated())


def test_a_judgement_holds_against_the_rules_until_a_second_person_raises_it(loan):
    class_after_close(loan, DAY)
    before = judge_class(actor=OFFICER, now=at(DAY), loan_id=loan.id, wanted=RiskClass.SUBSTANDARD)
    assert before is RiskClass.NORMAL
    assert class_after_close(loan, DAY) == "substandard"

    def better(day=DAY, **more):
        judge_class(
            actor=OFFICER, now=at(day), loan_id=loan.id, wanted=RiskClass.SPECIAL_MENTION, **more
        )

    with pytest.raises(VerifierNeeded):
        better()
    with pytest.raises(UnableToRaiseClass, match="regular payment"):
        better(verified_by=SECOND)
    half_a_year = DAY + dt.timedelta(days=190)
    better(half_a_year, verified_by=SECOND, cure=Cure(DAY, 2))
    assert class_after_close(loan, DAY) == "special_mention"
    last = ClassChange.objects.filter(loan_id=loan.id).order_by("number").last()
    assert last is not None
    assert (last.before, last.after) == ("substandard", "special_mention")
    assert (last.by, last.verified_by) == (OFFICER.person_id, SECOND)


def test_misuse_and_restructuring_show_in_the_class_and_the_observation_ends(loan):
    mark_misused(
        actor=None, now=at(DAY), idempotency_key="misused", loan_id=loan.id, value_date=DAY
    )
    assert class_after_close(loan, DAY) == "special_mention"
    other = lend(
        2,
        chooser=random.Random(2),  # noqa: S311 a test's choice
        principal_fen=1_000_000,
        borrower=uuid.UUID(int=77),
    )
    maturity = DAY + dt.timedelta(days=900)
    restructure_loan(
        actor=None,
        now=at(DAY),
        idempotency_key="restructured",
        loan_id=other.id,
        value_date=DAY,
        terms={
            "principal_due": [{"date": maturity.isoformat(), "amount_fen": 1_000_000}],
            "interest_due_dates": [maturity.isoformat()],
            "maturity": maturity.isoformat(),
        },
        capitalises=False,
        observed_until=dt.date(2027, 1, 20),
    )
    # the rules ask for a year, the parties agreed on two weeks more
    for day, expected in (
        (dt.date(2027, 1, 19), "special_mention"),
        (dt.date(2027, 1, 20), "normal"),
    ):
        assert class_after_close(other, day) == expected
