"""The winner's price when only the table of bids prints it."""

import dataclasses
import re
from decimal import Decimal

from honghu.domains.procurement.readers.amounts import money_text
from honghu.domains.procurement.readers.facts import Facts, outermost
from honghu.domains.procurement.readers.values import LotReading, Reading

_PRICE = re.compile(r"(?<![\d.,])(\d{1,3}(?:,\d{3})+\.\d{2}|\d{4,}\.\d{2})(?![\d,.])")
_FIGURE = re.compile(r"(?<![\d.,])\d[\d,]*(?:\.\d+)?(?![\d,.])")
_REACH = 80
_SURELY_YUAN = Decimal(100_000)


def add_bid_price(facts: Facts, lots: list[LotReading]) -> list[LotReading]:
    """For a single winner without any price: its bid, if the item list prints the same figure."""
    if len(lots) != 1:
        return lots
    lot = lots[0]
    supplier = lot.supplier.certain
    money = lot.amount.value or lot.rate.value or lot.unit_prices
    if supplier is None or money or lot.amount.state == "review":
        return lots
    text = facts.page.text
    for section in outermost(facts.topics("losers")):
        place = text.find(supplier, section.start, section.end)
        if place < 0:
            continue
        end = min(section.end, place + len(supplier) + _REACH)
        found = _PRICE.search(text, place + len(supplier), end)
        if found is None:
            continue
        yuan = Decimal(found[1].replace(",", ""))
        span = facts.page.span(facts.page.piece(found.start(1), found.end(1)))
        if yuan >= _SURELY_YUAN and _in_items(facts, yuan):
            reading = Reading.stated(money_text(yuan), span, "bid and item list agree")
        else:
            reading = Reading.doubtful("only the bid is printed", money_text(yuan), span)
        return [dataclasses.replace(lot, amount=reading)]
    return lots


def _in_items(facts: Facts, yuan: Decimal) -> bool:
    """Whether the item list prints the figure."""
    return any(
        Decimal(figure.group().replace(",", "")) == yuan
        for section in facts.topics("items")
        for figure in _FIGURE.finditer(facts.page.text, section.body, section.end)
    )
