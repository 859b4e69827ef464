"""Voiding a signed document: its number stays taken, and everybody reads why."""

import uuid

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from honghu.base.problems import Invalid
from honghu.desk.documents.pages import visible_document
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.kernel.documents.commands import void_document
from honghu.web.components import Crumb
from honghu.web.fields import FormField


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def void(request: DeskRequest, document_id: uuid.UUID) -> HttpResponse:
    """Say why a document is void; by who signed it, or the document clerk."""
    visit = request.visit
    row = visible_document(document_id, visit)
    reason, fault = request.POST.get("reason", ""), ""
    if request.method == "POST":
        try:
            void_document(document_id=row.id, reason=reason, actor=visit.actor, now=visit.now)
            return redirect("case", row.case_id)
        except Invalid as refusal:
            fault = refusal.message
    case_url = reverse("case", args=[row.case_id])
    context = {
        "title": _("Void the document"),
        "number": row.number,
        "document_title": row.title,
        "crumbs": (Crumb(label=row.number or "", url=case_url), Crumb(label=_("Void"))),
        "cancel_url": case_url,
        "fields": (
            FormField(
                name="reason",
                label=_("Reason"),
                control="long_text",
                value=reason,
                help=_("Its number stays taken. The reason is printed beside it for good."),
                errors=(fault,) if fault else (),
                required=True,
                max_length=500,
            ),
        ),
        "submit_label": _("Void the document"),
        "is_grave": True,
    }
    return render(request, "desk/documents/form.html", context, status=422 if fault else 200)
