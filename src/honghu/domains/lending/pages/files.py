"""Files for download: workbooks and documents, with headers that keep them out of caches."""

import io
import tempfile
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.http import FileResponse, HttpResponseBase

from honghu.kernel.sheets.tables import Sheet, write_sheet

EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF: Final = "application/pdf"
_SPOOLED: Final = 5_000_000


def workbook(sheet: Sheet, rows: Iterable[Sequence[Any]], name: str) -> HttpResponseBase:
    """A table as an Excel file."""
    # The response closes the file, and closing removes it.
    target = tempfile.SpooledTemporaryFile(max_size=_SPOOLED)  # noqa: SIM115
    write_sheet(target, sheet, rows)
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=f"{name}.xlsx", content_type=EXCEL)


def document(content: bytes, name: str, content_type: str) -> HttpResponseBase:
    """A document that was made in memory."""
    return FileResponse(
        io.BytesIO(content), as_attachment=True, filename=name, content_type=content_type
    )
