"""What closes do to single loans: off the books and back, reminders, a debtor's classes, a new rate."""

import datetime as dt
import random
import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum

from honghu.domains.lending.closing import repricing
from honghu.domains.lending.closing.models import ClassChange, Reminder, RiskStatement
from honghu.domains.lending.closing.tests.portfolio import (
    LENDERS,
    START,
    at,
    close,
    close_until,
    lend,
    settle,
)
from honghu.domains.lending.commands import changes
from honghu.domains.lending.commands.payments import record_payment
from honghu.domains.lending.commands.reversals import reverse_event
from honghu.domains.lending.models import Accrual, Event, Loan
from honghu.domains.lending.queries.books import control_account_id
from honghu.domains.lending.queries.kept import load_loan
from honghu.domains.lending.queries.lpr import resets_waiting
from honghu.domains.lending.queries.verify import verify_loans
from honghu.domains.lending.readers.lpr import read_lpr_table
from honghu.domains.lending.rules.postings import Part
from honghu.domains.lending.rules.problems import UnableToReplay
from honghu.kernel.ledger.queries import balance


def test_interest_overdue_for_over_90_days_leaves_income_and_comes_back_when_all_is_paid(db):
    settle()
    contract = {
        "principal_due": [{"date": "2026-12-20", "amount_fen": 1_000_000}],
        "interest_due_dates": ["2026-01-20", "2026-02-20", "2026-06-20", "2026-12-20"],
        "maturity": "2026-12-20",
        "rate": "3.6",
        "penalty": {"overdue_markup_pct": "50", "misuse_markup_pct": "100"},
    }
    chooser = random.Random(1)  # noqa: S311 a test's choice
    lent = {"lender": LENDERS[0], "principal_fen": 1_000_000, "chooser": chooser}
    late = lend(1, contract=contract, **lent)
    other = lend(2, contract=contract | {"interest_due_dates": ["2026-12-20"]}, **lent)
    turns = dt.date(2026, 4, 21)  # 91 days after 20 January
    for day, began in ((turns - dt.timedelta(days=1), 0), (turns, 1), (turns, 1)):
        assert close(day)["counts"]["nonaccrual"]["began"] == began
    late.refresh_from_db()
    assert (late.is_nonaccrual, late.is_principal_first) == (True, False)
    assert income_of(late) == 0
    day = dt.date(2026, 5, 1)
    close(day)
    assert verify_loans().faults == ()
    fen = load_loan(late.id).state.payoff_quote(day).total_fen - 1_000_000
    assert off_balance(late) == fen
    pay = {"actor": None, "now": at(day), "loan_id": late.id, "value_date": day}
    record_payment(**pay, idempotency_key="some", amount_fen=100)
    assert income_of(late) == 100
    record_payment(**pay, idempotency_key="rest", amount_fen=fen - 100)
    assert close(day + dt.timedelta(days=1))["counts"]["nonaccrual"]["ended"] == 1
    assert (off_balance(late), Loan.objects.filter(is_nonaccrual=True).count()) == (0, 0)
    day += dt.timedelta(days=2)
    close(day)
    assert verify_loans().faults == ()
    # Late or in time, the same was earned in the end; late it bore compound interest, too.
    assert income_of(other) < income_of(late) < income_of(other) + 100
    wrong = Event.objects.get(loan_id=late.id, kind="nonaccrual_began")
    back = {"actor": None, "now": at(day), "loan_id": late.id}
    with pytest.raises(UnableToReplay, match="nothing to end"):
        reverse_event(**back, idempotency_key="back", event_id=wrong.id)
    # A payment that comes to light late is booked on its day, before the interest left income.
    early = dt.date(2026, 3, 2)
    record_payment(**back, idempotency_key="late", amount_fen=77, value_date=early)
    assert verify_loans().faults == ()


def income_of(loan):
    """What a loan's accruals brought to the incomes, by the subledger."""
    sums = Accrual.objects.filter(loan_id=loan.id, is_off_balance=False).aggregate(
        interest=Sum("interest_fen"), compound=Sum("compound_fen"), penalty=Sum("penalty_fen")
    )
    return sum(sums.values())


def off_balance(loan):
    """What the ledger keeps beside the books of the loan's lender and product."""
    account = control_account_id(Part.OFF_CONTRA, loan.lender_id, loan.product, loan.currency)
    return balance(account).balance_fen


def contract(days, rate="6", **more):
    """One instalment, after so many days."""
    due = START + dt.timedelta(days=days)
    return {
        "principal_due": [{"date": due.isoformat(), "amount_fen": 100_000}],
        "interest_due_dates": [due.isoformat()],
        "maturity": due.isoformat(),
        "rate": rate,
        "penalty": {
            "overdue_markup_pct": "50",
            "misuse_markup_pct": "100",
            "is_compounding": True,
        },
        **more,
    }


def one_loan(number, borrower, days, fen=100_000, lender=LENDERS[0], **more):
    agreed = contract(days, **more)
    agreed["principal_due"][0]["amount_fen"] = fen
    return lend(
        number,
        chooser=random.Random(1),  # noqa: S311 a test's choice
        borrower=uuid.UUID(int=borrower),
        principal_fen=fen,
        lender=lender,
        contract=agreed,
    )


def test_reminders_are_made_once_for_a_due_date_and_once_when_overdue(db):
    settle()
    loan = one_loan(1, 1, days=10)
    for number in (1, 2, 3, 4, 9, 10, 11, 12):
        close(START + dt.timedelta(days=number))
    due = START + dt.timedelta(days=10)
    found = {(row.kind, row.due_date): row for row in Reminder.objects.filter(loan_id=loan.id)}
    assert set(found) == {("due_soon", due), ("overdue", due)}
    assert found["due_soon", due].business_date == due - dt.timedelta(days=7)
    assert found["due_soon", due].amount_fen == 100_000 + 167
    assert found["overdue", due].business_date == due + dt.timedelta(days=1)


def test_one_bad_loan_takes_the_debtors_other_loans_with_it(db):
    settle()
    bad = one_loan(1, 1, days=10, fen=20_000)
    good = one_loan(2, 1, days=300, fen=100_000)
    elsewhere = one_loan(3, 1, days=300, fen=1_000_000, lender=LENDERS[1])
    shielded = one_loan(4, 1, days=300, fen=10_000)
    stranger = one_loan(5, 2, days=300)
    RiskStatement.objects.create(
        number=1, loan_id=shielded.id, is_shielded=True, stated_by=LENDERS[0], stated_at=at(START)
    )
    overdue_from = START + dt.timedelta(days=10)

    def classes(day):
        close(day)
        return [
            Loan.objects.get(pk=loan.id).risk_class
            for loan in (bad, good, elsewhere, shielded, stranger)
        ]

    assert classes(overdue_from) == ["normal"] * 5
    after_90 = ["special_mention", "normal", "normal", "normal", "normal"]
    assert classes(overdue_from + dt.timedelta(days=90)) == after_90
    # 15 % of the debtor's claims here are bad; elsewhere that is a warning
    after_91 = ["substandard", "substandard", "special_mention", "normal", "normal"]
    assert classes(overdue_from + dt.timedelta(days=91)) == after_91
    changes = ClassChange.objects.filter(loan_id=good.id).order_by("number")
    assert [(row.before, row.after) for row in changes] == [
        (None, "normal"),
        ("normal", "substandard"),
    ]
    assert changes[1].findings[0] == ["substandard", "debtor_bad_share"]


def test_a_floating_loan_is_repriced_on_its_day_and_a_rate_not_published_is_not_guessed(
    db, monkeypatch
):
    settle()
    reset = START + dt.timedelta(days=3)
    lpr = {"tenor": "1y", "points_bp": "55", "reset_dates": [reset.isoformat()]}
    floating = one_loan(1, 1, days=60, lpr=lpr)
    one_loan(2, 1, days=60, lpr=lpr)
    known = read_lpr_table("date,one_year,five_years\n2025-12-20,3.10,3.60\n")
    unpublished = read_lpr_table("date,one_year,five_years\n2025-11-20,3.10,3.60\n")
    close_until(reset - dt.timedelta(days=1))
    monkeypatch.setattr(repricing, "known_lpr", lambda: unpublished)
    mark = str(connection.savepoint())
    *_, report = [close(day) for day in (reset, reset + dt.timedelta(days=1), reset)]
    assert report["skipped"]["count"] == 2
    assert "no LPR is known" in report["skipped"]["loans"][0]["detail"]
    assert {(each.reset_date, each.loan_id) for each in resets_waiting()} >= {(reset, floating.id)}
    monkeypatch.setattr(repricing, "known_lpr", lambda: known)
    monkeypatch.setattr(changes, "known_lpr", lambda: known)
    # Added late, by the next close or by closing its own day again, it holds from the reset day on.
    close(reset + dt.timedelta(days=2))
    assert (resets_waiting(), close(reset)["skipped"]["count"]) == ([], 0)
    (repriced,) = Event.objects.filter(loan_id=floating.id, kind="repriced")
    assert (repriced.value_date, repriced.detail["rate"]) == (reset, "3.65")
    assert verify_loans().faults == ()
    connection.savepoint_rollback(mark)
    assert close(reset)["counts"]["reprice"] == {"repriced": 2, "not_repriced": 0}
    assert Loan.objects.get(pk=floating.id).rate == Decimal("3.65")
    found = Accrual.objects.filter(loan_id=floating.id).order_by("number")
    assert [row.to_date for row in found] == [START + dt.timedelta(days=n) for n in (1, 2, 3)]
    close(reset + dt.timedelta(days=1))
    assert [row.interest_units for row in found.all()][-1] == 100_000 * 365 * 10**8
