"""OCDS 1.1: release packages, record packages, and JSON Lines of releases, records or packages."""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from honghu.domains.procurement.readers.found import (
    Fault,
    Part,
    Statement,
    UnreadableSourceError,
    gettext_noop,
)
from honghu.domains.procurement.readers.ocds.checks import (
    check_release,
    check_text,
    parse_date_time,
)
from honghu.domains.procurement.readers.ocds.merging import UnmergeableError, compile_releases
from honghu.domains.procurement.readers.ocds.statements import statements
from honghu.domains.procurement.readers.ocds.streams import (
    is_lines,
    parse,
    read_lines,
    read_package,
)

_SUFFIXES: Final = {".json", ".jsonl", ".jsonlines", ".ndjson"}
_LINKED: Final = gettext_noop("The record holds links to its releases, not the releases.")
_FETCH: Final = gettext_noop("Fetch the releases from their addresses and import them.")
_UNMERGEABLE: Final = gettext_noop("The releases of the process cannot be merged: {reason}.")
_ASK: Final = gettext_noop("Ask the publisher to correct the releases.")


class OcdsSource:
    """Every release is a part; the releases of one ocid are merged by date."""

    code = "ocds"

    def recognises(self, path: Path) -> bool:
        """By its name: .json or JSON Lines, also packed by gzip."""
        suffixes = [suffix.lower() for suffix in path.suffixes]
        if suffixes and suffixes[-1] == ".gz":
            suffixes.pop()
        return path.is_file() and bool(suffixes) and suffixes[-1] in _SUFFIXES

    def read(self, path: Path) -> Iterator[Part | Statement | Fault]:
        """The releases as parts, the faults beside them. Raises UnreadableSourceError."""
        if is_lines(path):
            yield from _lines(path)
        else:
            for place, text, value in read_package(path):
                yield from _item(place, text, value)

    def merge(self, process: str, parts: Sequence[Part]) -> Iterator[Statement | Fault]:
        """What the merged releases state of awards and contracts."""
        releases = [(part.date, json.loads(part.body, parse_float=Decimal)) for part in parts]
        try:
            compiled = compile_releases(releases)
        except UnmergeableError as error:
            values = {"reason": str(error)}
            yield Fault(
                "unmergeable", _UNMERGEABLE, _ASK, process=process, values=values, refused=True
            )
            return
        yield from statements(compiled, [part.part_id for part in parts])


def _lines(path: Path) -> Iterator[Part | Fault]:
    """Lines are independent: a broken one is a fault, unless the file ends in it."""
    broken: UnreadableSourceError | None = None
    for place, line in read_lines(path):
        if broken is not None:
            yield _fault(broken)
            broken = None
        if isinstance(line, UnreadableSourceError):
            yield _fault(line)
            continue
        try:
            value = parse(line, place)
        except UnreadableSourceError as error:
            broken = error
            continue
        yield from _item(place, line, value)
    if broken is not None:
        raise broken


def _fault(error: UnreadableSourceError) -> Fault:
    return Fault(
        error.code, error.what, error.remedy, place=error.place, values=error.values, refused=True
    )


def _item(place: str, text: str, value: Any) -> Iterator[Part | Fault]:
    """A release, or those inside a record or a package."""
    if type(value) is not dict:
        yield from _release(place, text, value)
        return
    inside = next((name for name in ("releases", "records") if type(value.get(name)) is list), None)
    if inside is not None:
        found = [each for each in value[inside] if not _is_link(each)]
        for index, each in enumerate(found):
            yield from _item(f"{place} {inside}[{index}]", _text(each), each)
        if found or not value[inside] or inside == "records":
            return
    if type(value.get("compiledRelease")) is dict:
        compiled = value["compiledRelease"]
        yield from _release(f"{place} compiledRelease", _text(compiled), compiled)
    elif inside is not None:
        yield Fault("linked", _LINKED, _FETCH, place=place, process=_ocid(value), refused=True)
    else:
        yield from _release(place, text, value)


def _is_link(value: Any) -> bool:
    return type(value) is dict and "url" in value and "ocid" not in value


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _ocid(value: Any) -> str | None:
    ocid = value.get("ocid") if type(value) is dict else None
    return ocid if isinstance(ocid, str) else None


def _release(place: str, text: str, value: Any) -> Iterator[Part | Fault]:
    unkeepable = check_text(text, value)
    faults = [unkeepable] if unkeepable else check_release(value)
    ocid = None if unkeepable else _ocid(value)
    refused = False
    for fault in faults:
        refused = refused or fault.refused
        yield dataclasses.replace(fault, place=place, process=ocid)
    if refused or ocid is None:
        return
    date = parse_date_time(value["date"])
    if date is not None:
        yield Part(ocid, str(value["id"]), date, text, place)


SOURCE = OcdsSource()
