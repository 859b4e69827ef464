"""Lot labels that are not printed with the winner: in the title, the supplement, the item tables."""

import dataclasses
import re
from collections.abc import Iterable

from honghu.domains.procurement.readers.facts import Facts, outermost
from honghu.domains.procurement.readers.packs import Pack, packs_in
from honghu.domains.procurement.readers.page import Piece
from honghu.domains.procurement.readers.values import LotReading, Reading

_REACH = 80
_MANY = 200
_ABOUT_WINNER = re.compile(r"中标|成交|供应商|得分|评审|入围")
_NOT_A_LOT = re.compile(r"采购人代表|代理|收费|服务费|金额[：:]")
_LOOK_AHEAD = 60
_FAILED = re.compile(r"废标|流标|终止|采购失败|招标失败|不足三家|不足3家")
_CLAUSE = re.compile(r"[。；;\n]")
_CAPTION = re.compile(r"\s*[：:]")


def add_labels(facts: Facts, lots: list[LotReading]) -> list[LotReading]:
    """Fill missing lot labels from the rest of the notice; doubtful ones go to a person."""
    if not lots or len(lots) > _MANY or any(lot.lot.value is not None for lot in lots):
        return lots
    titled = _title_packs(facts)
    if len(lots) == 1:
        pack = titled[0] if len(titled) == 1 else _single(facts)
        return lots if pack is None else [_with(facts, lots[0], pack, None)]
    placed = [_nearest(facts, lot, lots) for lot in lots]
    if all(placed) and len({pack.label for pack in placed if pack}) == len(lots):
        return [_with(facts, lot, pack, None) for lot, pack in zip(lots, placed, strict=True)]
    listed = _in_item_rows(facts, lots)
    if listed:
        return listed
    if len(titled) == len(lots):
        why = "in the order of the title"
        return [_with(facts, lot, pack, why) for lot, pack in zip(lots, titled, strict=True)]
    return lots


def _with(facts: Facts, lot: LotReading, pack: Pack | None, why: str | None) -> LotReading:
    if pack is None:
        return lot
    place = facts.page.span(facts.page.piece(pack.start, pack.end)) if pack.end else None
    reading = (
        Reading.stated(pack.label, place)
        if why is None
        else Reading.doubtful(why, pack.label, place)
    )
    return dataclasses.replace(lot, lot=reading)


def _title_packs(facts: Facts) -> list[Pack]:
    title = facts.title or ""
    listed = list(packs_in(Piece(title, 0, len(title))))
    stops = [pack.start for pack in listed[1:]] + [len(title)]
    packs = {
        pack.label: pack
        for pack, stop in zip(listed, stops, strict=False)
        if not _FAILED.search(title, pack.end, stop)
    }
    place = facts.page.text.find(title) if title else -1
    return [
        dataclasses.replace(
            pack,
            start=pack.start + place if place >= 0 else 0,
            end=pack.end + place if place >= 0 else 0,
        )
        for pack in packs.values()
    ]


def _single(facts: Facts) -> Pack | None:
    """The one lot that the supplement speaks about when it tells the winner's score."""
    labels: dict[str, Pack] = {}
    for section in outermost(facts.topics("supplement", "losers")):
        piece = facts.page.piece(section.start, section.end)
        for pack in packs_in(piece):
            after = facts.page.text[pack.end : min(pack.end + _LOOK_AHEAD, section.end)]
            if _NOT_A_LOT.match(after.strip()) or _FAILED.search(_CLAUSE.split(after)[0]):
                continue
            if after.lstrip().startswith(("：", ":")) or _ABOUT_WINNER.search(after):
                labels.setdefault(pack.label, pack)
    return next(iter(labels.values())) if len(labels) == 1 else None


def _nearest(facts: Facts, lot: LotReading, lots: Iterable[LotReading]) -> Pack | None:
    """The lot label printed nearest to the supplier outside the result section."""
    supplier = lot.supplier.value
    if supplier is None:
        return None
    others = {o.supplier.value for o in lots if o.supplier.value not in (None, supplier)}
    votes: dict[str, Pack] = {}
    for section in outermost(facts.topics("supplement", "items", "losers")):
        piece = facts.page.piece(section.body, section.end)
        packs = list(packs_in(piece))
        for found in re.finditer(re.escape(supplier), piece.text):
            pack = _closest(
                facts, packs, section.body + found.start(), section.body + found.end(), others
            )
            if pack is not None:
                votes.setdefault(pack.label, pack)
    return next(iter(votes.values())) if len(votes) == 1 else None


def _in_item_rows(facts: Facts, lots: list[LotReading]) -> list[LotReading]:
    """Labels from item rows that name the same suppliers in the same order, one label each.

    A supplier with several lots is only sure of its label when the row prints the lot's amount.
    """
    names = [lot.supplier.value or "" for lot in lots]
    if not all(names):
        return []
    pattern = re.compile("|".join(sorted(map(re.escape, set(names)), key=len, reverse=True)))
    for section in outermost(facts.topics("items")):
        piece = facts.page.piece(section.body, section.end)
        places = list(pattern.finditer(piece.text))
        if [place.group() for place in places] != names:
            continue
        stops = [place.start() for place in places[1:]] + [len(piece.text)]
        rows = [piece.cut(p.end(), stop) for p, stop in zip(places, stops, strict=True)]
        packs = [{pack.label: pack for pack in packs_in(row)} for row in rows]
        labels = {label for row in packs for label in row}
        if any(len(row) != 1 for row in packs) or len(labels) != len(lots):
            continue
        return [
            _with(facts, lot, next(iter(pack.values())), _order_only(lot, names, row))
            for lot, pack, row in zip(lots, packs, rows, strict=True)
        ]
    return []


def _order_only(lot: LotReading, names: list[str], row: Piece) -> str | None:
    """Why only the order ties a label to a lot: its supplier has others, its amount is not here."""
    if names.count(lot.supplier.value or "") == 1:
        return None
    amount = (lot.amount.certain or "").removesuffix(".00")
    shown = amount and re.search(rf"(?<![\d.]){re.escape(amount)}(?![\d])", row.text)
    return None if shown else "in doubt"


def _closest(
    facts: Facts, packs: list[Pack], start: int, end: int, others: set[str]
) -> Pack | None:
    best: tuple[int, Pack] | None = None
    for pack in packs:
        gap = pack.start - end if pack.start >= end else start - pack.end
        if gap < 0 or gap > _REACH:
            continue
        between = facts.page.text[min(pack.end, end) : max(pack.start, start)]
        if any(other and other in between for other in others):
            continue
        if _CAPTION.match(facts.page.text, pack.end) and pack.at_line_start:
            # A caption speaks about what follows it, never about what stands above.
            if pack.start >= end:
                continue
            gap = -1
        if best is None or gap < best[0]:
            best = (gap, pack)
    return best[1] if best is not None else None
