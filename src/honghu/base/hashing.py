"""Digests by name (SHA-256, SM3) and the one byte form of a JSON value that is hashed."""

import datetime as dt
import decimal
import enum
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Final, NoReturn

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes

from honghu.base.problems import Invalid

# RFC 8785 reads numbers as IEEE 754 doubles: beyond this a verifier in JavaScript would round.
_SAFE_INTEGER: Final = 2**53 - 1
_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=False
).encode
_encode_sorted = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
).encode


class HashingError(Invalid):
    """A digest that this installation lacks, or a value without a canonical byte form."""

    code = "hashing"


def sha256(data: bytes) -> bytes:
    """The 32 bytes of SHA-256 (FIPS 180-4)."""
    return hashlib.sha256(data).digest()


def sm3(data: bytes) -> bytes:
    """The 32 bytes of SM3 (GB/T 32905-2016).

    Taken from `cryptography`, or from hashlib where the system's OpenSSL has it. Raises
    HashingError if neither does.
    """
    try:
        digest = hashes.Hash(hashes.SM3())
    except UnsupportedAlgorithm:
        return _sm3_of_hashlib(data)
    digest.update(data)
    return digest.finalize()


def hasher(name: str) -> Callable[[bytes], bytes]:
    """The digest function called `name`: sha256 or sm3. Raises HashingError for any other name."""
    found = _HASHERS.get(name)
    if found is None:
        raise HashingError(
            f"unknown digest {name!r}", remedy=f"use one of {', '.join(sorted(_HASHERS))}"
        )
    return found


def canonical_json(value: object) -> bytes:
    """The UTF-8 bytes of `value` in the JSON Canonicalization Scheme (RFC 8785), without floats.

    Takes objects with text keys, lists, text, whole numbers up to 2^53 - 1, booleans and None;
    equal values give equal bytes whatever the order of their keys. Raises HashingError naming the
    path of anything else: a Decimal, a float or a date has more than one textual form, so the
    caller chooses one first (`to_jsonable`).
    """
    if _is_plain(value):
        try:
            return _encode_sorted(value).encode()
        except UnicodeEncodeError:
            # What follows names the place.
            pass
    return _encode(_ordered(value, "$")).encode()


def to_jsonable(value: object) -> object:
    """`value` with exact types turned into JSON: what `canonical_json` accepts.

    Decimal becomes plain notation without exponent, keeping its trailing zeros; an aware datetime
    ISO 8601 in UTC with microseconds and Z; a date ISO 8601; a UUID its hyphenated form; an enum its
    value; a tuple a list. Raises HashingError naming the path of a naive datetime, a float, a
    number that is not finite, or another type.
    """
    return _jsonable(value, "$")


def _sm3_of_hashlib(data: bytes) -> bytes:
    try:
        return hashlib.new("sm3", data).digest()
    except ValueError as error:
        raise HashingError(
            "no SM3 in this installation's OpenSSL",
            remedy="install cryptography with OpenSSL 3, or configure sha256",
        ) from error


_HASHERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {"sha256": sha256, "sm3": sm3}


def _refuse(path: str, problem: str, remedy: str) -> NoReturn:
    raise HashingError(f"{path}: {problem}", remedy=remedy)


def _is_plain(value: object) -> bool:
    """Whether the encoder's own order is that of RFC 8785, and nothing is to be refused but text.

    Nearly every value is: then it is looked at once, and not built anew.
    """
    if value is None or type(value) is str or type(value) is bool:
        return True
    if type(value) is int:
        return -_SAFE_INTEGER <= value <= _SAFE_INTEGER
    if type(value) is dict:
        return all(
            type(key) is str and key.isascii() and _is_plain(each) for key, each in value.items()
        )
    return type(value) is list and all(map(_is_plain, value))


def _ordered(value: object, path: str) -> object:
    """`value` checked, its keys in RFC 8785's order: by UTF-16 code units."""
    match value:
        case None | bool():
            return value
        case str():
            return _checked_text(value, path)
        case int():
            return _checked_integer(value, path)
        case dict():
            for key in value:
                if not isinstance(key, str):
                    _refuse(path, f"the key {key!r} is not text", "use text keys")
                _checked_text(key, path)
            return {key: _ordered(value[key], f"{path}.{key}") for key in sorted(value, key=_utf16)}
        case list():
            return [_ordered(item, f"{path}[{index}]") for index, item in enumerate(value)]
        case _:
            _refuse(
                path,
                f"{type(value).__name__} has no canonical JSON form",
                "convert it with to_jsonable, or write an exact number as text",
            )


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")


def _checked_text(text: str, path: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise HashingError(
            f"{path}: half of a surrogate pair at character {error.start + 1}",
            remedy="decode the text correctly before storing it",
        ) from error
    return text


def _checked_integer(number: int, path: str) -> int:
    if abs(number) > _SAFE_INTEGER:
        _refuse(path, f"{number} is beyond 2^53 - 1", "write so large a number as text")
    return number


def _jsonable(value: object, path: str) -> object:
    match value:
        case enum.Enum():
            return _jsonable(value.value, path)
        case None | bool() | int() | str():
            return value
        case Mapping():
            return {
                _text_key(key, path): _jsonable(item, f"{path}.{key}")
                for key, item in value.items()
            }
        case list() | tuple():
            return [_jsonable(item, f"{path}[{index}]") for index, item in enumerate(value)]
        case _:
            return _exact_text(value, path)


def _text_key(key: object, path: str) -> str:
    # Number keys are refused: 1 and "1" would fall together.
    match key:
        case enum.Enum(value=str(text)) | str(text):
            return text
        case uuid.UUID() | dt.date():
            return _exact_text(key, path)
        case _:
            _refuse(path, f"the key {key!r} is not text", "use text keys")


def _exact_text(value: object, path: str) -> str:
    match value:
        case decimal.Decimal():
            if not value.is_finite():
                _refuse(path, f"{value} is not a number", "leave the value out (null) if unknown")
            return format(value, "f")
        case dt.datetime():
            if value.utcoffset() is None:
                _refuse(path, "an instant without a time zone", "attach the time zone it is in")
            utc = value.astimezone(dt.UTC).replace(tzinfo=None)
            return utc.isoformat(timespec="microseconds") + "Z"
        case dt.date():
            return value.isoformat()
        case uuid.UUID():
            return str(value)
        case _:
            _refuse(path, f"{type(value).__name__} has no exact JSON form", "convert it to text")
