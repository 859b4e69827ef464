"""The ledger's cast: a bank that lends, a supplier who borrows, and the money that walks."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection

from honghu.base.identifiers import new_id
from honghu.kernel.ledger.chart import load_chart
from honghu.kernel.ledger.commands import open_account
from honghu.kernel.ledger.records import NewTransfer

DAY = dt.date(2026, 6, 1)


@dataclasses.dataclass(frozen=True)
class Cast:
    """Accounts by their part. `supplier` may not be overdrawn; `programme` holds 1,000,000 fen."""

    bank: uuid.UUID
    loan: uuid.UUID
    supplier: uuid.UUID
    treasury: uuid.UUID
    programme: uuid.UUID
    contra: uuid.UUID
    income: uuid.UUID


def open_cast(now: dt.datetime) -> Cast:
    """Load the chart and open the accounts of the cast."""
    load_chart()

    def open_one(kind: str, **options: Any) -> uuid.UUID:
        return open_account(id=new_id(), kind=kind, now=now, **options).id

    return Cast(
        bank=open_one("bank_funds"),
        loan=open_one("loan_principal"),
        supplier=open_one("supplier_account", min_fen=0),
        treasury=open_one("treasury_clearing"),
        programme=open_one("credit_limit", min_fen=0, max_fen=1_000_000),
        contra=open_one("credit_limit_contra"),
        income=open_one("interest_income"),
    )


def transfer(debit: uuid.UUID, credit: uuid.UUID, amount_fen: int, **changes: Any) -> NewTransfer:
    """A transfer with a new id on the day of the tests."""
    wanted = NewTransfer(
        id=new_id(),
        debit_account_id=debit,
        credit_account_id=credit,
        amount_fen=amount_fen,
        value_date=DAY,
        kind="disbursement",
    )
    return dataclasses.replace(wanted, **changes)


@pytest.fixture
def cast(db: None, now: dt.datetime) -> Cast:
    """The cast in the transaction of the test."""
    return open_cast(now)


@pytest.fixture
def committed_cast(committed_db: str, now: dt.datetime, django_db_blocker: Any) -> Any:
    """The cast in a database of its own, committed."""
    with django_db_blocker.unblock():
        yield open_cast(now)


@pytest.fixture
def make() -> Callable[..., NewTransfer]:
    """Makes transfers: `make(debit, credit, amount_fen, **changes)`."""
    return transfer


@pytest.fixture
def as_owner(db: None) -> Iterator[psycopg.Connection[Any]]:
    """The test's own connection, for tampering as the database's owner; the rollback undoes it all.

    Quicker than a database of its own: use it where nothing needs a second connection.
    """
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    yield connection.connection
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE honghu_app")
