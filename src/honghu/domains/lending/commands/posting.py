"""From parts of a step to transfers between accounts of the ledger."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Final

from honghu.base.identifiers import new_id
from honghu.domains.lending.models import Event, Loan
from honghu.domains.lending.queries.books import ACCOUNT_KINDS, control_account_id
from honghu.domains.lending.rules.postings import Part
from honghu.kernel.ledger.commands import open_account
from honghu.kernel.ledger.queries import list_accounts
from honghu.kernel.ledger.records import Leg, NewCompoundTransfer

SLOTS: Final = 8
"""Slots of control accounts, on which all loans of a product meet (ADR 0005)."""

ACCRUED: Final = "loan_accrued"
ADJUSTED: Final = "loan_adjusted"

Legs = dict[uuid.UUID, int]


def ensure_books(row: Loan, *, now: dt.datetime) -> None:
    """Open the control accounts of the loan's lender, product and currency that are not there."""
    there = {
        account.id
        for account in list_accounts(owner_organisation_id=row.lender_id, reference=row.product)
    }
    for part, kind in ACCOUNT_KINDS.items():
        account_id = control_account_id(part, row.lender_id, row.product, row.currency)
        if account_id not in there:
            open_account(
                id=account_id,
                kind=kind,
                now=now,
                currency=row.currency,
                owner_organisation_id=row.lender_id,
                reference=row.product,
                slots=SLOTS,
            )


def account_of(part: Part, row: Loan, event: Event | None = None) -> uuid.UUID:
    """The account that plays a part for a loan; money and releases may go to an event's own."""
    if event is not None and part is Part.MONEY and event.money_account_id:
        return event.money_account_id
    if event is not None and part is Part.RELEASED and event.release_account_id:
        return event.release_account_id
    return control_account_id(part, row.lender_id, row.product, row.currency)


def legs_of(parts: Mapping[Part, int], row: Loan, event: Event | None = None) -> Legs:
    """What moves on each account; parts on one account are summed."""
    legs: Legs = {}
    for part, fen in parts.items():
        account = account_of(part, row, event)
        legs[account] = legs.get(account, 0) + fen
    return {account: fen for account, fen in legs.items() if fen}


def add_legs(*several: Mapping[uuid.UUID, int]) -> Legs:
    """The sum of legs by account, those that vanish left out."""
    total: Legs = {}
    for legs in several:
        for account, fen in legs.items():
            total[account] = total.get(account, 0) + fen
    return {account: fen for account, fen in total.items() if fen}


def negated(legs: Mapping[uuid.UUID, int]) -> Legs:
    """The opposite legs."""
    return {account: -fen for account, fen in legs.items()}


def make_transfer(
    legs: Mapping[uuid.UUID, int],
    row: Loan,
    *,
    kind: str,
    value_date: dt.date,
    step_id: uuid.UUID | None = None,
) -> list[NewCompoundTransfer]:
    """The transfer of these legs, or none where nothing moves; `step_id` of the case's step."""
    if not legs:
        return []
    return [
        NewCompoundTransfer(
            id=new_id(),
            legs=tuple(Leg(account, fen, row.currency) for account, fen in legs.items()),
            value_date=value_date,
            kind=kind,
            case_id=row.case_id,
            step_id=step_id,
        )
    ]
