"""The ceiling of an award (rule 4), kept by the ledger: the limit account's upper bound."""

import datetime as dt
import uuid
from decimal import Decimal

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.identifiers import new_id
from honghu.base.problems import Conflict
from honghu.domains.financing.commands.accounts import account_id, move_money
from honghu.domains.financing.models import Limit
from honghu.domains.financing.rules import ceiling_fen
from honghu.domains.procurement.queries import kindred_awards
from honghu.kernel.cases.effects import Effect
from honghu.kernel.ledger.commands import open_account, post_transfers, set_bounds
from honghu.kernel.ledger.queries import balance
from honghu.kernel.ledger.records import NewTransfer


class UnableToSetCeiling(Conflict):
    """More is open on the award than the new ceiling allows."""

    code = "ceiling-below-exposure"


def ensure_limit(award_id: uuid.UUID, *, ratio: Decimal, now: dt.datetime) -> Limit:
    """The limit of an award, locked for this transaction; opened with a ceiling of 0 at first.

    Awards that corrections joined share the limit of the first: a correction must not lend a
    contract twice, and one award in the place of two takes over what is open on both.

    `ratio` is a share (0.9). A limit that exists keeps its ratio: see `admit_ratio`.
    """
    kindred = kindred_awards(award_id)
    limit = _open_limit(kindred[0], ratio, now)
    for other in Limit.objects.select_for_update().filter(pk__in=kindred[1:]).order_by("pk"):
        _take_over(limit, other, now)
    return limit


def _open_limit(award_id: uuid.UUID, ratio: Decimal, now: dt.datetime) -> Limit:
    used, contra = account_id("limit", award_id), account_id("limit-contra", award_id)
    found = Limit.objects.select_for_update().filter(pk=award_id).first()
    if found is not None:
        return found
    open_account(id=used, kind="credit_limit", now=now, min_fen=0, max_fen=0)
    open_account(id=contra, kind="credit_limit_contra", now=now)
    Limit.objects.bulk_create(
        [Limit(award_id=award_id, used_account_id=used, contra_account_id=contra, ratio=ratio)],
        ignore_conflicts=True,
    )
    return Limit.objects.select_for_update().get(pk=award_id)


def _take_over(limit: Limit, other: Limit, now: dt.datetime) -> None:
    """Move what is open and paid on a later award's limit to the first one's.

    Nothing is pending there: a corrected award's loans are frozen, and what they had reserved is
    given back, before its successor has a limit.
    """
    moved_fen = balance(other.used_account_id).balance_fen
    if not moved_fen and not other.paid_fen:
        return
    limit.paid_fen += other.paid_fen
    other.paid_fen = 0
    if moved_fen:
        room = balance(limit.used_account_id)
        most = room.balance_fen + (room.incoming_fen or 0) + moved_fen
        set_bounds(
            account_id=limit.used_account_id,
            min_fen=0,
            max_fen=max(most, room.max_fen or 0),
            now=now,
        )
        post_transfers(
            [
                _moved(limit.used_account_id, limit.contra_account_id, moved_fen, now),
                _moved(other.contra_account_id, other.used_account_id, moved_fen, now),
            ],
            now=now,
            link_id=new_id(),
        )
    set_bounds(account_id=other.used_account_id, min_fen=0, max_fen=0, now=now)
    other.contract_fen = None
    other.save()
    apply_ceiling(limit, now=now)


def _moved(debit: uuid.UUID, credit: uuid.UUID, amount_fen: int, now: dt.datetime) -> NewTransfer:
    return NewTransfer(
        id=new_id(),
        debit_account_id=debit,
        credit_account_id=credit,
        amount_fen=amount_fen,
        value_date=localdate(now),
        kind="limit_joined",
    )


def admit_ratio(limit: Limit, ratio: Decimal, *, alone: bool, now: dt.datetime) -> None:
    """Let a bank's ratio (a share) shape the ceiling of an award (rule 4).

    The terms of the bank that came first stand for as long as its loan lives or anything is open;
    a later bank is held to its own ratio when it draws (`ceiling_at`). `alone` says that no other
    loan on the award lives: then the terms are this bank's.
    """
    if alone and balance(limit.used_account_id).balance_fen == 0:
        limit.ratio = ratio
        apply_ceiling(limit, now=now)


def ceiling_at(limit: Limit, ratio: Decimal) -> int | None:
    """The ceiling at a bank's own ratio where that is the lower one, in fen (rules 4 and 5)."""
    return ceiling_fen(
        contract_fen=limit.contract_fen,
        ratio=min(limit.ratio, ratio),
        paid_fen=limit.paid_fen,
        prepayment_fen=limit.prepayment_fen,
        warranty_fen=limit.warranty_fen,
    )


def ceiling_of(limit: Limit) -> int | None:
    """Rule 4 on the limit's present figures, in fen; null without a priced contract (rule 5)."""
    return ceiling_at(limit, limit.ratio)


def open_exposure(limit: Limit) -> int:
    """What is drawn or reserved on the award, across all banks, in fen."""
    row = balance(limit.used_account_id)
    return row.balance_fen + (row.incoming_fen or 0)


def apply_ceiling(limit: Limit, *, now: dt.datetime) -> int:
    """Make the ledger hold the limit's present ceiling. Returns by how much the exposure is above.

    A ceiling that has fallen below what is open cannot undo what was lent: the bound then stands
    at the exposure, so that nothing more can be drawn, and the excess is for a person.
    """
    limit.save()
    ceiling, open_fen = ceiling_of(limit) or 0, open_exposure(limit)
    bound = max(ceiling, open_fen)
    set_bounds(account_id=limit.used_account_id, min_fen=0, max_fen=bound, now=now)
    return max(open_fen - ceiling, 0)


def follow_debt(effect: Effect, limit: Limit, more_fen: int, *, value_date: dt.date) -> None:
    """Let the exposure follow what lending owes more, or less (below zero), after a step.

    What was lent stands: the bound makes room for it, and `apply_ceiling` says what is above.
    """
    used, contra = limit.used_account_id, limit.contra_account_id
    if more_fen < 0:
        move_money(
            effect, "limit_released", contra, used, amount_fen=-more_fen, value_date=value_date
        )
    elif more_fen > 0:
        make_room(limit, more_fen, now=effect.now)
        move_money(
            effect, "limit_restored", used, contra, amount_fen=more_fen, value_date=value_date
        )


def make_room(limit: Limit, more_fen: int, *, now: dt.datetime) -> None:
    """Let the exposure rise by so much, whatever the ceiling: `apply_ceiling` sets the bound anew."""
    most = max(ceiling_of(limit) or 0, open_exposure(limit) + more_fen)
    set_bounds(account_id=limit.used_account_id, min_fen=0, max_fen=most, now=now)


def require_ceiling(limit: Limit, ratio: Decimal) -> int:
    """The ceiling at a bank's ratio, which must be known before money is lent.

    Raises UnableToSetCeiling (rule 5).
    """
    ceiling = ceiling_at(limit, ratio)
    if ceiling is None:
        message = _("There is no priced contract yet, so there is no ceiling.")
        raise UnableToSetCeiling(message, remedy=_("Wait for the contract notice."))
    return ceiling
