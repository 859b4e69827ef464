"""What people typed to typed values: each field's own reading, all faults told at once.

Values are kept as JSON. Nothing is guessed: what can't be read exactly is refused, and what was
left empty is null.

| type | accepted | kept |
|---|---|---|
| text, long_text | text | trimmed text |
| integer | number, digits | number |
| decimal, rate | digits with up to 12 decimals (no float) | the digits as text |
| money | a number of fen; or text in yuan (`1,234.50`, `12.3万元`) | number of fen |
| date | ISO or Chinese date | `2026-01-31` |
| instant | ISO date and time; local time of the installation without an offset | ISO, UTC |
| boolean | true, false, and what HTML forms send for them | true or false |
| choice, choices | option codes | code, list of codes |
| organisation, person, case | UUID | UUID as text |
| place | `{lon, lat}` or `lon,lat` in degrees | `{lon, lat}` as decimal texts |
| file, photos | SHA-256 digests of stored evidence | list of digests |
| duration | `5 working_days` | the same, in its canonical form |
| uscc, resident_id, phone | the code | its normal form |
"""

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _

from honghu.base.chinese import parse_chinese_date, to_halfwidth
from honghu.base.identifiers import IdentifierError, check_resident_id, check_uscc
from honghu.base.money import MoneyError, parse_yuan
from honghu.base.problems import Invalid
from honghu.kernel.clocks.durations import DurationError, parse_duration
from honghu.kernel.registers.model import Field, FieldType
from honghu.kernel.registers.patterns import matches

TEXT_MAX: Final = 500
LONG_TEXT_MAX: Final = 20_000
LIST_MAX: Final = 100
INTEGER_MAX: Final = 2**53 - 1
"""The greatest whole number that every reader of JSON keeps exactly."""
_YEAR_MIN, _YEAR_MAX = 1900, 2999

_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,17}", re.ASCII)
_DECIMAL: Final = re.compile(r"(?P<sign>[-+]?)0*(?P<whole>[0-9]{1,18})(?P<rest>\.[0-9]{1,12})?")
_DEGREES: Final = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,9})?", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_PHONE: Final = re.compile(
    r"1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}(-[0-9]{1,6})?|400-?[0-9]{3}-?[0-9]{4}|[1-9][0-9]{2,7}"
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ud800-\udfff]")
_TRUE: Final = frozenset({"true", "on", "1", "yes", "是"})
_FALSE: Final = frozenset({"false", "off", "0", "no", "否"})
_LON_MAX: Final = 180
_LAT_MAX: Final = 90


class FormInvalid(Invalid):
    """A form with faults; `fields` maps each wrong field to what is wrong with it."""

    code = "form_invalid"


class _FieldError(ValueError):
    """What is wrong with one value, in words for the person who typed it."""


def validate_form(fields: Mapping[str, Field], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the typed value of every field, null where nothing was given.

    `raw` maps field codes to what a page, an API call or a row of Excel brought. Raises
    FormInvalid with all faults at once, also for fields that don't exist.
    """
    values: dict[str, Any] = {}
    faults = {name: _("This form has no such field.") for name in raw if name not in fields}
    for code, field in fields.items():
        try:
            values[code] = read_value(field, raw.get(code))
        except _FieldError as wrong:
            faults[code] = str(wrong)
    if faults:
        message = _("{count} fields need attention").format(count=len(faults))
        raise FormInvalid(message, remedy=_("Correct the marked fields."), fields=faults)
    return values


def read_value(field: Field, value: Any) -> Any:
    """Return one value in its typed JSON form. Raises ValueError with words for the person."""
    if isinstance(value, str):
        value = value.strip()
    if value is None or value in ("", [], ()):
        if field.required:
            raise _FieldError(_("Please fill this in."))
        return None
    return _READERS[field.type](field, value)


def _text(field: Field, value: Any) -> str:
    text = _string(value).replace("\r\n", "\n").replace("\r", "\n")
    long = field.type is FieldType.LONG_TEXT
    if _CONTROL.search(text) or (not long and "\n" in text):
        raise _FieldError(_("There are characters here that a text cannot hold."))
    limit = field.max_length or (LONG_TEXT_MAX if long else TEXT_MAX)
    if len(text) > limit:
        raise _FieldError(
            _("At most {limit} characters; these are {count}.").format(limit=limit, count=len(text))
        )
    if field.pattern is not None and not matches(field.pattern, text):
        raise _FieldError(_("This does not have the form that is asked for."))
    return text


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise _FieldError(_("Give this as text."))
    return value


def _integer(field: Field, value: Any) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(to_halfwidth(value)):
        value = int(to_halfwidth(value))
    if not isinstance(value, int) or isinstance(value, bool):
        raise _FieldError(_("Write a whole number in digits."))
    return _bounded_integer(field, value)


def _bounded_integer(field: Field, value: int) -> int:
    if abs(value) > INTEGER_MAX:
        raise _FieldError(_("This number is too large."))
    _check_bounds(field, Decimal(value), str)
    return value


def _money(field: Field, value: Any) -> int:
    if isinstance(value, str):
        try:
            value = parse_yuan(value)
        except MoneyError as error:
            raise _FieldError(
                _("Write an amount in yuan, with at most two decimals, e.g. 1234.50.")
            ) from error
    if not isinstance(value, int) or isinstance(value, bool):
        raise _FieldError(_("Write an amount in yuan, with at most two decimals, e.g. 1234.50."))
    if abs(value) > INTEGER_MAX:
        raise _FieldError(_("This number is too large."))
    _check_bounds(field, Decimal(value), lambda bound: f"{bound / 100:.2f}")
    return value


def _decimal(field: Field, value: Any) -> str:
    text = str(value) if isinstance(value, (int, Decimal)) else value
    match = _DECIMAL.fullmatch(to_halfwidth(text)) if isinstance(text, str) else None
    if match is None or isinstance(value, bool):
        raise _FieldError(_("Write a number in digits, e.g. 12.5, with at most 12 decimals."))
    digits = match["whole"] + (match["rest"] or "")
    typed = Decimal(digits) if match["sign"] != "-" else -Decimal(digits)
    _check_bounds(field, typed, str)
    return f"-{digits}" if typed < 0 else digits


def _check_bounds(field: Field, value: Decimal, show: Callable[[Decimal], str]) -> None:
    if field.min is not None and value < field.min:
        raise _FieldError(_("At least {bound}.").format(bound=show(field.min)))
    if field.max is not None and value > field.max:
        raise _FieldError(_("At most {bound}.").format(bound=show(field.max)))


def _date(_field: Field, value: Any) -> str:
    if isinstance(value, dt.datetime):
        value = value.date() if value.time() == dt.time() else None
    day = parse_chinese_date(value) if isinstance(value, str) else value
    if not isinstance(day, dt.date):
        raise _FieldError(_("Write a date, e.g. 2026-01-31."))
    _check_year(day)
    return day.isoformat()


def _check_year(day: dt.date) -> None:
    # Days, months and years are counted from it in both directions: the calendar must not end there.
    if not _YEAR_MIN <= day.year <= _YEAR_MAX:
        message = _("Write a year from {first} to {last}.")
        raise _FieldError(message.format(first=_YEAR_MIN, last=_YEAR_MAX))


def _instant(_field: Field, value: Any) -> str:
    at = value
    if isinstance(value, str):
        try:
            at = dt.datetime.fromisoformat(value)
        except ValueError:
            at = None
    if not isinstance(at, dt.datetime):
        raise _FieldError(_("Write a date and a time, e.g. 2026-01-31 14:30."))
    _check_year(at)
    if at.tzinfo is None:
        at = at.replace(tzinfo=get_default_timezone())
    return at.astimezone(dt.UTC).isoformat()


def _boolean(_field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = value.lower() if isinstance(value, str) else ""
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise _FieldError(_("Choose yes or no."))


def _choice(field: Field, value: Any) -> str:
    if not isinstance(value, str) or value not in field.options:
        raise _FieldError(_("Choose one of the options."))
    return value


def _choices(field: Field, value: Any) -> list[str]:
    chosen = _list(field, value)
    if any(each not in field.options for each in chosen):
        raise _FieldError(_("Choose among the options."))
    # In the order of the register, so that the same choice is always the same value.
    return [option for option in field.options if option in chosen]


def _list(field: Field, value: Any) -> list[str]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)) or not all(isinstance(each, str) for each in items):
        raise _FieldError(_("Choose among the options."))
    if len(set(items)) != len(items):
        raise _FieldError(_("The same is given twice."))
    if len(items) > LIST_MAX:
        raise _FieldError(_("At most {bound}.").format(bound=LIST_MAX))
    _check_bounds(field, Decimal(len(items)), str)
    return list(items)


def _identifier(_field: Field, value: Any) -> str:
    try:
        return str(value if isinstance(value, uuid.UUID) else uuid.UUID(_string(value)))
    except ValueError as error:
        raise _FieldError(_("Choose one from the list.")) from error


def _place(_field: Field, value: Any) -> dict[str, str]:
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = json.loads(value, parse_float=str, parse_int=str)
        except ValueError:
            value = None
    if isinstance(value, str):
        lon, _comma, lat = to_halfwidth(value).replace("，", ",").partition(",")
        value = {"lon": lon.strip(), "lat": lat.strip()}
    if not isinstance(value, Mapping) or value.keys() != {"lon", "lat"}:
        raise _FieldError(_("Give longitude and latitude in degrees, e.g. 113.45,29.81."))
    return {"lon": _degrees(value["lon"], _LON_MAX), "lat": _degrees(value["lat"], _LAT_MAX)}


def _degrees(value: Any, limit: int) -> str:
    text = str(value) if isinstance(value, (int, Decimal)) else value
    readable = isinstance(text, str) and _DEGREES.fullmatch(text)
    if not readable or abs(Decimal(text)) > limit:
        raise _FieldError(_("Give longitude and latitude in degrees, e.g. 113.45,29.81."))
    return str(text)


def _digests(field: Field, value: Any) -> list[str]:
    digests = _list(field, value)
    if not all(_DIGEST.fullmatch(each) for each in digests):
        raise _FieldError(_("Upload the file again."))
    return digests


def _duration(_field: Field, value: Any) -> str:
    try:
        return str(parse_duration(_string(value)))
    except DurationError as error:
        raise _FieldError(_("Write a length of time, e.g. 5 working_days.")) from error


def _uscc(_field: Field, value: Any) -> str:
    try:
        return check_uscc(_string(value))
    except IdentifierError as error:
        raise _FieldError(_identifier_fault(error)) from error


def _resident_id(_field: Field, value: Any) -> str:
    try:
        return check_resident_id(_string(value))
    except IdentifierError as error:
        raise _FieldError(_identifier_fault(error)) from error


def _identifier_fault(error: IdentifierError) -> str:
    """Say where a code is wrong, without repeating it."""
    if error.position is None:
        return _("The code has 18 characters; compare it with the document.")
    return _("Character {position} is wrong; compare the code with the document.").format(
        position=error.position
    )


def _phone(_field: Field, value: Any) -> str:
    number = to_halfwidth(_string(value)).replace(" ", "").removeprefix("+86")
    if not _PHONE.fullmatch(number):
        raise _FieldError(_("Write a telephone number, e.g. 13800000000 or 0716-2422222."))
    return number


_READERS: Final[Mapping[FieldType, Callable[[Field, Any], Any]]] = {
    FieldType.TEXT: _text,
    FieldType.LONG_TEXT: _text,
    FieldType.INTEGER: _integer,
    FieldType.DECIMAL: _decimal,
    FieldType.MONEY: _money,
    FieldType.RATE: _decimal,
    FieldType.DATE: _date,
    FieldType.INSTANT: _instant,
    FieldType.BOOLEAN: _boolean,
    FieldType.CHOICE: _choice,
    FieldType.CHOICES: _choices,
    FieldType.ORGANISATION: _identifier,
    FieldType.PERSON: _identifier,
    FieldType.PLACE: _place,
    FieldType.FILE: _digests,
    FieldType.PHOTOS: _digests,
    FieldType.DURATION: _duration,
    FieldType.CASE: _identifier,
    FieldType.USCC: _uscc,
    FieldType.RESIDENT_ID: _resident_id,
    FieldType.PHONE: _phone,
}
