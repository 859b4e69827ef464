"""Minutes taken apart into proposals for tasks: what is plainly said, with its place in the text.

A proposal is for a person to confirm. What the text does not say plainly stays null and is named
as a doubt: a year is not guessed for `6月30日前`, nor an organisation for `相关部门`.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_SECRET: Final = re.compile(r"(?:绝密|机密|秘密)\s*[★☆*]|密级\s*[:：]\s*(?:绝密|机密|秘密)")
_ITEM: Final = re.compile(
    r"^[ \t　]*(?:[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十]{1,3}）|\d{1,2}[.\uff0e、](?!\d)|（\d{1,2}）)",
    re.MULTILINE,
)
_NAME: Final = r"[\w·（）()]{2,40}?"
_LEADS: Final = (
    re.compile(rf"(?:牵头单位|责任单位)\s*[:：]\s*({_NAME})(?=[、，,；;。\s]|$)"),
    re.compile(rf"由({_NAME})(?:负责)?牵头"),
    re.compile(rf"(?:^|[，,。；;：:\s])({_NAME})牵头"),
)
_CO_LISTED: Final = re.compile(r"(?:协办单位|配合单位)\s*[:：]\s*([^；;。\n]+)")
_CO_HELPING: Final = re.compile(
    r"(?:^|[，,。；;])([^，,。；;\n]{2,80}?)(?:协办|配合)(?=[，,。；;\s]|$)"
)
_DUE: Final = re.compile(
    r"(?:(?P<year>20\d{2})年)?(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日|底|末)(?:之?前|以前)?"
    r"|(?:年底|月底|季末)前?|\d{1,3}个?(?:工作日|日|天)内"
)
_LEAST_LENGTH: Final = 6


@dataclass(frozen=True, slots=True)
class Proposal:
    """A part of the minutes that reads like a task.

    `start` and `end` are its place in the text. `lead` and `co_owners` are names as printed;
    `due_on` is set for a full date alone, `due_text` holds what was said. `doubts` names what a
    person has to decide: `lead`, `due`.
    """

    ordinal: int
    start: int
    end: int
    text: str
    lead: str | None
    co_owners: tuple[str, ...]
    due_text: str | None
    due_on: dt.date | None
    doubts: tuple[str, ...]


def is_classified(text: str) -> bool:
    """Whether a text bears a secrecy mark (GB/T 9704: 秘密★1年); such topics may not enter."""
    return _SECRET.search(text) is not None


def take_apart(text: str) -> tuple[Proposal, ...]:
    """Propose a task for each numbered part of the minutes, in their order.

    A part that is only a heading (nothing but a few characters) is left out. A text without any
    number is one proposal; an empty text none.
    """
    return tuple(
        _proposal(ordinal, start, end, text[start:end])
        for ordinal, (start, end) in enumerate(_parts(text), 1)
    )


def _parts(text: str) -> Iterator[tuple[int, int]]:
    heads = [(found.start(), found.end()) for found in _ITEM.finditer(text)]
    if not heads:
        heads = [(0, 0)]
    ends = [start for start, _end in heads[1:]] + [len(text)]
    for (_start, head_end), end in zip(heads, ends, strict=True):
        part = text[head_end:end]
        start = head_end + len(part) - len(part.lstrip())
        if len(part.strip()) >= _LEAST_LENGTH:
            yield start, start + len(part.strip())


def _proposal(ordinal: int, start: int, end: int, text: str) -> Proposal:
    lead = next((found[1] for pattern in _LEADS if (found := pattern.search(text))), None)
    due = _DUE.search(text)
    due_on = _full_date(due)
    doubts = (() if lead else ("lead",)) + (() if due_on else ("due",))
    return Proposal(
        ordinal, start, end, text, lead, _co_owners(text), due[0] if due else None, due_on, doubts
    )


def _co_owners(text: str) -> tuple[str, ...]:
    found = _CO_LISTED.search(text) or _CO_HELPING.search(text)
    if found is None:
        return ()
    return tuple(name.strip() for name in re.split(r"[、,，和]", found[1]) if name.strip())


def _full_date(found: re.Match[str] | None) -> dt.date | None:
    """A day with its year, month and day all printed; null for anything less."""
    if found is None or not (found["year"] and found["month"] and found["day"]):
        return None
    try:
        return dt.date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None
