"""What SQL does to many loans is what the fold does to each."""

import datetime as dt
import itertools
import random
import uuid
from decimal import Decimal

import pytest
from django.db import connection

from honghu.domains.lending.closing import serving
from honghu.domains.lending.closing.models import ClosingSkip
from honghu.domains.lending.closing.tests.portfolio import START, at, portfolio, settle
from honghu.domains.lending.commands.accruals import open_batch, post_batch
from honghu.domains.lending.commands.changes import mark_misused, reprice_loan
from honghu.domains.lending.commands.payments import record_payment
from honghu.domains.lending.models import Accrual, Loan
from honghu.domains.lending.queries.kept import load_loan
from honghu.domains.lending.rules.contracts import Disbursed, Misused, Paid, Repriced
from honghu.domains.lending.rules.flat import flatten, open_claims, planned_by_day
from honghu.domains.lending.rules.servicing import open_loan

pytestmark = pytest.mark.django_db
FIRST = uuid.UUID(int=0)


def serve(day):
    batch = open_batch(business_date=day, now=at(day))
    counts = serving.serve_span(serving.Span(FIRST, None, day, at(day), batch))
    post_batch(batch_id=batch, now=at(day))
    return counts


def happen(chooser, row, day, number):
    """Something at random to a loan, by its command; gives the event of the fold."""
    common = {
        "actor": None,
        "now": at(day),
        "idempotency_key": f"{row.id}:{day}:{number}",
        "loan_id": row.id,
        "value_date": day,
    }
    kind = chooser.choice(["paid", "paid", "paid", "repriced", "misused"])
    if kind == "paid":
        amount = chooser.randint(1, max(row.lent_fen // 2, 2))
        record_payment(amount_fen=amount, **common)
        return Paid(day, amount)
    if kind == "repriced":
        rate = Decimal(chooser.randint(0, 2400)) / 100
        reprice_loan(rate=rate, **common)
        return Repriced(day, rate)
    mark_misused(**common)
    return Misused(day)


def assert_same(loan_id, state):
    kept = load_loan(loan_id)
    wanted = flatten(state)
    assert {name: getattr(kept.row, name) for name in wanted} == wanted
    assert open_claims(kept.state.claims) == open_claims(state.claims)
    assert planned_by_day(kept.state) == planned_by_day(state)


def test_day_by_day_the_tables_are_the_fold():
    settle()
    chooser = random.Random(20260105)  # noqa: S311 a test's choice
    rows = portfolio(12)
    states = {
        row.id: open_loan(load_loan(row.id).contract, START).apply(Disbursed(START, row.lent_fen))
        for row in rows
    }
    day, served = START, {"quiet": 0, "due": 0, "caught_up": 0, "skipped": 0}
    while day < START + dt.timedelta(days=70):
        # Now and then a day is left out: the next one serves a range, or several due days.
        day += dt.timedelta(days=chooser.choice([1, 1, 1, 2, 6]))
        for name, count in serve(day).items():
            served[name] += count
        for number, row in enumerate(chooser.sample(rows, 2)):
            event = happen(chooser, row, day, number)
            states[row.id] = states[row.id].apply(event)
        for loan_id in chooser.sample(list(states), 3):
            assert_same(loan_id, states[loan_id].advance_to(day))
    for loan_id, state in states.items():
        assert_same(loan_id, state.advance_to(day))
    assert served["skipped"] == 0
    assert min(served["quiet"], served["due"], served["caught_up"]) > 10


def test_every_day_of_a_loan_is_accrued_once():
    settle()
    rows = portfolio(5, seed=3)
    for number in range(1, 12):
        serve(START + dt.timedelta(days=number))
    for row in rows:
        found = list(Accrual.objects.filter(loan_id=row.id).order_by("number"))
        assert [each.number for each in found] == list(range(1, len(found) + 1))
        assert found[0].from_date == START
        assert all(one.to_date == two.from_date for one, two in itertools.pairwise(found))
        assert found[-1].to_date == START + dt.timedelta(days=11)


def test_one_faulty_loan_is_skipped_and_named_and_the_rest_is_served():
    settle()
    rows = portfolio(9, seed=4)
    day = START + dt.timedelta(days=1)
    broken, locked, faulty = sorted(rows, key=lambda row: row.id)[3:6]
    # the statement divides by it, and the fold finds no contract to mend it by
    Loan.objects.filter(pk=broken.id).update(denominator=0, contract_revision=7)
    Loan.objects.filter(pk=locked.id).update(locked_until=at(day) + dt.timedelta(hours=1))
    Loan.objects.filter(pk=faulty.id).update(fault="the contract is disputed")
    counts = serve(day)
    assert counts["quiet"] == len(rows) - 3
    skips = {skip.loan_id: skip for skip in ClosingSkip.objects.all()}
    assert {loan_id: skip.reason for loan_id, skip in skips.items()} == {
        broken.id: "faulty",
        locked.id: "locked",
        faulty.id: "faulty",
    }
    assert skips[faulty.id].detail == "the contract is disputed"
    # the next day catches up what can be served again
    Loan.objects.filter(pk=broken.id).update(denominator=broken.denominator, contract_revision=0)
    Loan.objects.filter(pk=faulty.id).update(fault=None)
    later = day + dt.timedelta(days=1)
    assert serve(later)["skipped"] == 0
    assert serving.resolve_skips(at(later)) == 3
    for row in rows:
        contract = load_loan(row.id).contract
        assert_same(
            row.id,
            open_loan(contract, START).apply(Disbursed(START, row.lent_fen)).advance_to(later),
        )


def test_the_statement_reads_only_the_loans_of_its_span():
    settle()
    rows = sorted(portfolio(4, seed=5), key=lambda row: row.id)
    day = START + dt.timedelta(days=1)
    batch = open_batch(business_date=day, now=at(day))
    span = serving.Span(rows[1].id, rows[3].id, day, at(day), batch)
    assert serving.serve_span(span)["quiet"] == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM lending_loan WHERE served_to = %s ORDER BY id", [day])
        assert [each[0] for each in cursor.fetchall()] == [rows[1].id, rows[2].id]
