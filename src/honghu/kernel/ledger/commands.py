"""Writes: accounts, transfers, their resolution and reversal.

Every command is one statement (two where a pending transfer is read first) and joins the caller's
transaction. A refusal voids that transaction, as every database error does.
"""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import connection
from django.utils.translation import gettext as _

from honghu.kernel.ledger.models import ChartLine
from honghu.kernel.ledger.problems import (
    BadTransfer,
    IdReused,
    MoreThanReserved,
    UnableToReverse,
    UnknownKind,
    UnknownTransfer,
    database_refusals,
)
from honghu.kernel.ledger.queries import AccountRow, get_account, read_drafts, unresolved_expired
from honghu.kernel.ledger.records import (
    CNY,
    AnyTransfer,
    Draft,
    DraftEntry,
    Leg,
    NewCompoundTransfer,
    Phase,
    PostedTransfer,
    draft,
)
from honghu.kernel.ledger.writing import write

_OPEN = "SELECT ledger_open_account(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_SET_BOUNDS = "SELECT ledger_set_bounds(%s, %s, %s, %s)"
_EXPIRY = uuid.UUID("0f5f2b1e-6f0c-5b8e-9d53-3a1c6f0e7a11")
_EXPIRY_BATCH = 1000


def open_account(
    *,
    id: uuid.UUID,  # noqa: A002 - the word of the whole ledger
    kind: str,
    now: dt.datetime,
    currency: str = CNY,
    owner_organisation_id: uuid.UUID | None = None,
    reference: str | None = None,
    min_fen: int | None = None,
    max_fen: int | None = None,
    slots: int = 1,
) -> AccountRow:
    """Open an account of a kind that stands in the chart; the same request again changes nothing.

    `min_fen` and `max_fen` bound the balance on the account's normal side, pending amounts
    counted. `slots` above 1 (at most 64) declares a hot account, which then has no bounds
    (ADR 0005). `reference` is an outside number by which people know it.
    Raises UnknownKind, BadTransfer for bounds on a hot account, IdReused if the id stands for
    another account.
    """
    line = ChartLine.objects.filter(pk=kind).first()
    if line is None:
        raise UnknownKind(
            _("The chart of accounts has no kind {kind}.").format(kind=kind),
            remedy=_("Add it to the chart and run `honghu ledger chart`."),
        )
    if slots > 1 and not (min_fen is None and max_fen is None):
        raise BadTransfer(
            _("An account of several slots cannot have bounds."),
            remedy=_("Leave out the bounds, or keep one slot."),
        )
    if (min_fen or 0) > 0 or (max_fen or 0) < 0:
        raise BadTransfer(
            _("A new account holds 0 fen, outside the bounds {low} to {high}.").format(
                low=min_fen, high=max_fen
            ),
            remedy=_("Give bounds around 0; narrow them later."),
        )
    floor, ceiling = _raw_bounds(line.normal_side, min_fen, max_fen)
    with connection.cursor() as cursor, database_refusals():
        head = (id, kind, currency, line.normal_side, owner_organisation_id, reference)
        cursor.execute(_OPEN, (*head, slots, floor, ceiling, now))
    found = get_account(id)
    wanted = (kind, currency, owner_organisation_id, reference, slots)
    if wanted != (
        found.kind,
        found.currency,
        found.owner_organisation_id,
        found.reference,
        found.slots,
    ):
        raise IdReused(
            _("Account {id} is open already, and differs.").format(id=id),
            remedy=_("Use a new id."),
        )
    return found


def set_bounds(
    *, account_id: uuid.UUID, min_fen: int | None, max_fen: int | None, now: dt.datetime
) -> AccountRow:
    """Change the bounds of an account, on its normal side; earlier bounds stay on record.

    Raises UnknownAccount, BoundPassed if the account stands beyond the new bounds now.
    """
    account = get_account(account_id)
    floor, ceiling = _raw_bounds(account.normal_side, min_fen, max_fen)
    with connection.cursor() as cursor, database_refusals():
        cursor.execute(_SET_BOUNDS, [account_id, floor, ceiling, now])
    return get_account(account_id)


def _raw_bounds(
    normal_side: str, min_fen: int | None, max_fen: int | None
) -> tuple[int | None, int | None]:
    """Bounds of debits less credits from bounds on the normal side."""
    if normal_side == "debit":
        return min_fen, max_fen
    return (None if max_fen is None else -max_fen, None if min_fen is None else -min_fen)


def post_transfers(
    transfers: Sequence[AnyTransfer], *, now: dt.datetime, link_id: uuid.UUID | None = None
) -> list[PostedTransfer]:
    """Post transfers, all or none, in their order, in one statement.

    A transfer whose id and content were posted before is answered with what it came to then
    (`replayed`). With `link_id` the transfers of this call are linked: the database keeps that
    they stand together, and refuses a part of them.
    Raises BadTransfer, UnbalancedTransfer, WrongCurrency, UnknownAccount, BoundPassed, IdReused,
    LinkBroken.
    """
    link = None if link_id is None or len(transfers) < 2 else (link_id, len(transfers))  # noqa: PLR2004
    return write([draft(each, link=link) for each in transfers], now=now)


def create_pending(
    transfer: AnyTransfer, *, now: dt.datetime, expires_at: dt.datetime | None = None
) -> PostedTransfer:
    """Reserve: the balances stay, the amounts count against the bounds until resolved.

    From `expires_at` on it can no longer be posted; the same request is answered again even then.
    Raises as `post_transfers`.
    """
    if expires_at is not None and expires_at <= now and not read_drafts([transfer.id]):
        raise BadTransfer(
            _("Transfer {id} would expire before it begins.").format(id=transfer.id),
            remedy=_("Give an expiry after now."),
        )
    (posted,) = write([draft(transfer, pending=True, expires_at=expires_at)], now=now)
    return posted


def resolve_pending(
    pending_id: uuid.UUID,
    *,
    id: uuid.UUID,  # noqa: A002
    now: dt.datetime,
    amount_fen: int | None = None,
    legs: Sequence[Leg] | None = None,
    value_date: dt.date | None = None,
    step_id: uuid.UUID | None = None,
) -> PostedTransfer:
    """Post what a pending transfer reserved: whole (null), or `amount_fen` of it; the rest is freed.

    A part of a transfer of more than two legs is given by `legs`, one for each account. The value
    date is that of the pending transfer unless another is given.
    Raises UnknownTransfer, MoreThanReserved, BadTransfer, AlreadyResolved, PendingTimeOver,
    IdReused, BoundPassed.
    """
    pending = _pending(pending_id)
    amounts = _posted_amounts(pending, amount_fen, legs)
    resolution = _resolution(pending, id, "posted", amounts)._replace(
        value_date=value_date or pending.value_date, step_id=step_id or pending.step_id
    )
    (posted,) = write([resolution], now=now)
    return posted


def void_pending(
    pending_id: uuid.UUID,
    *,
    id: uuid.UUID,  # noqa: A002
    now: dt.datetime,
    step_id: uuid.UUID | None = None,
) -> PostedTransfer:
    """Free what a pending transfer reserved. Raises UnknownTransfer, AlreadyResolved, IdReused."""
    pending = _pending(pending_id)
    resolution = _resolution(pending, id, "voided", {})
    (posted,) = write([resolution._replace(step_id=step_id or pending.step_id)], now=now)
    return posted


def expire_pendings(*, now: dt.datetime, since: dt.datetime | None = None) -> list[PostedTransfer]:
    """Free what pending transfers reserved whose time is over, at most 1,000 at once (a job).

    The id of an expiry follows from the pending's, so two jobs at once do it once; a pending that
    somebody resolved meanwhile is left alone. A job that runs all the time gives `since`, a while
    before its last run, so that it need not look through everything that ever expired.
    """
    due = read_drafts(unresolved_expired(now=now, since=since, limit=_EXPIRY_BATCH))
    drafts = [
        _resolution(pending, uuid.uuid5(_EXPIRY, str(pending.id)), "expired", {}) for pending in due
    ]
    return write(drafts, now=now, skip_resolved=True)


def reverse_transfer(
    transfer_id: uuid.UUID,
    *,
    id: uuid.UUID,  # noqa: A002
    now: dt.datetime,
    value_date: dt.date,
    step_id: uuid.UUID | None = None,
    memo_code: str | None = None,
) -> PostedTransfer:
    """Book the opposite of a posted transfer, once: nothing is ever edited.

    Raises UnknownTransfer, UnableToReverse for a pending transfer or a reversal, AlreadyReversed,
    IdReused, BoundPassed.
    """
    (original,) = read_drafts([transfer_id]) or (None,)
    if original is None:
        raise UnknownTransfer(
            _("There is no transfer {id}.").format(id=transfer_id), remedy=_("Check the id.")
        )
    if original.phase not in ("single", "posted") or original.reverses_id is not None:
        raise UnableToReverse(
            _("Transfer {id} is not posted, or a reversal itself.").format(id=transfer_id),
            remedy=_("Void a pending transfer; post a new transfer after a reversal."),
        )
    opposite = NewCompoundTransfer(
        id=id,
        legs=tuple(
            Leg(entry.account_id, -entry.amount_fen, entry.currency) for entry in original.entries
        ),
        value_date=value_date,
        kind=original.kind,
        case_id=original.case_id,
        step_id=step_id,
        memo_code=memo_code,
    )
    (posted,) = write([draft(opposite, reverses_id=transfer_id)], now=now)
    return posted


def _pending(pending_id: uuid.UUID) -> Draft:
    found = read_drafts([pending_id])
    if not found or found[0].phase != "pending":
        raise UnknownTransfer(
            _("There is no pending transfer {id}.").format(id=pending_id),
            remedy=_("Check the id."),
        )
    return found[0]


def _posted_amounts(
    pending: Draft, amount_fen: int | None, legs: Sequence[Leg] | None
) -> dict[uuid.UUID, int]:
    """What a resolution moves on each account, from the whole, a part, or explicit legs."""
    whole = {
        entry.account_id: entry.reserved_debit_fen - entry.reserved_credit_fen
        for entry in pending.entries
    }
    if legs is not None:
        if sorted(leg.account_id for leg in legs) != sorted(whole):
            raise BadTransfer(
                _("The legs are not on the accounts of pending transfer {id}.").format(
                    id=pending.id
                ),
                remedy=_("Give one leg for each of its accounts."),
            )
        return {leg.account_id: leg.amount_fen for leg in legs}
    if amount_fen is None:
        return whole
    if len(whole) > 2:  # noqa: PLR2004 - a debit and a credit
        raise BadTransfer(
            _("A part of pending transfer {id} is not one amount: it has {count} legs.").format(
                id=pending.id, count=len(whole)
            ),
            remedy=_("Give the part leg by leg."),
        )
    if not 0 < amount_fen <= max(whole.values()):
        raise MoreThanReserved(
            _("Pending transfer {id} reserves {reserved} fen, not {asked}.").format(
                id=pending.id, reserved=max(whole.values()), asked=amount_fen
            ),
            remedy=_("Post more than nothing and at most what was reserved, or void it."),
        )
    return {account: amount_fen if amount > 0 else -amount_fen for account, amount in whole.items()}


def _resolution(
    pending: Draft, resolution_id: uuid.UUID, phase: Phase, amounts: dict[uuid.UUID, int]
) -> Draft:
    entries = tuple(
        DraftEntry(
            entry.account_id,
            entry.currency,
            amounts.get(entry.account_id, 0),
            -entry.reserved_debit_fen,
            -entry.reserved_credit_fen,
        )
        for entry in pending.entries
    )
    return pending._replace(
        id=resolution_id,
        phase=phase,
        expires_at=None,
        pending_id=pending.id,
        link_id=None,
        link_size=None,
        entries=entries,
    )
