"""Document numbers (发文字号): organ mark, year in hexagonal brackets, serial, 号 (GB/T 9704)."""

import re
from typing import Final

from django.utils.translation import gettext as _

from honghu.base.problems import Invalid

_NUMBER: Final = re.compile(r"(?P<mark>[^〔〕\s]+)〔(?P<year>\d{4})〕(?P<serial>[1-9]\d*)号")


class DocumentNumberError(Invalid, ValueError):
    """A text that is no document number, or an organ mark that cannot begin one."""

    code = "document_number"


def format_number(organ_mark: str, year: int, serial: int) -> str:
    """The number as it is printed: 洪河办函〔2026〕7号, without padding and without 第."""
    return f"{organ_mark}〔{year:04}〕{serial}号"


def parse_number(text: str) -> tuple[str, int, int]:
    """Organ mark, year and serial of a printed number. Raises DocumentNumberError.

    Round, square and full-width brackets are refused: the number would not be found again by it.
    """
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        raise DocumentNumberError(
            _("%(text)s is no document number.") % {"text": text},
            remedy=_("Write it as 洪河办函〔2026〕7号."),
        )
    return match["mark"], int(match["year"]), int(match["serial"])


def check_organ_mark(organ_mark: str) -> str:
    """The organ mark without surrounding space. Raises DocumentNumberError."""
    mark = organ_mark.strip()
    if _NUMBER.fullmatch(format_number(mark, 2000, 1)) is None:
        raise DocumentNumberError(
            _("%(mark)s is no organ mark.") % {"mark": repr(organ_mark)},
            remedy=_("Write it without brackets and spaces."),
        )
    return mark
