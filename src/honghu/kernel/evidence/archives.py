"""Zip files and the Office formats made of them: looked through before they are kept."""

import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from django.utils.translation import gettext as _

from honghu.kernel.evidence.media import KEPT, UnacceptableFileError, is_program

_CHUNK_BYTES: Final = 1 << 16
_HEAD_BYTES: Final = 64
_NESTED_IN_MEMORY_BYTES: Final = 1 << 23
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_ENCRYPTED: Final = 0x1
_OFFICE_PARTS: Final = (
    ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_MACROS: Final = ("vbaproject.bin", "vbadata.xml")
_PACKAGES: Final = frozenset({"META-INF/MANIFEST.MF", "AndroidManifest.xml", "classes.dex"})
_DOCUMENTS: Final = frozenset({"[Content_Types].xml", "mimetype"})


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """Technical bounds of what an archive may unpack to, whatever its headers claim.

    `ratio_max` counts from `ratio_from_bytes` on: small files of repeated text are harmless.
    """

    entries_max: int = 5000
    unpacked_bytes_max: int = 512 * 1024 * 1024
    ratio_max: int = 200
    ratio_from_bytes: int = 16 * 1024 * 1024
    depth_max: int = 2


LIMITS: Final = ArchiveLimits()


def inspect_archive(path: Path, limits: ArchiveLimits = LIMITS) -> str:
    """The media type of a zip file, once every entry has been unpacked and looked at.

    Raises UnacceptableFileError for bombs (entries, bytes, ratio, nesting), for encrypted or damaged
    entries, and for programs, scripts or macros inside. Nothing is written to disk.
    """
    inspection = _Inspection(limits, path.stat().st_size)
    with path.open("rb") as file:
        return inspection.look(file, depth=0)


class _Inspection:
    """Counts over an archive and the archives inside it."""

    def __init__(self, limits: ArchiveLimits, packed_bytes: int) -> None:
        self.limits = limits
        self.packed_bytes = max(packed_bytes, 1)
        self.entries = 0
        self.unpacked_bytes = 0

    def look(self, file: IO[bytes], depth: int) -> str:
        if depth > self.limits.depth_max:
            raise _bomb(
                _("The archive holds archives inside archives, more than %(depth)d deep.")
                % {"depth": self.limits.depth_max}
            )
        try:
            with zipfile.ZipFile(file) as archive:
                infos = archive.infolist()
                self.entries += len(infos)
                if self.entries > self.limits.entries_max:
                    raise _bomb(
                        _("The archive has more than %(count)d entries.")
                        % {"count": self.limits.entries_max}
                    )
                for info in infos:
                    self.entry(archive, info, depth)
                return _media_type(archive)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise UnacceptableFileError(
                _("The archive is damaged or unusual: %(problem)s") % {"problem": error},
                remedy=_("Pack it again as plain zip."),
            ) from error

    def entry(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, depth: int) -> None:
        if info.is_dir():
            return
        if info.flag_bits & _ENCRYPTED:
            raise UnacceptableFileError(
                _("%(file)s is encrypted and cannot be looked at.") % {"file": info.filename},
                remedy=_("Remove the password."),
            )
        with archive.open(info) as entry:
            head = self.read(entry, _HEAD_BYTES)
            self.check_name_and_head(info.filename, head)
            if not head.startswith(_ZIP):
                while self.read(entry, _CHUNK_BYTES):
                    pass
                return
            with tempfile.SpooledTemporaryFile(max_size=_NESTED_IN_MEMORY_BYTES) as nested:
                nested.write(head)
                while chunk := self.read(entry, _CHUNK_BYTES):
                    nested.write(chunk)
                nested.seek(0)
                self.look(nested, depth + 1)

    def check_name_and_head(self, path: str, head: bytes) -> None:
        name = path.rpartition("/")[2]
        if name.lower() in _MACROS:
            raise UnacceptableFileError(
                _("%(file)s: the document contains macros.") % {"file": path},
                remedy=_("Save it without them."),
            )
        if is_program(head, name):
            raise UnacceptableFileError(
                _("%(file)s is a program or a script.") % {"file": path}, remedy=_("Take it out.")
            )

    def read(self, entry: IO[bytes], size: int) -> bytes:
        """The next bytes of an entry, counted."""
        chunk = entry.read(size)
        self.count(len(chunk))
        return chunk

    def count(self, size: int) -> None:
        self.unpacked_bytes += size
        if self.unpacked_bytes > self.limits.unpacked_bytes_max:
            raise _bomb(
                _("The archive unpacks to more than %(bytes)d bytes.")
                % {"bytes": self.limits.unpacked_bytes_max}
            )
        ratio = self.unpacked_bytes // self.packed_bytes
        if self.unpacked_bytes > self.limits.ratio_from_bytes and ratio > self.limits.ratio_max:
            raise _bomb(
                _("The archive unpacks to more than %(times)d times its size.")
                % {"times": self.limits.ratio_max}
            )


def _bomb(what: str) -> UnacceptableFileError:
    return UnacceptableFileError(what, remedy=_("Send its files one by one, or fewer of them."))


def _media_type(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    if names & _PACKAGES and not names & _DOCUMENTS:
        raise UnacceptableFileError(
            _("The file is a program package."), remedy=_("Send a document.")
        )
    if "mimetype" in names:
        declared = archive.read("mimetype").decode("ascii", "replace").strip()
        return declared if declared in KEPT else "application/zip"
    if "OFD.xml" in names:
        return "application/ofd"
    if "[Content_Types].xml" in names:
        for folder, media_type in _OFFICE_PARTS:
            if any(name.startswith(folder) for name in names):
                return media_type
    return "application/zip"
