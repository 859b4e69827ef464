"""What other ledgers let pass, tried on this one: a test for each probe.

django-hordak 2.0 refused an unbalanced insert but accepted edited legs, deleted legs, a deleted
transaction, an overdraft and double posting; pgledger did not block an edit of an entry. Each is
tried here as the application's role (that is how hordak and pgledger were tried), and, where rights
alone might be what refuses, as the database's owner.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from honghu.base.identifiers import new_id
from honghu.kernel.ledger.commands import (
    create_pending,
    post_transfers,
    resolve_pending,
    void_pending,
)
from honghu.kernel.ledger.models import Entry, Transfer
from honghu.kernel.ledger.problems import (
    AlreadyResolved,
    BoundPassed,
    IdReused,
    UnbalancedTransfer,
)
from honghu.kernel.ledger.queries import balance
from honghu.kernel.ledger.records import Leg, NewCompoundTransfer, NewTransfer
from honghu.kernel.ledger.tests.conftest import DAY, Cast
from honghu.kernel.ledger.tests.test_guards import forge
from honghu.kernel.ledger.verify import verify

Make = Callable[..., NewTransfer]
Owner = psycopg.Connection[Any]

EDITS: dict[str, str] = {
    "hordak, both legs edited": "UPDATE ledger_entry SET amount_fen = amount_fen * 10",
    "hordak, both legs deleted": "DELETE FROM ledger_entry",
    "hordak, a transaction deleted": "DELETE FROM ledger_transfer",
    "pgledger, an entry edited": (
        "UPDATE ledger_entry SET amount_fen = amount_fen + 1 WHERE amount_fen > 0"
    ),
    "pgledger, a balance edited": "UPDATE ledger_entry SET balance_fen = 0",
    "either, all truncated": "TRUNCATE ledger_transfer, ledger_entry",
}


@pytest.fixture
def lent(cast: Cast, make: Make, now: dt.datetime) -> NewTransfer:
    """500 fen lent to the supplier."""
    wanted = make(cast.loan, cast.supplier, 500)
    post_transfers([wanted], now=now)
    return wanted


@pytest.mark.parametrize("statement", EDITS.values(), ids=EDITS.keys())
def test_an_edit_is_refused_to_the_application(lent: NewTransfer, statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert balance(lent.debit_account_id).balance_fen == 500


@pytest.mark.parametrize("statement", EDITS.values(), ids=EDITS.keys())
def test_an_edit_is_refused_to_the_owner(
    lent: NewTransfer, as_owner: Owner, statement: str
) -> None:
    with pytest.raises(psycopg.errors.RestrictViolation), as_owner.transaction():
        as_owner.execute(statement)
    assert balance(lent.debit_account_id).balance_fen == 500


def test_hordak_legs_edited_and_deleted_through_the_models(lent: NewTransfer) -> None:
    """As a programmer with the ORM in hand would."""
    entries = Entry.objects.filter(transfer_id=lent.id)
    for change in (
        lambda: entries.update(amount_fen=7),
        entries.delete,
        lambda: Transfer.objects.filter(pk=lent.id).delete(),
        lambda: Entry.objects.bulk_create([Entry(transfer_id=lent.id)]),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert {each.amount_fen for each in entries} == {500, -500}


def test_hordak_an_unbalanced_insert(cast: Cast, as_owner: Owner, now: dt.datetime) -> None:
    """The one that hordak refuses too: by the command, and by the database without it."""
    legs = (Leg(cast.loan, 5), Leg(cast.supplier, -4))
    off = NewCompoundTransfer(id=new_id(), legs=legs, value_date=DAY, kind="probe")
    with pytest.raises(UnbalancedTransfer):
        post_transfers([off], now=now)
    with pytest.raises(psycopg.Error) as refused, as_owner.transaction():
        forge(as_owner, [cast.loan, cast.supplier], [5, -4])
    assert refused.value.sqlstate == "HL002"


def test_hordak_overdrawing(
    lent: NewTransfer, cast: Cast, as_owner: Owner, make: Make, now: dt.datetime
) -> None:
    """The supplier holds 500: 501 is refused, also where 500 are reserved already and 1 is asked."""
    with pytest.raises(BoundPassed), transaction.atomic():
        post_transfers([make(cast.supplier, cast.loan, 501)], now=now)
    with pytest.raises(psycopg.Error) as refused, as_owner.transaction():
        forge(as_owner, [cast.supplier, cast.loan], [501, -501])
    assert refused.value.sqlstate == "HL001"
    create_pending(make(cast.supplier, cast.loan, 500), now=now)
    with pytest.raises(BoundPassed), transaction.atomic():
        post_transfers([make(cast.supplier, cast.loan, 1)], now=now)


def test_hordak_double_posting(lent: NewTransfer, cast: Cast, make: Make, now: dt.datetime) -> None:
    """The same request twice moves money once; another under its id is refused; one resolution."""
    (again,) = post_transfers([lent], now=now + dt.timedelta(hours=1))
    assert again.replayed
    with pytest.raises(IdReused), transaction.atomic():
        post_transfers([make(cast.loan, cast.supplier, 501, id=lent.id)], now=now)
    pending = make(cast.loan, cast.supplier, 30)
    create_pending(pending, now=now)
    resolve_pending(pending.id, id=new_id(), now=now)
    for resolve in (resolve_pending, void_pending):
        with pytest.raises(AlreadyResolved), transaction.atomic():
            resolve(pending.id, id=new_id(), now=now)
    assert balance(cast.supplier).balance_fen == 530


def test_pgledger_sums_after_much_traffic(cast: Cast, make: Make, now: dt.datetime) -> None:
    """The check that pgledger passed: sum 0, balance = sum of entries, version = their count."""
    batch = [make(cast.loan, cast.supplier, amount) for amount in range(1, 200)]
    post_transfers(batch + [make(cast.supplier, cast.bank, 1) for _ in batch], now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT sum(amount_fen), count(*), max(version), (array_agg(balance_fen
            ORDER BY version DESC))[1] FROM ledger_entry GROUP BY account_id"""
        )
        rows = cursor.fetchall()
    assert len(rows) == 3
    assert sum(row[0] for row in rows) == 0
    assert all(net == last and count == version for net, count, version, last in rows)
    assert verify().faults == ()
