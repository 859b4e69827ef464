"""Reading a money cell: an amount, a rate, unit prices, or a doubt. Rates never become money."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from honghu.base.chinese import capital_to_fen
from honghu.domains.procurement.readers.page import Piece
from honghu.domains.procurement.readers.vocabulary import COLUMNS, compact

YUAN, TEN_THOUSAND, HUNDRED_MILLION, PERCENT, TENTH = "元", "万元", "亿元", "%", "折"
BLANKS = "blanks inside the number"
PLACEHOLDER = "0 is a placeholder"
EITHER = "the label allows money and a rate"
RUNS_ON = "digits run together with a neighbouring column"
_FACTORS = {YUAN: Decimal(1), TEN_THOUSAND: Decimal(10_000), HUNDRED_MILLION: Decimal(100_000_000)}
_MASKED = re.compile(r"\d[\d,.]*[*\uff0axX×]{2,}|[*\uff0a]{2,}[\d.]*\d|\d+[*\uff0a]+\d*")
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
_NET = re.compile("不含税|不含增值税|未含税|除税|未税|税前")
_HINT_YUAN = re.compile(r"万|亿|元|￥|¥|人民币")
_HOME_SIGNS = frozenset({"人民币", "RMB", "CNY", "￥", "¥"})
_PERCENT_MARK = re.compile(r"[%\uff05]|下浮|折扣|费率|优惠率|比例|百分")
_CAPITALS = re.compile(r"[零〇壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆角分整正萬億貳參陸]{3,}")
_CAPITAL_GAP = re.compile(
    r"(?<=[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆角])\s+(?=[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆角分整正])"
)
_LABELLED = re.compile(
    r"(?P<label>[^\d\s：:，,；;。]{2,24}?)[（(]?(?P<unit>[^（）()：:，,；;]{0,8})[）)]?[：:]\s*$"
)
_PER = re.compile(r"[/\uff0f]|每|单价")
_TOTAL_BEFORE = re.compile(
    r"(?:总价|总金额|总额|总计|合计|共计)(?:金额)?(?:为|是)?[：:]?\s*(?:人民币)?$"
)
_PERIOD = re.compile("年|月|季|期|次")
_TIMES = frozenset(Decimal(count) for count in range(2, 61))
_PARTS = re.compile(
    r"[，,；;。（(][ ]*(?:其中)?[：:]?[ ]*(?:含|包含|包括|合同|首付|首期)?(?:预付款?|首付款|质保金|质量保证金|保修金|履约保证金|进度款|尾款|增值税|税率)"
)
# What turns a figure into an estimate or a ceiling.
_ABOUT = re.compile(
    r"约(?=[￥¥人民币 ]*$)|不超过|不高于|不得超过|不大于|不多于|暂定|暂估|预估|预计|估算|上限|封顶|不低于|至少|限额"
)
_ABOUT_BEHIND = re.compile(r"[ ）)]*(?:左右|以内|以下|以上|封顶|起(?![\u4e00-\u9fff]))")
_WORDED_DISCOUNT = re.compile(
    r"[一二三四五六七八九]{1,3}折(?![合算价])|[一二三四五六七八九]点[一二三四五六七八九]折"
)
# 四十五万元: plain numerals, which are no capital numerals.
_SPELLED = re.compile(r"[一二三四五六七八九十百千]{1,}[一二三四五六七八九十百千万亿零]*[元圆]")
# 1O5,000.00 and l05000: letters that a scanner or a typist put for digits.
_LETTERS = re.compile(r"\d[,.，]?[OoIl]+(?![A-Za-z])|(?<![A-Za-z])[OoIl]+[,.，]?\d")
_UNREADABLE = (
    (re.compile("‰"), "a rate per thousand"),
    (_LETTERS, "digits are masked"),
    (_WORDED_DISCOUNT, "a discount in tenths (折)"),
    (_MASKED, "digits are masked"),
)
# Behind a bare figure these tell that its last digits may be those of the next part or cell.
_RUNS_ON = re.compile(
    r"[.、\uff0e](?!\d)|(?!元|圆|万|亿|折|整|含税|不含|大写|小写|人民币|其中|税)[\u4e00-\u9fff]"
)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
_PLAIN = re.compile(r"\d+(?:\.\d+)?$")
_SPACED_MARK = re.compile(r"(?<=\d)[ \u3000\xa0]+([.,\uff0e])[ \u3000\xa0]+(?=\d)")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Money:
    """What one cell says. ``form``: amount, rate, unit_prices, none or doubt.

    ``yuan`` and ``rate`` are the candidate even when in doubt; ``why`` says what is in doubt.
    ``net``: without tax, so not what is paid.
    """

    form: str
    piece: Piece
    yuan: Decimal | None = None
    rate: Decimal | None = None
    rate_kind: str | None = None
    unit: str | None = None
    why: str | None = None
    currency: str = "CNY"
    original: Decimal | None = None
    fx_rate: Decimal | None = None
    prices: tuple[tuple[str | None, Decimal, str | None, Piece], ...] = ()
    digits: str = ""
    net: bool = False


@dataclass(frozen=True, slots=True)
class _Figure:
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


def money_text(value: Decimal) -> str:
    """Yuan with two decimals, as truth files and the contract amounts print it."""
    return str(value.quantize(Decimal("0.01")))


def plain_number(value: Decimal) -> str:
    """A rate or unit price without trailing zeros and without an exponent."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def unit_hint(hint: str) -> str | None:
    """The unit that a label's bracket fixes: 元, 万元, 亿元, %; None when it names none or both."""
    percent = _PERCENT_MARK.search(hint) is not None
    yuan = _HINT_YUAN.search(hint) is not None
    if percent and yuan:
        return None
    if percent:
        return PERCENT
    if "亿" in hint:
        return HUNDRED_MILLION
    if "万" in hint:
        return TEN_THOUSAND
    return YUAN if yuan else None


def read_money(cell: Piece, *, hint: str = "", rate_kind: str | None = None) -> Money:
    """Read a cell printed after an amount, bid or rate label.

    ``hint`` is the bracket printed with the label (``（万元）``); ``rate_kind`` is given when the
    label itself names a rate. The unit printed with the number always wins over the hint.
    """
    if _SPACED_MARK.search(cell.text):
        # Word exports: 1 , 728 , 800 . 00. Blanks on both sides part nothing but the mark.
        joined = Piece(_SPACED_MARK.sub(r"\1", cell.text), cell.start, cell.end)
        return replace(_read(joined, hint, rate_kind), piece=cell)
    return _read(cell, hint, rate_kind)


def _read(cell: Piece, hint: str, rate_kind: str | None) -> Money:
    unreadable = next((why for sign, why in _UNREADABLE if sign.search(cell.text)), None)
    if unreadable is not None:
        return Money("doubt", cell, why=unreadable)
    whole = _before_parts(cell)
    if whole is not None:
        return _read(whole, hint, rate_kind)
    figures = _figures(cell)
    if not figures:
        return _only_capitals(cell)
    abroad = _currency_of(hint)
    if abroad is not None:
        figures = [f if f.home else replace(f, currency=f.currency or abroad) for f in figures]
    money = _of_figures(cell, figures, hint, rate_kind)
    if money.form == "amount" and (_NET.search(hint) or _NET.search(cell.text)):
        return replace(money, form="doubt", why="in doubt", net=True)
    return money


def _of_figures(cell: Piece, figures: list[_Figure], hint: str, rate_kind: str | None) -> Money:
    doubts = [figure.doubt for figure in figures if figure.doubt]
    if doubts:
        return Money("doubt", cell, why=doubts[0], yuan=_joined(cell, hint))
    if _is_per_unit(figures, hint):
        return _unit_prices(cell, figures, hint)
    return _money(cell, figures, hint, rate_kind)


def _currency_of(hint: str) -> str | None:
    """The foreign currency that a label's bracket or a column of its own names."""
    found = None if _HOME.search(hint) else _ABROAD.search(hint)
    return _foreign_code(found.group()) if found is not None else None


def _before_parts(cell: Piece) -> Piece | None:
    """480000元，其中预付款30%即144000元: the cell up to the parts that are paid or kept separately."""
    found = _PARTS.search(cell.text)
    if found is None or not re.search(r"\d[ ]*万?元|元整", cell.text[: found.start()]):
        return None
    return cell.cut(0, found.start())


def _money(cell: Piece, figures: list[_Figure], hint: str, rate_kind: str | None) -> Money:
    if rate_kind is not None or any(f.unit in (PERCENT, TENTH) for f in figures):
        return _rate(cell, figures, rate_kind or _kind_of_label(hint))
    if any(figure.currency for figure in figures):
        return _foreign(cell, figures)
    return _amount(cell, figures, hint)


def _joined(cell: Piece, hint: str) -> Decimal | None:
    """The one number of a cell with the blanks inside it taken away, as a candidate."""
    text = re.sub(r"(?<=[\d.,])[ \t]+(?=[\d.,])", "", cell.text)
    if text == cell.text or len(re.findall(r"\d[\d,]*(?:\.\d+)?", text)) != 1:
        return None
    money = read_money(Piece(text, cell.start, cell.start + len(text)), hint=hint)
    return money.yuan if money.form == "amount" else None


def _figures(cell: Piece) -> list[_Figure]:
    figures: list[_Figure] = []
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
            _Figure(
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


def _only_capitals(cell: Piece) -> Money:
    capitals = _CAPITALS.search(cell.text)
    if capitals is None:
        if _SPELLED.search(cell.text):
            return Money("doubt", cell, why="capital numerals cannot be read")
        return Money("none", cell)
    fen = _fen(capitals.group())
    if fen is None:
        return Money("doubt", cell, why="capital numerals cannot be read")
    piece = cell.cut(capitals.start(), capitals.end())
    return Money("amount", piece, yuan=Decimal(fen) / 100, unit=YUAN)


def _fen(capitals: str) -> int | None:
    try:
        return capital_to_fen(capitals)
    except ValueError:
        return None


def capitals_in(text: str) -> Decimal | None:
    """The amount printed in capital numerals, in yuan; None when there is none to be read."""
    for found in _CAPITALS.finditer(_CAPITAL_GAP.sub("", text)):
        if "元" in found.group() or "圆" in found.group():
            fen = _fen(found.group())
            if fen is not None:
                return Decimal(fen) / 100
    return None


def _is_per_unit(figures: list[_Figure], hint: str) -> bool:
    if "/" in hint and _HINT_YUAN.search(hint) and not _PERCENT_MARK.search(hint):
        return True
    return any(f.per or _PER.search(f.label) for f in figures if f.unit not in (PERCENT, TENTH))


def _unit_prices(cell: Piece, figures: list[_Figure], hint: str) -> Money:
    totals = [f for f in figures if not f.per and not _PER.search(f.label)]
    mixed = bool(totals) and len(totals) < len(figures) and "/" not in hint
    named = [f for f in totals if _TOTAL_BEFORE.search(f.label) and f.unit in _FACTORS]
    if mixed and len(named) == len(totals) == 1:
        total = named[0]
        yuan = total.number * _FACTORS[total.unit or YUAN]
        return Money("amount", total.piece, yuan=yuan, unit=total.unit, digits=total.digits)
    prices = tuple(
        (
            _price_label(figure.label),
            figure.number,
            _price_unit(figure, hint),
            figure.piece,
        )
        for figure in figures
    )
    if mixed:
        why = "prices per unit together with other figures"
        return Money("doubt", cell, prices=prices, why=why)
    return Money("unit_prices", cell, prices=prices, why="prices per unit, no total")


def _price_label(label: str) -> str | None:
    text = re.sub(r"[（(]?[元万]*[/\uff0f][^：:，,]*$", "", label).strip("，,；; 、：:")
    return text or None


def _price_unit(figure: _Figure, hint: str) -> str | None:
    if figure.per:
        return (figure.unit or YUAN) + figure.per.replace("\uff0f", "/")
    found = re.search(r"(?:万?元)[/\uff0f][^：:，,）)]+", figure.label) or re.search(
        r"(?:万?元)[/\uff0f][^：:，,）)]+", hint
    )
    return found.group() if found else figure.unit


def _rate(cell: Piece, figures: list[_Figure], rate_kind: str | None) -> Money:
    rates = [f for f in figures if f.unit in (PERCENT, TENTH) or f.unit is None]
    money = [f for f in figures if f.unit in _FACTORS]
    kind = rate_kind or rate_kind_in(cell.text)
    if len(rates) != 1 or money:
        return Money("doubt", cell, rate_kind=kind, why="a rate together with other figures")
    figure = rates[0]
    why = None
    if figure.unit == TENTH:
        why = "a discount in tenths (折)"
    elif figure.number == 0:
        why = "a rate of zero is a placeholder"
    elif figure.number > _HUNDRED:
        why = "a rate above 100 %"
    elif figure.unit is None and figure.number <= 1:
        why = "a rate without a percent sign, not above 1"
    form = "doubt" if why else "rate"
    return Money(form, figure.piece, rate=figure.number, rate_kind=kind, why=why)


def _kind_of_label(hint: str) -> str | None:
    """The one kind of rate that a label allows besides money; None when it names several."""
    named = [word for word in ("下浮", "折扣", "费率") if word in hint]
    return rate_kind_in(named[0]) if len(named) == 1 else None


def rate_kind_in(text: str) -> str:
    """The kind of rate that the words around a percentage name."""
    if "下浮" in text or "让利" in text:
        return "reduction_rate"
    if "折" in text:
        return "discount_rate"
    return "fee_rate" if "费率" in text else "percent_unspecified"


def _foreign(cell: Piece, figures: list[_Figure]) -> Money:
    abroad = [f for f in figures if f.currency]
    rates = [f for f in figures if "汇率" in f.label]
    home = [f for f in figures if not f.currency and f not in rates and f.unit in _FACTORS]
    original = abroad[0]
    factor = _FACTORS.get(original.unit or YUAN, Decimal(1))
    amount = original.number * factor
    fx_rate = rates[0].number if rates else None
    if home and len(abroad) == 1:
        yuan = home[0].number * _FACTORS[home[0].unit or YUAN]
        why = None
        if fx_rate is not None and abs(amount * fx_rate - yuan) > 1:
            why = "original amount × exchange rate differs from the amount in yuan"
        return Money(
            "doubt" if why else "amount",
            home[0].piece,
            yuan=yuan,
            unit=home[0].unit,
            why=why,
            original=amount,
            fx_rate=fx_rate,
            currency=original.currency or "CNY",
        )
    return Money(
        "doubt",
        cell,
        yuan=None if fx_rate is None else amount * fx_rate,
        why="foreign currency without an amount in yuan",
        original=amount,
        fx_rate=fx_rate,
        currency=original.currency or "CNY",
    )


def _amount(cell: Piece, figures: list[_Figure], hint: str) -> Money:
    hinted = unit_hint(hint)
    figure = figures[0]
    if len({_yuan(each, hinted) for each in figures}) > 1 and not _is_broken_down(
        cell, figures, hinted
    ):
        total = _total_of(figures, hinted)
        if total is None:
            return Money("doubt", cell, why="several figures in one cell")
        figure = total
    if figure.unit is None and hinted == PERCENT:
        return _rate(cell, figures, rate_kind_in(hint))
    if figure.unit is None and _PERCENT_MARK.search(hint) and _HINT_YUAN.search(hint):
        if figure.number <= _HUNDRED:
            return Money("doubt", cell, rate=figure.number, why=EITHER)
        hinted = YUAN
    return _checked(cell, figure, hinted)


def _checked(cell: Piece, figure: _Figure, hinted: str | None) -> Money:
    """The one amount of a cell, in doubt when the words around it or its capitals say so."""
    yuan = _yuan(figure, hinted)
    unit = figure.unit or hinted or (YUAN if figure.home else None)
    place = figure.piece.start - cell.start
    about = _ABOUT.search(cell.text, 0, place) or _ABOUT_BEHIND.match(
        cell.text, place + len(figure.piece.text)
    )
    if about is not None:
        why = "an estimate or a ceiling, no exact figure"
        return Money("doubt", figure.piece, yuan=yuan, unit=unit, why=why, digits=figure.digits)
    capital = capitals_in(cell.text)
    why = None
    if capital is None and _CAPITALS.search(cell.text):
        why = "capital numerals cannot be read"
    elif capital is not None and capital != yuan:
        why = "capital numerals and digits differ"
    elif yuan != yuan.quantize(Decimal("0.01")):
        why = "fractions of a fen"
    elif yuan == 0:
        return Money("doubt", cell, why=PLACEHOLDER, digits=figure.digits)
    unit = unit or (YUAN if capital is not None else None)
    form = "doubt" if why else "amount"
    return Money(form, figure.piece, yuan=yuan, unit=unit, why=why, digits=figure.digits)


def _total_of(figures: list[_Figure], hinted: str | None) -> _Figure | None:
    """一年30万元，二年32万元，合计62万元: the last figure, when the others lead to it.

    They add up to it, or one price of a year or month is paid some times over.
    """
    *parts, last = figures
    if not _TOTAL_BEFORE.search(last.label):
        return None
    total = _yuan(last, hinted)
    amounts = [_yuan(part, hinted) for part in parts]
    times = total / amounts[0] if amounts[0] else Decimal(0)
    repeated = len(parts) == 1 and _PERIOD.search(parts[0].label) and times in _TIMES
    return last if repeated or sum(amounts) == total else None


def _is_broken_down(cell: Piece, figures: list[_Figure], hinted: str | None) -> bool:
    """X元（其中：A元，B元）: the parts must add up to the first figure."""
    if "其中" not in cell.text:
        return False
    first, *parts = (_yuan(figure, hinted) for figure in figures)
    return sum(parts) == first


def _yuan(figure: _Figure, hinted: str | None) -> Decimal:
    unit = figure.unit or (hinted if hinted in _FACTORS else None) or YUAN
    return figure.number * _FACTORS[unit]


def rate_kind_of(label_kind: str) -> str | None:
    """The rate kind that a label names, None when it names none."""
    if label_kind in ("discount_rate", "reduction_rate", "fee_rate"):
        return label_kind
    return "percent_unspecified" if label_kind == "percent" else None


def column_kind(head: str) -> str | None:
    """What a column head announces."""
    return COLUMNS.get(compact(head))
