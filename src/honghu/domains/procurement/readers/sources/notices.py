"""Notices as pages (.txt, .html), one by one or a folder of them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from honghu.domains.procurement.readers.found import Fault, Part, Statement, gettext_noop
from honghu.domains.procurement.readers.page import MAX_BYTES, UnreadableNoticeError
from honghu.domains.procurement.readers.reader import read_notice

_SUFFIXES: Final = {".txt", ".html", ".htm"}
_PROBLEM: Final = gettext_noop("It cannot be read as a notice: {reason}.")
_NO_NOTICE: Final = gettext_noop("It is no procurement notice.")
_REMEDY: Final = gettext_noop("Send the page of the notice itself.")


class NoticeSource:
    """Every file is one notice, whole by itself."""

    code = "notices"

    def recognises(self, path: Path) -> bool:
        """A page, or a folder that holds one."""
        return any(each.suffix.lower() in _SUFFIXES for each in _files(path))

    def read(self, path: Path) -> Iterator[Part | Statement | Fault]:
        """The notices, by file name; what is none is a fault and does not stop the others."""
        for file in _files(path):
            if file.suffix.lower() in _SUFFIXES:
                yield _read(file)

    def merge(self, process: str, parts: Sequence[Part]) -> Iterator[Statement | Fault]:
        """Nothing: notices have no parts."""
        del process, parts
        return iter(())


def _files(path: Path) -> list[Path]:
    return sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]


def _read(file: Path) -> Statement | Fault:
    with file.open("rb") as opened:
        content = opened.read(MAX_BYTES + 1)
    try:
        notice = read_notice(content, name=file.name)
    except UnreadableNoticeError as error:
        values = {"reason": error.code}
        return Fault("unreadable", _PROBLEM, _REMEDY, place=file.name, values=values, refused=True)
    if notice.kind.value in (None, "unknown"):
        return Fault("no_notice", _NO_NOTICE, _REMEDY, place=file.name, refused=True)
    return Statement(None, file.name, content, notice)


SOURCE = NoticeSource()
