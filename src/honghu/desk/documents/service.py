"""Recording that a document was served, with its signed receipt."""

import dataclasses
import datetime as dt
import uuid

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import get_current_timezone, is_aware, localtime, make_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from honghu.base.problems import Invalid
from honghu.desk.documents.pages import visible_document
from honghu.desk.documents.wording import manner_words
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.kernel.documents.queries import DocumentRow
from honghu.kernel.documents.serving import Service, record_service
from honghu.kernel.evidence.commands import Attachment, attach_evidence, store_evidence
from honghu.web.components import Crumb
from honghu.web.fields import Choice, FormField

_NAMES = ("served_to", "manner", "received_by", "served_at", "note")


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def serve(request: DeskRequest, document_id: uuid.UUID) -> HttpResponse:
    """Say to whom a document was served, how, when, and who signed for it."""
    visit = request.visit
    row = visible_document(document_id, visit)
    typed = {name: request.POST.get(name, "").strip() for name in _NAMES}
    if request.method != "POST":
        recipients = row.content.main_recipients if row.content else ()
        now = localtime(visit.now).replace(second=0, microsecond=0, tzinfo=None)
        typed |= {
            "served_to": "、".join(recipients), "manner": "direct", "served_at": now.isoformat()
        }  # fmt: skip
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            service = Service(
                typed["served_to"], typed["manner"], typed["received_by"],
                _instant(typed["served_at"]), typed["note"],
            )  # fmt: skip
            _record(request, row, service)
            return redirect("case", row.case_id)
        except Invalid as refusal:
            faults = dict(refusal.fields) or {"receipt": refusal.message}
    context = {
        "title": _("Receipt of service"),
        "number": row.number,
        "document_title": row.title,
        "crumbs": (
            Crumb(label=row.number or "", url=reverse("case", args=[row.case_id])),
            Crumb(label=_("Receipt of service")),
        ),
        "cancel_url": reverse("case", args=[row.case_id]),
        "fields": _fields(typed, faults),
        "submit_label": _("Record the service"),
    }
    return render(request, "desk/documents/form.html", context, status=422 if faults else 200)


def _record(request: DeskRequest, row: DocumentRow, service: Service) -> None:
    """Keep the signed receipt, if one was sent, with the case, and record the service."""
    visit, file = request.visit, request.FILES.get("receipt")
    with transaction.atomic():
        if file is not None and row.case_id is not None:
            sha = store_evidence(
                content=file, filename=file.name or "", actor=visit.actor, now=visit.now,
                kind="document",
            ).sha256  # fmt: skip
            attach_evidence(
                case_id=row.case_id, step_id=None, attachments=[Attachment(sha, "document")],
                actor=visit.actor, now=visit.now,
            )  # fmt: skip
            service = dataclasses.replace(service, evidence_sha256=sha)
        record_service(document_id=row.id, service=service, actor=visit.actor, now=visit.now)


def _instant(text: str) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError as error:
        message = _("Write a date and a time.")
        raise Invalid(message, fields={"served_at": message}) from error
    return at if is_aware(at) else make_aware(at, get_current_timezone())


def _fields(typed: dict[str, str], faults: dict[str, str]) -> tuple[FormField, ...]:
    def errors(name: str) -> tuple[str, ...]:
        return (faults[name],) if name in faults else ()

    def text(name: str, label: str, help_text: str = "", *, required: bool = True) -> FormField:
        return FormField(
            name=name, label=label, control="text", value=typed[name], help=help_text,
            errors=errors(name), required=required, max_length=200,
        )  # fmt: skip

    return (
        text("served_to", _("Served to")),
        FormField(
            name="manner",
            label=_("How"),
            control="choice",
            value=typed["manner"],
            errors=errors("manner"),
            required=True,
            choices=tuple(Choice(value=v, label=label) for v, label in manner_words().items()),
        ),
        text("received_by", _("Signed for by"), _("Left there: the witness.")),
        FormField(
            name="served_at",
            label=_("When"),
            control="instant",
            value=typed["served_at"],
            errors=errors("served_at"),
            required=True,
        ),
        text("note", _("Note"), required=False),
        FormField(
            name="receipt",
            label=_("Signed receipt"),
            control="file",
            errors=errors("receipt"),
            help=_("A picture or a scan of it."),
            accept=".pdf,.jpg,.jpeg,.png",
        ),
    )
