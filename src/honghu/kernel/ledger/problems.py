"""Refusals of the ledger, and how the database's own refusals become them."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import DatabaseError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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


class BadPeriod(Invalid):
    """A statement that would end before it begins."""

    code = "ledger_period"


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


# By the SQLSTATE of the database's refusal: the class, what is wrong, what to do. `{id}` is the
# account or transfer that the database names.
_REFUSALS: Final[dict[str, tuple[type[HonghuError], str | Promise, str | Promise]]] = {
    "HL001": (
        BoundPassed,
        _("Account {id} would pass one of its bounds, pending amounts counted."),
        _("Check what is available on the account; post less, or wait."),
    ),
    "HL002": (
        UnbalancedTransfer,
        _("Transfer {id} does not balance."),
        _("Make debits and credits of each currency equal."),
    ),
    "HL003": (
        BadTransfer,
        _("A transfer of no known shape, or without the entries that it declares."),
        _("Give at least two accounts, each with an amount other than zero."),
    ),
    "HL004": (
        LedgerOutOfStep,
        _("An entry does not continue account {id}."),
        _("Run `honghu ledger verify`."),
    ),
    "HL005": (
        LinkBroken,
        _("The linked transfers are not all there."),
        _("Post all linked transfers in one call, or none."),
    ),
    "HL006": (
        UnknownAccount,
        _("There is no account {id} in the ledger."),
        _("Open the account first."),
    ),
    "HL007": (
        PendingTimeOver,
        _("The time of pending transfer {id} is over, or has not come."),
        _("Post a new transfer instead."),
    ),
    "HL008": (
        MoreThanReserved,
        _("More would be posted than was reserved."),
        _("Post at most what was reserved."),
    ),
    "HL009": (
        UnableToReverse,
        _("Transfer {id} would not be reversed exactly."),
        _("Reverse a posted transfer, whole, once."),
    ),
    "HL010": (
        WrongCurrency,
        _("Account {id} keeps another currency."),
        _("Use the account's own currency."),
    ),
    "HL011": (
        IdReused,
        _("Transfer {id} was asked for before, with other content."),
        _("Use a new id for a new transfer."),
    ),
    "HL012": (
        AlreadyResolved,
        _("Pending transfer {id} is resolved already."),
        _("Look at how it was resolved."),
    ),
    "HL013": (
        AlreadyReversed,
        _("What transfer {id} should reverse is reversed already."),
        _("Look at the reversal that is there."),
    ),
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
    error_class, message, remedy = found
    blamed = _UUID.search(diagnosis.message_detail or "")
    named = str(uuid.UUID(blamed.group())) if blamed else None
    return error_class(
        str(message).format(id=named or "?"),
        remedy=str(remedy),
        fields={"id": named} if named else None,
    )
