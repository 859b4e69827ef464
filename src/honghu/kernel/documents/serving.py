"""Service of documents (送达): to whom, how, when, and who signed for it; what is recorded stays."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid, NotAllowed, NotFound
from honghu.kernel.documents.content import Content
from honghu.kernel.documents.models import Document, DocumentService, DocumentVoid
from honghu.kernel.documents.rendering import chinese_date
from honghu.kernel.documents.rows import DocumentRow
from honghu.kernel.parties.actor import Actor

MANNERS = tuple(DocumentService.Manner.values)
"""The ways in which documents are served."""
_MANNERS_ON_PAPER = {
    "direct": "直接送达",
    "post": "邮寄送达",
    "electronic": "电子送达",
    "left": "留置送达",
    "entrusted": "委托送达",
    "notice": "公告送达",
}


class UnableToServe(Conflict):
    """A draft, or a voided document, which nobody can be served with."""

    code = "document-not-served"


@dataclass(frozen=True, slots=True)
class Service:
    """What is said of a service; `received_by` is who signed, or the witness where it was left."""

    served_to: str
    manner: str
    received_by: str
    served_at: dt.datetime
    note: str = ""
    evidence_sha256: str | None = None


def record_service(
    *, document_id: uuid.UUID, service: Service, actor: Actor, now: dt.datetime
) -> uuid.UUID:
    """Record that a signed document was served; a correction is a further record with its note.

    Raises NotFound, NotAllowed for another organisation than the issuing one, UnableToServe for a
    draft and a voided document, Invalid naming each field: empty ones, an unknown manner, a time
    before the signing or after now.
    """
    document = Document.objects.select_related("series").filter(pk=document_id).first()
    if document is None:
        raise NotFound(_("There is no document %(id)s.") % {"id": document_id})
    if document.series.organisation_id != actor.organisation_id:
        raise NotAllowed(
            _("The document is one of %(organ)s.") % {"organ": document.series.organ_name},
            remedy=_("Let somebody of that organisation record its service."),
        )
    is_void = DocumentVoid.objects.filter(pk=document_id).exists()
    if document.signed_at is None or is_void:
        raise UnableToServe(
            _("Only a signed document that is not void can be served."),
            remedy=_("Sign it first, or serve the one that takes its place."),
        )
    faults = _faults(service, document.signed_at, now)
    if faults:
        raise Invalid(next(iter(faults.values())), fields=faults)
    return DocumentService.objects.create(
        document=document,
        served_to=service.served_to.strip(),
        manner=service.manner,
        received_by=service.received_by.strip(),
        served_at=service.served_at,
        note=service.note.strip(),
        evidence_sha256=service.evidence_sha256,
        recorded_at=now,
        recorded_by_person_id=actor.person_id,
        recorded_by_organisation_id=actor.organisation_id,
    ).id


def _faults(service: Service, signed_at: dt.datetime, now: dt.datetime) -> dict[str, str]:
    faults = {
        name: _("Fill this in.")
        for name in ("served_to", "received_by")
        if not getattr(service, name).strip()
    }
    if service.manner not in MANNERS:
        faults["manner"] = _("Choose how it was served.")
    if service.served_at > now:
        faults["served_at"] = _("This time has not come.")
    elif service.served_at.replace(second=59) < signed_at.replace(second=0):
        faults["served_at"] = _("The document was not signed yet then.")
    return faults


def services_of(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, list[Service]]:
    """The services of documents, by document, in the order in which they took place. One query."""
    found: dict[uuid.UUID, list[Service]] = {}
    rows = DocumentService.objects.filter(document_id__in=list(ids))
    for row in rows.order_by("served_at", "recorded_at"):
        found.setdefault(row.document_id, []).append(
            Service(
                row.served_to,
                row.manner,
                row.received_by,
                row.served_at,
                row.note,
                row.evidence_sha256,
            )
        )
    return found


def receipt_content(row: DocumentRow, service: Service | None) -> Content:
    """The receipt of service (送达回证) of a document: filled in from a service, or to be signed.

    Official papers are Chinese.
    """
    facts = [("送达文书", row.title or ""), ("文书文号", row.number or "")]
    if service is None:
        recipients = row.content.main_recipients if row.content else ()
        facts += [("受送达人", "、".join(recipients)), ("送达方式", ""), ("送达地点", "")]
        boxes = ["受送达人签名或盖章", "代收人及与受送达人关系", "见证人", "送达人"]
        return Content(title="送达回证", facts=facts, data={"boxes": boxes})
    at = localtime(service.served_at)
    facts += [
        ("受送达人", service.served_to),
        ("送达方式", _MANNERS_ON_PAPER[service.manner]),
        ("签收人", service.received_by),
        ("送达时间", f"{chinese_date(at.date())}{at:%H:%M}"),
        ("备注", service.note),
    ]
    return Content(title="送达回证", facts=facts)
