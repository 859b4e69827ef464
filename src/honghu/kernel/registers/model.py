"""The typed value of a register file. `load_register` makes it; nobody changes it afterwards.

`docs/howto/add-a-register.md` is the reference of the file; here is what each part means to code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from honghu.kernel.lifecycles.model import START, SYSTEM, Clock, Lifecycle, State, Text
from honghu.kernel.lifecycles.model import Action as LifecycleAction
from honghu.kernel.registers.guards import Guard

__all__ = [
    "BUILT_IN_COLUMNS",
    "EVIDENCE_KINDS",
    "ORGANISATION_KINDS",
    "START",
    "SYSTEM",
    "Action",
    "ChecklistItem",
    "Clock",
    "Document",
    "EvidenceKind",
    "EvidenceSlot",
    "Field",
    "FieldType",
    "Figure",
    "Guard",
    "Listing",
    "PublicReports",
    "Register",
    "Role",
    "Satisfaction",
    "State",
    "Text",
]

ORGANISATION_KINDS: Final = frozenset(
    {
        "office",
        "township",
        "village",
        "bank",
        "enterprise",
        "agency",
        "institution",
        "hospital",
        "public",
    }
)
"""The kinds of organisation a role may be `held_in`, unless the checker is told others."""

EvidenceKind: TypeAlias = Literal["photo", "video", "audio", "document", "track"]
EVIDENCE_KINDS: Final[tuple[EvidenceKind, ...]] = ("photo", "video", "audio", "document", "track")

BUILT_IN_COLUMNS: Final = frozenset(
    {"number", "title", "state", "due_at", "opened_at", "changed_at", "closed_at"}
)
"""Columns that every list page can show besides the register's fields."""


class FieldType(StrEnum):
    """The types of a field. `registers.forms` says how each is read and kept as JSON."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    RATE = "rate"
    DATE = "date"
    INSTANT = "instant"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"
    ORGANISATION = "organisation"
    PERSON = "person"
    PLACE = "place"
    FILE = "file"
    PHOTOS = "photos"
    DURATION = "duration"
    CASE = "case"
    USCC = "uscc"
    RESIDENT_ID = "resident_id"
    PHONE = "phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A typed fact of the case, or a typed field of an action's form.

    `personal` values live in erasable tables and are masked. `min` and `max` bound numbers (money
    in fen), the number of `choices`, or the number of `photos`; for dates they don't apply.
    `register` is the register that a `case` field points to, `kinds` are the kinds of organisation
    that an `organisation` field offers, empty for any. `public` fields may be published.
    """

    code: str
    title: Text
    type: FieldType
    required: bool = False
    personal: bool = False
    public: bool = False
    help: Text | None = None
    unit: Text | None = None
    options: Mapping[str, Text] = field(default_factory=dict)
    min: Decimal | None = None
    max: Decimal | None = None
    pattern: str | None = None
    max_length: int | None = None
    register: str | None = None
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Who may act: anybody with a position of this role, in an organisation of a kind `held_in`,
    or, with `of`, only in the organisation that the case records in that field.
    """

    code: str
    title: Text
    held_in: frozenset[str] = frozenset()
    of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSlot:
    """The evidence an action demands under one heading (before, after, report…)."""

    code: str
    kind: EvidenceKind
    title: Text
    min: int = 0
    max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistItem:
    """One point to tick before the action; `evidence` names the slot that must be filled for it."""

    code: str
    title: Text
    evidence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(LifecycleAction):
    """An action of a register: the lifecycle's action and what it asks for and sets off.

    `facts` are fields of the case that the action sets; `form` are its own fields, kept with the
    step. `guard` is compiled already, `why_not` is what is said when it does not hold. `counts`
    names the counter that the action raises, `limit` the rule-set row with its greatest value.
    `opens` are registers in which the action's command opens cases.
    """

    form: Mapping[str, Field] = field(default_factory=dict)
    facts: tuple[str, ...] = ()
    evidence: Mapping[str, EvidenceSlot] = field(default_factory=dict)
    checklist: tuple[ChecklistItem, ...] = ()
    guard: Guard | None = None
    why_not: Text | None = None
    document: str | None = None
    command: str | None = None
    limit: str | None = None
    confirm: Literal["case_number"] | None = None
    opens: tuple[str, ...] = ()
    public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An official document that an action makes: its number series and its template file.

    `text` are its paragraphs in Chinese; `{number}` in them is the case's number, `{field}` a value
    of the case or of the action's form, and a paragraph that names an unknown value is left out.
    `heading` is its title where values stand in that, null for `title`. `facts` are the values in
    its table, null for all that are known; `to` the fields that hold its main recipients, empty for
    those whose turn it is; `boxes` are filled in by hand on paper. With `pairs` it shows the case's
    photographs from before and after the work side by side.
    """

    code: str
    title: Text
    series: str
    template: str
    heading: str | None = None
    text: tuple[str, ...] = ()
    facts: tuple[str, ...] | None = None
    to: tuple[str, ...] = ()
    boxes: tuple[str, ...] = ()
    pairs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measure over the register's cases: their count, or the sum of a number field.

    `where` is CEL over `facts` and `context.state`; `states` narrows to cases in these states;
    `by` splits the figure by a choice or organisation field.
    """

    code: str
    title: Text
    sum: str | None = None
    unit: Text | None = None
    where: Guard | None = None
    states: tuple[str, ...] = ()
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The register's list page: columns (fields or built-in columns) and the first sorting.

    `filed` are the columns of the list as a file, where a list as officials file it (清单、台账) has
    more of them than a screen.
    """

    columns: tuple[str, ...] = ()
    filed: tuple[str, ...] = ()
    sort: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicReports:
    """How the register takes what the public reports.

    Each option of the choice field `by` (or of those in `options`) is a service; without `by` the
    register is one service. `attributes` are fields asked of the reporter. An officer files a report
    by the action `opening`: the reporter's words become the field `text`, the position `place`, the
    words for it `address`, the instant `time`, the photographs the evidence slot `photos`, and
    `facts` are true of all. `pictures` are the slots whose photographs everybody may see once the
    case is closed. With `batch` a report gets its number only when an officer has looked at it.
    """

    opening: str
    text: str
    by: str | None = None
    options: tuple[str, ...] = ()
    place: str | None = None
    address: str | None = None
    time: str | None = None
    photos: str | None = None
    attributes: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    pictures: tuple[str, ...] = ()
    batch: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Satisfaction:
    """Which action keeps how satisfied somebody is: the choice field, and the options that are."""

    action: str
    field: str
    content: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """One version of a register. All mappings are by code, in the order of the file.

    `heading` is what a case is called, with `{field}` where its facts stand, in both languages;
    null where a command titles it. `path` are the states through which a case usually goes.
    """

    code: str
    version: int
    title: Text
    fields: Mapping[str, Field]
    roles: Mapping[str, Role]
    states: Mapping[str, State]
    actions: Mapping[str, Action]
    figures: Mapping[str, Figure] = field(default_factory=dict)
    documents: Mapping[str, Document] = field(default_factory=dict)
    numbering: str | None = None
    description: Text | None = None
    public: bool = False
    listing: Listing = field(default_factory=Listing)
    parent: str | None = None
    public_reports: PublicReports | None = None
    satisfaction: Satisfaction | None = None
    heading: Text | None = None
    path: tuple[str, ...] = ()

    @property
    def lifecycle(self) -> Lifecycle:
        """Return the graph alone, as `kernel.lifecycles` proves and draws it."""
        local = {role.code: role.of for role in self.roles.values() if role.of is not None}
        return Lifecycle(states=self.states, actions=self.actions, local_roles=local)

    @property
    def openings(self) -> tuple[Action, ...]:
        """Return the actions that open a case."""
        return tuple(action for action in self.actions.values() if action.opens_case)
