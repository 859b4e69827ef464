"""Money as integer fen: reading, showing, applying rates and allocating without loss."""

import decimal
import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from honghu.base.chinese import to_halfwidth
from honghu.base.problems import Invalid

_FEN_PER_YUAN: Final = 100
_YUAN_PER_UNIT: Final = {"": 1, "元": 1, "圆": 1, "万元": 10**4, "亿元": 10**8}
_AMOUNT: Final = re.compile(
    r"(?:人民币|[Rr][Mm][Bb]|¥|\s)*(?P<number>[+-]?[\d,]*\.?\d*)\s*(?P<unit>[万亿]?元|圆)?\s*"
)
_NUMBER: Final = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?")

# Wide enough that fen (19 digits) times a rate of any sensible length stays exact before rounding.
_EXACT: Final = decimal.Context(prec=100, traps=[decimal.Inexact, decimal.InvalidOperation])


class MoneyError(Invalid, ValueError):
    """An amount that cannot be read or computed exactly to the fen."""

    code = "money"


def parse_yuan(amount: str | Decimal) -> int:
    """The fen in an amount of yuan: 1,234.5, ¥1234.50元, 12.345万元, 0.3亿元, or a Decimal in yuan.

    Full-width characters are read as half-width. Raises MoneyError naming the place: no number, a
    thousands separator out of place, an unknown unit, more than two decimals of a yuan.
    """
    if isinstance(amount, Decimal):
        return _fen_of_yuan(amount, str(amount), 1)
    text = to_halfwidth(amount).rstrip()
    match = _AMOUNT.match(text)
    number = match["number"] if match else ""
    if match is None or not number:
        raise MoneyError(f"{amount!r} has no number", remedy="write yuan in digits, e.g. 1234.50")
    if match.end() != len(text):
        raise MoneyError(
            f"{amount!r}, character {match.end() + 1} ({text[match.end()]}): not part of an amount",
            remedy="write one number, with 元, 万元 or 亿元 after it if need be",
        )
    if _NUMBER.fullmatch(number) is None:
        raise MoneyError(
            f"{amount!r}, character {match.start('number') + 1}: {number} is not a well-formed number",
            remedy="separate thousands by threes, e.g. 1,234,567.89",
        )
    return _fen_of_yuan(
        Decimal(number.replace(",", "")), repr(amount), _YUAN_PER_UNIT[match["unit"] or ""]
    )


def format_yuan(fen: int) -> str:
    """Yuan with thousands separators and two decimals, without a sign of currency: 1,234.50."""
    yuan, rest = divmod(abs(fen), _FEN_PER_YUAN)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{rest:02}"


def apply_rate(fen: int, rate: Decimal, rounding: str = decimal.ROUND_HALF_UP) -> int:
    """`fen` times `rate` (0.05 is 5 %), rounded once to the fen by a rounding mode of `decimal`.

    Raises MoneyError for a rate that is not finite.
    """
    if not rate.is_finite():
        raise MoneyError(f"the rate {rate} is not a number", remedy="give e.g. Decimal('0.05')")
    product = _EXACT.multiply(Decimal(fen), rate)
    return int(product.to_integral_value(rounding=rounding))


def allocate(fen: int, weights: Sequence[int | Decimal]) -> list[int]:
    """`fen` split in proportion to `weights` into parts that sum to `fen` exactly.

    Largest remainders first, the earlier part on a tie; each part is less than one fen from its
    exact share. A negative amount mirrors the positive one. Raises MoneyError unless there is a
    weight above zero and none below.
    """
    shares = [Fraction(weight) for weight in weights]
    total = sum(shares, Fraction())
    if total <= 0 or min(shares) < 0:
        raise MoneyError(
            f"cannot split by the weights {list(weights)}",
            remedy="give weights of at least 0, one above",
        )
    if fen < 0:
        return [-part for part in allocate(-fen, weights)]
    exact = [fen * share / total for share in shares]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda index: parts[index] - exact[index])
    for index in by_remainder[: fen - sum(parts)]:
        parts[index] += 1
    return parts


def _fen_of_yuan(yuan: Decimal, shown: str, yuan_per_unit: int) -> int:
    if not yuan.is_finite():
        raise MoneyError(f"{shown} is not a number", remedy="leave an unknown amount empty")
    try:
        fen = _EXACT.multiply(yuan, Decimal(yuan_per_unit * _FEN_PER_YUAN))
    except decimal.Inexact as error:
        raise MoneyError(
            f"{shown} has too many digits", remedy="give at most 100 digits"
        ) from error
    if fen != fen.to_integral_value():
        raise MoneyError(
            f"{shown} has a fraction of a fen", remedy="give at most two decimals of a yuan"
        )
    return int(fen)
