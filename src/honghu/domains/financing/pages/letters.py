"""The letter with the confirmation code, for the procurement office to hand to the buyer's contact."""

import uuid
from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from honghu.base.masking import mask_phone
from honghu.base.problems import NotAllowed, NotFound
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.domains.financing.commands.codes import code_of_lock, letter, registered_contact
from honghu.kernel.cases.detail import get_case
from honghu.kernel.cases.rows import CaseDetail
from honghu.web.components import Crumb

_OFFICE = ("procurement_clerk", "procurement_office")


@require_safe
@desk_page
def confirmation_letter(request: DeskRequest, loan_id: uuid.UUID) -> HttpResponse:
    """The letter of the account that waits for the buyer; for the procurement office alone.

    Raises NotAllowed for everybody else, the bank before all; NotFound when no account waits.
    """
    visit = request.visit
    detail = get_case(loan_id, actor=visit.actor, now=visit.now)
    if not any(visit.actor.holds(role) for role in _OFFICE):
        raise NotAllowed(
            _("The code is for the buyer's registered contact alone."),
            remedy=_("The procurement office tells it to the contact."),
        )
    code, facts = code_of_lock(loan_id), detail.row.facts
    if code is None:
        raise NotFound(_("No account of this loan waits for the buyer's confirmation."))
    context = {
        "title": _("Letter to the buyer's registered contact"),
        "crumbs": (
            Crumb(label=detail.row.number, url=reverse("case", args=[loan_id])),
            Crumb(label=_("Letter")),
        ),
        "contact": registered_contact(facts.get("buyer")),
        "buyer": detail.names.get(str(facts.get("buyer")), ""),
        "paragraphs": letter(facts, detail.row.number, str(facts.get("account_no", "")), code),
        "back_url": reverse("case", args=[loan_id]),
    }
    return render(request, "financing/letter.html", context)


def confirmation_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """While an account waits for the buyer: to whom its code goes. The code itself is not here."""
    if detail.row.state != "confirming":
        return None
    return {
        "contact": masked(registered_contact(detail.row.facts.get("buyer"))),
        "letter_url": reverse("financing-letter", args=[detail.row.id]),
    }


def masked(contact: str | None) -> str | None:
    """A registered contact as everybody may see it: enough to know it again."""
    if contact is None:
        return None
    if "@" in contact:
        name, _at, domain = contact.partition("@")
        return f"{name[:1]}***@{domain}"
    return mask_phone(contact)
