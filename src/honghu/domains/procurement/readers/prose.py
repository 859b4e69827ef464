"""Winners told in running text, without any label line."""

import re
from collections.abc import Iterator

from honghu.domains.procurement.readers.amounts import read_money
from honghu.domains.procurement.readers.facts import Facts
from honghu.domains.procurement.readers.packs import packs_in
from honghu.domains.procurement.readers.tables import find_tables
from honghu.domains.procurement.readers.wins import Cell, Entry

_REACH = 300
_CLAUSE = re.compile("[。；;，\n]")
_NUMBER_BEFORE = re.compile(r"(?<=\s)(\d{1,2})\s+$")
_WINNER = re.compile(
    r"(?:中标|成交|中选)(?:供应商|人|单位)(?:名称)?(?:为|是)?[ ：:]*(?P<name>[^\s，。；：:、]{2,40}?公司"
    r"|[^\s，。；：:、]{2,40}?(?:大学|学院|研究院|研究所|事务所|医院|集团|合作社|经营部|中心|厂)(?=[，。；、]|$))"
)
_SUM = re.compile(
    r"(?:中标|成交|中选)(?:[（(]成交[）)])?(?:总?金额|总?价格?|总价)(?:为|是)?[：:]?[ ]*"
    r"(?=(?:人民币|RMB)?[ （(]*[￥¥]?[ ]*[\d零壹贰叁肆伍陆柒捌玖拾])(?P<sum>[^，。；\n]{2,60})"
)


def winners_in_prose(facts: Facts) -> list[Entry]:
    """The winners of the passage that names the first: …成交供应商为X公司，成交金额为N元；…"""
    text = facts.page.text
    first = _WINNER.search(text)
    if first is None:
        return []
    section = facts.chapter_at(first.start())
    line_end = text.find("\n", first.end())
    stop = section.end if section is not None else len(text) if line_end < 0 else line_end
    found = list(_WINNER.finditer(text, first.start(), stop))
    ends = [winner.start() for winner in found[1:]] + [stop]
    return [_entry(facts, winner, end) for winner, end in zip(found, ends, strict=True)]


def _entry(facts: Facts, found: re.Match[str], stop: int) -> Entry:
    page = facts.page
    entry = Entry(found.start())
    entry.take_supplier(page.piece(found.start("name"), found.end("name")))
    _lot(facts, entry, found.start())
    end = min(len(page.text), found.end() + _REACH)
    for table in find_tables(page, found.end(), end):
        end = min(end, table.start)
    for label in facts.within(found.end(), end):
        if label.word in ("地址", "供应商地址") and entry.address is None:
            entry.address = page.piece(label.value.start, min(end, label.value.end)).strip()
    sums = list(_SUM.finditer(page.text, found.end(), min(end, stop)))
    entry.cells = [
        Cell("amount", "中标金额", read_money(page.piece(each.start("sum"), each.end("sum"))))
        for each in sums
    ]
    return entry


def _lot(facts: Facts, entry: Entry, place: int) -> None:
    """The lot before a winner: the number of a list, or the one label of its clause."""
    page = facts.page
    number = _NUMBER_BEFORE.search(page.text, max(0, place - 6), place)
    if number is not None:
        entry.pack, entry.pack_piece = number[1], page.piece(number.start(1), number.end(1))
        return
    begin = max(_clause_starts(page.text, place), default=place)
    packs = list(packs_in(page.piece(begin, place)))
    if len(packs) == 1:
        entry.pack = packs[0].label
        entry.pack_piece = page.piece(packs[0].start, packs[0].end)


def _clause_starts(text: str, place: int) -> Iterator[int]:
    begin = max(0, place - _REACH)
    yield begin
    for mark in _CLAUSE.finditer(text, begin, place):
        yield mark.end()
