"""Files that a form brings."""

from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _


def chosen_files(
    request: HttpRequest, field: str, *, most: int
) -> tuple[Sequence["UploadedFile[bytes]"], str]:
    """The files of a field, at most so many; or none, and what is wrong in the reader's language."""
    files = request.FILES.getlist(field)
    if not files:
        return (), _("Choose at least one file.")
    if len(files) > most:
        return (), _("At most {count} files at once.").format(count=most)
    return files, ""
