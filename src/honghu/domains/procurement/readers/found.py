"""What a source yields: whole statements, parts that are merged into statements, and faults."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from honghu.domains.procurement.readers.values import Notice


def gettext_noop(text: str) -> str:
    """Mark a text for translation where it is written; whoever shows it translates it.

    As Django's function of this name, which needs settings: readers work without any.
    """
    return text


class UnreadableSourceError(Exception):
    """A file that cannot be read to its end; nothing of it may be kept.

    `place` names the spot (a line, a byte), `what` and `remedy` are English texts that may be
    translated and then formatted with `values`.
    """

    def __init__(
        self,
        code: str,
        *,
        place: str,
        what: str,
        remedy: str,
        values: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code
        self.place = place
        self.what = what
        self.remedy = remedy
        self.values = dict(values or {})
        super().__init__(f"{place}: {what.format(**self.values)}")


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """What does not fit in one release or file. `refused`: it was left out because of this.

    `place` says where in the file (a line, an item), `path` where inside the release. `what` and
    `remedy` are English texts that may be translated and then formatted with `values`.
    """

    code: str
    what: str
    remedy: str
    path: str = ""
    place: str = ""
    process: str | None = None
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    refused: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """A piece of news about a process that others complete: an OCDS release.

    `body` is the text as it was sent. The same `part_id` and `date` of a process is the same news.
    """

    process: str
    part_id: str
    date: dt.datetime
    body: str
    place: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Statement:
    """A notice in all but name: what a source states of one award or contract, or a notice file.

    `address` is the same for later versions of the same statement, null if the source has no such
    thing; `content` are the bytes that become evidence, of which `notice` is the reading.
    """

    address: str | None
    filename: str
    content: bytes
    notice: Notice


class Source(Protocol):
    """The interface of a source of procurement facts; one file in `readers/sources/` is one source."""

    code: str
    """Names the source in tables and on the command line; never changes."""

    def recognises(self, path: Path) -> bool:
        """Whether this file or folder looks like one of this source."""
        ...

    def read(self, path: Path) -> Iterator[Part | Statement | Fault]:
        """What the file holds, as a stream. Raises UnreadableSourceError."""
        ...

    def merge(self, process: str, parts: Sequence[Part]) -> Iterator[Statement | Fault]:
        """What all parts of one process, the earliest first, state together."""
        ...
