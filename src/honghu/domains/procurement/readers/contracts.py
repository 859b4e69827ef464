"""Contract notices: number, name, parties, amount, dates, attachments."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from honghu.domains.procurement.readers.amounts import Money, read_money
from honghu.domains.procurement.readers.awards import build_lots
from honghu.domains.procurement.readers.capitals import capitals_in
from honghu.domains.procurement.readers.facts import Facts
from honghu.domains.procurement.readers.header import (
    iso_date,
    number_reading,
    party_name,
    text_reading,
)
from honghu.domains.procurement.readers.labels import Label
from honghu.domains.procurement.readers.packs import packs_in, read_pack
from honghu.domains.procurement.readers.page import Piece
from honghu.domains.procurement.readers.values import ABSENT, LotReading, Reading
from honghu.domains.procurement.readers.wins import Cell, Entry, Zone
from honghu.domains.procurement.readers.witnesses import Witnesses

_CONTRACT_AMOUNT = re.compile(r"合同|签约|总价|小写")
_EXTENSION = re.compile(
    r"\.(?:pdf|docx?|zip|rar|xlsx?|jpe?g|png|ofd)(?![A-Za-z0-9])", re.IGNORECASE
)
_FILE_NAME = re.compile(r"[^\s：:，；|<>]{1,120}$")
_NUMBERED = re.compile(r"^(?:.*附件\d{1,2}|附件)")


@dataclass(frozen=True, slots=True)
class Contract:
    """The fields that only contract notices have."""

    number: Reading
    name: Reading
    amount: Reading
    supplier: Reading
    lots: list[LotReading]


def read_contract(facts: Facts) -> Contract:
    """The contract of a contract notice (财办库〔2020〕50号, 合同公告)."""
    number = _first(facts, "contract_no", number_reading)
    name = _first(facts, "contract_name", text_reading)
    entry = Entry(0)
    supplier = _supplier(facts)
    if supplier is not None:
        entry.take_supplier(supplier.value)
        entry.address = _address(facts, supplier)
        entry.uscc = next((label.value for label in facts.of_kind("uscc")), None)
    entry.cells = _cells(facts)
    _pack(facts, entry, name)
    witnesses = Witnesses(single=True)
    for label in facts.labels:
        capital = capitals_in(label.value.text)
        if capital is not None:
            witnesses.capitals.append(capital)
    lots = build_lots(facts, Zone([entry]), witnesses, "awarded")
    lot = lots[0]
    return Contract(number, name, lot.amount, lot.supplier, lots)


def _first(facts: Facts, kind: str, reader: Callable[[Facts, Piece], Reading]) -> Reading:
    for label in facts.of_kind(kind):
        reading = reader(facts, facts.value_of(label))
        if reading.state != "absent":
            return reading
    return ABSENT


def _supplier(facts: Facts) -> Label | None:
    labels = [label for label in facts.of_kind("supplier") if label.value.text]
    for label in labels:
        if "乙方" in label.word or "乙方" in label.prefix[-4:] or "供应商" in label.word:
            return label
    named = party_name(facts, ("供应商", "乙方", "中标", "成交"))
    return named or (labels[0] if labels else None)


def _address(facts: Facts, supplier: Label) -> Piece | None:
    """The first address printed after the supplier and before the next party."""
    for label in facts.within(supplier.end, len(facts.page.text)):
        if label.kind == "supplier_address" or label.word == "地址":
            return label.value
        if label.kind in ("buyer", "agency", "amount", "supplier"):
            return None
    return None


def _cells(facts: Facts) -> list[Cell]:
    cells: list[Cell] = []
    for label in facts.of_kind("amount", "capitals"):
        value = facts.value_of(label)
        amount = label.kind == "capitals" or _CONTRACT_AMOUNT.search(label.word)
        if not value.text or not amount:
            continue
        money: Money = read_money(value, hint=label.hint)
        if money.form != "none":
            cells.append(Cell("amount", label.word, money))
    return cells


def _pack(facts: Facts, entry: Entry, name: Reading) -> None:
    for label in facts.of_kind("lot"):
        number, _ = read_pack(label.value)
        if number is not None:
            entry.pack, entry.pack_piece = number, label.value
            return
    title = facts.title or name.value or ""
    for text in (title, name.value or ""):
        packs = {pack.label for pack in packs_in(Piece(text, 0, len(text)))}
        if len(packs) == 1:
            entry.pack = packs.pop()
            return


def read_performance(facts: Facts) -> tuple[Reading, Reading]:
    """Begin and end of performance when both are printed as dates."""
    for label in facts.of_kind("performance"):
        piece = facts.value_of(label)
        first = iso_date(piece.text)
        if first is None:
            continue
        second = iso_date(piece.text[first[2] :])
        if second is None:
            continue
        return (
            Reading.stated(first[0].isoformat(), facts.page.span(piece.cut(first[1], first[2]))),
            Reading.stated(
                second[0].isoformat(),
                facts.page.span(piece.cut(first[2] + second[1], first[2] + second[2])),
            ),
        )
    return ABSENT, ABSENT


def read_attachments(facts: Facts) -> tuple[str, ...]:
    """Names of attached files as printed."""
    text = facts.page.text
    names: list[str] = []
    last = 0
    for found in _EXTENSION.finditer(text):
        stem = _FILE_NAME.search(text, max(last, found.start() - 120), found.start())
        last = found.end()
        if stem is not None:
            name = _NUMBERED.sub("", stem.group())
            names.append((name or stem.group()) + found.group())
    return tuple(dict.fromkeys(names))
