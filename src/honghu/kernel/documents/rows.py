"""The frozen rows that commands and queries of documents hand out."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from honghu.kernel.documents.content import Content, content_from_json
from honghu.kernel.documents.models import Document, DocumentVoid
from honghu.kernel.documents.numbers import format_number


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """One document. Number, dates and file are null for a draft; `content` once it is erased."""

    id: uuid.UUID
    series: str
    organ_name: str
    template: str
    case_id: uuid.UUID | None
    step_id: uuid.UUID | None
    content: Content | None
    content_sha256: str
    drafted_at: dt.datetime
    drafted_by_person_id: uuid.UUID | None
    number: str | None
    signed_at: dt.datetime | None
    signed_by_person_id: uuid.UUID | None
    signed_by_organisation_id: uuid.UUID | None
    signed_date: dt.date | None
    printed_date: dt.date | None
    rendered_sha256: str | None
    voided_at: dt.datetime | None
    void_reason: str | None

    @property
    def title(self) -> str | None:
        """The title; null once the content is erased."""
        return self.content.title if self.content else None


def document_row(
    document: Document, data: Mapping[str, Any] | None, void: DocumentVoid | None = None
) -> DocumentRow:
    """The row of a model with its series, its content and its voiding."""
    series = document.series
    number = None
    if document.year is not None and document.number is not None:
        number = format_number(series.organ_mark, document.year, document.number)
    return DocumentRow(
        id=document.id,
        series=series.code,
        organ_name=series.organ_name,
        template=document.template,
        case_id=document.case_id,
        step_id=document.step_id,
        content=content_from_json(data) if data is not None else None,
        content_sha256=document.content_sha256,
        drafted_at=document.drafted_at,
        drafted_by_person_id=document.drafted_by_person_id,
        number=number,
        signed_at=document.signed_at,
        signed_by_person_id=document.signed_by_person_id,
        signed_by_organisation_id=document.signed_by_organisation_id,
        signed_date=document.signed_date,
        printed_date=document.printed_date,
        rendered_sha256=document.rendered_sha256,
        voided_at=void.voided_at if void else None,
        void_reason=void.reason if void else None,
    )
