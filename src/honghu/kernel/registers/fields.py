"""Reading the declarations of fields, for the facts of a case and for the forms of actions."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from honghu.kernel.lifecycles.model import Text
from honghu.kernel.registers.guards import Kind, ValueType
from honghu.kernel.registers.model import ORGANISATION_KINDS, Field, FieldType
from honghu.kernel.registers.nodes import Entry
from honghu.kernel.registers.patterns import PatternError, check_pattern
from honghu.kernel.registers.reader import Part, Reader

FIELD_KEYS: Final = frozenset(
    [
        "title",
        "type",
        "required",
        "personal",
        "public",
        "help",
        "unit",
        "options",
        "min",
        "max",
        "pattern",
        "max_length",
        "register",
        "kinds",
    ]
)
_NUMBERS: Final = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.RATE})
_LISTS: Final = frozenset({FieldType.CHOICES, FieldType.PHOTOS, FieldType.FILE})
_CHOICES: Final = frozenset({FieldType.CHOICE, FieldType.CHOICES})
_TEXTS: Final = frozenset({FieldType.TEXT, FieldType.LONG_TEXT})

_FITS: Final[Mapping[str, frozenset[FieldType]]] = {
    "unit": frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.RATE}),
    "options": _CHOICES,
    "min": _NUMBERS | _LISTS,
    "max": _NUMBERS | _LISTS,
    "pattern": _TEXTS,
    "max_length": _TEXTS,
    "register": frozenset({FieldType.CASE}),
    "kinds": frozenset({FieldType.ORGANISATION}),
}
_KINDS: Final[Mapping[FieldType, Kind]] = {
    FieldType.TEXT: "text",
    FieldType.LONG_TEXT: "text",
    FieldType.PHONE: "text",
    FieldType.USCC: "text",
    FieldType.CHOICE: "text",
    FieldType.INTEGER: "integer",
    FieldType.MONEY: "integer",
    FieldType.DECIMAL: "decimal",
    FieldType.RATE: "decimal",
    FieldType.DATE: "date",
    FieldType.INSTANT: "instant",
    FieldType.BOOLEAN: "boolean",
    FieldType.CHOICES: "list",
    FieldType.PHOTOS: "list",
    FieldType.FILE: "list",
    FieldType.ORGANISATION: "id",
    FieldType.PERSON: "id",
    FieldType.CASE: "id",
    FieldType.PLACE: "opaque",
    FieldType.DURATION: "opaque",
    FieldType.RESIDENT_ID: "opaque",
}


def value_type(field: Field) -> ValueType:
    """Return how a field's value appears in guards; identity numbers can't be looked into."""
    options = frozenset(field.options) if field.type in _CHOICES else None
    return ValueType(_KINDS[field.type], options)


def read_field(reader: Reader, code: str, entry: Entry) -> Field:
    """Read one field."""
    part = reader.part(entry.value, f"field {code}", FIELD_KEYS)
    part.require("type")
    kind = part.choice("type", tuple(FieldType)) or FieldType.TEXT
    _check_fits(part, kind)
    options = {
        name: _option(reader, name, found) for name, found in part.entries("options", dashes=True)
    }
    if kind in _CHOICES and part.node("type") is not None and not options:
        reader.fault(
            part.line_of("type"),
            "missing-options",
            f"field {code} is a {kind} without options",
            "add `options: {code: {zh: …, en: …}}`",
        )
    field = Field(
        code=code,
        title=part.title(),
        type=kind,
        required=part.flag("required"),
        personal=part.flag("personal") or kind is FieldType.RESIDENT_ID,
        public=part.flag("public"),
        help=part.text("help"),
        unit=part.text("unit"),
        options=options,
        min=part.decimal("min"),
        max=part.decimal("max"),
        pattern=_pattern(part),
        max_length=part.integer("max_length", least=1),
        register=part.string("register"),
        kinds=part.known("kinds", "organisation kind", ORGANISATION_KINDS),
    )
    _check_privacy(part, field)
    _check_bounds(part, field)
    return field


def _option(reader: Reader, name: str, entry: Entry) -> Text:
    return reader.text(entry.value, f"option {name}")


def _check_fits(part: Part, kind: FieldType) -> None:
    for key, kinds in _FITS.items():
        if part.node(key) is not None and kind not in kinds:
            part.reader.fault(
                part.line_of(key),
                "attribute-not-for-type",
                f"{part.what} is of the type {kind}, which has no {key}",
                f"drop it; {key} is for {', '.join(sorted(kinds))}",
            )


def _check_privacy(part: Part, field: Field) -> None:
    if field.personal and field.public:
        part.reader.fault(
            part.line_of("public"),
            "personal-and-public",
            f"{part.what} is personal and public",
            "personal values are never published: drop `public:`",
        )
    if field.type is FieldType.RESIDENT_ID and part.boolean("personal") is False:
        part.reader.fault(
            part.line_of("personal"),
            "identity-not-personal",
            f"{part.what} holds identity numbers, which are always personal",
            "write `personal: true`",
        )


def _check_bounds(part: Part, field: Field) -> None:
    if field.min is not None and field.max is not None and field.min > field.max:
        part.reader.fault(
            part.line_of("max"),
            "bounds-crossed",
            f"max of {part.what} is less than min",
            "exchange them",
        )
    whole = field.type in _LISTS | {FieldType.INTEGER, FieldType.MONEY}
    for key, bound in (("min", field.min), ("max", field.max)):
        if bound is not None and whole and bound != bound.to_integral_value():
            part.reader.fault(
                part.line_of(key),
                "wrong-type",
                f"{key} of {part.what} is no whole number",
                "money is counted in fen, lists by their items",
            )
    if field.type in _LISTS and any(
        bound is not None and bound < Decimal(0) for bound in (field.min, field.max)
    ):
        part.reader.fault(
            part.line_of("min"),
            "out-of-range",
            f"{part.what} counts less than 0",
            "write 0 or more",
        )


def _pattern(part: Part) -> str | None:
    """Read a pattern in RE2's language, whose matching takes linear time whatever the pattern."""
    pattern = part.string("pattern")
    if pattern is None:
        return None
    try:
        check_pattern(pattern)
    except PatternError:
        part.reader.fault(
            part.line_of("pattern"),
            "bad-pattern",
            f"pattern of {part.what} is no regular expression",
            "use the syntax of RE2 (no look-around, no back-references)",
        )
    return pattern
