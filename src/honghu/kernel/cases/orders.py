"""The orders of lists, and places in them that stay where they are while cases come and go.

An order is one or several segments, each read off one index: by due time come the open cases that
have one, then the open ones without, then those that ended. A place is the key of a row; the page
after it begins behind this key, whatever was written since (keyset paging).
"""

import base64
import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Literal

from django.utils.translation import gettext as _

from honghu.base.problems import Invalid
from honghu.kernel.cases.conditions import Conditions
from honghu.kernel.cases.rows import CaseRow

Sort = Literal[
    "-changed_at", "changed_at", "due_at", "-due_at", "-opened_at", "opened_at", "number", "-number"
]


@dataclasses.dataclass(frozen=True, slots=True)
class Segment:
    """Rows that stand together, by one index. The columns all go up, or all go down.

    `where` is answered by the index, `also` row by row. `fixed` is a column before the others that
    is the same in the whole segment. `by_state` says that there is an index within each state, too;
    `is_dated` which lights its cases have (null: any).
    """

    columns: tuple[str, ...]
    is_descending: bool = False
    where: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    fixed: str = ""
    by_state: bool = False
    is_dated: bool | None = None

    def parted(self, conditions: Conditions) -> tuple[list[str], list[str]]:
        """The conditions that the segment's index answers, and those to look at row by row."""
        head = [*conditions.head(by_state=self.by_state), *self.where]
        tail = [*self.also]
        for part in conditions.tail(by_state=self.by_state):
            if part not in head + tail:
                by_index = part.startswith("due_at ") and self.columns[0] == "due_at"
                (head if by_index else tail).append(part)
        return head, tail

    def order_by(self, *, backwards: bool = False) -> str:
        """As SQL."""
        way = " DESC" if self.is_descending is not backwards else ""
        columns = (self.fixed, *self.columns) if self.fixed else self.columns
        return ", ".join(column + way for column in columns)

    def behind(self, *, backwards: bool = False) -> str:
        """The condition of standing behind the key `key0`, `key1`… (before it, if backwards)."""
        sign = "<" if self.is_descending is not backwards else ">"
        keys = ", ".join(f"%(key{index})s" for index in range(len(self.columns)))
        return f"({', '.join(self.columns)}) {sign} ({keys})"


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """The key of a row in an order, and the number of its segment."""

    segment: int
    key: tuple[Any, ...]

    def values(self) -> Mapping[str, Any]:
        """As SQL parameters."""
        return {f"key{index}": value for index, value in enumerate(self.key)}


_ENDED = Segment(
    ("changed_at", "id"),
    is_descending=True,
    also=("closed_at IS NOT NULL",),
    by_state=True,
    is_dated=False,
)
_UNDATED = Segment(
    ("id",),
    where=("closed_at IS NULL", "due_at IS NULL"),
    fixed="due_at",
    by_state=True,
    is_dated=False,
)


def _dated(*, is_descending: bool) -> Segment:
    where = ("closed_at IS NULL", "due_at IS NOT NULL")
    return Segment(("due_at", "id"), is_descending, where, by_state=True, is_dated=True)


_TOKEN_LENGTH_MAX = 400
_NUMBER = ("length(number)", "number")
"""Numbers end in a running figure: the longer one is the later one."""

ORDERS: Mapping[str, tuple[Segment, ...]] = {
    "-changed_at": (Segment(("changed_at", "id"), is_descending=True, by_state=True),),
    "changed_at": (Segment(("changed_at", "id"), by_state=True),),
    "due_at": (_dated(is_descending=False), _UNDATED, _ENDED),
    "-due_at": (_dated(is_descending=True), _UNDATED, _ENDED),
    "-opened_at": (Segment(("opened_at", "id"), is_descending=True),),
    "opened_at": (Segment(("opened_at", "id")),),
    "number": (Segment(_NUMBER),),
    "-number": (Segment(_NUMBER, is_descending=True),),
}

_KEYS: Mapping[str, Callable[[CaseRow], Any]] = {
    "changed_at": lambda row: row.changed_at,
    "opened_at": lambda row: row.opened_at,
    "due_at": lambda row: row.due_at,
    "id": lambda row: row.id,
    "number": lambda row: row.number,
    "length(number)": lambda row: len(row.number),
}


def place_of(row: CaseRow, sort: str) -> Place:
    """Where a row stands."""
    number = 0
    if len(ORDERS[sort]) > 1:
        number = 2 if row.closed_at is not None else 1 if row.due_at is None else 0
    return Place(number, tuple(_KEYS[column](row) for column in ORDERS[sort][number].columns))


def write_place(place: Place, sort: str) -> str:
    """The place as a word for an address, which bears the sorting so that it fits no other."""
    text = json.dumps([sort, place.segment, *map(str, place.key)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_place(token: str, sort: str) -> Place:
    """The place of an address. Raises Invalid for what is none, or one of another sorting."""
    try:
        text = base64.urlsafe_b64decode(token[:_TOKEN_LENGTH_MAX] + "=" * (-len(token) % 4))
        named, number, *key = json.loads(text)
        columns = dict(enumerate(ORDERS[{sort: sort}[named]]))[number].columns
        read = (_read_key(*each) for each in zip(columns, key, strict=True))
        return Place(number, tuple(read))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        message = _("There is no such place in the list.")
        raise Invalid(message, remedy=_("Begin at its first page.")) from error


def _read_key(column: str, value: str) -> Any:
    if column == "id":
        return uuid.UUID(value)
    if column == "length(number)":
        return min(max(int(value), 0), _TOKEN_LENGTH_MAX)
    if column == "number":
        if not value.isprintable():
            raise ValueError(value)
        return value
    at = dt.datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError(value)
    return at
