"""From the bytes of a file to the text of a page, keeping the way back to the source."""

import codecs
import dataclasses
import re
from bisect import bisect_right
from dataclasses import dataclass, field

from honghu.domains.procurement.readers.values import Span

MAX_BYTES = 5 * 1024 * 1024
_BINARY_MAGIC = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DAMAGE_LIMIT = 0.005
_REPLACEMENT = "\ufffd"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\ue000-\uf8ff]")


class UnreadableNoticeError(ValueError):
    """The file cannot be taken as text. ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the page's text. Offsets point into ``Page.text``."""

    text: str
    start: int
    end: int

    def strip(self, chars: str = " \t\r\n\u3000\xa0\u200b\u200d\ufeff") -> "Piece":
        """The piece without surrounding blanks (or ``chars``)."""
        left = len(self.text) - len(self.text.lstrip(chars))
        text = self.text.strip(chars)
        return Piece(text, self.start + left, self.start + left + len(text))

    def cut(self, begin: int, end: int | None = None) -> "Piece":
        """A part of the piece, by offsets inside it."""
        text = self.text[begin:end]
        return Piece(text, self.start + begin, self.start + begin + len(text))


@dataclass(frozen=True, slots=True)
class Page:
    """A decoded file (``source``) and its reading text, with the map between the two."""

    source: str
    text: str
    form: str
    title: str | None = None
    publish_hint: Piece | None = None
    _text_starts: tuple[int, ...] = ()
    _source_starts: tuple[int, ...] = ()
    _source_ends: tuple[int, ...] = field(default=(), repr=False)

    def piece(self, start: int, end: int) -> Piece:
        """The stretch of text between two offsets."""
        return Piece(self.text[start:end], start, end)

    def until(self, end: int) -> "Page":
        """The page up to an offset of its text."""
        return dataclasses.replace(self, text=self.text[:end])

    def span(self, piece: Piece) -> Span:
        """Where a piece of the text stands in the source."""
        if not self._text_starts:
            return (piece.start, piece.end)
        return (self._place(piece.start), self._place(max(piece.start, piece.end - 1)) + 1)

    def _place(self, offset: int) -> int:
        index = max(0, bisect_right(self._text_starts, offset) - 1)
        place = self._source_starts[index] + offset - self._text_starts[index]
        return min(place, max(self._source_starts[index], self._source_ends[index] - 1))


def decode(content: bytes, *, name: str) -> str:
    """Decode UTF-8 (with or without BOM), UTF-16 with BOM, or GB18030/GBK.

    Raises UnreadableNoticeError (too_large, binary, undecodable, empty).
    """
    if len(content) > MAX_BYTES:
        raise UnreadableNoticeError(
            "too_large", f"{name}: {len(content)} bytes; a notice has at most {MAX_BYTES}"
        )
    if not content.strip():
        raise UnreadableNoticeError("empty", f"{name}: the file is empty")
    if content.startswith(_UTF16):
        return _decode_utf16(content, name)
    if content.startswith(_BINARY_MAGIC) or b"\x00" in content:
        raise UnreadableNoticeError(
            "binary", f"{name}: not a text file; save the notice page as .html or .txt"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decode_legacy(content, name)


def _decode_utf16(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-16")
    except UnicodeDecodeError as error:
        raise UnreadableNoticeError("undecodable", f"{name}: broken UTF-16 text") from error


def _decode_legacy(content: bytes, name: str) -> str:
    # A page cut in the middle of a character is still UTF-8: GB18030 would accept it as mojibake.
    damaged = content.decode("utf-8-sig", errors="replace")
    if damaged.count(_REPLACEMENT) <= max(1, len(damaged) * _DAMAGE_LIMIT):
        return damaged
    text = content.decode("gb18030", errors="replace")
    strange = text.count(_REPLACEMENT) + len(_CONTROL.findall(text))
    if strange > max(1, len(text) * _DAMAGE_LIMIT):
        raise UnreadableNoticeError(
            "undecodable", f"{name}: neither UTF-8 nor GB18030; save the page again as UTF-8"
        )
    return text
