"""Reading `public_reports:`, by which a register says that it takes what the public reports."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from honghu.kernel.registers.forms import read_value
from honghu.kernel.registers.model import Action, Field, FieldType, PublicReports
from honghu.kernel.registers.reader import Part

KEYS: Final = frozenset(
    {
        "opening",
        "by",
        "options",
        "text",
        "place",
        "address",
        "time",
        "photos",
        "attributes",
        "facts",
        "pictures",
        "batch",
    }
)
_TEXTS: Final = frozenset({FieldType.TEXT, FieldType.LONG_TEXT})
_TIMES: Final = frozenset({FieldType.DATE, FieldType.INSTANT})
_ASKED: Final = frozenset(
    {
        FieldType.TEXT,
        FieldType.LONG_TEXT,
        FieldType.INTEGER,
        FieldType.DECIMAL,
        FieldType.DATE,
        FieldType.INSTANT,
        FieldType.BOOLEAN,
        FieldType.CHOICE,
        FieldType.CHOICES,
    }
)
"""The types that Open311's service definitions have a word for."""


def read_public_reports(
    register: Part, fields: Mapping[str, Field], actions: Mapping[str, Action]
) -> PublicReports | None:
    """Read the part; what is wrong with it becomes a fault. None where the register has none."""
    node = register.node("public_reports")
    if node is None:
        return None
    part = register.reader.part(node, "public_reports", KEYS)
    part.require("opening", "text")
    openings = {code for code, action in actions.items() if action.opens_case}
    opening = part.one_known("opening", "opening action", openings) or ""
    action = actions.get(opening)
    slots = (
        {code for code, slot in action.evidence.items() if slot.kind == "photo"} if action else ()
    )
    by = part.one_known("by", "choice field", _of(fields, {FieldType.CHOICE}))
    return PublicReports(
        opening=opening,
        text=part.one_known("text", "text field", _of(fields, _TEXTS)) or "",
        by=by,
        options=_options(part, fields, by),
        place=part.one_known("place", "place field", _of(fields, {FieldType.PLACE})),
        address=part.one_known("address", "text field", _of(fields, _TEXTS)),
        time=part.one_known("time", "date field", _of(fields, _TIMES)),
        photos=part.one_known("photos", "photo slot", slots),
        attributes=_names(part, "attributes", "attribute", _of(fields, _ASKED)),
        facts=_facts(part, fields),
        pictures=_names(part, "pictures", "photo slot", _photo_slots(actions.values())),
        batch=part.flag("batch"),
    )


def _of(fields: Mapping[str, Field], types: Collection[FieldType]) -> frozenset[str]:
    """The fields of these types that are not personal: the public is asked for none of those."""
    return frozenset(
        code for code, field in fields.items() if field.type in types and not field.personal
    )


def _photo_slots(actions: Iterable[Action]) -> frozenset[str]:
    return frozenset(
        code for action in actions for code, slot in action.evidence.items() if slot.kind == "photo"
    )


def _names(part: Part, key: str, what: str, known: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        name for name, line in part.strings(key) if part.reader.check_known(name, line, what, known)
    )


def _options(part: Part, fields: Mapping[str, Field], by: str | None) -> tuple[str, ...]:
    if by is None:
        if part.node("options") is not None:
            part.reader.fault(
                part.line_of("options"),
                "options-without-field",
                "public_reports has options, but no field that they are of",
                "add `by: <choice field>`",
            )
        return ()
    return _names(part, "options", "option", frozenset(fields[by].options))


def _facts(part: Part, fields: Mapping[str, Field]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for code, entry in part.entries("facts"):
        text = part.reader.string(entry.value, f"fact {code} of public_reports")
        if text is None or not part.reader.check_known(code, entry.line, "field", fields):
            continue
        try:
            read_value(fields[code], text)
        except ValueError as wrong:
            part.reader.fault(
                entry.line,
                "bad-value",
                f"{code} of public_reports can't be {text!r}: {wrong}",
                "give a value that the field takes",
            )
        found[code] = text
    return found
