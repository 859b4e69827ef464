"""Reading a money cell: an amount, a rate, unit prices, or a doubt. Rates never become money."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from honghu.domains.procurement.readers.capitals import CAPITALS, capitals_in, fen_of
from honghu.domains.procurement.readers.figures import (
    FACTORS,
    PERCENT,
    PERCENT_MARK,
    RUNS_ON,
    TENTH,
    YUAN,
    YUAN_MARK,
    Figure,
    currency_of,
    figures_in,
    unit_hint,
    yuan_of_figure,
)
from honghu.domains.procurement.readers.page import Piece

PLACEHOLDER = "0 is a placeholder"
EITHER = "the label allows money and a rate"
_MASKED = re.compile(r"\d[\d,.]*[*\uff0axX×]{2,}|[*\uff0a]{2,}[\d.]*\d|\d+[*\uff0a]+\d*")
_NET = re.compile("不含税|不含增值税|未含税|除税|未税|税前")
_PER = re.compile(r"[/\uff0f]|每|单价")
_TOTAL_BEFORE = re.compile(
    r"(?:总价|总金额|总额|总计|合计|共计)(?:金额)?(?:为|是)?[：:]?\s*(?:人民币)?$"
)
_PERIOD = re.compile("年|月|季|期|次")
_TIMES = frozenset(Decimal(count) for count in range(2, 61))
_PARTS = re.compile(
    r"[，,；;。（(）)][ ]*(?:其中|(?:含|包含|包括|合同|首付|首期)?(?:预付款?|首付款|质保金|质量保证金|保修金|履约保证金|进度款|尾款|增值税|税率|暂列金|安全文明|规费|措施费|专业工程))"
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


def money_text(value: Decimal) -> str:
    """Yuan with two decimals, as truth files and the contract amounts print it."""
    return str(value.quantize(Decimal("0.01")))


def plain_number(value: Decimal) -> str:
    """A rate or unit price without trailing zeros and without an exponent."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


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
    figures = figures_in(cell)
    if not figures:
        return _only_capitals(cell)
    abroad = currency_of(hint)
    if abroad is not None:
        figures = [f if f.home else replace(f, currency=f.currency or abroad) for f in figures]
    money = _of_figures(cell, figures, hint, rate_kind)
    if money.form == "amount" and (_NET.search(hint) or _NET.search(cell.text)):
        return replace(money, form="doubt", why="in doubt", net=True)
    return money


def _of_figures(cell: Piece, figures: list[Figure], hint: str, rate_kind: str | None) -> Money:
    doubts = [figure.doubt for figure in figures if figure.doubt and figure.doubt != RUNS_ON]
    if doubts:
        return Money("doubt", cell, why=doubts[0], yuan=_joined(cell, hint))
    if _is_per_unit(figures, hint):
        money = _unit_prices(cell, figures, hint)
    else:
        money = _money(cell, figures, hint, rate_kind)
    if any(figure.doubt and figure.piece == money.piece for figure in figures):
        return Money("doubt", money.piece, why=RUNS_ON)
    return money


def _before_parts(cell: Piece) -> Piece | None:
    """480000元，其中预付款30%即144000元: the cell up to the parts that are paid or kept separately."""
    found = _PARTS.search(cell.text)
    if found is None or not re.search(r"\d[ ]*万?元|元整|[￥¥][ ]*\d", cell.text[: found.start()]):
        return None
    return cell.cut(0, found.start())


def _money(cell: Piece, figures: list[Figure], hint: str, rate_kind: str | None) -> Money:
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


def _only_capitals(cell: Piece) -> Money:
    capitals = CAPITALS.search(cell.text)
    if capitals is None:
        if _SPELLED.search(cell.text):
            return Money("doubt", cell, why="capital numerals cannot be read")
        return Money("none", cell)
    fen = fen_of(capitals.group())
    if fen is None:
        return Money("doubt", cell, why="capital numerals cannot be read")
    piece = cell.cut(capitals.start(), capitals.end())
    return Money("amount", piece, yuan=Decimal(fen) / 100, unit=YUAN)


def _is_per_unit(figures: list[Figure], hint: str) -> bool:
    if "/" in hint and YUAN_MARK.search(hint) and not PERCENT_MARK.search(hint):
        return True
    return any(f.per or _PER.search(f.label) for f in figures if f.unit not in (PERCENT, TENTH))


def _unit_prices(cell: Piece, figures: list[Figure], hint: str) -> Money:
    totals = [f for f in figures if not f.per and not _PER.search(f.label)]
    mixed = bool(totals) and len(totals) < len(figures) and "/" not in hint
    named = [f for f in totals if _TOTAL_BEFORE.search(f.label) and f.unit in FACTORS]
    if mixed and len(named) == len(totals) == 1:
        total = named[0]
        yuan = total.number * FACTORS[total.unit or YUAN]
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


def _price_unit(figure: Figure, hint: str) -> str | None:
    if figure.per:
        return (figure.unit or YUAN) + figure.per.replace("\uff0f", "/")
    found = re.search(r"(?:万?元)[/\uff0f][^：:，,）)]+", figure.label) or re.search(
        r"(?:万?元)[/\uff0f][^：:，,）)]+", hint
    )
    return found.group() if found else figure.unit


def _rate(cell: Piece, figures: list[Figure], rate_kind: str | None) -> Money:
    rates = [f for f in figures if f.unit in (PERCENT, TENTH) or f.unit is None]
    money = [f for f in figures if f.unit in FACTORS]
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


def _foreign(cell: Piece, figures: list[Figure]) -> Money:
    abroad = [f for f in figures if f.currency]
    rates = [f for f in figures if "汇率" in f.label]
    home = [f for f in figures if not f.currency and f not in rates and f.unit in FACTORS]
    original = abroad[0]
    factor = FACTORS.get(original.unit or YUAN, Decimal(1))
    amount = original.number * factor
    fx_rate = rates[0].number if rates else None
    if home and len(abroad) == 1:
        yuan = home[0].number * FACTORS[home[0].unit or YUAN]
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


def _amount(cell: Piece, figures: list[Figure], hint: str) -> Money:
    hinted = unit_hint(hint)
    figure = figures[0]
    if len({yuan_of_figure(each, hinted) for each in figures}) > 1 and not _is_broken_down(
        cell, figures, hinted
    ):
        total = _total_of(figures, hinted)
        if total is None:
            return Money("doubt", cell, why="several figures in one cell")
        figure = total
    if figure.unit is None and hinted == PERCENT:
        return _rate(cell, figures, rate_kind_in(hint))
    if figure.unit is None and PERCENT_MARK.search(hint) and YUAN_MARK.search(hint):
        if figure.number <= _HUNDRED:
            return Money("doubt", cell, rate=figure.number, why=EITHER)
        hinted = YUAN
    return _checked(cell, figure, hinted)


def _checked(cell: Piece, figure: Figure, hinted: str | None) -> Money:
    """The one amount of a cell, in doubt when the words around it or its capitals say so."""
    yuan = yuan_of_figure(figure, hinted)
    unit = figure.unit or hinted or (YUAN if figure.home else None)
    place = figure.piece.start - cell.start
    about = _ABOUT.search(cell.text, 0, place) or _ABOUT_BEHIND.match(
        cell.text, place + len(figure.piece.text)
    )
    if about is not None:
        ceiling = "an estimate or a ceiling, no exact figure"
        return Money("doubt", figure.piece, yuan=yuan, unit=unit, why=ceiling, digits=figure.digits)
    capital = capitals_in(cell.text)
    why = None
    if capital is None and CAPITALS.search(cell.text):
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


def _total_of(figures: list[Figure], hinted: str | None) -> Figure | None:
    """一年30万元，二年32万元，合计62万元: the last figure, when the others lead to it.

    They add up to it, or one price of a year or month is paid some times over.
    """
    *parts, last = figures
    if not _TOTAL_BEFORE.search(last.label):
        return None
    total = yuan_of_figure(last, hinted)
    amounts = [yuan_of_figure(part, hinted) for part in parts]
    times = total / amounts[0] if amounts[0] else Decimal(0)
    repeated = len(parts) == 1 and _PERIOD.search(parts[0].label) and times in _TIMES
    return last if repeated or sum(amounts) == total else None


def _is_broken_down(cell: Piece, figures: list[Figure], hinted: str | None) -> bool:
    """X元（其中：A元，B元）: the parts must add up to the first figure."""
    if "其中" not in cell.text:
        return False
    first, *parts = (yuan_of_figure(figure, hinted) for figure in figures)
    return sum(parts) == first


def rate_kind_of(label_kind: str) -> str | None:
    """The rate kind that a label names, None when it names none."""
    if label_kind in ("discount_rate", "reduction_rate", "fee_rate"):
        return label_kind
    return "percent_unspecified" if label_kind == "percent" else None
