"""Each way to falsify a ledger, tried on the database itself: as the application, and as its owner.

The application's role is refused because it may only read; the owner is refused by the triggers.
"""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from psycopg import errors

from honghu.base.identifiers import new_id
from honghu.kernel.ledger.commands import create_pending, post_transfers
from honghu.kernel.ledger.queries import balance
from honghu.kernel.ledger.records import NewTransfer
from honghu.kernel.ledger.tests.conftest import DAY, Cast

Make = Callable[..., NewTransfer]
Owner = psycopg.Connection[Any]

TAMPERING = {
    "edit legs": "UPDATE ledger_entry SET amount_fen = amount_fen * 2, balance_fen = balance_fen * 2",
    "edit a balance": "UPDATE ledger_entry SET balance_fen = balance_fen + 1",
    "delete legs": "DELETE FROM ledger_entry",
    "delete no legs": "DELETE FROM ledger_entry WHERE false",
    "edit a transfer": "UPDATE ledger_transfer SET kind = 'gift'",
    "delete a transfer": "DELETE FROM ledger_transfer",
    "empty the entries": "TRUNCATE ledger_entry",
    "empty the transfers": "TRUNCATE ledger_transfer",
    "turn an account": "UPDATE ledger_account SET normal_side = 'debit'",
    "delete an account": "DELETE FROM ledger_account",
    "forget a bound": "DELETE FROM ledger_bound",
    "rewrite a bound": "UPDATE ledger_bound SET floor_fen = NULL",
    "delete a slot": "DELETE FROM ledger_slot",
    "empty the slots": "TRUNCATE ledger_slot",
    "move a slot": "UPDATE ledger_slot SET currency = 'USD'",
    "forget a leaf": "DELETE FROM journal_leaf",
}
_TRANSFER = """
INSERT INTO ledger_transfer (id, phase, kind, legs, value_date, booked_at, pending_id, reverses_id,
  link_id, link_size, request_hash)
VALUES (%(id)s, %(phase)s, 'gift', %(legs)s, %(day)s, now(), %(pending)s, %(reverses)s, %(link)s,
  %(link_size)s, sha256('x'))
"""
_ENTRIES = """
INSERT INTO ledger_entry (transfer_id, account_id, slot, currency, value_date, amount_fen,
  reserved_debit_fen, reserved_credit_fen, balance_fen, pending_debit_fen, pending_credit_fen,
  version)
SELECT %(id)s, n.account_id, 0, 'CNY', %(day)s, n.amount, n.debit, n.credit,
  coalesce(l.balance_fen, 0) + n.amount + %(lie)s, coalesce(l.pending_debit_fen, 0) + n.debit,
  coalesce(l.pending_credit_fen, 0) + n.credit, coalesce(l.version, 0) + 1 + %(gap)s
FROM unnest(%(accounts)s::uuid[], %(amounts)s::bigint[], %(debits)s::bigint[], %(credits)s::bigint[])
  AS n (account_id, amount, debit, credit)
LEFT JOIN LATERAL (
  SELECT * FROM ledger_entry e WHERE e.account_id = n.account_id ORDER BY version DESC LIMIT 1
) l ON true
"""


def forge(by: Owner, accounts: list[uuid.UUID], amounts: list[int], **changes: Any) -> uuid.UUID:
    """Insert a transfer and its entries past the ledger's functions, as well made as possible."""
    values: dict[str, Any] = {
        "id": new_id(),
        "phase": "single",
        "legs": len(accounts),
        "day": DAY,
        "pending": None,
        "reverses": None,
        "link": None,
        "link_size": None,
        "accounts": accounts,
        "amounts": amounts,
        "debits": [0] * len(accounts),
        "credits": [0] * len(accounts),
        "lie": 0,
        "gap": 0,
    } | changes
    by.execute(f"WITH t AS ({_TRANSFER}) {_ENTRIES}", values)
    return uuid.UUID(str(values["id"]))


@pytest.mark.parametrize("statement", TAMPERING.values(), ids=TAMPERING.keys())
def test_the_application_may_only_read(
    cast: Cast, make: Make, now: dt.datetime, statement: str
) -> None:
    post_transfers([make(cast.loan, cast.supplier, 500)], now=now)
    with (
        pytest.raises(DatabaseError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert isinstance(refused.value.__cause__, errors.InsufficientPrivilege)
    assert balance(cast.loan).balance_fen == 500


@pytest.mark.parametrize("table", ["transfer", "entry", "account", "slot", "bound"])
def test_the_application_inserts_through_the_functions_only(cast: Cast, table: str) -> None:
    with (
        pytest.raises(DatabaseError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"INSERT INTO ledger_{table} DEFAULT VALUES")
    assert isinstance(refused.value.__cause__, errors.InsufficientPrivilege)


def test_the_owner_is_refused_by_the_triggers(
    cast: Cast, as_owner: Owner, make: Make, now: dt.datetime
) -> None:
    post_transfers([make(cast.loan, cast.supplier, 500)], now=now)
    for statement in TAMPERING.values():
        with pytest.raises(errors.RestrictViolation), as_owner.transaction():
            as_owner.execute(statement)
    assert balance(cast.loan).balance_fen == 500


def test_a_well_made_forgery_shows_that_the_probes_can_pass(cast: Cast, as_owner: Owner) -> None:
    forge(as_owner, [cast.loan, cast.supplier], [5, -5])
    assert balance(cast.loan).balance_fen == 5


FORGERIES: dict[str, tuple[str, dict[str, Any]]] = {
    "unbalanced": ("HL002", {"amounts": [5, -4]}),
    "one leg": ("HL002", {"accounts": 1, "amounts": [5]}),
    "a leg that is not declared": ("HL003", {"legs": 3}),
    "nothing": ("HL003", {"amounts": [0, 0]}),
    "a false balance": ("HL004", {"lie": 1}),
    "a gap in the versions": ("HL004", {"gap": 1}),
    "an overdraft": ("HL001", {"amounts": [-5, 5]}),
    "an overdraft by reserving": (
        "HL001",
        {"phase": "pending", "amounts": [0, 0], "debits": [0, 5], "credits": [5, 0]},
    ),
    "a pending transfer that moves": (
        "HL003",
        {"phase": "pending", "debits": [5, 0], "credits": [0, 5]},
    ),
    "a reservation out of balance": (
        "HL002",
        {"phase": "pending", "amounts": [0, 0], "debits": [5, 0], "credits": [0, 4]},
    ),
    "a single transfer that reserves": ("HL003", {"debits": [5, 0], "credits": [0, 5]}),
    "a resolution of nothing": ("HL003", {"phase": "posted", "pending": new_id()}),
    "a reversal of nothing": ("HL009", {"reverses": new_id()}),
    "half of a link": ("HL005", {"link": new_id(), "link_size": 2}),
    "given back, never reserved": ("HL004", {"debits": [-5, 0], "credits": [0, -5]}),
    "an expired resolution without a pending": ("HL003", {"phase": "expired"}),
    "an unknown phase": ("HL003", {"phase": "gone", "pending": new_id()}),
    "a link without a size": ("HL003", {"link": new_id()}),
}


@pytest.mark.parametrize(("state", "changes"), FORGERIES.values(), ids=FORGERIES.keys())
def test_forged_transfers_are_refused(
    cast: Cast, as_owner: Owner, state: str, changes: dict[str, Any]
) -> None:
    # The supplier's account, second, may not be overdrawn: a debit of it is the overdraft.
    options = {"amounts": [5, -5]} | changes
    accounts = [cast.loan, cast.supplier][: options.pop("accounts", 2)]
    with pytest.raises(psycopg.Error) as refused, as_owner.transaction():
        forge(as_owner, accounts, **options)
    assert refused.value.sqlstate == state
    assert balance(cast.loan).entries == 0


def test_forged_resolutions_and_reversals_are_refused(
    cast: Cast, as_owner: Owner, make: Make, now: dt.datetime
) -> None:
    accounts = [cast.loan, cast.supplier]
    pending, done = make(*accounts, 100), make(*accounts, 250)
    create_pending(pending, now=now, expires_at=dt.datetime(2100, 1, 1, tzinfo=dt.UTC))
    post_transfers([done], now=now)
    back: dict[str, Any] = {"debits": [-100, 0], "credits": [0, -100], "pending": pending.id}
    probes: list[tuple[str, dict[str, Any]]] = [
        ("HL008", back | {"phase": "posted", "amounts": [101, -101]}),
        ("HL008", back | {"phase": "posted", "amounts": [-5, 5]}),
        ("HL008", back | {"phase": "posted", "amounts": [5, -5], "debits": [-99, 0],
                          "credits": [0, -99]}),
        ("HL008", back | {"phase": "voided", "amounts": [5, -5]}),
        ("HL007", back | {"phase": "expired", "amounts": [0, 0]}),
        ("HL009", {"reverses": done.id, "amounts": [-249, 249]}),
        ("HL009", {"reverses": pending.id, "amounts": [-100, 100]}),
    ]  # fmt: skip
    for state, changes in probes:
        with pytest.raises(psycopg.Error) as refused, as_owner.transaction():
            forge(as_owner, accounts, **changes)
        assert refused.value.sqlstate == state, changes
    forge(as_owner, accounts, **(back | {"phase": "voided", "amounts": [0, 0]}))
    forge(as_owner, accounts, reverses=done.id, amounts=[-250, 250])
    twice: list[dict[str, Any]] = [
        back | {"phase": "posted", "amounts": [5, -5]},
        {"reverses": done.id, "amounts": [-250, 250]},
    ]
    for changes in twice:
        with pytest.raises(errors.UniqueViolation), as_owner.transaction():
            forge(as_owner, accounts, **changes)


def test_nothing_is_added_to_a_transfer_that_is_booked(
    cast: Cast, as_owner: Owner, make: Make, now: dt.datetime
) -> None:
    wanted = make(cast.loan, cast.supplier, 500)
    post_transfers([wanted], now=now)
    with pytest.raises(psycopg.Error) as refused, as_owner.transaction():
        as_owner.execute(
            _ENTRIES,
            {"id": wanted.id, "day": DAY, "lie": 0, "gap": 0, "debits": [0, 0], "credits": [0, 0],
             "accounts": [cast.bank, cast.income], "amounts": [5, -5]},
        )  # fmt: skip
    assert refused.value.sqlstate == "HL003"
    values = {"id": new_id(), "phase": "single", "legs": 2, "day": DAY, "pending": None,
              "reverses": None, "link": None, "link_size": None}  # fmt: skip
    with pytest.raises(psycopg.Error) as refused, as_owner.transaction():
        as_owner.execute(_TRANSFER, values)
    assert refused.value.sqlstate == "HL003"


def test_bounds_change_through_the_function_and_only_if_they_hold(
    cast: Cast, as_owner: Owner, make: Make, now: dt.datetime
) -> None:
    post_transfers([make(cast.programme, cast.contra, 500)], now=now)
    with pytest.raises(psycopg.Error) as refused, as_owner.transaction():
        as_owner.execute(
            "UPDATE ledger_slot SET ceiling_fen = 499 WHERE account_id = %s", [cast.programme]
        )
    assert refused.value.sqlstate == "HL001"
