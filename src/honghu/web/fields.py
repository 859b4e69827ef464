"""Form fields: the typed fields of registers, as a browser shows them and sends them back."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from honghu.kernel.registers.model import Field, FieldType
from honghu.web.components import EvidenceView

COUNTY_ZONE = ZoneInfo("Asia/Shanghai")

Control: TypeAlias = Literal[
    "text",
    "long_text",
    "integer",
    "decimal",
    "money",
    "rate",
    "date",
    "instant",
    "duration",
    "boolean",
    "choice",
    "choices",
    "lookup",
    "place",
    "photos",
    "file",
    "phone",
    "search",
    "hidden",
]

_CONTROLS: dict[FieldType, Control] = {
    FieldType.ORGANISATION: "lookup",
    FieldType.PERSON: "lookup",
    FieldType.CASE: "lookup",
    FieldType.USCC: "text",
    FieldType.RESIDENT_ID: "text",
    FieldType.TEXT: "text",
    FieldType.LONG_TEXT: "long_text",
    FieldType.INTEGER: "integer",
    FieldType.DECIMAL: "decimal",
    FieldType.MONEY: "money",
    FieldType.RATE: "rate",
    FieldType.DATE: "date",
    FieldType.INSTANT: "instant",
    FieldType.DURATION: "duration",
    FieldType.BOOLEAN: "boolean",
    FieldType.CHOICE: "choice",
    FieldType.CHOICES: "choices",
    FieldType.PLACE: "place",
    FieldType.PHOTOS: "photos",
    FieldType.FILE: "file",
    FieldType.PHONE: "phone",
}

FEW_CHOICES = 5
"""Up to so many choices are shown at once as radio buttons; more become a select box."""
MANY_CHOICES = 12
"""More than so many are found by typing a part of their name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer of a closed question; `value` is what the browser sends."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """A field ready to be drawn.

    `value` is the text in the box: what the reader typed, kept even when it is wrong, or the stored
    value written by `field_text`. `values` are the ticked answers of `choices`, or for `place` the
    three texts (address, longitude, latitude). `errors` stand beside the field. `held` is evidence
    already received, so that nobody uploads it twice. `is_select` draws even few choices as a
    select box: radio buttons cannot be cleared again, and do not fit a row of filters.
    """

    name: str
    label: str
    control: Control
    value: str = ""
    values: tuple[str, ...] = ()
    help: str = ""
    unit: str = ""
    errors: tuple[str, ...] = ()
    required: bool = False
    disabled: bool = False
    choices: tuple[Choice, ...] = ()
    min: str = ""
    max: str = ""
    max_length: int | None = None
    pattern: str = ""
    placeholder: str = ""
    autocomplete: str = ""
    accept: str = ""
    held: tuple[EvidenceView, ...] = ()
    is_multiple: bool = False
    is_personal: bool = False
    is_password: bool = False
    is_select: bool = False

    @property
    def id(self) -> str:
        """The element's id."""
        return "field-" + self.name.replace(".", "-")

    @property
    def described_by(self) -> str:
        """Ids of the help and error texts, for `aria-describedby`."""
        ids = [f"{self.id}-help"] if self.help else []
        return " ".join([*ids, f"{self.id}-error"])

    @property
    def is_group(self) -> bool:
        """Whether the field is several controls under one heading (a fieldset)."""
        return self.control in {"choices", "place"} or self.is_radio

    @property
    def is_radio(self) -> bool:
        """Whether the single choice is drawn as radio buttons."""
        return self.control == "choice" and not self.is_select and len(self.choices) <= FEW_CHOICES

    @property
    def is_long(self) -> bool:
        """Whether the select box is searched by typing, where there are scripts."""
        return len(self.choices) > MANY_CHOICES

    @property
    def part_names(self) -> tuple[str, str, str]:
        """Names of a place's three boxes: address, longitude, latitude."""
        return (f"{self.name}.address", f"{self.name}.longitude", f"{self.name}.latitude")

    @property
    def parts(self) -> tuple[str, str, str]:
        """Texts of a place's three boxes."""
        address, longitude, latitude = (*self.values, "", "", "")[:3]
        return (address, longitude, latitude)


def field_text(value: object, kind: FieldType) -> str:
    """Write a stored value as its box shows it: fen as yuan, an instant as county time.

    None is the empty box. Lists (choices, place) go to `FormField.values` instead.
    """
    if value is None:
        return ""
    if kind is FieldType.MONEY and isinstance(value, int):
        return str(Decimal(value).scaleb(-2))
    if isinstance(value, dt.datetime):
        return value.astimezone(COUNTY_ZONE).strftime("%Y-%m-%dT%H:%M")
    return str(value)


def _bound(bound: Decimal | None, kind: FieldType) -> str:
    """A bound as the browser wants it: money bounds are fen, the box is in yuan."""
    if bound is None:
        return ""
    return str(bound.scaleb(-2) if kind is FieldType.MONEY else bound)


def register_field(
    field: Field,
    *,
    language: str,
    name: str | None = None,
    text: str = "",
    values: Sequence[str] = (),
    errors: Sequence[str] = (),
    held: Sequence[EvidenceView] = (),
) -> FormField:
    """Draw a register's field in the reader's language.

    `text` and `values` are what stands in the boxes (typed, or by `field_text`). `name` is the name
    in the form, the field's code if not given.
    """
    return FormField(
        name=name or field.code,
        label=field.title.in_language(language),
        control=_CONTROLS[field.type],
        value=text,
        values=tuple(values),
        help=field.help.in_language(language) if field.help else "",
        unit=field.unit.in_language(language) if field.unit else "",
        errors=tuple(errors),
        required=field.required,
        choices=tuple(
            Choice(value=code, label=title.in_language(language))
            for code, title in field.options.items()
        ),
        min=_bound(field.min, field.type),
        max=_bound(field.max, field.type),
        max_length=field.max_length,
        pattern=field.pattern or "",
        accept="image/*" if field.type is FieldType.PHOTOS else "",
        held=tuple(held),
        is_multiple=field.type is FieldType.PHOTOS,
        is_personal=field.personal,
    )
