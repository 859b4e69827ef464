"""A signed document for whoever may see its case: the Word file that was signed, or a PDF of it."""

import uuid

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from honghu.base.problems import NotFound
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest, Visit
from honghu.kernel.cases.queries import find_case
from honghu.kernel.documents.queries import (
    DocumentRow,
    document_pdf,
    get_document,
    receipt_pdf,
)
from honghu.kernel.evidence.queries import open_content, read_content

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_safe
@desk_page
def word(request: DeskRequest, document_id: uuid.UUID) -> HttpResponseBase:
    """The file that was rendered when the document was signed, byte for byte."""
    row = visible_document(document_id, request.visit)
    if row.rendered_sha256 is None:
        raise NotFound(_("The document is not signed yet."))
    content = open_content(row.rendered_sha256)
    name = f"{row.number}.docx"
    return FileResponse(content, as_attachment=True, filename=name, content_type=WORD)


@require_safe
@desk_page
def pdf(request: DeskRequest, document_id: uuid.UUID) -> HttpResponse:
    """The document as PDF, to read in the browser or to print."""
    row = visible_document(document_id, request.visit)
    response = HttpResponse(document_pdf(row, read_content), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{row.id}.pdf"'
    return response


@require_safe
@desk_page
def receipt(request: DeskRequest, document_id: uuid.UUID) -> HttpResponse:
    """The receipt of service (送达回证): to be signed by hand, or as the service was recorded."""
    row = visible_document(document_id, request.visit)
    response = HttpResponse(receipt_pdf(row), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{row.id}-receipt.pdf"'
    return response


def visible_document(document_id: uuid.UUID, visit: Visit) -> DocumentRow:
    """The document, if its case is in sight. Raises NotFound alike for none and for a stranger's."""
    row = get_document(document_id)
    if row.case_id is None:
        raise NotFound(_("There is no document %(id)s.") % {"id": document_id})
    find_case(row.case_id, actor=visit.actor, now=visit.now)
    return row
