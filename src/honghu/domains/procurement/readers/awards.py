"""Lots of award, pre-award, candidate and termination notices."""

import dataclasses
import re
from collections.abc import Iterable
from decimal import Decimal

from honghu.base.identifiers import is_uscc
from honghu.domains.procurement.readers.amounts import (
    EITHER,
    Money,
    money_text,
    plain_number,
    rate_kind_in,
)
from honghu.domains.procurement.readers.entries import read_zone
from honghu.domains.procurement.readers.facts import Facts, innermost, outermost
from honghu.domains.procurement.readers.names import (
    first_address,
    is_empty,
    looks_like_organisation,
    tidy,
)
from honghu.domains.procurement.readers.page import Piece
from honghu.domains.procurement.readers.prose import winners_in_prose
from honghu.domains.procurement.readers.sections import Section
from honghu.domains.procurement.readers.values import ABSENT, LotReading, Reading, UnitPrice
from honghu.domains.procurement.readers.vocabulary import compact
from honghu.domains.procurement.readers.wins import Cell, Entry, Zone
from honghu.domains.procurement.readers.witnesses import Witnesses

_EXCLUDED = ("losers", "fee", "experts", "contact", "supplement", "period", "attachments", "items")
_SUPPLIER_LENGTH = 60
_MISSHAPEN = "not shaped like the name of an organisation"
_ENDLESS = "not ending like the name of an organisation"
_MASKED = "the name is masked"
_NO_NAME = re.compile(
    r"详见|见附|附件|流标|废标|无效|未定|待定|供应商|名称|金额|[（(]$|信息$|情况$|名单$|[号室层幢栋]$"
)
_MASK = re.compile(r"[*\uff0a×]{2,}|某(?:公司|单位|供应商)")


def read_award_zone(facts: Facts, kind: str) -> Zone:
    """The winners of a notice: from its result sections, else from the body that is left."""
    candidates = kind == "candidate"
    results = _without_copies(facts, outermost(facts.topics("result")))
    zone = Zone()
    for start, end in _joined(part for section in results for part in _own(facts, section)):
        zone.stretches.append((start, end))
        _merge(zone, read_zone(facts, start, end, candidates=candidates))
    if not any(entry.supplier or entry.failed for entry in zone.entries):
        for start, end in _remaining(facts):
            zone.stretches.append((start, end))
            _merge(zone, read_zone(facts, start, end, candidates=candidates))
    if not any(entry.supplier or entry.failed for entry in zone.entries):
        for section in innermost(facts.topics("items", "losers" if candidates else "items")):
            _merge(zone, read_zone(facts, section.start, section.end, candidates=candidates))
    if not any(entry.supplier or entry.failed for entry in zone.entries):
        zone.entries.extend(winners_in_prose(facts))
    zone.entries = _without_restated(zone.entries)
    return zone


def _without_restated(entries: list[Entry]) -> list[Entry]:
    """Without wins that a table and the labels below it, or two kinds of tables, print twice.

    Wins of one supplier in one table, or in label lines, are wins of their own (never merged).
    """
    kept: list[Entry] = []
    for entry in entries:
        twin = next((other for other in kept if _same_win(other, entry)), None)
        if twin is None:
            kept.append(entry)
        elif _only_bid(twin) and not _only_bid(entry):
            entry.pack, entry.pack_piece = (
                entry.pack or twin.pack,
                entry.pack_piece or twin.pack_piece,
            )
            kept[kept.index(twin)] = entry
    return kept


def _same_win(one: Entry, other: Entry) -> bool:
    if one.name is None or other.name is None or one.name.name != other.name.name:
        return False
    if one.form == other.form or (one.pack and other.pack and one.pack != other.pack):
        return False
    if one.rank != other.rank and one.rank is not None and other.rank is not None:
        return False
    figures = [
        {cell.money.yuan for cell in entry.cells if cell.money.yuan} for entry in (one, other)
    ]
    if not all(figures):
        return False
    return bool(figures[0] & figures[1]) or _only_bid(one) != _only_bid(other)


def _only_bid(entry: Entry) -> bool:
    """Whether the figures of an entry are bids only."""
    return bool(entry.cells) and all(cell.source == "bid" for cell in entry.cells)


def _without_copies(facts: Facts, sections: list[Section]) -> list[Section]:
    """Without sections that print the very text of an earlier one again."""
    texts: dict[str, Section] = {}
    for section in sections:
        texts.setdefault(compact(facts.page.text[section.start : section.end]), section)
    return list(texts.values())


def _own(facts: Facts, section: Section) -> Iterable[tuple[int, int]]:
    """The section without the parts inside it that tell about losers, fees and the like."""
    place = section.start
    for inner in facts.sections:
        inside = section.start < inner.start and inner.end <= section.end
        if inside and inner.topic in _EXCLUDED and inner.start >= place:
            yield place, inner.start
            place = inner.end
    yield place, section.end


def _joined(parts: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches that follow each other without a gap as one: 一、成交供应商 二、成交金额."""
    joined: list[tuple[int, int]] = []
    for start, end in parts:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _merge(zone: Zone, part: Zone) -> None:
    zone.entries.extend(part.entries)
    zone.totals.extend(part.totals)
    zone.capitals.extend(part.capitals)
    zone.losers_cut += part.losers_cut
    zone.incomplete |= part.incomplete


def _remaining(facts: Facts) -> Iterable[tuple[int, int]]:
    """The stretches of the body outside the sections that never name winners."""
    place = facts.body
    for section in facts.sections:
        if section.topic in _EXCLUDED and section.start >= place:
            if section.start > place:
                yield place, section.start
            place = section.end
    if place < len(facts.page.text):
        yield place, len(facts.page.text)


def build_lots(facts: Facts, zone: Zone, witnesses: Witnesses, status: str) -> list[LotReading]:
    """Entries as lots with three-state fields."""
    return [_lot(facts, entry, witnesses, status) for entry in zone.entries]


def _lot(facts: Facts, entry: Entry, witnesses: Witnesses, status: str) -> LotReading:
    span = facts.page.span
    if entry.failed and entry.supplier is None:
        return _failed_lot(facts, entry)
    name = entry.name
    members = tuple(name.members) if name is not None else ()
    lead = name.lead_stated if name is not None else None
    if entry.members and name is not None:
        listed = [name.name, *(m for m in entry.members if m != name.name)]
        members, lead = tuple(listed), True
    supplier = _supplier(facts, entry)
    amount, rate, rate_kind, prices = _money_fields(facts, entry, witnesses, supplier)
    money = _chosen(entry)
    return LotReading(
        lot=_pack_reading(facts, entry),
        lot_name=_name_reading(facts, entry),
        supplier=supplier,
        supplier_uscc=_uscc(facts, entry),
        supplier_address=_address(facts, entry, len(members)),
        amount=amount,
        rate=rate,
        rate_kind=rate_kind,
        currency=Reading.stated("CNY", None, "yuan unless another currency is printed"),
        status=Reading.stated(
            _status(entry, status), span(entry.supplier) if entry.supplier else None
        ),
        original_currency=_original(facts, money, "currency"),
        original_amount=_original(facts, money, "original"),
        fx_rate=_original(facts, money, "fx_rate"),
        consortium_members=members,
        lead_stated=lead,
        unit_prices=prices,
    )


def _status(entry: Entry, status: str) -> str:
    if status == "candidate":
        return f"candidate_{entry.rank or 1}"
    return "failed" if entry.failed else status


def _failed_lot(facts: Facts, entry: Entry) -> LotReading:
    piece = entry.reason or entry.pack_piece or entry.lot_name
    place = facts.page.span(piece) if piece is not None else None
    return LotReading(
        lot=_pack_reading(facts, entry),
        lot_name=_name_reading(facts, entry),
        currency=Reading.stated("CNY", None, "yuan unless another currency is printed"),
        status=Reading.stated("failed", place),
        reason=Reading.stated(tidy(entry.reason.text), facts.page.span(entry.reason))
        if entry.reason is not None
        else ABSENT,
    )


def _pack_reading(facts: Facts, entry: Entry) -> Reading:
    if entry.pack is None:
        return ABSENT
    place = facts.page.span(entry.pack_piece) if entry.pack_piece is not None else None
    return Reading.stated(entry.pack, place)


def _name_reading(facts: Facts, entry: Entry) -> Reading:
    if entry.lot_name is None or is_empty(entry.lot_name.text):
        return ABSENT
    return Reading.stated(tidy(entry.lot_name.text), facts.page.span(entry.lot_name))


def _supplier(facts: Facts, entry: Entry) -> Reading:
    if entry.supplier is None or entry.name is None:
        return ABSENT
    value, place = entry.name.name, facts.page.span(entry.supplier)
    if _MASK.search(value):
        return Reading.doubtful(_MASKED, value, place)
    if entry.name.doubt:
        return Reading.doubtful(entry.name.doubt, value, place)
    if len(value) > _SUPPLIER_LENGTH or re.search(r"[：:。；\n]|\d{5,}|\d[、.\uff0e]", value):
        return Reading.doubtful(_MISSHAPEN, value, place)
    short = len(value) <= len("某某某某")
    if not looks_like_organisation(value) and (entry.scanned or short or _NO_NAME.search(value)):
        return Reading.doubtful(_ENDLESS, value, place)
    return Reading.stated(value, place)


def _uscc(facts: Facts, entry: Entry) -> Reading:
    if entry.uscc is None or is_empty(entry.uscc.text):
        return ABSENT
    code = re.sub(r"\s", "", entry.uscc.text).upper()
    place = facts.page.span(entry.uscc)
    if is_uscc(code):
        return Reading.stated(code, place)
    return Reading.doubtful("the check digit of the code is wrong", code, place)


def _address(facts: Facts, entry: Entry, members: int) -> Reading:
    if entry.address is None or is_empty(entry.address.text):
        return ABSENT
    piece = first_address(entry.address, members)
    return Reading.stated(tidy(piece.text), facts.page.span(piece))


def _chosen(entry: Entry) -> Money | None:
    cells = [cell.money for cell in entry.cells if cell.source in ("amount", "bid")]
    return next((money for money in cells if money.form in ("amount", "doubt")), None)


def _original(facts: Facts, money: Money | None, what: str) -> Reading:
    if money is None or money.original is None:
        return ABSENT
    place = facts.page.span(money.piece)
    if what == "currency":
        return Reading.stated(money.currency, place)
    value = money.original if what == "original" else money.fx_rate
    return ABSENT if value is None else Reading.stated(plain_number(value), place)


def _money_fields(
    facts: Facts, entry: Entry, witnesses: Witnesses, supplier: Reading
) -> tuple[Reading, Reading, Reading, tuple[UnitPrice, ...]]:
    """Amount, rate, rate kind and unit prices of one win."""
    _settle_by_type(entry)
    prices = _prices(facts, entry.cells)
    rate, rate_kind = _rate_fields(facts, entry)
    amounts = [cell for cell in entry.cells if cell.source == "amount"]
    amounts = [cell for cell in amounts if not cell.money.net] or amounts
    bids = [cell for cell in entry.cells if cell.source == "bid"]
    usable = [c for c in amounts if c.money.form in ("amount", "doubt")] or [
        c for c in bids if c.money.form in ("amount", "doubt")
    ]
    by_rate = re.search(r"率|折扣|下浮|单价", entry.award_type)
    if by_rate and usable and "总价" not in entry.award_type:
        amount = Reading.doubtful("the award is by rate or unit price, yet an amount is printed")
        return amount, rate, rate_kind, prices
    if not usable:
        why = "awarded by rate" if rate.value else "unit prices only" if prices else "not stated"
        return Reading.missing(why), rate, rate_kind, prices
    amount = witnesses.amount(facts, usable)
    if amount.state == "value":
        prices = ()
    if amount.state == "value" and rate.state == "value":
        amount = amount.doubted("an amount and a rate are both printed")
    if amount.state == "value" and _mistaken(supplier):
        amount = amount.doubted(_ENDLESS)
    return amount, rate, rate_kind, prices


def _mistaken(supplier: Reading) -> bool:
    """Whether a supplier is none: no win may be meant, or cells stand below the wrong heads."""
    if supplier.state != "review" or supplier.why == _MASKED:
        return False
    return supplier.why == _MISSHAPEN or not looks_like_organisation(supplier.value or "")


def _settle_by_type(entry: Entry) -> None:
    """中标类型 settles a figure printed below 金额（元）（%）: a rate, or a price per unit."""
    if "总价" in entry.award_type:
        return
    by_rate = re.search(r"率|折扣|下浮", entry.award_type) is not None
    for cell in entry.cells:
        money = cell.money
        if cell.source != "amount":
            continue
        if by_rate and money.form == "doubt" and money.why == EITHER and money.rate is not None:
            kind = rate_kind_in(entry.award_type)
            why = "a rate of zero is a placeholder" if money.rate == 0 else None
            form = "doubt" if why else "rate"
            cell.money = dataclasses.replace(money, form=form, rate_kind=kind, why=why)
        elif by_rate and money.form == "rate" and money.rate_kind in (None, "percent_unspecified"):
            cell.money = dataclasses.replace(money, rate_kind=rate_kind_in(entry.award_type))
        elif "单价" in entry.award_type and money.form == "amount" and money.yuan is not None:
            price = (None, money.yuan, money.unit, money.piece)
            cell.money = Money("unit_prices", money.piece, prices=(price,))


def _prices(facts: Facts, cells: list[Cell]) -> tuple[UnitPrice, ...]:
    return tuple(
        UnitPrice(label, plain_number(value), unit, facts.page.span(piece))
        for cell in cells
        if cell.money.form == "unit_prices"
        for label, value, unit, piece in cell.money.prices
    )


def _rate_fields(facts: Facts, entry: Entry) -> tuple[Reading, Reading]:
    cells = [c for c in entry.cells if c.money.form == "rate" or c.money.rate is not None]
    if not cells:
        return ABSENT, ABSENT
    values = {(cell.money.rate, cell.money.rate_kind) for cell in cells}
    money = cells[0].money
    place = facts.page.span(money.piece)
    value = plain_number(money.rate) if money.rate is not None else None
    kind = money.rate_kind or "percent_unspecified"
    why = money.why if money.form == "doubt" else None
    if len({rate for rate, _ in values}) > 1:
        why = "several rates are printed"
    if kind == "reduction_rate" and money.rate is not None and money.rate >= _HIGH_REDUCTION:
        why = "a reduction of half or more: may be a discount rate"
    if why is not None:
        placeholder = money.rate == 0
        shown = None if placeholder else value
        kind_reading = ABSENT if placeholder else Reading.doubtful(why, kind, place)
        return Reading.doubtful(why, shown, place), kind_reading
    return Reading.stated(value or "", place), Reading.stated(kind, place)


_HIGH_REDUCTION = Decimal(50)


def yuan_of(lots: Iterable[LotReading]) -> Decimal | None:
    """The sum of the stated amounts; None when a won lot has none."""
    total = Decimal(0)
    won = [lot for lot in lots if lot.status.value not in ("failed", "revoked")]
    for lot in won:
        if lot.amount.certain is None:
            return None
        total += Decimal(lot.amount.certain)
    return total if won else None


def total_reading(lots: list[LotReading]) -> Reading:
    """The total: the sum of the lots' stated amounts, sent to a person when one is in doubt."""
    if any((lot.status.value or "").startswith("candidate") for lot in lots):
        return Reading.missing("candidates have no total")
    total = yuan_of(lots)
    if total is not None:
        first = next(lot.amount.span for lot in lots if lot.amount.certain is not None)
        return Reading.stated(money_text(total), first, "sum of the lots' amounts")
    if any(lot.amount.state == "review" for lot in lots):
        return Reading.doubtful("an amount is in doubt")
    return Reading.missing("no amount is stated for every lot")


def piece_of(facts: Facts, start: int, end: int) -> Piece:
    """A stretch of the page."""
    return facts.page.piece(start, end).strip()
