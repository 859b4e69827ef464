"""Refusals of the ledger, and how the database's own refusals become them."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import DatabaseError

from honghu.base.problems import Conflict, HonghuError, Invalid, NotFound


class UnbalancedTransfer(Invalid):
    """The legs of a transfer do not sum to zero in each currency."""

    code = "ledger_unbalanced"


class BadTransfer(Invalid):
    """A transfer whose legs or phase make no booking."""

    code = "ledger_bad_transfer"


class WrongCurrency(Invalid):
    """A leg in another currency than its account keeps."""

    code = "ledger_currency"


class UnableToReverse(Invalid):
    """What should be reversed cannot be: pending, a reversal itself, or unlike its reversal."""

    code = "ledger_not_reversible"


class MoreThanReserved(Invalid):
    """A resolution that posts more than the pending transfer reserved."""

    code = "ledger_more_than_reserved"


class UnknownAccount(NotFound):
    """There is no such account."""

    code = "ledger_unknown_account"


class UnknownTransfer(NotFound):
    """There is no such transfer."""

    code = "ledger_unknown_transfer"


class UnknownKind(Invalid):
    """The chart of accounts has no such line."""

    code = "ledger_unknown_kind"


class BoundPassed(Conflict):
    """The transfer would pass a bound of an account, pending amounts counted."""

    code = "ledger_bound"


class IdReused(Conflict):
    """The id stands for something with other content already."""

    code = "ledger_id_reused"


class AlreadyResolved(Conflict):
    """The pending transfer was posted, voided or has expired before."""

    code = "ledger_resolved"


class AlreadyReversed(Conflict):
    """The transfer was reversed before."""

    code = "ledger_reversed"


class PendingTimeOver(Conflict):
    """The pending transfer expired before it was posted, or has not expired yet."""

    code = "ledger_pending_time"


class LinkBroken(Conflict):
    """Linked transfers of which only a part would be there."""

    code = "ledger_link"


class LedgerOutOfStep(Conflict):
    """Entries and balances would not agree: somebody wrote past the ledger's functions."""

    code = "ledger_out_of_step"


_REFUSALS: Final[dict[str, tuple[type[HonghuError], str]]] = {
    "HL001": (BoundPassed, "check the account's available balance; post less, or wait"),
    "HL002": (UnbalancedTransfer, "make debits and credits of each currency equal"),
    "HL003": (BadTransfer, "give at least two accounts, each with an amount other than zero"),
    "HL004": (LedgerOutOfStep, "run `honghu ledger verify`"),
    "HL005": (LinkBroken, "post all linked transfers in one call, or none"),
    "HL006": (UnknownAccount, "open the account first"),
    "HL007": (PendingTimeOver, "post a new transfer instead"),
    "HL008": (MoreThanReserved, "post at most what was reserved"),
    "HL009": (UnableToReverse, "reverse the posted transfer, whole, once"),
    "HL010": (WrongCurrency, "use the account's own currency"),
    "HL011": (IdReused, "use a new id for a new transfer"),
    "HL012": (AlreadyResolved, "read how the pending transfer was resolved"),
    "HL013": (AlreadyReversed, "read the reversal that is there"),
}
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@contextmanager
def database_refusals() -> Iterator[None]:
    """Turn a refusal by the ledger's functions or triggers into its error class.

    `fields["id"]` names the account or transfer that is to blame, where the database said which.
    Other database errors pass unchanged. The transaction in progress is void afterwards.
    """
    try:
        yield
    except DatabaseError as error:
        refusal = _refusal(error)
        if refusal is None:
            raise
        raise refusal from error


def _refusal(error: DatabaseError) -> HonghuError | None:
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    diagnosis = getattr(cause, "diag", None)
    if state is None or diagnosis is None:
        return None
    found = _REFUSALS.get(state)
    if found is None:
        return None
    error_class, remedy = found
    blamed = _UUID.search(diagnosis.message_detail or "")
    fields = {"id": str(uuid.UUID(blamed.group()))} if blamed else None
    return error_class(diagnosis.message_primary or str(error), remedy=remedy, fields=fields)
