"""What is asked of the ledger and what it answers; the canonical bytes of a transfer. Pure."""

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from django.utils.translation import gettext as _

from honghu.kernel.ledger.problems import BadTransfer, UnbalancedTransfer

Phase = Literal["single", "pending", "posted", "voided", "expired"]
CNY: Final = "CNY"
AMOUNT_LIMIT_FEN: Final = 10**15
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_LEGS_MIN: Final = 2
_LEGS_LIMIT: Final = 1000


class Leg(NamedTuple):
    """One side of a transfer: `amount_fen` debits the account if positive, credits it if not."""

    account_id: uuid.UUID
    amount_fen: int
    currency: str = CNY


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NewTransfer:
    """A transfer of `amount_fen` (above zero) from the credited to the debited account.

    `id` is made by the caller and makes the request repeatable. `case_id` and `step_id` say what
    it was booked for, `memo_code` why, as a code: no personal text reaches the ledger.
    """

    id: uuid.UUID
    debit_account_id: uuid.UUID
    credit_account_id: uuid.UUID
    amount_fen: int
    value_date: dt.date
    kind: str
    currency: str = CNY
    case_id: uuid.UUID | None = None
    step_id: uuid.UUID | None = None
    memo_code: str | None = None

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The debit and the credit."""
        return (
            Leg(self.debit_account_id, self.amount_fen, self.currency),
            Leg(self.credit_account_id, -self.amount_fen, self.currency),
        )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NewCompoundTransfer:
    """A transfer of many legs (a repayment into principal, interest and penalty, say)."""

    id: uuid.UUID
    legs: tuple[Leg, ...]
    value_date: dt.date
    kind: str
    case_id: uuid.UUID | None = None
    step_id: uuid.UUID | None = None
    memo_code: str | None = None


AnyTransfer = NewTransfer | NewCompoundTransfer


class DraftEntry(NamedTuple):
    """An entry before it is written: what it moves, reserves or gives back (fen)."""

    account_id: uuid.UUID
    currency: str
    amount_fen: int
    reserved_debit_fen: int
    reserved_credit_fen: int


class Draft(NamedTuple):
    """All immutable facts of a transfer, entries in the order of their accounts.

    Tables, journal leaf and request hash are made from this one form.
    """

    id: uuid.UUID
    phase: Phase
    kind: str
    value_date: dt.date
    expires_at: dt.datetime | None
    case_id: uuid.UUID | None
    step_id: uuid.UUID | None
    memo_code: str | None
    pending_id: uuid.UUID | None
    reverses_id: uuid.UUID | None
    link_id: uuid.UUID | None
    link_size: int | None
    entries: tuple[DraftEntry, ...]


class PostedEntry(NamedTuple):
    """An entry as written. Sums are debits less credits of the account (of one slot if hot)."""

    account_id: uuid.UUID
    amount_fen: int
    balance_fen: int
    pending_debit_fen: int
    pending_credit_fen: int
    slot: int
    version: int


class PostedTransfer(NamedTuple):
    """What a request came to; `replayed` if the same request had been booked before."""

    id: uuid.UUID
    booked_at: dt.datetime
    replayed: bool
    entries: tuple[PostedEntry, ...]


def draft(
    wanted: AnyTransfer,
    *,
    pending: bool = False,
    expires_at: dt.datetime | None = None,
    reverses_id: uuid.UUID | None = None,
    link: tuple[uuid.UUID, int] | None = None,
) -> Draft:
    """The facts of a requested transfer.

    Raises BadTransfer for fewer than two legs, an account twice, an amount of zero or beyond
    10^15 fen; UnbalancedTransfer where debits and credits of a currency differ.
    """
    legs = sorted(wanted.legs)
    _check_legs(wanted.id, legs)
    if isinstance(wanted, NewTransfer) and wanted.amount_fen < 0:
        raise BadTransfer(
            _("Transfer {id}: the amount is negative.").format(id=wanted.id),
            remedy=_("Swap the debited and the credited account."),
        )
    if pending:
        entries = tuple(
            DraftEntry(account, currency, 0, max(amount, 0), max(-amount, 0))
            for account, amount, currency in legs
        )
    else:
        entries = tuple(
            DraftEntry(account, currency, amount, 0, 0) for account, amount, currency in legs
        )
    link_id, link_size = link or (None, None)
    return Draft(
        wanted.id,
        "pending" if pending else "single",
        wanted.kind,
        wanted.value_date,
        expires_at,
        wanted.case_id,
        wanted.step_id,
        wanted.memo_code,
        None,
        reverses_id,
        link_id,
        link_size,
        entries,
    )


def _check_legs(transfer_id: uuid.UUID, legs: list[Leg]) -> None:
    if not _LEGS_MIN <= len(legs) <= _LEGS_LIMIT or len({leg.account_id for leg in legs}) < len(
        legs
    ):
        raise BadTransfer(
            _("Transfer {id} needs {low} to {high} legs, on different accounts.").format(
                id=transfer_id, low=_LEGS_MIN, high=_LEGS_LIMIT
            ),
            remedy=_("Sum what goes to the same account into one leg."),
        )
    totals: dict[str, int] = {}
    for _account, amount, currency in legs:
        if amount == 0 or abs(amount) > AMOUNT_LIMIT_FEN:
            raise BadTransfer(
                _("Transfer {id}: a leg of {amount} fen.").format(id=transfer_id, amount=amount),
                remedy=_("Give an amount other than zero, at most {limit} fen.").format(
                    limit=AMOUNT_LIMIT_FEN
                ),
            )
        totals[currency] = totals.get(currency, 0) + amount
    for currency, total in totals.items():
        if total:
            raise UnbalancedTransfer(
                _("Transfer {id} is off by {total} fen in {currency}.").format(
                    id=transfer_id, total=total, currency=currency
                ),
                remedy=_("Make debits and credits of each currency equal."),
            )


def _text(value: uuid.UUID | None) -> str | None:
    return None if value is None else str(value)


def _instant(value: dt.datetime | None) -> str | None:
    return None if value is None else value.astimezone(dt.UTC).isoformat(timespec="microseconds")


def payload(facts: Draft) -> bytes:
    """Canonical JSON (RFC 8785) of a transfer and its entries; the journal hashes it.

    The booking instant is the leaf's own time, so the same request has the same bytes later.
    The keys stand in the canonical order already and the values are checked, so the sorting and
    checking of `canonical_json` is left out: a test compares the two.
    """
    return _encode(
        {
            "case": _text(facts.case_id),
            "entries": [(str(entry[0]), *entry[1:]) for entry in facts.entries],
            "expires_at": _instant(facts.expires_at),
            "kind": facts.kind,
            "link": _text(facts.link_id),
            "link_size": facts.link_size,
            "memo": facts.memo_code,
            "pending": _text(facts.pending_id),
            "phase": facts.phase,
            "reverses": _text(facts.reverses_id),
            "step": _text(facts.step_id),
            "transfer": str(facts.id),
            "value_date": facts.value_date.isoformat(),
        }
    ).encode()


def accounts_of(drafts: Iterable[Draft]) -> list[uuid.UUID]:
    """All accounts touched, once each, ascending: the order in which they are locked."""
    return sorted({entry.account_id for facts in drafts for entry in facts.entries})
