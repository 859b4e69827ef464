"""Values that list several wins behind one label: by their lots, or numbered."""

import re

from honghu.domains.procurement.readers.facts import Facts
from honghu.domains.procurement.readers.names import looks_like_organisation, tidy
from honghu.domains.procurement.readers.packs import Pack, packs_in
from honghu.domains.procurement.readers.page import Piece

_MARKS = " \t：:、，,；;。"
_NUMBER = re.compile(
    r"(?:^|[；;，,。、\s])[（(]?(?P<no>\d{1,2})[）)]?[、.\uff0e][ ]*(?=[\u4e00-\u9fff])"
)
_SEVERAL = 2


def by_lot(value: Piece) -> list[tuple[Pack, Piece]]:
    """第一包：A；第二包：B as (lot, part) pairs; empty when the value does not begin with a lot."""
    packs = list(packs_in(value))
    labels = {pack.label for pack in packs}
    if len(labels) != len(packs) or len(packs) < _SEVERAL:
        return []
    if value.text[: packs[0].start - value.start].strip(_MARKS):
        return []
    stops = [pack.start for pack in packs[1:]] + [value.end]
    parts = [
        value.cut(pack.end - value.start, stop - value.start).strip(_MARKS)
        for pack, stop in zip(packs, stops, strict=True)
    ]
    return list(zip(packs, parts, strict=True)) if all(part.text for part in parts) else []


def suppliers_by_lot(value: Piece) -> list[tuple[Pack, Piece]]:
    """As `by_lot`, when every part is an organisation."""
    listed = by_lot(value)
    named = all(looks_like_organisation(tidy(part.text)) for _, part in listed)
    return listed if named else []


def numbered_suppliers(facts: Facts, value: Piece, end: int) -> list[Piece]:
    """1、A 2、B 3、C in one line or in lines of their own; empty when there are no two."""
    if not value.text.startswith(("1", "（1", "(1")):
        return []
    inline = _split(value)
    if len(inline) >= _SEVERAL:
        return inline
    listed: list[Piece] = []
    for line in facts.lines(value.start, end):
        part = _split(line, len(listed) + 1)
        if len(part) != 1:
            break
        listed.extend(part)
    return listed if len(listed) >= _SEVERAL else []


def _split(value: Piece, first: int = 1) -> list[Piece]:
    """The organisations of a text that is nothing but a list, numbered from ``first`` on."""
    marks = list(_NUMBER.finditer(value.text))
    numbers = [int(mark["no"]) for mark in marks]
    if not marks or marks[0].start() or numbers != list(range(first, first + len(marks))):
        return []
    stops = [mark.start() for mark in marks[1:]] + [len(value.text)]
    parts = [
        value.cut(mark.end(), stop).strip(_MARKS) for mark, stop in zip(marks, stops, strict=True)
    ]
    named = all(looks_like_organisation(tidy(part.text)) for part in parts)
    return parts if named else []
