"""Chinese numerals, capital amounts (大写金额), dates and full-width text.

Numerals are read strictly: where everyday speech and book-keeping differ (一百二 is 120 in speech
and 102 as written), the text is refused with its place instead of guessed.
"""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Final, NoReturn

from honghu.base.problems import Invalid

_WIDTH_OFFSET: Final = 0xFEE0
_HALFWIDTH: Final = {
    **{code: code - _WIDTH_OFFSET for code in range(0xFF01, 0xFF5F)},
    0x3000: 0x20,
    0xFFE5: 0xA5,
}

_DIGIT_FORMS: Final = (
    "零〇○◯",
    "一壹弌",
    "二贰貳弍两兩",
    "三叁叄參弎",
    "四肆",
    "五伍",
    "六陆陸",
    "七柒",
    "八捌",
    "九玖",
)
_DIGITS: Final = {form: value for value, forms in enumerate(_DIGIT_FORMS) for form in forms}
_UNITS: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_TEN: Final = 10
_TENS: Final = {"廿": 20, "卄": 20, "卅": 30, "卌": 40}
_WAN: Final = "万萬"
_YI: Final = "亿億"

_CAPITALS: Final = "零壹贰叁肆伍陆柒捌玖"
_CAPITAL_PLACES: Final = ((1000, "仟"), (100, "佰"), (10, "拾"), (1, ""))
_FEN_PER_YUAN: Final = 100
_FEN_PER_JIAO: Final = 10
# 9999 万亿 is the largest amount that the four-digit grouping 万, 亿, 万亿 can write.
_CAPITAL_FEN_LIMIT: Final = 10**18

# One character of a numeral with its place in the text the caller gave, counted from 1.
_Mark = tuple[int, str]

_AMOUNT_PREFIX: Final = re.compile(r"(?:人民币|[Rr][Mm][Bb]|大写|[():¥\s])*")
_CLOSERS: Final = "整正"

_NUMERAL: Final = r"[零〇○◯一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾廿卅]"
_DAY: Final = re.compile(
    r"""
    (?: (?P<year>\d{4}) \s* (?P<mark>[-./]) \s* (?P<month>\d{1,2}) \s* (?P=mark) \s* (?P<day>\d{1,2})
      | (?P<year_c>\d{4}) \s*年\s* (?P<month_c>\d{1,2}) \s*月\s* (?P<day_c>\d{1,2}) \s*[日号]
      | (?P<year_n>NUM{4}) \s*年\s* (?P<month_n>NUM{1,3}) \s*月\s* (?P<day_n>NUM{1,4}) \s*[日号]
      | (?P<year_p>(?:19|20)\d{2}) (?P<month_p>\d{2}) (?P<day_p>\d{2}) (?=\D|\d{4}(?:\d{2})?$|$)
    )
    """.replace("NUM", _NUMERAL),
    re.VERBOSE,
)
_AFTER_DAY: Final = re.compile(
    r"""
    \s* (?: \(? (?:星期|周|礼拜)[一二三四五六日天] \)? )?
    [T\s,]*
    (?: 凌晨|早上|上午|中午|下午|晚上|晚 )? \s*
    (?: \d{4}(?:\d{2})?
      | \d{1,2} \s*[:时点]\s*
        (?: \d{1,2} \s* [:分]? \s* (?: \d{1,2} (?:\.\d+)? \s*秒? )? | 半 | 整 )?
        \s* (?: Z | [+-]\d{2}:?\d{2} )?
    )?
    \s* (?: \(? 北京时间 \)? )? \s*
    """,
    re.VERBOSE,
)


class ChineseNumeralError(Invalid, ValueError):
    """A Chinese numeral, amount or date that cannot be read without guessing."""

    code = "chinese_numeral"


def to_halfwidth(text: str) -> str:
    """Full-width ASCII, the ideographic space and ￥ as their half-width forms.

    One character stays one character, so that a span found in the result is the same span of the
    original. Chinese punctuation without an ASCII twin (。、〔〕) is left alone.
    """
    return text.translate(_HALFWIDTH)


def number_from_chinese(text: str) -> int:
    """The whole number written by `text`: 一百二十, 十, 两百, 二〇二六, 壹万零伍佰, or ASCII digits.

    Digits without units are read place by place (二〇二六 is 2026). Raises ChineseNumeralError,
    which is also a ValueError, naming the character.
    """
    marks = _marks(text)
    if not marks:
        raise ChineseNumeralError("no number: the text is empty", remedy="write e.g. 一百二十")
    plain = "".join(char for _, char in marks)
    if plain.isascii() and plain.isdigit():
        return int(plain)
    if all(char in _DIGITS for _, char in marks):
        return int("".join(str(_DIGITS[char]) for _, char in marks))
    return _read_whole(marks)


def capital_to_fen(text: str) -> int:
    """The amount in fen written in capitals: 壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分 is 123456789.

    Reads 元, 圆 and 圓, simplified and traditional forms, 整 and 正, 负, and the prefixes 人民币 and
    大写; 零 may be left out where the units leave no doubt (rules for filling in bills, 支付结算办法
    annex 1). Raises ChineseNumeralError, which is also a ValueError, naming the character.
    """
    halfwidth = to_halfwidth(text)
    start = _AMOUNT_PREFIX.match(halfwidth)
    marks = _marks(halfwidth, start.end() if start else 0)
    while marks and marks[-1][1] in ")。,;.":
        marks.pop()
    sign = 1
    if marks and marks[0][1] in "负負":
        sign, marks = -1, marks[1:]
    if marks and marks[-1][1] in _CLOSERS:
        marks.pop()
    if not marks:
        raise ChineseNumeralError("no amount in capitals", remedy="write e.g. 壹佰元整")
    return sign * _read_amount(marks)


def fen_to_capital(fen: int) -> str:
    """The amount in capitals, ending in 整 unless it has fen: 100 is 壹元整, 5 is 伍分.

    Follows the rules for filling in bills (支付结算办法 annex 1). Raises ChineseNumeralError above
    9999 万亿 元, for which there is no four-digit group.
    """
    if abs(fen) >= _CAPITAL_FEN_LIMIT:
        raise ChineseNumeralError(
            f"{fen} fen is too large to write in capitals", remedy="stay below 10^16 yuan"
        )
    yuan, rest = divmod(abs(fen), _FEN_PER_YUAN)
    jiao, odd_fen = divmod(rest, _FEN_PER_JIAO)
    words = ["负"] if fen < 0 else []
    if yuan or not rest:
        words += [_write_whole(yuan) or "零", "元"]
    if jiao:
        words += [_CAPITALS[jiao], "角"]
    if odd_fen:
        words += ["零" if yuan and not jiao else "", _CAPITALS[odd_fen], "分"]
    else:
        words.append("整")
    return "".join(words)


def parse_chinese_date(text: str) -> dt.date | None:
    """The day that `text` states, or None if it states none that exists in the calendar.

    Reads 2026年8月4日, 二〇二六年八月四日, 2026-08-04, 2026.8.4, 2026/08/04 and 20260804, each also
    with a weekday and a time of day after it. Anything else around the date (2026年8月4日前, two
    dates, two-digit years) gives None: a term or a range is not a day.
    """
    halfwidth = to_halfwidth(text).strip()
    match = _DAY.match(halfwidth)
    if match is None or _AFTER_DAY.fullmatch(halfwidth, match.end()) is None:
        return None
    parts = [value for name, value in match.groupdict().items() if value and name != "mark"]
    try:
        year, month, day = (number_from_chinese(part) for part in parts)
        return dt.date(year, month, day)
    except ValueError:
        return None


def _marks(text: str, start: int = 0) -> list[_Mark]:
    """The characters from `start` on with their places; white space, common in scans, left out."""
    halfwidth = to_halfwidth(text)
    return [
        (index + 1, char)
        for index, char in enumerate(halfwidth)
        if index >= start and not char.isspace()
    ]


def _fail(mark: _Mark, problem: str, remedy: str) -> NoReturn:
    place, char = mark
    raise ChineseNumeralError(f"character {place} ({char}): {problem}", remedy=remedy)


def _read_amount(marks: Sequence[_Mark]) -> int:
    """Yuan, jiao and fen, each at most once and in this order."""
    fen = 0
    read_any = False
    for forms, worth in (("元圆圓", _FEN_PER_YUAN), ("角", _FEN_PER_JIAO), ("分", 1)):
        index = next((i for i, (_, char) in enumerate(marks) if char in forms), None)
        if index is None:
            continue
        number = marks[:index]
        if not number:
            _fail(marks[index], "no number before the unit", "write e.g. 壹元")
        fen += worth * (_read_whole(number) if worth == _FEN_PER_YUAN else _read_digit(number))
        marks = marks[index + 1 :]
        read_any = True
    if marks and not (read_any and len(marks) == 1 and _DIGITS.get(marks[0][1]) == 0):
        _fail(
            marks[0], "no unit 元, 角 or 分 after it, or in the wrong order", "write e.g. 壹元伍角"
        )
    return fen


def _read_digit(marks: Sequence[_Mark]) -> int:
    """One digit, with an optional 零 before it, as jiao and fen have."""
    if len(marks) > 1 and _DIGITS.get(marks[0][1]) == 0:
        marks = marks[1:]
    if len(marks) > 1:
        _fail(marks[1], "角 and 分 take one digit", "write e.g. 伍角陆分")
    value = _DIGITS.get(marks[0][1])
    if value is None:
        _fail(marks[0], "not a digit", "use 零壹贰叁肆伍陆柒捌玖")
    return value


def _read_whole(marks: Sequence[_Mark]) -> int:
    """A number with units, grouped by 亿 and 万."""
    high, low, mark = _split(marks, _YI)
    if mark is None:
        return _read_below_yi(low, continued=False)
    if not high:
        _fail(mark, "no number before it", "write 壹亿 for one hundred million")
    rest = _read_below_yi(low, continued=True) if low else 0
    return _read_below_yi(high, continued=False) * 10**8 + rest


def _read_below_yi(marks: Sequence[_Mark], *, continued: bool) -> int:
    high, low, mark = _split(marks, _WAN)
    if mark is None:
        return _read_section(low, continued=continued)
    if not high:
        _fail(mark, "no number before it", "write 壹万 for ten thousand")
    rest = _read_section(low, continued=True) if low else 0
    return _read_section(high, continued=False) * 10**4 + rest


def _split(
    marks: Sequence[_Mark], forms: str
) -> tuple[Sequence[_Mark], Sequence[_Mark], _Mark | None]:
    """What stands before and after the one group unit of `forms`, and the unit itself."""
    found = [index for index, (_, char) in enumerate(marks) if char in forms]
    if not found:
        return (), marks, None
    if len(found) > 1:
        _fail(marks[found[1]], "the unit occurs twice", "write it once")
    return marks[: found[0]], marks[found[0] + 1 :], marks[found[0]]


def _read_section(marks: Sequence[_Mark], *, continued: bool) -> int:
    """A number below 10,000. `continued`: 万 or 亿 stands before it.

    A last digit right after 佰, 仟, 万 or 亿 is refused: 一百二 may mean 120 or 102.
    """
    total = 0
    unit = 10_000
    pending: int | None = None
    doubtful = continued
    for mark in marks:
        char = mark[1]
        if char in _DIGITS:
            if pending is not None and (pending or not _DIGITS[char]):
                _fail(
                    mark,
                    "two digits without a unit between them",
                    "write 拾, 佰 or 仟 after the first",
                )
            doubtful = doubtful and pending is None and _DIGITS[char] != 0
            pending = _DIGITS[char]
            continue
        worth, size = _read_unit(mark, pending)
        if size >= unit:
            _fail(mark, "the units do not descend", "order them 仟, 佰, 拾")
        total, unit, pending = total + worth, size, None
        doubtful = size > _TEN
    if pending and doubtful:
        _fail(
            marks[-1],
            "this digit could count ones or the next smaller unit",
            "write 零 before ones, or the unit after it",
        )
    return total + (pending or 0)


def _read_unit(mark: _Mark, pending: int | None) -> tuple[int, int]:
    """The value that a unit closes and the unit's own size."""
    char = mark[1]
    if char in _TENS:
        if pending:
            _fail(mark, "a digit before a word that already counts tens", "write 廿 or 贰拾")
        return _TENS[char], _TEN
    size = _UNITS.get(char)
    if size is None:
        _fail(mark, "not a Chinese numeral", "use 零壹贰叁肆伍陆柒捌玖 with 拾佰仟万亿")
    if pending is None and size > _TEN:
        _fail(mark, "no digit before the unit", "write e.g. 壹佰")
    # 十 alone, and 十 after 百, is ten: 十五, 一百十五.
    return (size if pending is None else pending * size), size


def _write_whole(number: int) -> str:
    """A whole number in capitals; nothing for zero."""
    for size, unit in ((10**8, "亿"), (10**4, "万")):
        high, low = divmod(number, size)
        if high:
            gap = "零" if 0 < low < size // 10 else ""
            return f"{_write_whole(high)}{unit}{gap}{_write_whole(low)}"
    return _write_section(number)


def _write_section(number: int) -> str:
    words = ""
    gap = False
    for size, unit in _CAPITAL_PLACES:
        digit = number // size % 10
        if digit:
            words += ("零" if gap else "") + _CAPITALS[digit] + unit
        gap = bool(words) and not digit
    return words
