"""Typed values that many routes take or give: codes, hashes, bilingual texts, fields."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints

from honghu.api.bodies import Reply
from honghu.base.masking import HIDDEN
from honghu.kernel.registers.model import Field as RegisterField
from honghu.kernel.registers.model import Text

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]*$", max_length=64)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
SEARCHABLE = r"^[^\x00-\x1f\x7f]*$"
INSTANT_MIN = "2000-01-01T00:00:00Z"
INSTANT_MAX = "2200-01-01T00:00:00Z"
Instant = Annotated[AwareDatetime, Field(ge=INSTANT_MIN, le=INSTANT_MAX)]
VERSION_MAX = 2**31 - 1
Version = Annotated[int, Field(ge=0, le=VERSION_MAX, strict=True)]


class TextReply(Reply):
    """A text in both languages."""

    zh: str
    en: str


class FieldReply(Reply):
    """A typed field. Money is a whole number of fen; decimals and rates are text.

    `min` and `max` bound numbers (money in fen) or how many are chosen.
    """

    code: str
    title: TextReply
    type: str
    required: bool
    personal: bool
    help: TextReply | None
    unit: TextReply | None
    options: dict[str, TextReply]
    min: str | None
    max: str | None
    pattern: str | None
    max_length: int | None


def text_reply(text: Text) -> TextReply:
    """A text of a register."""
    return TextReply(zh=text.zh, en=text.en)


def field_reply(field: RegisterField) -> FieldReply:
    """A field of a register or of an action's form."""
    return FieldReply(
        code=field.code,
        title=text_reply(field.title),
        type=field.type.value,
        required=field.required,
        personal=field.personal,
        help=text_reply(field.help) if field.help else None,
        unit=text_reply(field.unit) if field.unit else None,
        options={code: text_reply(title) for code, title in field.options.items()},
        min=None if field.min is None else str(field.min),
        max=None if field.max is None else str(field.max),
        pattern=field.pattern,
        max_length=field.max_length,
    )


def masked(values: Mapping[str, Any], fields: Iterable[RegisterField]) -> dict[str, Any]:
    """The values, those of personal fields hidden: an API keeps no record of why they are asked."""
    hidden = {field.code for field in fields if field.personal}
    return {
        code: HIDDEN if code in hidden and value is not None else value
        for code, value in values.items()
    }
