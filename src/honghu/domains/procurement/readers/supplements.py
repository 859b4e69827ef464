"""What the supplement adds to the winners: consortium members, prices per unit, amounts by item."""

import dataclasses
import re
from decimal import Decimal

from honghu.domains.procurement.readers.amounts import Money, money_text, plain_number, read_money
from honghu.domains.procurement.readers.facts import Facts
from honghu.domains.procurement.readers.names import SEVERAL, looks_like_organisation, tidy
from honghu.domains.procurement.readers.tables import find_tables
from honghu.domains.procurement.readers.values import LotReading, Reading, UnitPrice
from honghu.domains.procurement.readers.wins import Zone
from honghu.domains.procurement.readers.witnesses import Witnesses, find_witnesses

_ITEMS_REACH = 8000
_CONSORTIUM = re.compile(r"联合体")
_ROLE_LINE = re.compile(
    r"(?P<role>牵头(?:单位|人|方|供应商|公司)?|主办(?:人|方)?|联合体成员(?:单位)?|成员(?:单位|方)?|联合体(?:其他)?成员)\s*(?:为|是|分别为)?\s*[：:]?\s*(?:为[：:]?)?(?P<names>[^。；;\n]{4,160}?)(?=[，,、；; ]*(?:联合体)?(?:其他)?(?:成员|牵头|主办)|[。；;\n]|$)"
)
_PER_UNIT = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*(元\s*[/\uff0f]\s*[^\d\s，。；;、）)]{1,6})")


def add_from_supplement(facts: Facts, lots: list[LotReading]) -> list[LotReading]:
    """Complete the lots from other sections of the same notice."""
    lots = _amounts_by_item(facts, lots)
    if len(lots) == 1:
        lots = [_consortium(facts, lots[0])]
        lots = [_unit_prices(facts, lots[0])]
        lots = [_foreign(facts, lots[0])]
    return lots


def _consortium(facts: Facts, lot: LotReading) -> LotReading:
    """联合体 told only in the supplement: lead and members by role."""
    if lot.supplier.state == "review" and len(lot.consortium_members) > 1:
        return _listed_consortium(facts, lot)
    if lot.consortium_members or lot.supplier.value is None:
        return lot
    for section in facts.topics("supplement"):
        text = facts.page.text[section.body : section.end]
        if not _CONSORTIUM.search(text):
            continue
        lead: list[str] = []
        members: list[str] = []
        for found in _ROLE_LINE.finditer(text):
            names = [
                tidy(n).strip("为：: ")
                for n in re.split(r"[、，,；;]|以及|和(?=[\u4e00-\u9fff]{4})", found["names"])
            ]
            named = [n for n in names if looks_like_organisation(n)]
            (lead if re.match(r"牵头|主办", found["role"]) else members).extend(
                named[:1] if re.match(r"牵头|主办", found["role"]) else named
            )
        ordered = tuple(dict.fromkeys([*lead, *members]))
        if len(ordered) > 1 and lot.supplier.value in ordered:
            return dataclasses.replace(lot, consortium_members=ordered, lead_stated=bool(lead))
    return lot


def _listed_consortium(facts: Facts, lot: LotReading) -> LotReading:
    """Several organisations in one cell, and the supplement says that they are a consortium."""
    sections = [*facts.topics("supplement")]
    told = any(_CONSORTIUM.search(facts.page.text, s.body, s.end) for s in sections)
    if not told or lot.supplier.why != SEVERAL or lot.supplier.value is None:
        return lot
    return dataclasses.replace(
        lot, supplier=Reading.stated(lot.supplier.value, lot.supplier.span), lead_stated=False
    )


def _unit_prices(facts: Facts, lot: LotReading) -> LotReading:
    """Prices per unit printed in the supplement when the lot has neither amount nor rate."""
    if lot.unit_prices or lot.amount.certain is not None or lot.rate.certain is not None:
        return lot
    prices = []
    for section in facts.topics("supplement", "period", ""):
        for found in _PER_UNIT.finditer(facts.page.text, section.body, section.end):
            piece = facts.page.piece(found.start(), found.end())
            unit = re.sub(r"\s", "", found[2])
            prices.append(UnitPrice(None, found[1], unit, facts.page.span(piece)))
    if not prices:
        return lot
    lot = dataclasses.replace(lot, unit_prices=tuple(prices))
    placeholder = lot.rate.state == "review" and lot.rate.value is None
    if placeholder and lot.amount.value is None and len(prices) == 1:
        # 0（%） fills the form's field; what was agreed is the price per unit.
        why = "unit prices only"
        return dataclasses.replace(lot, amount=Reading.missing(why), rate=Reading.missing(why))
    return lot


_ABROAD = re.compile(
    r"(?P<code>USD|US\$|EUR|GBP|HKD|JPY|CHF|美元|欧元|英镑|港币|日元|瑞士法郎)[ ：:]*(?P<n1>\d[\d,]*(?:\.\d+)?)"
    r"|(?P<n2>\d[\d,]*(?:\.\d+)?)[ ]*(?P<wan>万)?(?P<code2>USD|EUR|GBP|HKD|JPY|CHF|美元|欧元|英镑|港币|日元|瑞士法郎)"
)
_FX = re.compile(
    r"汇率[^\d\n]{0,24}?(?:1[ ]*(?:[A-Z]{3}|[\u4e00-\u9fff]{1,4}?)[ ]*(?:=|：|:|兑|对|≈|折)[^\d\n]{0,8}?)?(?P<rate>\d+(?:\.\d+)?)(?![\d.]*[年月日])"
)
_CODES = {
    "美元": "USD",
    "US$": "USD",
    "欧元": "EUR",
    "英镑": "GBP",
    "港币": "HKD",
    "日元": "JPY",
    "瑞士法郎": "CHF",
}


def _foreign(facts: Facts, lot: LotReading) -> LotReading:
    """The original price and the exchange rate when a foreign bid was converted to yuan."""
    if lot.original_amount.value is not None or lot.amount.value is None:
        return lot
    for section in facts.topics("result", "supplement", "items"):
        money = _ABROAD.search(facts.page.text, section.body, section.end)
        rate = _FX.search(facts.page.text, section.body, section.end)
        if money is None or rate is None:
            continue
        original = Decimal((money["n1"] or money["n2"]).replace(",", ""))
        original *= 10_000 if money["wan"] else 1
        code = money["code"] or money["code2"]
        place = facts.page.span(facts.page.piece(money.start(), money.end()))
        fx_place = facts.page.span(facts.page.piece(rate.start("rate"), rate.end("rate")))
        amount = lot.amount
        if abs(original * Decimal(rate["rate"]) - Decimal(amount.value or 0)) > 1:
            amount = amount.doubted("original amount × exchange rate differs from the amount")
        return dataclasses.replace(
            lot,
            amount=amount,
            original_currency=Reading.stated(_CODES.get(code, code), place),
            original_amount=Reading.stated(plain_number(original), place),
            fx_rate=Reading.stated(rate["rate"], fx_place),
        )
    return lot


def _amounts_by_item(facts: Facts, lots: list[LotReading]) -> list[LotReading]:
    """Amounts that stand only in the item table, by supplier (中标金额 column)."""
    if not lots or any(lot.amount.value or lot.rate.value for lot in lots):
        return lots
    found: dict[str, list[tuple[Money, bool]]] = {}
    for section in facts.topics("items"):
        end = min(section.end, section.start + _ITEMS_REACH)
        for table in find_tables(facts.page, section.start, end):
            for row in table.rows:
                supplier = row.first("supplier")
                cells = [c for c in row.all("amount") if c[0].word.startswith(("中标", "成交"))]
                if supplier is None or len(cells) != 1:
                    continue
                column, piece, glued = cells[0]
                money = read_money(piece, hint=column.hint)
                if money.form == "rate" or (money.form == "amount" and money.yuan is not None):
                    found.setdefault(tidy(supplier.text), []).append((money, glued))
    summary = find_witnesses(facts, Zone())
    return [
        _with_item(facts, lot, found.get(lot.supplier.value or "", []), summary) for lot in lots
    ]


def _with_item(
    facts: Facts, lot: LotReading, items: list[tuple[Money, bool]], summary: Witnesses
) -> LotReading:
    """The amount of the items of one supplier, or their one rate."""
    if not items:
        return lot
    money, _ = items[0]
    place = facts.page.span(money.piece)
    if len(items) == 1 and money.form == "rate" and money.rate is not None:
        kind = money.rate_kind or "percent_unspecified"
        return dataclasses.replace(
            lot,
            rate=Reading.stated(plain_number(money.rate), place),
            rate_kind=Reading.stated(kind, place),
        )
    if any(item.form == "rate" for item, _ in items):
        return lot
    yuan = sum((item.yuan or Decimal(0) for item, _ in items), Decimal(0))
    glued = any(run for _, run in items)
    alone = len(items) == 1 and money.unit is not None
    sure = not glued and (alone or summary.confirms(yuan))
    why = "no unit is printed and no other figure agrees"
    value = money_text(yuan)
    reading = Reading.stated(value, place) if sure else Reading.doubtful(why, value, place)
    return dataclasses.replace(lot, amount=reading)
