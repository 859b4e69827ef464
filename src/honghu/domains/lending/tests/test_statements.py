"""A loan's account for a period is what the ledger moved for it, and ends where the loan stands."""

import datetime as dt
import random

import pytest

from honghu.domains.lending import commands
from honghu.domains.lending.closing.running import close_day
from honghu.domains.lending.closing.tests.portfolio import START, at, lend, settle
from honghu.domains.lending.models import Loan
from honghu.domains.lending.queries import get_loan
from honghu.domains.lending.queries.statements import (
    ACCRUED,
    BadStatementPeriod,
    Owed,
    loan_statement,
)
from honghu.domains.lending.tests import lives
from honghu.kernel.ledger.chart import load_chart

YUAN = lives.YUAN
END = dt.date(2026, 6, 1)


@pytest.fixture
def chart(db: None) -> None:
    load_chart()


def test_lent_earned_and_paid_make_the_balance(chart: None):
    """12,000 yuan at 6 % of actual/360, first instalment paid on its day with 31 days' interest."""
    loan_id = lives.lend_one()
    paid = 1000 * YUAN + 62_00
    lives.do(commands.record_payment, loan_id, amount_fen=paid, value_date=dt.date(2025, 2, 10))
    account = loan_statement(get_loan(loan_id), lives.START, dt.date(2025, 2, 10))
    assert account.agrees
    assert account.opening == Owed()
    assert [line.kind for line in account.lines] == ["disbursed", "paid"]
    assert account.lines[1].earned == Owed(0, 62_00)
    assert account.lines[1].moved == Owed(-1000 * YUAN, -62_00)
    assert account.closing == Owed(11_000 * YUAN)
    assert account.lent_fen == 12_000 * YUAN
    assert account.settled == Owed(1000 * YUAN, 62_00)
    later = loan_statement(get_loan(loan_id), dt.date(2025, 2, 11), END)
    assert (later.opening, later.lines, later.closing) == (account.closing, (), account.closing)


def test_a_period_that_ends_before_it_begins_is_refused(chart: None):
    loan_id = lives.lend_one()
    with pytest.raises(BadStatementPeriod):
        loan_statement(get_loan(loan_id), END, lives.START)


def test_late_payments_reversals_and_closes_never_part_loan_and_ledger(chart: None):
    """Whatever happens, the ledger's entries and the accruals sum to the loan's row."""
    chooser = random.Random(7)  # noqa: S311 a test's choice
    loan_id = lives.lend_one(terms=lives.terms(day_count="actual/365"))
    day, paid = dt.date(2025, 2, 10), []
    for turn in range(8):
        booked = lives.do(
            commands.record_payment,
            loan_id,
            amount_fen=chooser.randint(100, 1500) * YUAN,
            value_date=day,
        )
        paid.append(booked.event_id)
        day += dt.timedelta(days=chooser.randint(-20, 60))
        day = max(day, lives.START + dt.timedelta(days=1))
        if turn == 5:
            lives.do(commands.reverse_event, loan_id, event_id=paid[2])
        account = loan_statement(get_loan(loan_id), lives.START, END)
        assert account.agrees
        assert account.closing.principal_fen == lives.row(loan_id).principal_fen + (
            lives.row(loan_id).due_principal_fen
        )
    assert len(paid) == 8


def test_days_closed_are_one_line_until_the_next_event(committed_db: str):
    settle()
    row = lend(1, chooser=random.Random(3), principal_fen=360_000 * YUAN)  # noqa: S311
    for offset in range(1, 6):
        on = START + dt.timedelta(days=offset)
        close_day(on, now=at(on), today=on, workers=1)
    loan = get_loan(row.id)
    account = loan_statement(loan, START, START + dt.timedelta(days=30))
    assert account.agrees
    assert [line.kind for line in account.lines] == ["disbursed", ACCRUED]
    assert account.closing.interest_fen == loan.running_interest_fen
    assert account.unposted_fen == 0
    assert Loan.objects.get(pk=row.id).accruals == 5
