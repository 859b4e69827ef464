"""The winner's price when only the table of bids prints it."""

import dataclasses
import re
from collections.abc import Iterator
from decimal import Decimal

from honghu.domains.procurement.readers.amounts import money_text
from honghu.domains.procurement.readers.facts import Facts, outermost
from honghu.domains.procurement.readers.packs import packs_in
from honghu.domains.procurement.readers.values import LotReading, Reading

_PRICE = re.compile(r"(?<![\d.,OoIl])(\d{1,3}(?:,\d{3})+\.\d{2}|\d{4,}\.\d{2})(?![\d,.])")
_FIGURE = re.compile(r"(?<![\d.,OoIl])\d[\d,]*(?:\.\d+)?(?![\d,.])")
_REACH = 80
_SURELY_YUAN = Decimal(100_000)


def add_bid_price(facts: Facts, lots: list[LotReading]) -> list[LotReading]:
    """For winners without any price: their bid, if the item list prints the same figure.

    Of several lots only those with a label are looked up, in the bids printed below that label.
    """
    return [_with_bid(facts, lot, several=len(lots) > 1) for lot in lots]


def _with_bid(facts: Facts, lot: LotReading, *, several: bool) -> LotReading:
    supplier = lot.supplier.certain
    money = lot.amount.value or lot.rate.value or lot.unit_prices
    if supplier is None or money or lot.amount.state == "review":
        return lot
    if several and lot.lot.certain is None:
        return lot
    for start, stop in _bids(facts, lot.lot.certain if several else None):
        place = facts.page.text.find(supplier, start, stop)
        if place < 0:
            continue
        end = min(stop, place + len(supplier) + _REACH)
        found = _PRICE.search(facts.page.text, place + len(supplier), end)
        if found is None:
            continue
        yuan = Decimal(found[1].replace(",", ""))
        span = facts.page.span(facts.page.piece(found.start(1), found.end(1)))
        if yuan >= _SURELY_YUAN and _in_items(facts, yuan):
            reading = Reading.stated(money_text(yuan), span, "bid and item list agree")
        else:
            reading = Reading.doubtful("only the bid is printed", money_text(yuan), span)
        return dataclasses.replace(lot, amount=reading)
    return lot


def _bids(facts: Facts, label: str | None) -> Iterator[tuple[int, int]]:
    """Stretches that list bids; with a label only those below that lot's caption."""
    for section in outermost(facts.topics("losers")):
        if label is None:
            yield section.start, section.end
            continue
        packs = list(packs_in(facts.page.piece(section.start, section.end)))
        stops = [pack.start for pack in packs[1:]] + [section.end]
        for pack, stop in zip(packs, stops, strict=False):
            if pack.label == label:
                yield pack.end, stop


def _in_items(facts: Facts, yuan: Decimal) -> bool:
    """Whether the item list prints the figure."""
    return any(
        Decimal(figure.group().replace(",", "")) == yuan
        for section in facts.topics("items")
        for figure in _FIGURE.finditer(facts.page.text, section.body, section.end)
    )
