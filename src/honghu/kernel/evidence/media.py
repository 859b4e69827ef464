"""What a file is, by its content: the types that are kept, and those that never are.

The name that a file came with decides nothing except which scripts (plain text by content) are
refused. Whatever is not on the list is refused: a list of bad types would always be behind.
"""

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import puremagic
from django.utils.translation import gettext as _

from honghu.base.problems import Invalid

HEAD_BYTES: Final = 65536
_SCAN_BYTES: Final = 1 << 20


class UnacceptableFileError(Invalid):
    """A file that is not kept: its type, its size, or what it holds."""

    code = "evidence_file"


@dataclass(frozen=True, slots=True)
class MediaType:
    """A type that is kept. `inline`: a browser may show it on our pages; `extensions[0]` is usual."""

    name: str
    extensions: tuple[str, ...]
    inline: bool = False


_KEPT: Final = (
    MediaType("image/jpeg", (".jpg", ".jpeg", ".jfif", ".jpe"), inline=True),
    MediaType("image/png", (".png",), inline=True),
    MediaType("image/gif", (".gif",), inline=True),
    MediaType("image/webp", (".webp",), inline=True),
    MediaType("image/bmp", (".bmp", ".dib"), inline=True),
    MediaType("image/tiff", (".tiff", ".tif")),
    MediaType("image/heif", (".heic", ".heif")),
    MediaType("video/mp4", (".mp4", ".m4v", ".f4v"), inline=True),
    MediaType("video/webm", (".webm",), inline=True),
    MediaType("video/quicktime", (".mov", ".qt")),
    MediaType("video/3gpp", (".3gp", ".3ga", ".3gpp")),
    MediaType("audio/mpeg", (".mp3", ".mpga"), inline=True),
    MediaType("audio/mp4", (".m4a", ".f4a"), inline=True),
    MediaType("audio/wav", (".wav",), inline=True),
    MediaType("audio/ogg", (".ogg", ".oga", ".opus", ".ogv"), inline=True),
    MediaType("audio/amr", (".amr",)),
    MediaType("application/pdf", (".pdf",), inline=True),
    MediaType(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",)
    ),
    MediaType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",)),
    MediaType(
        "application/vnd.openxmlformats-officedocument.presentationml.presentation", (".pptx",)
    ),
    MediaType("application/vnd.oasis.opendocument.text", (".odt",)),
    MediaType("application/vnd.oasis.opendocument.spreadsheet", (".ods",)),
    MediaType("application/ofd", (".ofd",)),
    MediaType("application/msword", (".doc", ".wps")),
    MediaType("application/vnd.ms-excel", (".xls", ".et")),
    MediaType("application/vnd.ms-powerpoint", (".ppt", ".dps")),
    MediaType("application/zip", (".zip",)),
    MediaType("application/gpx+xml", (".gpx",)),
    MediaType("application/xml", (".xml",)),
    MediaType("application/json", (".json", ".geojson")),
    MediaType("image/svg+xml", (".svg",)),
    MediaType("text/html", (".html", ".htm", ".xhtml")),
    MediaType("text/csv", (".csv", ".tsv")),
    MediaType("text/plain", (".txt", ".log", ".md"), inline=True),
)
KEPT: Final[Mapping[str, MediaType]] = MappingProxyType({kept.name: kept for kept in _KEPT})
"""The types that are kept, by name."""

_BY_EXTENSION: Final = {ext: kept.name for kept in _KEPT for ext in kept.extensions}
IMAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "image/jpeg": "JPEG",
        "image/png": "PNG",
        "image/gif": "GIF",
        "image/webp": "WEBP",
        "image/bmp": "BMP",
        "image/tiff": "TIFF",
    }
)
"""The image types that are opened and checked, with Pillow's names for them."""

_PROGRAMS: Final = (
    b"MZ",  # Windows, DOS
    b"\x7fELF",
    b"\xfe\xed\xfa",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",  # Java class, Mach-O for several processors
    b"dex\n",
    b"\0asm",
    b"\x4c\0\0\0\x01\x14\x02\0",  # Windows shortcut
    b"MSCF",
    b"#!",
)
_AMR: Final = b"#!AMR"
# fmt: off
_SCRIPTS: Final = frozenset({
    ".asp", ".aspx", ".bat", ".cgi", ".chm", ".cmd", ".com", ".cpl", ".dll", ".exe", ".gadget",
    ".hta", ".inf", ".jar", ".js", ".jse", ".jsp", ".lnk", ".mjs", ".msi", ".msp", ".php", ".pif",
    ".pl", ".ps1", ".psm1", ".py", ".rb", ".reg", ".scf", ".scr", ".sh", ".so", ".swf", ".url",
    ".vb", ".vbe", ".vbs", ".ws", ".wsf", ".wsh", ".xll",
})
# fmt: on
_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
# Names of the streams inside an OLE file, as its directory writes them.
_OLE_STREAMS: Final = (
    ("WordDocument", "application/msword"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
)
_OLE_MACROS: Final = ("_VBA_PROJECT", "Macros")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_HTML: Final = re.compile(
    r"<(?:!doctype\s+html|html|head|body|script|iframe|table|title|style|div|meta|form|p|br|h1|a)\b",
    re.IGNORECASE,
)
_XML_SKIP: Final = re.compile(
    r"(?:\s|<\?.*?\?>|<!--.*?-->|<!doctype[^>\[]*(?:\[.*?\])?\s*>)*", re.DOTALL | re.IGNORECASE
)
_XML_ROOT: Final = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_XML_TYPES: Final = {"svg": "image/svg+xml", "gpx": "application/gpx+xml", "html": "text/html"}
_CSV_LINES: Final = 5


def is_program(head: bytes, filename: str) -> bool:
    """Whether a file is a program by its first bytes, or a script by its name."""
    if head.startswith(_AMR):
        return False
    return head.startswith(_PROGRAMS) or _extension(filename) in _SCRIPTS


def sniff(path: Path, filename: str) -> str | None:
    """The name of the kept type that the file's content shows; null if it shows none.

    A zip file is `application/zip` here: what it holds is for `archives` to say. Raises
    UnacceptableFileError for programs, scripts and macros.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise UnacceptableFileError(_("The file is empty."), remedy=_("Choose the file again."))
    if is_program(head, filename):
        raise UnacceptableFileError(
            _("The file is a program or a script."),
            remedy=_("Send a picture or a document instead."),
        )
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "application/zip"
    if head.startswith(_OLE):
        return _sniff_ole(path)
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    text = _decode(head)
    if text is not None and not head.startswith(_AMR):
        return _sniff_text(text, _extension(filename))
    return _sniff_binary(head)


def _extension(filename: str) -> str:
    return Path(filename.strip().rstrip(". ")).suffix.lower()


def _sniff_binary(head: bytes) -> str | None:
    try:
        matches = puremagic.magic_string(head)
    except puremagic.PureError:
        return None
    return next(
        (_BY_EXTENSION[match.extension] for match in matches if match.extension in _BY_EXTENSION),
        None,
    )


def _sniff_ole(path: Path) -> str | None:
    """The old Office formats: told apart by the names in the directory, which may be anywhere."""
    wanted = {name: name.encode("utf-16-le") for name, _type in _OLE_STREAMS}
    wanted |= {name: name.encode("utf-16-le") for name in _OLE_MACROS}
    overlap = max(map(len, wanted.values()))
    found: set[str] = set()
    with path.open("rb") as file:
        tail = b""
        while chunk := file.read(_SCAN_BYTES):
            window = tail + chunk
            found |= {name for name, mark in wanted.items() if mark in window}
            tail = window[-overlap:]
    if found.intersection(_OLE_MACROS):
        raise UnacceptableFileError(
            _("The document contains macros."),
            remedy=_("Save it without macros, as .docx or .xlsx."),
        )
    return next((media_type for name, media_type in _OLE_STREAMS if name in found), None)


def _decode(head: bytes) -> str | None:
    """The beginning of a text in UTF-8, UTF-16 or GB 18030; null if it is not text."""
    encodings = [name for bom, name in _BOMS if head.startswith(bom)] or ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            # Not final: the head may end within a character.
            text = codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        if not _CONTROL.search(text):
            return text
    return None


def _sniff_text(text: str, extension: str) -> str:
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        body = start[len(match[0]) :] if (match := _XML_SKIP.match(start)) else start
        root = _XML_ROOT.match(body)
        known = _XML_TYPES.get(root[1].lower()) if root else None
        if known is not None or start.startswith("<?xml"):
            return known or "application/xml"
    # Browsers guess HTML from a tag near the beginning, so we do before they do.
    if _HTML.search(text[:4096]):
        return "text/html"
    if extension in {".json", ".geojson"} and start[:1] in {"{", "["}:
        return "application/json"
    if extension in {".csv", ".tsv"} or _is_table(text):
        return "text/csv"
    return "text/plain"


def _is_table(text: str) -> bool:
    lines = [line for line in text.splitlines()[:_CSV_LINES] if line.strip()]
    if len(lines) < _CSV_LINES - 1:
        return False
    return any(
        lines[0].count(mark) >= 1 and len({line.count(mark) for line in lines}) == 1
        for mark in (",", "\t")
    )
