"""The ceiling of an award (rule 4), kept by the ledger: the limit account's upper bound."""

import datetime as dt
import uuid
from decimal import Decimal

from django.utils.translation import gettext as _

from honghu.base.problems import Conflict
from honghu.domains.financing.commands.accounts import account_id
from honghu.domains.financing.models import Limit
from honghu.domains.financing.rules import ceiling_fen
from honghu.domains.procurement.queries import first_award
from honghu.kernel.ledger.commands import open_account, set_bounds
from honghu.kernel.ledger.queries import balance


class UnableToSetCeiling(Conflict):
    """More is open on the award than the new ceiling allows."""

    code = "ceiling-below-exposure"


def ensure_limit(award_id: uuid.UUID, *, ratio: Decimal, now: dt.datetime) -> Limit:
    """The limit of an award, locked for this transaction; opened with a ceiling of 0 at first.

    An award that replaced another shares its limit: a correction must not lend a contract twice.

    `ratio` is a share (0.9). A limit that exists keeps its ratio: the first bank's terms stand
    until `set_terms` changes them.
    """
    award_id = first_award(award_id)
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


def ceiling_of(limit: Limit) -> int | None:
    """Rule 4 on the limit's present figures, in fen; null without a priced contract (rule 5)."""
    return ceiling_fen(
        contract_fen=limit.contract_fen,
        ratio=limit.ratio,
        paid_fen=limit.paid_fen,
        prepayment_fen=limit.prepayment_fen,
        warranty_fen=limit.warranty_fen,
    )


def apply_ceiling(limit: Limit, *, now: dt.datetime) -> int:
    """Make the ledger hold the limit's present ceiling. Returns by how much the exposure is above.

    A ceiling that has fallen below what is open cannot undo what was lent: the bound then stands
    at the exposure, so that nothing more can be drawn, and the excess is for a person.
    """
    limit.save()
    ceiling = ceiling_of(limit) or 0
    row = balance(limit.used_account_id)
    open_fen = row.balance_fen + (row.incoming_fen or 0)
    bound = max(ceiling, open_fen)
    set_bounds(account_id=limit.used_account_id, min_fen=0, max_fen=bound, now=now)
    return max(open_fen - ceiling, 0)


def require_ceiling(limit: Limit) -> int:
    """The ceiling, which must be known before money is lent. Raises Conflict (rule 5)."""
    ceiling = ceiling_of(limit)
    if ceiling is None:
        message = _("There is no priced contract yet, so there is no ceiling.")
        raise UnableToSetCeiling(message, remedy=_("Wait for the contract notice."))
    return ceiling
