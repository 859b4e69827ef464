"""Routes of financing: what may still be drawn on an award."""

import uuid
from decimal import Decimal

from django.utils.translation import gettext as _
from ninja import Path, Router

from honghu.api.access import ApiRequest
from honghu.api.assembly import replies
from honghu.api.bodies import Reply
from honghu.base.problems import NotAllowed
from honghu.domains.financing.queries import bank_may_see_award, get_ceiling
from honghu.domains.procurement.queries import get_award

router = Router(tags=["financing"])

_OFFICE = frozenset({"procurement_clerk", "procurement_office", "auditor"})


class AuthorisationMissing(NotAllowed):
    """The bank holds no live authorisation of the award's supplier (rule 19)."""

    code = "authorisation-missing"


class CeilingReply(Reply):
    """How much may still be drawn on an award, across all banks, in fen.

    `ceiling_fen` and `residual_fen` are null while no priced contract exists. `encumbered` says
    that an account is locked for the award, never by whom.
    """

    ratio: Decimal | None
    ceiling_fen: int | None
    residual_fen: int | None
    encumbered: bool


@router.get("/awards/{award_id}/ceiling", response=replies({200: CeilingReply}, 404))
def read_ceiling(request: ApiRequest, award_id: Path[uuid.UUID]) -> CeilingReply:
    """Read the residual ceiling: for the office, and for banks that the supplier authorised."""
    caller = request.auth
    award = get_award(award_id)
    actor = caller.actor
    bank_id = actor.organisation_id
    if not actor.roles & _OFFICE and (
        bank_id is None or not bank_may_see_award(award.id, bank_id, on=caller.today)
    ):
        message = _("Your organisation holds no live authorisation for this award.")
        raise AuthorisationMissing(message, remedy=_("Ask the supplier to authorise your bank."))
    found = get_ceiling(award.id)
    if found is None:
        return CeilingReply(ratio=None, ceiling_fen=None, residual_fen=None, encumbered=False)
    return CeilingReply(
        ratio=found.ratio,
        ceiling_fen=found.ceiling_fen,
        residual_fen=found.residual_fen,
        encumbered=found.encumbered,
    )
