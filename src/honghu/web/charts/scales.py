"""Numbers to places and to words: round ticks, short labels, widths of mixed text. Pure."""

import math
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from honghu.web.charts.model import Measure, Number
from honghu.web.display import group_digits, percent_text, wan_text, yuan_text

FONT: Final = 13
_STEPS: Final = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_CENT: Final = Decimal("0.01")
_PERCENT: Final = Decimal("0.1")


def ticks(low: Decimal, high: Decimal, about: int = 4) -> list[Decimal]:
    """Round numbers from at most `low` to at least `high`, 0 among them, about so many apart."""
    low, high = min(low, Decimal(0)), max(high, Decimal(0))
    if low == high:
        high = Decimal(1)
    rough = (high - low) / about
    size = Decimal(1).scaleb(rough.adjusted())
    step = next(size * each for each in _STEPS if size * each >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [step * number for number in range(first, last + 1)]


def shown(value: Number, measure: Measure) -> Decimal:
    """A value as it is drawn: money in the unit that its measure says; None as 0, for lengths."""
    number = Decimal(value or 0)
    if measure == "money":
        return number.scaleb(-2)
    if measure == "money_wan":
        return number.scaleb(-6)
    return number


def number_text(value: Number, measure: Measure) -> str:
    """A value as the chart and its table write it; the dash where it is unknown."""
    if value is None:
        return "—"
    if measure == "money":
        return yuan_text(int(value))
    if measure == "money_wan":
        return wan_text(int(value))
    if measure == "rate":
        return percent_text(Decimal(value))
    if measure == "percent":
        return f"{group_digits(value)} %"
    return group_digits(value)


def tick_text(value: Decimal, measure: Measure) -> str:
    """A tick of the axis: a drawn number, no decimals that say nothing."""
    if measure == "rate":
        return percent_text(value)
    plain = value.normalize()
    text = f"{plain:,f}"
    return f"{text} %" if measure == "percent" else text


def share_text(part: Decimal, whole: Decimal) -> str:
    """A part of a whole in per cent with one decimal; the dash of nothing."""
    if whole == 0:
        return "—"
    return f"{(part * 100 / whole).quantize(_PERCENT, ROUND_HALF_EVEN)} %"


def width_of(text: str, size: float = FONT) -> float:
    """About how wide a text is: Chinese characters a full em, others a little over half."""
    return sum(size if _is_wide(each) else size * 0.58 for each in text)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in {"W", "F"}


def fitted(text: str, width: float, size: float = FONT) -> str:
    """The text, cut with an ellipsis where it would be wider."""
    if width_of(text, size) <= width:
        return text
    kept, used = "", size
    for each in text:
        used += width_of(each, size)
        if used > width:
            break
        kept += each
    return f"{kept.rstrip()}…"


def known(values: Iterable[Number]) -> list[Decimal]:
    """The numbers among values."""
    return [Decimal(value) for value in values if value is not None]


def thinned(count: int, widths: Sequence[float], room: float) -> int:
    """Every how-many-th label fits beside the next: 1 is all of them."""
    widest = max(widths, default=0) + FONT
    fit = max(1, int(room // widest)) if widest else count
    return max(1, math.ceil(count / fit))


def place(value: Decimal | float) -> str:
    """A coordinate with two decimals at most."""
    return f"{Decimal(str(value)).quantize(_CENT).normalize():f}"
