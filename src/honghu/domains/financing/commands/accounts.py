"""The ledger accounts that a loan's money passes, with ids that follow from what they are for."""

import dataclasses
import datetime as dt
import uuid

from honghu.base.identifiers import new_id
from honghu.domains.financing.queries.accounts import account_index
from honghu.kernel.cases.effects import Effect
from honghu.kernel.ledger.commands import open_account, post_transfers
from honghu.kernel.ledger.records import NewTransfer

__all__ = [
    "LoanAccounts",
    "account_id",
    "account_index",
    "move_money",
    "open_loan_accounts",
    "open_supplier_account",
]

_NAMESPACE = uuid.UUID("6f1c5d0a-2d6b-5c0e-9c58-7a1f3f0f5b21")
_COUNTY = uuid.UUID(int=0)
_BUSY_SLOTS = 8
"""Slots of accounts on which many loans meet, so that they do not wait for one another."""


def account_id(name: str, subject: uuid.UUID) -> uuid.UUID:
    """The id of a financing account, the same whenever it is asked for."""
    return uuid.uuid5(_NAMESPACE, f"{name}:{subject}")


@dataclasses.dataclass(frozen=True, slots=True)
class LoanAccounts:
    """Where a loan's money comes from and goes to; what it owes stands in lending's accounts."""

    locked: uuid.UUID
    supplier: uuid.UUID
    clearing: uuid.UUID


def open_loan_accounts(
    *, loan_id: uuid.UUID, number: str, supplier_id: uuid.UUID, now: dt.datetime
) -> LoanAccounts:
    """Open what is not open yet: the loan's locked account, the supplier's, the treasury's.

    The locked account can never fall below zero: the database refuses it.
    """
    ids = LoanAccounts(
        locked=account_id("locked", loan_id),
        supplier=account_id("supplier", supplier_id),
        clearing=account_id("clearing", _COUNTY),
    )
    open_account(
        id=ids.locked,
        kind="locked_account",
        owner_organisation_id=supplier_id,
        reference=number,
        min_fen=0,
        now=now,
    )
    open_supplier_account(supplier_id, now=now)
    open_account(id=ids.clearing, kind="treasury_clearing", slots=_BUSY_SLOTS, now=now)
    return ids


def open_supplier_account(supplier_id: uuid.UUID, *, now: dt.datetime) -> uuid.UUID:
    """Open what a supplier is paid into, unless it is open; its id."""
    found = account_id("supplier", supplier_id)
    open_account(id=found, kind="supplier_account", owner_organisation_id=supplier_id, now=now)
    return found


def move_money(
    effect: Effect,
    kind: str,
    debit: uuid.UUID,
    credit: uuid.UUID,
    *,
    amount_fen: int,
    value_date: dt.date,
) -> None:
    """Post an amount (fen, above zero) for the step from the credited to the debited account."""
    transfer = NewTransfer(
        id=new_id(),
        debit_account_id=debit,
        credit_account_id=credit,
        amount_fen=amount_fen,
        value_date=value_date,
        kind=kind,
        case_id=effect.case.id,
        step_id=effect.step_id,
    )
    post_transfers([transfer], now=effect.now)
