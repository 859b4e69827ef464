"""Cross-checks between figures of one notice. A failure sends the amounts to a person."""

import dataclasses
import re
from decimal import Decimal
from itertools import pairwise

from honghu.domains.procurement.readers.amounts import read_money
from honghu.domains.procurement.readers.awards import yuan_of
from honghu.domains.procurement.readers.facts import Facts
from honghu.domains.procurement.readers.tables import find_tables
from honghu.domains.procurement.readers.values import LotReading, Reading
from honghu.domains.procurement.readers.wins import Zone
from honghu.domains.procurement.readers.witnesses import Witnesses

_ROUNDING = Decimal(100)
_NEAR = Decimal("0.01")
_TEN_THOUSAND = Decimal(10_000)
_PER_UNIT = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)[ ]*元[ ]*[/\uff0f每]"
)
_ITEMS_REACH = 6000
_PRINTED_SUM = re.compile(
    r"(?<![\d.,，\uff0e])(?P<n>\d{1,3}(?:[,，]\d{3})+(?:[.\uff0e]\d+)?|\d+(?:[.\uff0e]\d+)?)[ ]*[（(]?(?P<unit>万元|元)(?![ ]*[）)]?[ ]*[/\uff0f每])"
    r"|(?<![\d.,，])(?P<bare>\d{1,3}(?:,\d{3})+\.\d{2})(?![\d.,%])"
)
_SUM_REACH = 16
_OTHER_SUM = re.compile(
    r"代理|服务费|保证金|预算|限价|控制价|单价|每|综合|评审价|评标价|报价|其中|含|税|暂列|原|安全|规费|注册资|面值|优惠|节约|美元|欧元|英镑|日元|港[币元]|法郎|USD|EUR|GBP|JPY|HKD|CHF"
)
_OTHER_SUMS = frozenset(
    {"budget", "stop", "bid", "unit_price", "performance", "quantity", "fx_rate", "lot_name"}
)
_COUNT = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*[（(]?[\u4e00-\u9fff]{0,3}[）)]?\s*$")


def cross_check(
    facts: Facts, zone: Zone, lots: list[LotReading], witnesses: Witnesses, budget: Reading
) -> list[LotReading]:
    """Run all checks over the stated amounts of awarded lots."""
    unread = "rows of the table could not be told apart" if zone.incomplete else None
    if any((lot.status.value or "").startswith("candidate") for lot in lots):
        return [_doubt(lot, unread) for lot in lots] if unread is not None else lots
    total = yuan_of(lots)
    doubts = [
        why
        for why in (
            unread,
            _against_summary(total, witnesses),
            _against_stated_totals(total, zone),
            _against_budget(total, budget),
            _against_fee(lots, witnesses),
            _against_items(facts, total, lots),
            _may_be_bidders(zone, lots, witnesses),
            _is_unit_price(facts, lots),
        )
        if why is not None
    ]
    if not doubts:
        return lots
    return [_doubt(lot, "; ".join(doubts)) for lot in lots]


def _doubt(lot: LotReading, why: str) -> LotReading:
    if lot.amount.state != "value":
        return lot
    return dataclasses.replace(lot, amount=lot.amount.doubted(why))


def _against_summary(total: Decimal | None, witnesses: Witnesses) -> str | None:
    """Σ lots = 总中标金额, unless that is the portal's 0.000000; it rounds to 100 yuan."""
    if total is None or not witnesses.summary:
        return None
    if abs(total - witnesses.summary) < _ROUNDING:
        return None
    return "the lots' sum differs from the total in the summary"


def _against_stated_totals(total: Decimal | None, zone: Zone) -> str | None:
    for money in zone.totals:
        if money.form == "amount" and money.yuan and total is not None and money.yuan != total:
            return "the lots' sum differs from the stated total"
    return None


def _against_budget(total: Decimal | None, budget: Reading) -> str | None:
    if total is None or budget.certain is None:
        return None
    return "above the budget" if total > Decimal(budget.certain) else None


def _against_fee(lots: list[LotReading], witnesses: Witnesses) -> str | None:
    """An agency fee above the award itself shows that the figures are unit prices."""
    known = [Decimal(lot.amount.value) for lot in lots if lot.amount.value is not None]
    if witnesses.fee is None or not known or sum(known) == 0:
        return None
    return "the agency's fee is higher than the award" if witnesses.fee >= sum(known) else None


def _against_items(facts: Facts, total: Decimal | None, lots: list[LotReading]) -> str | None:
    """Quantity × unit price of the one item must not exceed the amount, nor be 10⁴ of it."""
    won = [lot for lot in lots if lot.status.value == "awarded"]
    if total is None or len(won) != 1:
        return None
    product = item_product(facts)
    if product is None or product == 0:
        return None
    if abs(total / product - _TEN_THOUSAND) < _TEN_THOUSAND * _NEAR:
        return "10 000 times quantity × unit price: 万元 may be printed for 元"
    if product > total * (1 + _NEAR):
        return "below quantity × unit price of an item"
    return None


def item_product(facts: Facts) -> Decimal | None:
    """Quantity × unit price when the items section prints one item with both, cleanly."""
    for section in facts.topics("items"):
        labels = {
            label.kind: label
            for label in facts.within(section.start, section.end)
            if label.kind in ("quantity", "unit_price")
        }
        if len(labels) == len(("quantity", "unit_price")):
            quantity = _COUNT.match(labels["quantity"].value.text)
            price = read_money(labels["unit_price"].value, hint=labels["unit_price"].hint)
            if quantity and price.form == "amount" and price.yuan and price.unit:
                return Decimal(quantity.group(1)) * price.yuan
        product = _table_product(
            facts, section.start, min(section.end, section.start + _ITEMS_REACH)
        )
        if product is not None:
            return product
    return None


def _table_product(facts: Facts, start: int, end: int) -> Decimal | None:
    for table in find_tables(facts.page, start, end):
        if not table.exact or len(table.rows) != 1 or not table.has("quantity"):
            continue
        row = table.rows[0]
        count, prices = row.first("quantity"), row.all("unit_price")
        quantity = _COUNT.match(count.text) if count is not None else None
        if quantity is None or len(prices) != 1:
            continue
        column, piece, _ = prices[0]
        price = read_money(piece, hint=column.hint or "元")
        if price.form == "amount" and price.yuan:
            return Decimal(quantity.group(1)) * price.yuan
    return None


def _is_unit_price(facts: Facts, lots: list[LotReading]) -> str | None:
    """A small amount that is printed again as a price per unit: 540, and 540元/亩."""
    for lot in lots:
        if lot.amount.certain is None or Decimal(lot.amount.certain) >= _TEN_THOUSAND:
            continue
        for found in _PER_UNIT.finditer(facts.page.text):
            if Decimal(found[1].replace(",", "")) == Decimal(lot.amount.certain):
                return "prices per unit together with other figures"
    return None


def _may_be_bidders(zone: Zone, lots: list[LotReading], witnesses: Witnesses) -> str | None:
    """Suppliers with falling scores and no lot labels may be bidders; a total tells them apart."""
    bids = any(cell.source == "bid" for entry in zone.entries for cell in entry.cells)
    scores = [entry.score for entry in zone.entries if entry.score is not None]
    ranked = len(scores) > 1 and all(a > b for a, b in pairwise(scores))
    if not bids and not ranked:
        return None
    won = [lot for lot in lots if lot.amount.certain is not None]
    suppliers = {lot.supplier.value for lot in won}
    labels = {(lot.lot.value, lot.lot_name.value) for lot in won}
    unlabelled = len(won) > 1 and len(suppliers) == len(won) and len(labels) == 1
    if unlabelled and not witnesses.summary and not _totalled(zone, lots):
        return "several winners without lot labels and no total to check them against"
    return None


def unread_sum(
    facts: Facts, zone: Zone, lots: list[LotReading], witnesses: Witnesses
) -> str | None:
    """Whether the result prints a sum that no win took: a lot may be missing from the total."""
    total = yuan_of(lots)
    if total is None or (witnesses.summary and abs(total - witnesses.summary) < _ROUNDING):
        return None
    read = {cell.money.yuan for entry in zone.entries for cell in entry.cells}
    read |= {money.yuan for money in zone.totals} | set(witnesses.capitals)
    for start, end in zone.stretches:
        labels = [la for la in facts.within(start, end) if la.kind in _OTHER_SUMS]
        for found in _PRINTED_SUM.finditer(facts.page.text, start, end):
            digits = re.sub("[,，]", "", found["n"] or found["bare"]).replace("\uff0e", ".")
            yuan = Decimal(digits) * (_TEN_THOUSAND if found["unit"] == "万元" else 1)
            other = any(la.start <= found.start() < max(la.end, la.start + 1) for la in labels)
            before = facts.page.text[max(start, found.start() - _SUM_REACH) : found.start()]
            if yuan not in read and not other and not _OTHER_SUM.search(before):
                return "a sum in the result section was not read"
    return None


def _totalled(zone: Zone, lots: list[LotReading]) -> bool:
    """Whether the notice states a total of its own that the lots add up to."""
    total = yuan_of(lots)
    return total is not None and any(
        money.form == "amount" and money.yuan == total for money in zone.totals
    )


def only_winner(lots: list[LotReading], witnesses: Witnesses) -> list[LotReading]:
    """Of several suppliers in one list without lot labels, the one whose amount is the total.

    Losers stand under the winner's header in some notices; the summary's total is the winner's.
    """
    won = [lot for lot in lots if lot.amount.value is not None]
    unlabelled = len(won) == len(lots) and all(lot.lot.value is None for lot in lots)
    if len(lots) < len(("winner", "loser")) or not unlabelled or not witnesses.summary:
        return lots
    total = witnesses.summary
    fitting = [lot for lot in won if abs(Decimal(lot.amount.value or 0) - total) < _ROUNDING]
    return fitting if len(fitting) == 1 else lots
