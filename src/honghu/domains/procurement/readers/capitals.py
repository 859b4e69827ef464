"""Amounts in capital numerals: 壹拾万元整."""

import re
from decimal import Decimal

from honghu.base.chinese import capital_to_fen

CAPITALS = re.compile(r"[零〇壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆角分整正萬億貳參陸]{3,}")
_CAPITAL_GAP = re.compile(
    r"(?<=[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆角])\s+(?=[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆角分整正])"
)


def fen_of(capitals: str) -> int | None:
    """The fen that capital numerals write; None when they cannot be read."""
    try:
        return capital_to_fen(capitals)
    except ValueError:
        return None


def capitals_in(text: str) -> Decimal | None:
    """The amount printed in capital numerals, in yuan; None when there is none to be read."""
    for found in CAPITALS.finditer(_CAPITAL_GAP.sub("", text)):
        if "元" in found.group() or "圆" in found.group():
            fen = fen_of(found.group())
            if fen is not None:
                return Decimal(fen) / 100
    return None
