"""Stored values of a register's fields as the page shows them: typed, named, masked."""

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from honghu.base.masking import (
    HIDDEN,
    mask_account,
    mask_name,
    mask_phone,
    mask_resident_id,
)
from honghu.kernel.cases.naming import NAMED
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.cases.wording import words
from honghu.kernel.registers.model import Field, FieldType
from honghu.web.components import Fact, ValueKind
from honghu.web.display import listed_text

_NUMBER_LIKE = re.compile(r"[\d\s*Xx-]{8,}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME_LENGTH_MAX = 4
_KINDS: Mapping[FieldType, ValueKind] = {
    FieldType.LONG_TEXT: "long_text",
    FieldType.INTEGER: "integer",
    FieldType.DECIMAL: "decimal",
    FieldType.MONEY: "money",
    FieldType.DATE: "date",
    FieldType.INSTANT: "instant",
    FieldType.BOOLEAN: "boolean",
    FieldType.USCC: "code",
    FieldType.RESIDENT_ID: "code",
    FieldType.PHONE: "code",
}
_DIGEST_SHOWN = 12
_QUANTITY_MAX, _YEAR_END = 999, 10_000


def mask(field: Field, value: object) -> str:
    """A personal value as everybody may see it; what has no known shape is hidden whole."""
    text = str(value)
    if field.type is FieldType.RESIDENT_ID:
        return mask_resident_id(text)
    if field.type is FieldType.PHONE:
        return mask_phone(text)
    if field.type is FieldType.TEXT and _NUMBER_LIKE.fullmatch(text):
        return mask_account(text)
    if field.type is FieldType.TEXT and len(text) <= _NAME_LENGTH_MAX:
        return mask_name(text)
    return HIDDEN


def kind_of(field: Field) -> ValueKind:
    """How a value of the field is drawn. A rate with a unit is in that unit, else a share of one.

    What is always of four digits is a year, not a quantity: it is drawn as it is written.
    """
    if field.type is FieldType.INTEGER and _is_year(field):
        return "text"
    if field.type is FieldType.RATE:
        return "decimal" if field.unit is not None else "rate"
    return _KINDS.get(field.type, "text")


def _is_year(field: Field) -> bool:
    return (
        field.min is not None
        and field.max is not None
        and (field.min > _QUANTITY_MAX and field.max < _YEAR_END)
    )


def typed(field: Field, value: Any, names: Mapping[str, str]) -> object:
    """The stored JSON value as the Python value that its kind draws; null stays null."""
    if value is None or value in ("", []):
        return None
    if field.personal:
        return mask(field, value)
    if field.type in NAMED:
        return names.get(value)
    read = _READ.get(field.type)
    return value if read is None else read(field, value)


def _option(field: Field, code: str) -> str:
    title = field.options.get(code)
    return words(title) if title is not None else code


def _digests(_field: Field, value: Any) -> str:
    return listed_text(f"{digest[:_DIGEST_SHOWN]}…" for digest in value)


_READ: Mapping[FieldType, Callable[[Field, Any], object]] = {
    FieldType.DECIMAL: lambda _field, value: Decimal(value),
    FieldType.RATE: lambda _field, value: Decimal(value),
    FieldType.DATE: lambda _field, value: dt.date.fromisoformat(value),
    FieldType.INSTANT: lambda _field, value: dt.datetime.fromisoformat(value),
    FieldType.CHOICE: _option,
    FieldType.CHOICES: lambda field, value: listed_text(_option(field, each) for each in value),
    FieldType.PLACE: lambda _field, value: f"{value['lon']}, {value['lat']}",
    FieldType.FILE: _digests,
    FieldType.PHOTOS: _digests,
}


def _url(field: Field, value: Any) -> str:
    if value and field.type is FieldType.CASE:
        return reverse("case", args=[value])
    return ""


def fact(field: Field, value: Any, names: Mapping[str, str]) -> Fact:
    """One value with its name, and its unit unless the name says it."""
    unit = words(field.unit) if field.unit is not None else ""
    is_said = bool(unit) and words(field.title).endswith((f"（{unit}）", f"({unit})"))
    return Fact(
        label=words(field.title),
        value=typed(field, value, names),
        kind="text" if field.personal else kind_of(field),
        unit="" if is_said else unit,
        url=_url(field, value),
        is_masked=field.personal and value is not None,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class CaseFacts:
    """The facts of a case: what is known, long texts last; identifiers that only machines read;
    and the names of what is not known yet."""

    known: tuple[Fact, ...]
    identifiers: tuple[Fact, ...]
    unknown: tuple[str, ...]


def case_facts(detail: CaseDetail) -> CaseFacts:
    """All facts of a case in the order of the register.

    An organisation field shows every organisation recorded as that party (several banks, say).
    """
    known, identifiers, unknown = [], [], []
    for code, field in detail.register.fields.items():
        value = detail.row.facts.get(code)
        parties = detail.parties.get(code, ())
        if field.type is FieldType.ORGANISATION and parties:
            named = listed_text(detail.names.get(each, each) for each in parties)
            known.append(Fact(label=words(field.title), value=named))
        elif value in (None, "", []):
            unknown.append(words(field.title))
        elif is_identifier(field, value):
            identifiers.append(Fact(label=words(field.title), value=value, kind="code"))
        else:
            known.append(fact(field, value, detail.names))
    known.sort(key=lambda each: each.kind == "long_text")
    return CaseFacts(tuple(known), tuple(identifiers), tuple(unknown))


def is_identifier(field: Field, value: Any) -> bool:
    """Whether a text is the UUID of a record elsewhere: it means nothing to a reader."""
    return field.type is FieldType.TEXT and _UUID.fullmatch(str(value)) is not None


def form_facts(
    fields: Mapping[str, Field], form: Mapping[str, Any], names: Mapping[str, str]
) -> tuple[Fact, ...]:
    """What was filled in at a step; what was left empty is left out."""
    return tuple(
        fact(field, form[code], names)
        for code, field in fields.items()
        if form.get(code) not in (None, "", []) and not is_identifier(field, form[code])
    )


def checked(items: Sequence[str], titles: Mapping[str, str]) -> Fact:
    """The points of a checklist that were ticked."""
    text = listed_text(titles.get(code, code) for code in items)
    return Fact(label=_("Checked"), value=text, is_wide=True)
