"""Winners as printed in one stretch of a notice: label lines, lot markers and tables in order."""

import dataclasses
import re
from collections.abc import Iterator

from honghu.domains.procurement.readers.amounts import Money, read_money
from honghu.domains.procurement.readers.facts import Facts
from honghu.domains.procurement.readers.grids import PRINTED_MONEY, Row, Table
from honghu.domains.procurement.readers.labels import Label, cell_labels
from honghu.domains.procurement.readers.lists import (
    by_lot,
    numbered_suppliers,
    suppliers_by_lot,
)
from honghu.domains.procurement.readers.names import (
    is_empty,
    looks_like_organisation,
    read_supplier,
)
from honghu.domains.procurement.readers.packs import Pack, packs_in, read_pack
from honghu.domains.procurement.readers.page import Piece
from honghu.domains.procurement.readers.tables import find_tables
from honghu.domains.procurement.readers.vocabulary import NEGATIVE_PREFIX
from honghu.domains.procurement.readers.winrows import (
    MONEY_KINDS,
    is_award,
    is_sum,
    lists_items,
    money_of,
    own_rows,
    score_of,
    unit_of,
    without_supplier,
)
from honghu.domains.procurement.readers.wins import Cell, Entry, Zone

_CUTTING = frozenset({"supplier", "supplier_address", "amount", "lot", "lot_name", "failed"})
_TOTAL_WORDS = frozenset(
    f"{before}{won}{after}"
    for won in ("中标", "成交", "中标成交", "成交中标")
    for before, after in (
        ("总", "金额"),
        ("", "总金额"),
        ("总", "价"),
        ("", "金额合计"),
        ("合计", "金额"),
    )
)
_RANK = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
# 第二包 is a lot, 第二名 a place.
_CANDIDATE = re.compile(
    r"第([一二三四五1-5])(?![ ]?(?:个|合同包|采购包|标段|标包|分包|标项|包组|包件|分标|包|标))"
)
_WINNING = re.compile(r"^(?:是|中标|成交|入围|第一)")
_LOSING = re.compile(r"^(?:否|未|流标|废标|第[二三四五2-5])")
_FAILED = re.compile(r"流标|废标|终止|失败")
_NO_FAILURE = re.compile(r"^[/\-—\\无\s]*$")
_PREFIX_REACH = 6
_MARKER_FOLLOWS = re.compile(
    r"[ \t]*(?:[（(](?:[^（）()\n]|[（(][^（）()\n]*[）)]){0,80}[）)])?[ \t]*(?:[：:、，,]|\n|$|(?:中标|成交)[，,：: ]|(?=(?:的)?(?:中标|成交|入围|中选)[^\s：:]{0,14}[ ]?[：:]))"
)


_NAMED_BEHIND = re.compile(
    r"[ \t]*[：:][ \t]*(?P<name>[^\s，,；;：:。]{4,40})(?=[ \t，,；;]*\n?[ \t]*(?:中标|成交)(?:[（(]成交[）)])?(?:总?金额|总?价|价格)[^\n：:]{0,8}[：:])"
)


def read_zone(facts: Facts, start: int, end: int, *, candidates: bool = False) -> Zone:
    """Read all wins and failed lots between two offsets.

    ``candidates``: keep ranked candidates (candidate notices); else only first ranks are winners.
    """
    reader = _ZoneReader(facts, start, end, candidates=candidates)
    reader.run()
    return reader.zone


class _ZoneReader:
    """Walks labels, markers and table rows in page order and builds entries."""

    def __init__(self, facts: Facts, start: int, end: int, *, candidates: bool) -> None:
        self.facts = facts
        self.start = start
        self.end = end
        self.candidates = candidates
        self.zone = Zone()
        self.current: Entry | None = None
        self.muted = False
        self.marker: tuple[str | None, Piece | None, Piece | None] = (None, None, None)
        self.markers_first = True
        self.tables: list[Table] = []

    def run(self) -> None:
        cuts = sorted([*self._cuts(), *self._captions()])
        tables = find_tables(self.facts.page, self.start, self.end, cuts)
        self.tables = tables
        inside = [(table.start, table.end) for table in tables]
        labels = [
            label
            for label in self._labels()
            if not any(begin <= label.start < stop for begin, stop in inside)
        ]
        markers = self._markers(labels, inside)
        self.markers_first = self._order(labels, markers, tables)
        events: list[tuple[int, int, Label | Pack | Table]] = [
            *((label.start, 1, label) for label in labels),
            *((marker.start, 0, marker) for marker in markers),
            *((table.start, 2, table) for table in tables),
        ]
        for _, _, event in sorted(events, key=lambda item: item[:2]):
            if isinstance(event, Pack):
                self._mark(event.label, None, event)
                self._named_behind(event)
            elif isinstance(event, Label):
                self._label(event)
            else:
                self._table(event)
        self._drop_pending()

    def _cuts(self) -> list[int]:
        """Label lines end a table: a new line that begins with a winner's label."""
        text = self.facts.page.text
        return [
            label.start
            for label in self.facts.within(self.start, self.end)
            if label.kind in _CUTTING
            and "牵头" not in label.word
            and not text[text.rfind("\n", 0, label.start) + 1 : label.start].strip(" \t\u3000#")
        ]

    def _captions(self) -> list[int]:
        """Lot labels at a line's start end a table, too."""
        page = self.facts.page
        return [
            pack.start
            for pack in packs_in(page.piece(self.start, self.end))
            if pack.at_line_start and _MARKER_FOLLOWS.match(page.text, pack.end)
        ]

    def _labels(self) -> list[Label]:
        labels = self.facts.within(self.start, self.end)
        bare = cell_labels(self.facts.page, self.start, self.end)
        found = {label.start: label for label in [*bare, *labels]}
        return [found[start] for start in sorted(found)]

    def _markers(self, labels: list[Label], inside: list[tuple[int, int]]) -> list[Pack]:
        """Lot labels that stand as captions: alone at a line's start, outside values and tables."""
        page = self.facts.page
        values = [(label.value.start, label.value.end) for label in labels if label.kind != "stop"]
        found = []
        for pack in packs_in(page.piece(self.start, self.end)):
            if any(begin <= pack.start < stop for begin, stop in [*values, *inside]):
                continue
            glued = page.text[max(0, pack.start - 8) : pack.start]
            alone = pack.at_line_start or glued.rstrip().endswith(
                ("金额", "：", "。", "信息", "结果")
            )
            if alone and _MARKER_FOLLOWS.match(page.text, pack.end):
                found.append(pack)
        return found

    def _order(self, labels: list[Label], markers: list[Pack], tables: list[Table]) -> bool:
        """Whether lot labels come before their suppliers."""
        lots = [m.start for m in markers]
        lots += [label.start for label in labels if label.kind in ("lot", "lot_name")]
        suppliers = [label.start for label in labels if label.kind == "supplier"]
        suppliers += [table.start for table in tables]
        return not lots or not suppliers or min(lots) < min(suppliers)

    def _mark(self, label: str | None, name: Piece | None, place: Pack | Label) -> None:
        self.muted = False
        piece = self.facts.page.piece(place.start, place.end)
        if isinstance(place, Label):
            piece = place.value
        if not self.markers_first and self.current is not None:
            if label is not None and self.current.pack is None:
                self.current.pack, self.current.pack_piece = label, piece
            if name is not None and self.current.lot_name is None:
                self.current.lot_name = name
            return
        held, _, held_name = self.marker
        same = self.current is None and (label is None or held is None or held == label)
        if same and (held is not None or held_name is not None):
            self.marker = (label or held, piece if label else self.marker[1], name or held_name)
            return
        self.current = None
        self.marker = (label, piece if label is not None else None, name)

    def _named_behind(self, pack: Pack) -> None:
        """一标段：X公司 中标价：45万元: the winner stands behind its lot, without a label."""
        text = self.facts.page.text
        found = _NAMED_BEHIND.match(text, pack.end, self.end)
        if found is None or not looks_like_organisation(found["name"]):
            return
        self._open(found.start("name")).take_supplier(
            self.facts.page.piece(found.start("name"), found.end("name"))
        )

    def _open(self, place: int) -> Entry:
        entry = Entry(place)
        entry.pack, entry.pack_piece, entry.lot_name = self.marker
        self.zone.entries.append(entry)
        self.current = entry
        if not self.markers_first:
            self.marker = (None, None, None)
        return entry

    def _label(self, label: Label) -> None:
        value = self.facts.value_of(label)
        for table in self.tables:
            if value.start < table.start < value.end:
                value = self.facts.page.piece(value.start, table.start).strip()
        if label.kind == "supplier":
            self._supplier_label(label, value)
        elif label.kind in ("lot", "lot_name"):
            number, name = read_pack(value)
            named = value if name is not None else None
            if label.kind == "lot" and number is None:
                return
            if named is not None and number is not None:
                named = value.cut(value.text.rfind(name or "")).strip()
            self._mark(number, named, label)
        elif label.kind == "failed":
            self._failed(label, value)
        elif self.muted or not value.text:
            return
        else:
            self._detail(label, value)

    def _supplier_label(self, label: Label, value: Piece) -> None:
        prefix = label.prefix[-_PREFIX_REACH:]
        candidate = "候选" in label.word
        rank = _CANDIDATE.search(prefix)
        if candidate or rank:
            number = _RANK.get(rank.group(1), 0) or int(rank.group(1)) if rank else None
            if not self.candidates and number not in (1, None):
                self._mute()
                return
        elif NEGATIVE_PREFIX.search(prefix):
            self._mute()
            return
        else:
            number = None
        self.muted = False
        if not value.text or is_empty(value.text) or self._listed_suppliers(value):
            return
        if self.current is None or self.current.supplier is not None:
            self._open(label.start)
        if self.current is not None:
            self.current.take_supplier(value)
            self.current.rank = number

    def _listed_suppliers(self, value: Piece) -> bool:
        """Several winners behind one label: an entry each. What follows speaks of none of them."""
        by_lots = suppliers_by_lot(value)
        for pack, part in by_lots:
            entry = self._open(part.start)
            entry.take_supplier(part)
            entry.pack, entry.pack_piece = (
                pack.label,
                self.facts.page.piece(pack.start, pack.end),
            )
        numbered = [] if by_lots else numbered_suppliers(self.facts, value, self.end)
        for part in numbered:
            self._open(part.start).take_supplier(part)
        if by_lots or numbered:
            self.current = None
        return bool(by_lots or numbered)

    def _listed_money(self, label: Label, value: Piece) -> bool:
        """Several sums behind one label, each with its lot: for the entries of these lots."""
        listed = by_lot(value)
        entries = {entry.pack: entry for entry in self.zone.entries if entry.pack}
        if listed and not entries and self._wins_all(listed):
            entries = {entry.pack: entry for entry in self.zone.entries if entry.pack}
        if not listed or not all(pack.label in entries for pack, _ in listed):
            return False
        for pack, part in listed:
            money = money_of(label.kind, part, label.hint, label.word)
            entries[pack.label].cells.append(Cell(label.kind, label.word, money))
        return True

    def _wins_all(self, listed: list[tuple[Pack, Piece]]) -> bool:
        """Whether the one supplier, named without a lot, now is that of every listed lot."""
        one = self.current
        if one is None or one.supplier is None or one.cells or len(self.zone.entries) != 1:
            return False
        for pack, _ in listed:
            entry = one if one.pack is None else dataclasses.replace(one, cells=[])
            entry.pack, entry.pack_piece = pack.label, self.facts.page.piece(pack.start, pack.end)
            if entry is not one:
                self.zone.entries.append(entry)
        return True

    def _mute(self) -> None:
        self.muted = True
        self.current = None
        self.zone.losers_cut += 1

    def _failed(self, label: Label, value: Piece) -> None:
        if _NO_FAILURE.match(value.text):
            return
        entry = self._open(label.start) if self.current is None else self.current
        if entry.supplier is not None:
            return
        entry.failed = True
        entry.reason = value
        self.current = None

    def _detail(self, label: Label, value: Piece) -> None:
        own = self.current is not None and self.current.supplier is not None
        taken = self.current is None or bool(self.current.cells)
        ahead = self.current is None and not self.zone.entries and label.word[0] in "总合"
        alone = own and not taken and not self.zone.totals
        if label.word in _TOTAL_WORDS and (ahead or self._several()) and not alone:
            self.zone.totals.append(read_money(value, hint=label.hint))
            return
        if label.kind in MONEY_KINDS and self._listed_money(label, value):
            return
        if label.kind in MONEY_KINDS:
            entry = self.current or self._open(label.start)
            hint = label.hint or (label.word if label.word.endswith("元") else "")
            entry.cells.append(
                Cell(label.kind, label.word, money_of(label.kind, value, hint, label.word))
            )
        elif label.kind == "capitals":
            self.zone.capitals.append(value)
            if self.current is not None:
                self.current.cells.append(Cell("amount", label.word, read_money(value)))
        elif self.current is not None:
            self._attach(self.current, label, value)

    def _several(self) -> bool:
        return len(self.zone.entries) > 1 or any(entry.cells for entry in self.zone.entries)

    def _attach(self, entry: Entry, label: Label, value: Piece) -> None:
        if label.kind == "supplier_address" or (
            label.word == "地址" and entry.supplier is not None
        ):
            entry.address = entry.address or value
        elif label.kind == "uscc":
            entry.uscc = entry.uscc or value
        elif label.kind == "award_type":
            entry.award_type = value.text
        elif label.kind == "members":
            named = read_supplier(value.text)
            entry.members = list(named.members) or [named.name]

    def _table(self, table: Table) -> None:
        if table.has("failed"):
            self._failed_rows(table)
            return
        if not table.has("supplier") and not table.has("negative"):
            self._amount_table(table)
            return
        if not table.has("supplier") or table.has("negative") or not is_award(table):
            return
        rows = [row for row in table.rows if row.first("supplier") is not None]
        rows, doubtful = own_rows(rows)
        self.zone.incomplete |= doubtful or lists_items(rows) or without_supplier(table.rows)
        for row in self._winners(rows):
            if is_sum(row):
                self._sum(row)
            else:
                self._row(row, exact=table.exact)
        self.zone.incomplete |= table.incomplete
        self.current = None

    def _amount_table(self, table: Table) -> None:
        """A table of the items of one supplier named above it."""
        if self.current is None or self.current.cells:
            return
        taken = 0
        for row in table.rows:
            for column, piece, glued in row.all("amount"):
                money = money_of(column.kind, piece, column.hint, column.word)
                self.current.cells.append(Cell(column.kind, column.word, money, glued=glued))
                taken += 1
        printed = PRINTED_MONEY.findall(self.facts.page.text[table.start : table.end])
        # 成交金额 of a second item that the scanner took for text: the first is not the whole.
        self.zone.incomplete |= bool(taken) and not table.exact and len(printed) > taken

    def _winners(self, rows: list[Row]) -> Iterator[Row]:
        """Rows of winners: all, or those that a rank or 是否中标 column points out."""
        for row in rows:
            won = row.first("won")
            rank = row.first("rank")
            if won is not None and _LOSING.match(won.text) and not self.candidates:
                self.zone.losers_cut += 1
                continue
            position = re.search(r"[一二三四五1-9]", rank.text) if rank is not None else None
            if position is not None and position.group() not in "一1" and not self.candidates:
                self.zone.losers_cut += 1
                continue
            yield row

    def _row(self, row: Row, *, exact: bool) -> None:
        supplier = row.first("supplier")
        if supplier is None or is_empty(supplier.text):
            return
        self.current = None
        entry = self._open(supplier.start)
        entry.take_supplier(supplier)
        entry.score = score_of(row)
        entry.scanned = not exact
        entry.form = tuple(column.word for column in row.columns)
        runs_in = any(glued for _, piece, glued in row.all("supplier") if piece == supplier)
        if runs_in and entry.name is not None:
            why = "the name runs together with the cell before it"
            entry.name = dataclasses.replace(entry.name, doubt=why)
        entry.address = row.first("supplier_address")
        entry.uscc = row.first("uscc")
        lot = row.first("lot")
        if lot is not None:
            number, name = read_pack(lot)
            entry.pack, entry.pack_piece = number, lot
            entry.lot_name = lot if name and number is None else entry.lot_name
        entry.lot_name = row.first("lot_name") or entry.lot_name
        if entry.pack is None and entry.lot_name is not None:
            # 标项一, 第1包：显微镜 in a column of names is the label, too.
            entry.pack, entry.pack_piece = read_pack(entry.lot_name)[0], entry.lot_name
        for column, piece, glued in row.all(*MONEY_KINDS):
            money = money_of(column.kind, piece, unit_of(row, column), column.word)
            entry.cells.append(Cell(column.kind, column.word, money, glued=glued))
        rank = row.first("rank", "won")
        position = re.search(r"[一二三四五1-9]", rank.text) if rank is not None else None
        if position is not None:
            entry.rank = _RANK.get(position.group()) or int(position.group())
        won = row.first("won")
        if won is not None and _FAILED.search(won.text):
            entry.failed = True

    def _sum(self, row: Row) -> None:
        """The sum of the rows above, which the lots must add up to."""
        for column, piece, glued in row.all("amount", "bid"):
            if not glued:
                money = money_of(column.kind, piece, unit_of(row, column), column.word)
                self.zone.totals.append(money)

    def _failed_rows(self, table: Table) -> None:
        for row in table.rows:
            name = row.first("lot_name", "lot")
            reason = row.first("failed")
            texts = [piece.text for piece in (name, reason) if piece is not None]
            if all(_NO_FAILURE.match(text) for text in texts):
                continue
            self.current = None
            entry = self._open((name or reason or Piece("", table.start, table.start)).start)
            number, _ = read_pack(name) if name is not None else (None, None)
            entry.pack, entry.pack_piece = number or entry.pack, name
            entry.lot_name, entry.reason, entry.failed = name, reason, True
            self.current = None

    def _drop_pending(self) -> None:
        """Entries that name neither a supplier nor a failure say nothing."""
        named = [e for e in self.zone.entries if e.supplier is not None or e.failed]
        if len(named) == len(self.zone.totals) == 1:
            self._total_of_one(named[0], self.zone.totals[0])
        priced = {e.name.name for e in named if e.name is not None and e.cells}
        self.zone.entries = [e for e in named if not _is_echo(e, priced)]

    @staticmethod
    def _total_of_one(entry: Entry, total: Money) -> None:
        """A total beside the only winner: its amount, if it has none or only what adds up to it."""
        parts = [cell.money.yuan for cell in entry.cells if cell.source == "amount"]
        adds_up = len(parts) > 1 and sum(part or 0 for part in parts) == total.yuan
        if not entry.cells or (adds_up and None not in parts):
            entry.cells = [Cell("amount", "总中标金额", total)]


def _is_echo(entry: Entry, priced: set[str]) -> bool:
    """A supplier named again without anything of its own is the same win."""
    bare = not (entry.cells or entry.pack or entry.address or entry.failed or entry.uscc)
    return bare and entry.name is not None and entry.name.name in priced
