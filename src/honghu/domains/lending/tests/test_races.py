"""Two hands at once on one loan: nothing is settled twice, and one request is booked once."""

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from honghu.domains.lending import commands, queries
from honghu.domains.lending.commands.accruals import open_batch, post_batch
from honghu.domains.lending.commands.serving import serve_in_batch
from honghu.domains.lending.queries.verify import verify_loans
from honghu.domains.lending.rules.postings import Part
from honghu.domains.lending.tests import lives
from honghu.kernel.ledger.chart import load_chart

DAY = dt.date(2025, 3, 1)


@pytest.fixture
def loan_id(committed_db: str, django_db_blocker: Any) -> Any:
    """A loan that was lent, committed."""
    with django_db_blocker.unblock():
        load_chart()
        yield lives.lend_one()


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What works come to that begin in the same instant, each with a connection of its own."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_two_payments_settle_what_is_owed_once(loan_id):
    owed = queries.quote_payoff(loan_id, DAY).total_fen

    def pay() -> Any:
        return lives.do(commands.record_payment, loan_id, amount_fen=owed, value_date=DAY)

    first, second = sorted(at_once(pay, pay), key=lambda each: each.sequence)
    assert "released" not in first.outcome
    assert second.outcome == {"released": owed}
    assert lives.books(Part.PRINCIPAL, Part.INTEREST, Part.RELEASED) == {"released": owed}
    assert not verify_loans().faults


def test_one_request_sent_four_times_at_once_is_booked_once(loan_id):
    def pay() -> Any:
        values = {"amount_fen": 500_00, "value_date": DAY, "idempotency_key": "once"}
        return lives.do(commands.record_payment, loan_id, **values)

    answers = at_once(pay, pay, pay, pay)
    assert len({answer.event_id for answer in answers}) == 1
    assert sum(not answer.is_replayed for answer in answers) == 1
    opened = at_once(*[lambda: lives.open_one("L-2")] * 4)
    assert len(set(opened)) == 1
    assert not verify_loans().faults


def test_a_payment_and_the_close_of_business_meet(loan_id):
    closing = dt.date(2025, 4, 1)
    batch_id = open_batch(business_date=closing, now=lives.NOW)

    def serve() -> Any:
        return serve_in_batch(loan_id, to_date=closing, batch_id=batch_id, now=lives.NOW)

    def pay() -> Any:
        return lives.do(commands.record_payment, loan_id, amount_fen=700_00, value_date=DAY)

    at_once(serve, pay, pay)
    post_batch(batch_id=batch_id, now=lives.NOW)
    loan = queries.get_loan(loan_id)
    assert loan.served_to == closing
    assert not verify_loans().faults
