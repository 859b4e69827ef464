"""The documents of a case, for its page."""

import dataclasses
import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from honghu.desk.documents.wording import manner_words
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.documents.commands import may_void
from honghu.kernel.documents.queries import DocumentRow, documents_of_case
from honghu.kernel.documents.serving import Service, services_of
from honghu.kernel.parties.actor import Actor
from honghu.web.display import instant_text


@dataclasses.dataclass(frozen=True, slots=True)
class PaperView:
    """A document: its number and title, what became of it, and its two files."""

    number: str
    title: str
    organ_name: str
    signed_date: dt.date | None
    void_reason: str
    word_url: str
    pdf_url: str
    services: tuple[tuple[str, str], ...] = ()
    """Each service in words, with the address of its signed receipt if there is one."""
    receipt_url: str = ""
    serve_url: str = ""
    void_url: str = ""


def papers_of(detail: CaseDetail, actor: Actor) -> tuple[PaperView, ...]:
    """The documents of a case, and whom they were served; four queries, none where none are made."""
    if not detail.register.documents:
        return ()
    rows = documents_of_case(detail.row.id)
    served = services_of(row.id for row in rows) if rows else {}
    return tuple(
        PaperView(
            number=row.number or "",
            title=row.title or "",
            organ_name=row.organ_name,
            signed_date=row.signed_date,
            void_reason=row.void_reason or "",
            word_url=reverse("document-word", args=[row.id]) if row.signed_at else "",
            pdf_url=reverse("document-pdf", args=[row.id]) if row.signed_at and row.title else "",
            services=tuple(
                (_service_text(each), _file_url(each)) for each in served.get(row.id, ())
            ),
            receipt_url=reverse("document-receipt", args=[row.id]) if row.signed_at else "",
            serve_url=reverse("document-service", args=[row.id]) if _is_own(row, actor) else "",
            void_url=reverse("document-void", args=[row.id]) if _may_void(row, actor) else "",
        )
        for row in rows
    )


def _is_own(row: DocumentRow, actor: Actor) -> bool:
    """Whether it is a paper of the reader's organisation that holds."""
    is_own = row.signed_by_organisation_id == actor.organisation_id
    return row.signed_at is not None and row.voided_at is None and is_own


def _may_void(row: DocumentRow, actor: Actor) -> bool:
    return _is_own(row, actor) and may_void(row.signed_by_person_id, actor)


def _file_url(service: Service) -> str:
    sha = service.evidence_sha256
    return reverse("evidence", args=[sha]) if sha else ""


def _service_text(service: Service) -> str:
    said = {
        "who": service.served_to,
        "how": manner_words().get(service.manner, service.manner),
        "signed": service.received_by,
        "at": instant_text(service.served_at),
    }
    return _("%(who)s · %(how)s · %(signed)s · %(at)s") % said
