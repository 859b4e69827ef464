"""The documents of a case, for its page."""

import dataclasses
import datetime as dt

from django.urls import reverse

from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.documents.queries import documents_of_case


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


def papers_of(detail: CaseDetail) -> tuple[PaperView, ...]:
    """The documents of a case; three queries, and none for a register that makes none."""
    if not detail.register.documents:
        return ()
    return tuple(
        PaperView(
            number=row.number or "",
            title=row.title or "",
            organ_name=row.organ_name,
            signed_date=row.signed_date,
            void_reason=row.void_reason or "",
            word_url=reverse("document-word", args=[row.id]) if row.signed_at else "",
            pdf_url=reverse("document-pdf", args=[row.id]) if row.signed_at and row.title else "",
        )
        for row in documents_of_case(detail.row.id)
    )
