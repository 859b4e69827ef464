"""The ledger accounts of a loan, opened together, with ids that follow from what they are for."""

import dataclasses
import datetime as dt
import functools
import uuid

from django.utils.crypto import salted_hmac

from honghu.kernel.ledger.commands import open_account

_NAMESPACE = uuid.UUID("6f1c5d0a-2d6b-5c0e-9c58-7a1f3f0f5b21")
_COUNTY = uuid.UUID(int=0)
_BUSY_SLOTS = 8
"""Slots of accounts on which many loans meet, so that they do not wait for one another."""


def account_id(name: str, subject: uuid.UUID) -> uuid.UUID:
    """The id of a financing account, the same whenever it is asked for."""
    return uuid.uuid5(_NAMESPACE, f"{name}:{subject}")


def account_index(account_no: str) -> str:
    """The keyed hash by which an account number is found again without being kept."""
    bare = "".join(account_no.split()).replace("-", "")
    return salted_hmac("honghu.financing.account", bare, algorithm="sha256").hexdigest()


@dataclasses.dataclass(frozen=True, slots=True)
class LoanAccounts:
    """The accounts that a loan's money moves on."""

    principal: uuid.UUID
    interest: uuid.UUID
    locked: uuid.UUID
    supplier: uuid.UUID
    income: uuid.UUID
    clearing: uuid.UUID


def open_loan_accounts(
    *,
    loan_id: uuid.UUID,
    number: str,
    bank_id: uuid.UUID,
    supplier_id: uuid.UUID,
    now: dt.datetime,
) -> LoanAccounts:
    """Open what is not open yet: three accounts of the loan's own, three that loans share.

    Principal, interest and the locked account can never fall below zero: the database refuses it.
    """
    ids = LoanAccounts(
        principal=account_id("principal", loan_id),
        interest=account_id("interest", loan_id),
        locked=account_id("locked", loan_id),
        supplier=account_id("supplier", supplier_id),
        income=account_id("income", bank_id),
        clearing=account_id("clearing", _COUNTY),
    )
    own = functools.partial(open_account, reference=number, min_fen=0, now=now)
    own(id=ids.principal, kind="loan_principal", owner_organisation_id=bank_id)
    own(id=ids.interest, kind="interest_receivable", owner_organisation_id=bank_id)
    own(id=ids.locked, kind="locked_account", owner_organisation_id=supplier_id)
    shared = functools.partial(open_account, now=now)
    shared(id=ids.supplier, kind="supplier_account", owner_organisation_id=supplier_id)
    shared(id=ids.income, kind="interest_income", owner_organisation_id=bank_id, slots=_BUSY_SLOTS)
    shared(id=ids.clearing, kind="treasury_clearing", slots=_BUSY_SLOTS)
    return ids
