"""Unified social credit codes, resident identity numbers and the platform's own identifiers."""

import datetime as dt
import os
import secrets
import threading
import time
import uuid
from typing import Final

from honghu.base.chinese import to_halfwidth
from honghu.base.problems import Invalid

USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUES: Final = {char: value for value, char in enumerate(USCC_ALPHABET)}
_USCC_LENGTH: Final = 18
_USCC_REGION: Final = range(2, 8)
_LOOKALIKES: Final = {"I": "1", "O": "0", "S": "5", "V": "U", "Z": "2"}

_RESIDENT_ID_LENGTH: Final = 18
_RESIDENT_ID_CHECKS: Final = "10X98765432"

_MS_LIMIT: Final = 1 << 48
_TAIL_BITS: Final = 74
_TAIL_LIMIT: Final = 1 << _TAIL_BITS
_TAIL_STEP_BITS: Final = 32


class IdentifierError(Invalid, ValueError):
    """An identifier that breaks its standard; `position` counts characters from 1, if one is to blame.

    The message never repeats the identifier itself: identity numbers must not reach a log.
    """

    code = "identifier"

    def __init__(self, message: str, *, remedy: str, position: int | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.position = position


def uscc_check_digit(first17: str) -> str:
    """The check character for the first 17 characters of a unified social credit code (GB 32100-2015).

    Raises IdentifierError for a wrong length or a character outside the standard's alphabet.
    """
    if len(first17) != _USCC_LENGTH - 1:
        raise IdentifierError(
            f"{len(first17)} characters where 17 are needed",
            remedy="give the code without its check",
        )
    total = 0
    weight = 1
    for position, char in enumerate(first17, start=1):
        total += _uscc_value(char, position) * weight
        weight = weight * 3 % 31
    # The outer remainder matters: where the sum divides by 31 the check character is 0.
    return USCC_ALPHABET[(31 - total % 31) % 31]


def check_uscc(code: str) -> str:
    """The unified social credit code in its normal form: half-width, upper case, without spaces.

    Checks length, alphabet, the six digits of the division and the check character (GB 32100-2015).
    Raises IdentifierError naming the position and the remedy.
    """
    normal = "".join(to_halfwidth(code).split()).upper()
    if len(normal) != _USCC_LENGTH:
        raise IdentifierError(
            f"the credit code has {len(normal)} characters, not 18",
            remedy="copy the 18 characters from the business licence",
        )
    for position, char in enumerate(normal, start=1):
        _uscc_value(char, position)
    for index in _USCC_REGION:
        if not normal[index].isdigit():
            raise IdentifierError(
                f"character {index + 1} of the credit code is a letter; 3 to 8 are the division's digits",
                remedy="compare characters 3 to 8 with the business licence",
                position=index + 1,
            )
    if uscc_check_digit(normal[:-1]) != normal[-1]:
        raise IdentifierError(
            "the check character, the 18th of the credit code, does not fit the first 17",
            remedy="compare every character with the business licence",
            position=_USCC_LENGTH,
        )
    return normal


def is_uscc(code: str) -> bool:
    """Whether `code` is a valid unified social credit code already in its normal form."""
    try:
        return check_uscc(code) == code
    except IdentifierError:
        return False


def resident_id_check_digit(first17: str) -> str:
    """The check character of a resident identity number: ISO 7064 MOD 11-2 (GB 11643-1999).

    Raises IdentifierError unless `first17` is 17 digits.
    """
    for position, char in enumerate(first17, start=1):
        if char not in "0123456789":
            raise IdentifierError(
                f"character {position} of the identity number is not a digit",
                remedy="the first 17 characters are digits",
                position=position,
            )
    if len(first17) != _RESIDENT_ID_LENGTH - 1:
        raise IdentifierError(
            f"{len(first17)} digits where 17 are needed", remedy="give the number without its check"
        )
    total = sum(int(digit) << (17 - index) for index, digit in enumerate(first17))
    return _RESIDENT_ID_CHECKS[total % 11]


def check_resident_id(code: str) -> str:
    """The 18-character resident identity number in its normal form: half-width, X in upper case.

    Checks length, division, birth date and check character (GB 11643-1999). Raises IdentifierError,
    whose text never repeats the number.
    """
    normal = "".join(to_halfwidth(code).split()).upper()
    if len(normal) != _RESIDENT_ID_LENGTH:
        raise IdentifierError(
            f"the identity number has {len(normal)} characters, not 18",
            remedy="copy the 18 characters from the identity card",
        )
    expected = resident_id_check_digit(normal[:-1])
    if normal[0] == "0":
        raise IdentifierError(
            "character 1 of the identity number is 0, which no division has",
            remedy="compare the first six digits with the identity card",
            position=1,
        )
    try:
        dt.date(int(normal[6:10]), int(normal[10:12]), int(normal[12:14]))
    except ValueError as error:
        raise IdentifierError(
            "characters 7 to 14 of the identity number are not a date",
            remedy="compare the birth date with the identity card",
            position=7,
        ) from error
    if expected != normal[-1]:
        raise IdentifierError(
            "the check character, the 18th of the identity number, does not fit the first 17",
            remedy="compare every digit with the identity card",
            position=_RESIDENT_ID_LENGTH,
        )
    return normal


def uuid7(unix_ms: int, tail: int) -> uuid.UUID:
    """The UUID version 7 (RFC 9562 section 5.7) of a Unix time in milliseconds and 74 further bits.

    Raises ValueError when either does not fit.
    """
    if not 0 <= unix_ms < _MS_LIMIT:
        raise ValueError(f"unix_ms {unix_ms} does not fit 48 bits")
    if not 0 <= tail < _TAIL_LIMIT:
        raise ValueError(f"tail {tail} does not fit 74 bits")
    high, low = tail >> 62, tail & ((1 << 62) - 1)
    return uuid.UUID(int=unix_ms << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


class _Sequence:
    """Time-ordered identifiers of one process: strictly increasing, also within a millisecond.

    Monotonic random (RFC 9562 section 6.2 method 2): the 74 bits after the time start random and
    grow by a random step, so that neighbours cannot be guessed.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._lock = threading.Lock()
        self._unix_ms = -1
        self._tail = 0

    def next(self, unix_ms: int) -> uuid.UUID:
        with self._lock:
            # A clock set back must not set the order back: the last time is used on.
            if unix_ms > self._unix_ms:
                self._restart(unix_ms)
            else:
                self._tail += 1 + secrets.randbits(_TAIL_STEP_BITS)
                if self._tail >= _TAIL_LIMIT:
                    self._restart(self._unix_ms + 1)
            return uuid7(self._unix_ms, self._tail)

    def _restart(self, unix_ms: int) -> None:
        self._unix_ms = unix_ms
        # The top bit stays free for the steps that follow within the same millisecond.
        self._tail = secrets.randbits(_TAIL_BITS - 1)


_sequence = _Sequence()
# A forked child would otherwise share its parent's counter, and perhaps its locked lock.
os.register_at_fork(after_in_child=_sequence.reset)


def new_id() -> uuid.UUID:
    """A new identifier: UUID version 7, strictly increasing within a process, safe across threads.

    Its time is for index locality only; business time is what a command was given as `now`.
    """
    return _sequence.next(time.time_ns() // 1_000_000)


def _uscc_value(char: str, position: int) -> int:
    value = _USCC_VALUES.get(char)
    if value is not None:
        return value
    likely = _LOOKALIKES.get(char)
    raise IdentifierError(
        f"character {position} of the credit code, {char!r}, is not in its alphabet (0-9, A-Y without I O S V Z)",
        remedy=f"probably {likely}: compare it with the business licence"
        if likely
        else "compare it with the business licence",
        position=position,
    )
