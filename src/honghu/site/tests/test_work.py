"""`honghu work --once` does all that waits, in a real database."""

import datetime as dt
from typing import Any

from honghu.base.identifiers import new_id
from honghu.kernel.cases.models import OutboxMessage
from honghu.kernel.journal.queries import log_size
from honghu.kernel.ledger.chart import load_chart
from honghu.kernel.ledger.commands import create_pending, open_account
from honghu.kernel.ledger.queries import balance
from honghu.kernel.ledger.records import NewTransfer
from honghu.site.cli import work

LONG_AGO = dt.datetime(2025, 12, 1, tzinfo=dt.UTC)


def test_work_frees_what_was_reserved_too_long_and_forgets_what_was_told_long_ago(
    committed_db: str, django_db_blocker: Any, now: dt.datetime
) -> None:
    with django_db_blocker.unblock():
        load_chart()
        loan, supplier = (
            open_account(id=new_id(), kind=kind, now=now).id
            for kind in ("loan_principal", "supplier_account")
        )
        # The command line reads the real clock: one is over long before, one is far from it.
        for amount, year in ((100, 2026), (7, 2999)):
            wanted = NewTransfer(
                id=new_id(),
                debit_account_id=loan,
                credit_account_id=supplier,
                amount_fen=amount,
                value_date=now.date(),
                kind="disbursement",
            )
            expires_at = dt.datetime(year, 1, 1, tzinfo=dt.UTC)
            create_pending(wanted, now=LONG_AGO, expires_at=expires_at)
        assert balance(supplier).incoming_fen == 107
        OutboxMessage.objects.create(
            topic="x.y", step_id=new_id(), case_id=new_id(), created_at=LONG_AGO,
            delivered_at=LONG_AGO,
        )  # fmt: skip
        work(once=True)
        assert balance(supplier).incoming_fen == 7
        # Two reservations and an expiry stand in the log.
        assert log_size() == 3
        assert not OutboxMessage.objects.exists()
