"""Paying out is held to the contract and to the rule of the day, on both sides of 2024-07-01."""

import datetime as dt

import pytest

from honghu.domains.lending import commands
from honghu.domains.lending.closing.tests import portfolio
from honghu.domains.lending.commands.problems import PaymentRefused
from honghu.domains.lending.rules.entrusted import UnableToDecidePayment
from honghu.domains.lending.rules.problems import LoanTermsError
from honghu.domains.lending.tests import lives

OLD, NEW = dt.date(2024, 6, 30), dt.date(2024, 7, 1)
ABOVE = 10_000_001 * lives.YUAN
AGREED = {"name": "宏达建材", "account": "6222 0000 0000 0001"}
STRANGER = {"name": "不在约定内", "account": "6222000000000002"}
SHOWN = ("payment_order", "trade_contract")


@pytest.fixture(autouse=True)
def rules(db):
    portfolio.settle()


def open_one(number="L-1", **payment):
    said = {"purpose": "working_capital", "agreed_payees": [AGREED], **payment}
    days = ["2025-06-10", "2026-06-10"]
    terms = lives.terms(
        principal_due=[{"date": days[0], "amount_fen": 5 * ABOVE}],
        interest_due_dates=days,
        maturity=days[0],
    )
    return lives.open_one(
        number, approved_fen=5 * ABOVE, terms=terms, start_date=dt.date(2024, 6, 1), payment=said
    )


def lend(loan_id, day, **values):
    return lives.do(
        commands.disburse, loan_id, **{"amount_fen": ABOVE, "value_date": day, **values}
    )


def test_above_the_rule_of_the_day_payee_and_papers_must_stand():
    loan_id = open_one()
    for wrong in (
        {"payee": STRANGER, "shown": SHOWN},
        {"payee": AGREED, "shown": SHOWN[:1]},
        {"payee": AGREED},
    ):
        with pytest.raises(PaymentRefused):
            lend(loan_id, NEW, **wrong)
    assert lives.row(loan_id).version == 1
    lend(loan_id, NEW, payee=AGREED, shown=SHOWN)
    kept = lives.events(loan_id)[-1].detail
    assert (kept["is_entrusted"], kept["because"]) == (True, ["above_threshold"])
    # Not above the threshold the borrower pays whom it likes.
    lend(loan_id, NEW, amount_fen=ABOVE - lives.YUAN, payee=STRANGER)
    assert lives.events(loan_id)[-1].detail["is_entrusted"] is False


def test_before_the_rule_the_contract_names_the_amount():
    with pytest.raises(UnableToDecidePayment, match="set an amount"):
        lend(open_one("A"), OLD, payee=AGREED, shown=SHOWN)
    loan_id = open_one("B", threshold_fen=ABOVE)
    lend(loan_id, OLD, payee=STRANGER)
    with pytest.raises(PaymentRefused):
        lend(loan_id, NEW, payee=STRANGER)
    with pytest.raises(PaymentRefused):
        lend(loan_id, OLD, amount_fen=ABOVE + 1, payee=AGREED)


def test_what_is_reserved_before_the_rule_and_posted_under_it_is_judged_anew():
    loan_id = open_one(threshold_fen=2 * ABOVE)
    values = {"amount_fen": ABOVE, "value_date": OLD, "payee": STRANGER}
    reserved = lives.do(commands.reserve_disbursement, loan_id, **values).event_id
    with pytest.raises(PaymentRefused):
        lives.do(commands.post_disbursement, loan_id, reserved_event_id=reserved, value_date=NEW)
    assert lives.row(loan_id).reserved_fen == ABOVE
    lives.do(commands.post_disbursement, loan_id, reserved_event_id=reserved, value_date=OLD)
    with pytest.raises(PaymentRefused):
        lives.do(commands.reserve_disbursement, loan_id, **{**values, "value_date": NEW})


def test_terms_that_cannot_be_read_name_their_place():
    with pytest.raises(LoanTermsError, match=r"payment\.agreed_payees\[0\]\.account"):
        open_one(agreed_payees=[{"name": "宏达建材", "account": ""}])
    with pytest.raises(LoanTermsError, match="shown"):
        lend(open_one(), NEW, payee=AGREED, shown=["promise"])


def test_a_loan_without_terms_of_payment_is_lent_as_before():
    loan_id = lives.open_one()
    lend(loan_id, lives.START, amount_fen=1)
    assert "is_entrusted" not in lives.events(loan_id)[-1].detail
