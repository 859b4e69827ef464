"""Reads: documents of a case, the issue register of a series, gaps in it, templates."""

import uuid
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, NotFound
from honghu.kernel.documents.content import Content, DocumentContentError
from honghu.kernel.documents.models import (
    Document,
    DocumentContent,
    DocumentSeries,
    DocumentVoid,
    SeriesCounter,
)
from honghu.kernel.documents.numbers import parse_number
from honghu.kernel.documents.pdf import render_pdf
from honghu.kernel.documents.pictures import Pictures, no_pictures
from honghu.kernel.documents.rendering import Letterhead, read_template, template_exists
from honghu.kernel.documents.rows import DocumentRow, document_row
from honghu.kernel.documents.serving import receipt_content, services_of
from honghu.kernel.parties.queries import person_names

__all__ = [
    "DocumentNotPrintableError",
    "DocumentRow",
    "SeriesRow",
    "document_pdf",
    "documents_of_case",
    "find_document",
    "get_document",
    "issued_documents",
    "list_series",
    "missing_numbers",
    "read_template",
    "receipt_pdf",
    "series_years",
    "template_exists",
]

# Every number from the first to the last that the counter gave out, without a document: always
# none, since triggers and the counter's lock see to it. Published all the same, as a proof.
_MISSING_SQL = """
SELECT n FROM documents_seriescounter c,
  generate_series(c.first_number, c.last_number) AS n
WHERE c.series_id = %s AND c.year = %s AND NOT EXISTS (
  SELECT 1 FROM documents_document d
  WHERE d.series_id = c.series_id AND d.year = c.year AND d.number = n)
ORDER BY n
"""


class DocumentNotPrintableError(Conflict):
    """A draft, which has no number yet, or a document whose content has been erased."""

    code = "document_not_printable"


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series of document numbers of an organisation."""

    id: uuid.UUID
    code: str
    organ_mark: str
    organisation_id: uuid.UUID
    organ_name: str


def get_document(document_id: uuid.UUID) -> DocumentRow:
    """One document. Raises NotFound."""
    found = _rows(Document.objects.filter(pk=document_id))
    if not found:
        raise NotFound(_("There is no document %(id)s.") % {"id": document_id})
    return found[0]


def document_pdf(row: DocumentRow, pictures: Pictures = no_pictures) -> bytes:
    """A signed document as PDF/A: number, days and signer as signed, the content by its digest.

    The same document is always the same bytes on one machine. Raises DocumentNotPrintableError,
    DocumentContentError for a content that is no longer the one signed, PdfFontMissingError,
    TemplateError.
    """
    letterhead = _letterhead(row)
    if row.content is None:
        raise DocumentNotPrintableError(_("What the document said has been erased by law."))
    if row.content.digest() != row.content_sha256:
        raise DocumentContentError(_("The content is not what was signed."))
    return _printed(row, row.template, row.content, letterhead, pictures)


def receipt_pdf(row: DocumentRow) -> bytes:
    """The receipt of service of a signed document (送达回证), in the layout `form.receipt.docx`.

    Filled in from the last service that was recorded; to be signed by hand before the first. Raises
    DocumentNotPrintableError, PdfFontMissingError, TemplateError.
    """
    letterhead = _letterhead(row)
    services = services_of([row.id]).get(row.id)
    content = receipt_content(row, services[-1] if services else None)
    return _printed(row, "form.receipt.docx", content, letterhead, no_pictures)


def _letterhead(row: DocumentRow) -> Letterhead:
    """What signing added. Raises DocumentNotPrintableError for a draft."""
    if row.signed_date is None or row.number is None:
        raise DocumentNotPrintableError(
            _("The document is not signed yet."), remedy=_("Sign it; then it has a number.")
        )
    signer = row.signed_by_person_id
    names = person_names([signer]) if signer else {}
    return Letterhead(
        organ_name=row.organ_name,
        number=row.number,
        signed_date=row.signed_date,
        printed_date=row.printed_date or row.signed_date,
        signed_by=names.get(signer, "") if signer else "",
    )


def _printed(
    row: DocumentRow, template: str, content: Content, letterhead: Letterhead, pictures: Pictures
) -> bytes:
    if row.signed_at is None:
        raise DocumentNotPrintableError(_("The document is not signed yet."))
    return render_pdf(
        template,
        content,
        letterhead,
        signed_at=row.signed_at,
        voided=row.voided_at is not None,
        pictures=pictures,
    )


def find_document(number: str) -> DocumentRow | None:
    """The signed document of this printed number; null if there is none.

    Raises DocumentNumberError for a text that is no document number.
    """
    mark, year, serial = parse_number(number)
    found = _rows(Document.objects.filter(series__organ_mark=mark, year=year, number=serial))
    return found[0] if found else None


def documents_of_case(case_id: uuid.UUID) -> list[DocumentRow]:
    """All documents of a case, drafts among them, in the order in which they were drafted."""
    return _rows(Document.objects.filter(case_id=case_id).order_by("drafted_at", "id"))


def issued_documents(series_id: uuid.UUID, year: int) -> list[DocumentRow]:
    """The issue register (发文登记) of a series' year by number; voided documents are in it."""
    return _rows(Document.objects.filter(series_id=series_id, year=year).order_by("number"))


def missing_numbers(series_id: uuid.UUID, year: int) -> list[int]:
    """Numbers that were given out and belong to no document: an empty list, or a fault."""
    with connection.cursor() as cursor:
        cursor.execute(_MISSING_SQL, [series_id, year])
        return [number for (number,) in cursor.fetchall()]


def list_series(*, organisation_id: uuid.UUID | None = None) -> list[SeriesRow]:
    """All series, or those of one organisation, by organ mark."""
    series = DocumentSeries.objects.order_by("organ_mark")
    if organisation_id is not None:
        series = series.filter(organisation_id=organisation_id)
    return [
        SeriesRow(row.id, row.code, row.organ_mark, row.organisation_id, row.organ_name)
        for row in series
    ]


def series_years(series_id: uuid.UUID) -> dict[int, int]:
    """The last number of each year that the series has begun, by year."""
    counters = SeriesCounter.objects.filter(series_id=series_id)
    return dict(counters.values_list("year", "last_number"))


def _rows(documents: QuerySet[Document]) -> list[DocumentRow]:
    """Rows with their contents and voidings: three queries, whatever the number of documents."""
    found = list(documents.select_related("series"))
    ids = [document.id for document in found]
    contents = dict(DocumentContent.objects.filter(pk__in=ids).values_list("pk", "data"))
    voids = DocumentVoid.objects.in_bulk(ids)
    return [document_row(row, contents.get(row.id), voids.get(row.id)) for row in found]
