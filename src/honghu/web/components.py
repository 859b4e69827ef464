"""What the components show, as frozen values.

A page builds these values and hands them to the tags of `{% load honghu %}`. Every text in them is
ready for the reader, in the reader's language; every `url` is an address inside the installation;
money is integer fen, instants are aware datetimes, and None is "unknown", shown as a dash.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["red", "amber", "green", "suspended", "none"]
Tone: TypeAlias = Literal["neutral", "lake", "red", "amber", "green"]
ValueKind: TypeAlias = Literal[
    "text",
    "long_text",
    "code",
    "integer",
    "decimal",
    "money",
    "money_wan",
    "rate",
    "percent",
    "date",
    "instant",
    "duration",
    "boolean",
    "light",
    "badge",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """A case's light. Without `word` the level's own word is shown (逾期, 临期, 正常, …)."""

    level: Level
    word: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A short word about a thing: a state, a kind, 'provisional'."""

    label: str
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True, kw_only=True)
class RailItem:
    """One address of the left rail. `count` is what waits there; `level` its worst light."""

    label: str
    url: str
    icon: str = "register"
    count: int | None = None
    level: Level | None = None
    is_current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RailGroup:
    """A heading of the rail with its addresses; an empty `label` draws no heading."""

    label: str
    items: tuple[RailItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The journal's newest signed head: number of leaves, root hash (hex), time, page of proof."""

    size: int
    root_hash: str
    signed_at: dt.datetime | None = None
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crumb:
    """A step of the way to this page; the last one has no `url`."""

    label: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One of several views of a page; with `is_more` there are more than `count`."""

    label: str
    url: str
    count: int | None = None
    is_current: bool = False
    is_more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A named value. `value` is of the Python type that `kind` says (money: fen)."""

    label: str
    value: object
    kind: ValueKind = "text"
    unit: str = ""
    url: str = ""
    note: str = ""
    is_masked: bool = False
    is_wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A state on the way of a case. `note` says why it was skipped or what it waits for."""

    label: str
    status: Literal["done", "current", "ahead", "skipped", "returned"]
    at: dt.datetime | None = None
    who: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """A piece of evidence as it is shown. `thumbnail_url` is empty when it is not a picture."""

    label: str
    url: str
    thumbnail_url: str = ""
    description: str = ""
    captured_at: dt.datetime | None = None
    received_at: dt.datetime | None = None
    place: str = ""
    digest: str = ""
    size_bytes: int | None = None
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePair:
    """Before and after, side by side, with the metres and the time between them."""

    before: EvidenceView | None
    after: EvidenceView | None
    distance_m: int | None = None
    interval: dt.timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One step of the timeline.

    `at` is the server's time; `claimed_at` a time that the actor stated. `result` is the state
    reached. `tone` colours the node: "red" for a return or refusal, "green" for a passed check.
    """

    title: str
    at: dt.datetime
    actor: str = ""
    organisation: str = ""
    claimed_at: dt.datetime | None = None
    result: str = ""
    note: str = ""
    facts: tuple[Fact, ...] = ()
    pair: EvidencePair | None = None
    evidence: tuple[EvidenceView, ...] = ()
    proof_url: str = ""
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionOffer:
    """An action of the case as a card: a verb, or the verb with the reasons why not.

    With `reasons` the action is shown and cannot be used. `is_confirmed` means that its form will
    ask for the case number.
    """

    label: str
    url: str = ""
    description: str = ""
    by: str = ""
    reasons: tuple[str, ...] = ()
    is_primary: bool = False
    is_dangerous: bool = False
    is_confirmed: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the reader may perform it now."""
        return bool(self.url) and not self.reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table.

    `sort` is the query value that sorts by it (empty: not sortable). `role` says what the cell is
    on a phone: the card's "title", its "light", a labelled "field", or "hidden" there.
    """

    label: str
    kind: ValueKind = "text"
    unit: str = ""
    sort: str = ""
    role: Literal["title", "light", "field", "hidden"] = "field"

    @property
    def is_numeric(self) -> bool:
        """Whether the column is right aligned."""
        return self.kind in {"integer", "decimal", "money", "money_wan", "rate", "percent"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row: one value for each column, of the type its `kind` says; `url` opens it."""

    cells: tuple[object, ...]
    url: str = ""
    is_current: bool = False
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, both counted: shown as a percentage with its two numbers."""

    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Linked:
    """A value that opens what it was counted from."""

    value: object
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its caption. `sort` is the present sort value, "-" before it for descending."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sort: str = ""
    density: Literal["normal", "compact"] = "normal"
    totals: tuple[object, ...] = ()
    is_caption_hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Where in a long list we are; `page` counts from 1.

    With `is_more` the list has more than `total` rows, and its last page is not known. `next` and
    `previous` are places in the list, for the address: where the neighbouring pages begin.
    """

    page: int
    page_size: int
    total: int
    is_more: bool = False
    next: str | None = None
    previous: str | None = None

    @property
    def last(self) -> int:
        """The number of the last page; an empty list has one page."""
        return max(1, -(-self.total // self.page_size))

    @property
    def first_row(self) -> int:
        """Number of the first row shown, 0 in an empty list."""
        first = (self.page - 1) * self.page_size + 1
        return first if self.is_more else min(self.total, first)

    @property
    def last_row(self) -> int:
        """Number of the last row shown."""
        last = self.page * self.page_size
        return last if self.is_more else min(self.total, last)

    @property
    def has_next(self) -> bool:
        """Whether there is a page after this one; who knows places, knows it by them."""
        if self.is_more or self.next or self.previous:
            return self.next is not None
        return self.page < self.last

    @property
    def numbers(self) -> tuple[int | None, ...]:
        """Page numbers to offer: the ends, the neighbours, and None for each gap."""
        near = {1, self.last, *range(self.page - 1, self.page + 2)}
        if self.is_more:
            near = {1, self.page}
        shown = sorted(number for number in near if 1 <= number <= max(self.last, self.page))
        numbers: list[int | None] = []
        for number in shown:
            if numbers and numbers[-1] is not None and number - numbers[-1] > 1:
                numbers.append(None)
            numbers.append(number)
        return tuple(numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterChip:
    """A filter that is on, and the address of the list without it."""

    label: str
    remove_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """A published or live measure. `value` None means not known; `proof_url` opens its rows."""

    label: str
    value: int | Decimal | None
    kind: ValueKind = "integer"
    unit: str = ""
    as_of: dt.date | None = None
    period: str = ""
    change: str = ""
    proof_url: str = ""
    is_provisional: bool = False
    level: Level | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Long work: how far it is. `total` None means that nobody knows how much there is."""

    label: str
    done: int
    total: int | None
    detail: str = ""
    poll_url: str = ""
    is_failed: bool = False

    @property
    def is_finished(self) -> bool:
        """Whether all is done."""
        return self.total is not None and self.done >= self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A step's or posting's place in the journal: leaf index and hashes (hex)."""

    leaf_hash: str
    verify_url: str
    leaf_index: int | None = None
    tree_size: int | None = None
    root_hash: str = ""
    signed_at: dt.datetime | None = None
    receipt_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyState:
    """An empty place: what would be here, and the next step."""

    title: str
    text: str = ""
    action_label: str = ""
    action_url: str = ""
    icon: str = "lotus"
    extra_urls: tuple[Crumb, ...] = ()
