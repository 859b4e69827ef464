"""Routes of financing: what may still be drawn on an award; the policy's text for everybody."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Path, Query, Router

from honghu.api.access import ApiRequest
from honghu.api.assembly import replies
from honghu.api.bodies import Reply
from honghu.base.problems import NotAllowed
from honghu.domains.financing.queries import bank_may_see_award, get_ceiling, is_encumbered
from honghu.domains.financing.queries.banks import is_filed
from honghu.domains.financing.queries.policy import (
    Place,
    policy_paragraph,
    qr_svg,
    snippet,
    word_document,
)
from honghu.domains.procurement.queries import get_award

router = Router(tags=["financing"])

_OFFICE = frozenset({"procurement_clerk", "procurement_office", "auditor"})


class AuthorisationMissing(NotAllowed):
    """The bank holds no live authorisation of the award's supplier (rule 19)."""

    code = "authorisation-missing"


class BankNotServing(NotAllowed):
    """The organisation is no filed bank."""

    code = "bank-not-serving"


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


class EncumbranceReply(Reply):
    """Whether an account is locked for an award, and what may still be drawn: never by whom."""

    encumbered: bool
    residual_fen: int | None


@router.get("/awards/{award_id}/encumbrance", response=replies({200: EncumbranceReply}, 404))
def read_encumbrance(request: ApiRequest, award_id: Path[uuid.UUID]) -> EncumbranceReply:
    """Read whether an award is encumbered: for the office and for every filed bank (rule 9)."""
    caller = request.auth
    award = get_award(award_id)
    bank_id = caller.actor.organisation_id
    if not caller.actor.roles & _OFFICE and (
        bank_id is None or not is_filed(bank_id, now=caller.now)
    ):
        message = _("Your organisation is not a serving bank.")
        raise BankNotServing(message, remedy=_("Ask the procurement office to file your bank."))
    found = get_ceiling(award.id)
    return EncumbranceReply(
        encumbered=is_encumbered(award.id),
        residual_fen=None if found is None else found.residual_fen,
    )


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_Agency = Annotated[str | None, Query(max_length=100)]


class PolicyReply(Reply):
    """The paragraph on contract financing for tender documents or award letters, with its QR code."""

    place: str
    agency: str | None
    text: str
    address: str
    version: str
    from_date: dt.date
    source: str
    qr_svg: str


def _file(media_type: str, description: str) -> dict[str, object]:
    content = {media_type: {"schema": {"type": "string"}}}
    return {"responses": {200: {"description": description, "content": content}}}


@router.get("/policy/{place}", auth=None, response=replies({200: PolicyReply}, public=True))
def read_policy(
    request: HttpRequest,  # noqa: ARG001
    response: HttpResponse,
    place: Path[Place],
    agency: _Agency = None,
) -> PolicyReply:
    """Read the paragraph as it holds today. Open to everybody, also to scripts of other sites."""
    found = policy_paragraph(place, on=timezone.localdate(), agency=agency)
    _open(response)
    return PolicyReply(
        place=found.place,
        agency=found.agency,
        text=found.text,
        address=found.address,
        version=found.version,
        from_date=found.from_date,
        source=found.source,
        qr_svg=qr_svg(found),
    )


@router.get(
    "/policy/{place}/snippet",
    auth=None,
    response=replies({200: None}, public=True),
    openapi_extra=_file("text/html", "A piece of HTML to embed."),
)
def read_policy_snippet(
    request: HttpRequest,  # noqa: ARG001
    place: Path[Place],
    agency: _Agency = None,
) -> HttpResponse:
    """Read the paragraph as a piece of HTML that a page can embed."""
    found = policy_paragraph(place, on=timezone.localdate(), agency=agency)
    return _open(HttpResponse(snippet(found), content_type="text/html; charset=utf-8"))


@router.get(
    "/policy/{place}/document",
    auth=None,
    response=replies({200: None}, public=True),
    openapi_extra=_file(_WORD, "A Word document."),
)
def read_policy_document(
    request: HttpRequest,  # noqa: ARG001
    place: Path[Place],
    agency: _Agency = None,
) -> HttpResponse:
    """Read the paragraph as a Word document."""
    found = policy_paragraph(place, on=timezone.localdate(), agency=agency)
    response = HttpResponse(word_document(found), content_type=_WORD)
    response["Content-Disposition"] = f'attachment; filename="policy-{place}.docx"'
    return _open(response)


def _open(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "public, max-age=300"
    return response
