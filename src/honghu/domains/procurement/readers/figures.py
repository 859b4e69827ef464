"""The numbers of a money cell, each with its unit, currency and what is printed around it."""

import re
from dataclasses import dataclass
from decimal import Decimal

from honghu.domains.procurement.readers.page import Piece

YUAN, TEN_THOUSAND, HUNDRED_MILLION, PERCENT, TENTH = "元", "万元", "亿元", "%", "折"
BLANKS = "blanks inside the number"
RUNS_ON = "digits run together with a neighbouring column"
FACTORS = {YUAN: Decimal(1), TEN_THOUSAND: Decimal(10_000), HUNDRED_MILLION: Decimal(100_000_000)}
_CURRENCY = {
    "USD": r"USD|US\$|美元|美金",
    "EUR": r"EUR|€|欧元",
    "GBP": r"GBP|£|英镑",
    "HKD": r"HKD|HK\$|港币|港元",
    "JPY": r"JPY|日元|日币|日圆",
    "CHF": r"CHF|瑞士法郎|瑞郎",
    "CAD": r"CAD|加元",
    "AUD": r"AUD|澳元",
    "SGD": r"SGD|新加坡元|新元",
}
_FOREIGN = "|".join(_CURRENCY.values())
_NUMBER = re.compile(
    rf"(?P<cur>{_FOREIGN}|人民币|RMB|CNY|[￥¥])?[ \t（(]*(?P<cur2>人民币|RMB|CNY|[￥¥])?[ \t]*[:：]?[ \t]*"
    r"(?P<minus>[-－])?(?P<num>\d[\d,，]*(?:[.\uff0e]\d+)?)(?P<gap>[ \t\u3000]+\d)?"
    r"[ \t]*[（(]?[ \t]*(?P<unit>亿元|亿|万元|万|圆整|元整|圆|元|\uff05|%|折(?![合算价后扣成人实为])|"
    rf"{_FOREIGN})?(?P<abroad>{_FOREIGN})?(?P<unit2>人民币|[ \t]*[（(]人民币[）)])?[ \t]*[)）]?"
    r"(?P<per>[ \t]*[/\uff0f每][ \t]*[^\d\s，。；;、）)]{1,8})?",
    re.IGNORECASE,
)
_ABROAD = re.compile(_FOREIGN, re.IGNORECASE)
_HOME = re.compile("人民币|RMB|CNY|[￥¥]")
YUAN_MARK = re.compile(r"万|亿|元|￥|¥|人民币")
_HOME_SIGNS = frozenset({"人民币", "RMB", "CNY", "￥", "¥"})
PERCENT_MARK = re.compile(r"[%\uff05]|下浮|折扣|费率|优惠率|比例|百分")
_LABELLED = re.compile(
    r"(?P<label>[^\d\s：:，,；;。]{2,24}?)[（(]?(?P<unit>[^（）()：:，,；;]{0,8})[）)]?[：:]\s*$"
)
# Behind a bare figure these tell that its last digits may be those of the next part or cell.
_RUNS_ON = re.compile(
    r"[.、\uff0e](?!\d)|(?!元|圆|万|亿|折|整|含税|不含|大写|小写|人民币|其中|税)[\u4e00-\u9fff]"
)
# The rest of a figure that a line break tears: 1286 / 000.00. A list's number has no three digits.
TORN = re.compile(
    r"[ \t]*\n[ \t]*([\d,.OoIl]*[\dOoIl]{3}(?:\.[\dOoIl]+|(?=[ \t]*(?:[（(]?万?元|\n))))"
)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?$")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a cell with what is printed around it."""

    number: Decimal
    digits: str
    unit: str | None
    currency: str | None
    per: str | None
    label: str
    piece: Piece
    doubt: str | None
    home: bool = False


def unit_hint(hint: str) -> str | None:
    """The unit that a label's bracket fixes: 元, 万元, 亿元, %; None when it names none or both."""
    percent = PERCENT_MARK.search(hint) is not None
    yuan = YUAN_MARK.search(hint) is not None
    if percent and yuan:
        return None
    if percent:
        return PERCENT
    if "亿" in hint:
        return HUNDRED_MILLION
    if "万" in hint:
        return TEN_THOUSAND
    return YUAN if yuan else None


def currency_of(hint: str) -> str | None:
    """The foreign currency that a label's bracket or a column of its own names."""
    found = None if not hint or _HOME.search(hint) else _ABROAD.search(hint)
    return _foreign_code(found.group()) if found is not None else None


def figures_in(cell: Piece) -> list[Figure]:
    """Every number of a cell in order; ``doubt`` says why a number may not be what it seems."""
    figures: list[Figure] = []
    last = 0
    for found in _NUMBER.finditer(cell.text):
        before = cell.text[last : found.start()]
        labelled = _LABELLED.search(before)
        label = (labelled["label"] + labelled["unit"]) if labelled else before[-12:]
        number, doubt = _parse(found)
        bare = found["unit"] is None and found["per"] is None
        if bare and doubt is None and _RUNS_ON.match(cell.text, found.end()):
            doubt = RUNS_ON
        figures.append(
            Figure(
                number,
                found["num"],
                _unit(found["unit"]),
                _foreign_code(found["cur"])
                or _foreign_code(found["unit"])
                or _foreign_code(found["abroad"]),
                (found["per"] or "").strip() or None,
                label,
                cell.cut(found.start("num"), found.end()),
                doubt,
                home=(found["cur2"] or found["cur"] or "") in _HOME_SIGNS,
            )
        )
        last = found.end()
    return figures


def _parse(found: re.Match[str]) -> tuple[Decimal, str | None]:
    digits = found["num"].replace("，", ",").replace("\uff0e", ".")
    if found["gap"]:
        return Decimal(0), BLANKS
    if found["minus"]:
        return Decimal(0), "negative number"
    digits = digits.rstrip(",")
    if "," in digits and not _GROUPED.match(digits):
        return Decimal(0), "commas do not group the digits by three"
    return Decimal(digits.replace(",", "")), None


def _unit(text: str | None) -> str | None:
    if not text:
        return None
    if text in ("亿元", "亿"):
        return HUNDRED_MILLION
    if text in ("万元", "万"):
        return TEN_THOUSAND
    if text in ("%", "\uff05"):
        return PERCENT
    if text == TENTH:
        return TENTH
    return YUAN if text in ("元", "圆", "元整", "圆整") else None


def _foreign_code(text: str | None) -> str | None:
    if not text:
        return None
    for code, pattern in _CURRENCY.items():
        if re.fullmatch(pattern, text, re.IGNORECASE):
            return code
    return None


def yuan_of_figure(figure: Figure, hinted: str | None) -> Decimal:
    """A figure in yuan: by its own unit, else by the unit that its label fixes, else as yuan."""
    unit = figure.unit or (hinted if hinted in FACTORS else None) or YUAN
    return figure.number * FACTORS[unit]
