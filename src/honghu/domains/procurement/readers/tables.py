"""Tables as notices really print them: tab-separated, space-separated, or run together.

A table is a run of known column heads followed by rows. Rows of separated tables are taken by
position; rows of flattened ones are scanned by type: a number, an organisation, an address up to
the next thing of another type, a money cell, a score.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from honghu.domains.procurement.readers.names import name_end, name_end_anywhere
from honghu.domains.procurement.readers.page import Page, Piece
from honghu.domains.procurement.readers.vocabulary import COLUMNS, compact

_BRACKET = r"(?:[ ]?[（(][^（）()\n]{0,24}[）)](?:[\\/、]?[^\s（）()，。：:]{0,6}[（(][^（）()\n]{0,12}[）)])*)?"
_MIN_COLUMNS = 2
_MAX_ROWS = 200
_KNOWN_SHARE = 0.6


def _printed(word: str) -> str:
    """A compact column word as a pattern that allows the brackets of 中标（成交）."""
    pattern = re.escape(word)
    for outer, inner in (("中标", "成交"), ("成交", "中标"), ("中标", "入围"), ("供应商", "乙方")):
        pattern = pattern.replace(outer + inner, f"{outer}[（(]?{inner}[）)]?")
    return pattern


_WORDS = "|".join(_printed(word) for word in sorted(COLUMNS, key=len, reverse=True))
_COLUMN = re.compile(rf"[\s|]*(?P<word>{_WORDS})(?P<hint>{_BRACKET})")
_HEAD = re.compile(rf"(?:{_WORDS}){_BRACKET}(?:[\s|]*(?:{_WORDS}){_BRACKET})+")
_LABEL_COLON = re.compile(r"[^\S\n]*[：:]")
_SEPARATOR = re.compile(r"^[\s|:\-—]+$")
_END = re.compile(
    r"\n[^\S\n]*(?:\d{1,2}[.、．][ ]*(?:废标|流标|中标|成交|未中标|其他|评审)|[（(]?[一二三四五六七八九十]{1,2}[）)、.]"
    r"|(?:货物|工程|服务)类|备注|注[：:]|附件|第[一二三四五六七八九十\d]{1,2}包|合同包|包组?\d|标段[一二三\d])"
)
_MONEY_LABEL = (
    r"(?:(?:磋商|谈判|投标|最终|最后|首次|二次|二轮|响应|总|含税|合同|成交|中标|报|评审|综合|单|固定|优惠|本次|年|人民币|其中"
    r"|包干|预估|下浮|折扣|费|优惠|让利)*(?:报价|总价|金额|单价|价格|价|费率|率|折扣|下浮|单价合计|合计|比例|系数)(?:合计)?(?:[（(][^（）()\n]{0,20}[）)])?[：:]?)"
)
_UNITS = r"[ \t]*(?:[（(][ ]*(?:万元|元|%|％|人民币|元[/／][^）)]{1,8})[ ]*[）)]|万元|亿元|元整|元|％|%|折)(?:[/／][^\d\s，。；;（(]{1,6})?"
_CURRENCY = r"(?:人民币|RMB|CNY|[￥¥]|USD|US\$|美元|欧元|港币|日元)"
_VALUE = rf"(?<![\d.]){_CURRENCY}?[ \t]*{_CURRENCY}?[ \t]*[:：]?[ \t]*\d[\d,]*(?:\.\d+)?"
_MONEY = re.compile(
    rf"(?:{_MONEY_LABEL}[ \t]*{_VALUE}(?:{_UNITS})?|{_CURRENCY}[ \t]*{_VALUE}(?:{_UNITS})?|{_VALUE}{_UNITS})"
    rf"(?:[，,、；;][ \t]*[^\d\s，,：:]{{1,20}}?(?:[（(][^（）()\n]{{0,12}}[）)])?[：:][ \t]*{_VALUE}(?:{_UNITS})?)*"
)
_LABELLED_MONEY = re.compile(rf"[^\d\s]{{2,14}}[：:]\s*{_VALUE}|[￥¥]\s*\d|\s+\d[\d,]*\.\d\d")
_BARE_MONEY = re.compile(r"(?<![\d.])(?:\d{1,3}(?:,\d{3})+(?:\.\d{1,6})?|\d+(?:\.\d{1,8})?)(?![\d.])")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_SCORE = re.compile(r"\s*(?:\d{1,3}(?:\.\d{1,4})?分?|[-—/]+|\d{1,3}(?:\.\d+)?[（(]\d{1,3}(?:\.\d+)?[）)])(?![\d.])")
_END_SCORE = re.compile(r"(?<=\D)((?:\d{1,3}(?:\.\d{1,4})?)|-)[ \t]*$")
_PRINTED_MONEY = re.compile(
    r"(?<=\s)[￥¥]?(?:\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{4,}\.\d{2})(?=\s|$)"
)
_NUMERIC_CELL = re.compile(r"[^\d]{0,14}\d[\d,.]*[^\d]{0,10}$")
_ALONE = re.compile(r"(?<=\s)[￥¥]?\d[\d,]*(?:\.\d+)?(?=\s|$)")
_END_RUN = re.compile(r"(?<![\d.])\d[\d,.]{6,}(?:万元|元)?\s*$")
_DIGIT_RUN = re.compile(r"\d[\d,.]{5,}(?:万元|元)?")
_INDEX = re.compile(r"\s*(\d{1,3})(?=[\s、.．]|\D)")
_LOT = re.compile(
    r"\s*(?:第?[一二三四五六七八九十\dA-Za-z]{1,4}(?:合同包|采购包|标段|标包|分包|标项|包)|(?:合同包|采购包|标段|标包|分包|标项|包)[一二三四五六七八九十\dA-Z]{1,3}"
    r"|[一二三四五六七八九十]{1,2}|\d{1,3}|[A-Z])"
)
_USCC = re.compile(r"\s*[0-9A-HJ-NP-RTUW-Y]{18}(?![0-9A-Z])")
_WON = re.compile(r"\s*(?:是|否|中标|成交|未中标|未成交|入围|流标|废标|第[一二三四五1-5](?:名|中标候选人|成交候选人))")
_MONEY_KINDS = frozenset({"amount", "bid", "unit_price", "discount_rate", "reduction_rate", "fee_rate", "percent"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column head: what it announces, and the bracket printed with it."""

    kind: str
    word: str
    hint: str


@dataclass(slots=True)
class Row:
    """One row: pieces by column index, and the kinds whose digits run into a neighbour's."""

    columns: tuple[Column, ...]
    cells: dict[int, Piece] = field(default_factory=dict)
    glued: set[int] = field(default_factory=set)

    def first(self, *kinds: str) -> Piece | None:
        """The first non-empty cell of one of the kinds."""
        for index, column in enumerate(self.columns):
            if column.kind in kinds and index in self.cells and self.cells[index].text.strip():
                return self.cells[index]
        return None

    def all(self, *kinds: str) -> list[tuple[Column, Piece, bool]]:
        """All non-empty cells of the kinds with their column and whether their digits are glued."""
        return [
            (column, self.cells[index], index in self.glued)
            for index, column in enumerate(self.columns)
            if column.kind in kinds and index in self.cells and self.cells[index].text.strip()
        ]


@dataclass(slots=True)
class Table:
    """A header with its rows. ``exact`` when cells were separated in print."""

    columns: tuple[Column, ...]
    start: int
    end: int
    rows: list[Row] = field(default_factory=list)
    exact: bool = False
    incomplete: bool = False

    def has(self, *kinds: str) -> bool:
        """Whether a column of one of the kinds exists."""
        return any(column.kind in kinds for column in self.columns)


@lru_cache(maxsize=4096)
def _column(word: str, hint: str) -> Column:
    return Column(COLUMNS.get(compact(word), "text"), compact(word), hint)


def find_tables(page: Page, start: int, end: int, cuts: Sequence[int] = ()) -> list[Table]:
    """All tables between two offsets, in order. A table ends at the first of ``cuts`` in it."""
    tables: list[Table] = []
    heads = list(_heads(page, start, end))
    for index, (begin, body, columns, style) in enumerate(heads):
        stop = heads[index + 1][0] if index + 1 < len(heads) else end
        closing = _END.search(page.text, body, stop)
        stop = closing.start() if closing else stop
        stop = min((cut for cut in cuts if body <= cut < stop), default=stop)
        table = Table(columns, begin, stop, exact=style == "cells")
        _fill(page, table, body, style)
        tables.append(table)
    return tables


def _heads(page: Page, start: int, end: int) -> Iterator[tuple[int, int, tuple[Column, ...], str]]:
    place = start
    while place < end:
        found = _HEAD.search(page.text, place, end)
        if found is None:
            return
        begin = found.start()
        line_start = max(start, page.text.rfind("\n", 0, begin) + 1)
        line_end = page.text.find("\n", begin)
        line_end = end if line_end < 0 else min(line_end, end)
        line = page.text[line_start:line_end]
        columns = _cells_head(line)
        if columns is not None:
            yield line_start, line_end, columns, "cells"
            place = line_end
            continue
        spelled, body, lined = _spelled_head(page.text, begin, found.end(), end)
        if _plausible(spelled):
            yield begin, body, spelled, "lines" if lined else "run"
        place = max(body, found.end())


def _plausible(columns: Sequence[Column]) -> bool:
    kinds = {column.kind for column in columns}
    telling = bool(kinds & {"supplier", "failed", "negative"}) or len(columns) > _MIN_COLUMNS + 1
    return len(columns) >= _MIN_COLUMNS and len(kinds) > 1 and telling


def _cells_head(line: str) -> tuple[Column, ...] | None:
    """Columns of a header line whose cells are separated by single tabs or bars."""
    separator = "\t" if "\t" in line else "|" if line.count("|") > _MIN_COLUMNS else None
    if separator is None or "\t\t\t" in line:
        return None
    cells = [cell.strip() for cell in line.strip().strip("|").split(separator)]
    columns = [_cell_column(cell) for cell in cells]
    known = sum(column.kind != "unknown" for column in columns)
    if known < _MIN_COLUMNS or known < len(cells) * _KNOWN_SHARE:
        return None
    return tuple(columns)


def _cell_column(cell: str) -> Column:
    word = compact(cell)
    if word in COLUMNS:
        hint = cell if len(cell) != len(word) else ""
        return Column(COLUMNS[word], word, hint)
    found = _COLUMN.match(cell)
    if found is not None and found.end() == len(cell.rstrip()):
        return _column(found["word"], found["hint"])
    return Column("unknown", word, "")


def _spelled_head(
    text: str, begin: int, head_end: int, end: int
) -> tuple[tuple[Column, ...], int, bool]:
    """Columns of a header whose heads follow each other, glued or with blanks."""
    columns: list[Column] = []
    place = begin
    breaks = 0
    while place < end:
        found = _COLUMN.match(text, place, end)
        if found is None or found.start("word") > head_end:
            break
        breaks += "\n" in text[place : found.start("word")]
        if _LABEL_COLON.match(text, found.end(), end):
            # 供应商名称：X is a label, not a column head.
            break
        columns.append(_column(found["word"], found["hint"]))
        place = found.end()
    columns = _without_heading(columns)
    return tuple(columns), place, breaks >= max(1, len(columns) - 1)


def _without_heading(columns: list[Column]) -> list[Column]:
    """Drop the words of a heading glued to the first column: they come twice."""
    words = [column.word for column in columns]
    suppliers = [i for i, column in enumerate(columns) if column.kind == "supplier"]
    first = max((i for i, word in enumerate(words) if word in words[i + 1 :]), default=-1)
    if len(suppliers) > 1:
        first = max(first, suppliers[-2])
    kept = columns[first + 1 :]
    while first >= 0 and kept and kept[0].kind == "text":
        kept = kept[1:]
    return kept


def _fill(page: Page, table: Table, body: int, style: str) -> None:
    if style == "cells":
        _fill_cells(page, table, body)
    elif style == "lines":
        _fill_lines(page, table, body)
    else:
        _fill_run(page, table, body)


def _fill_cells(page: Page, table: Table, body: int) -> None:
    for line in re.finditer(r"[^\n]+", page.text[body : table.end]):
        text = line.group()
        separator = "\t" if "\t" in text else "|"
        if separator not in text:
            if text.strip() and table.rows:
                table.end = body + line.start()
                return
            continue
        if _SEPARATOR.match(text) or len(table.rows) >= _MAX_ROWS:
            continue
        table.rows.append(_cells_row(page, table, body + line.start(), text, separator))


def _cells_row(page: Page, table: Table, start: int, text: str, separator: str) -> Row:
    row = Row(table.columns)
    place = start
    cells = text.split(separator)
    if separator == "|" and cells and not cells[0].strip():
        place += len(cells[0]) + 1
        cells = cells[1:]
    for index, cell in enumerate(cells):
        if index < len(table.columns):
            row.cells[index] = page.piece(place, place + len(cell)).strip()
        place += len(cell) + 1
    return row


def _fill_lines(page: Page, table: Table, body: int) -> None:
    lines = [
        page.piece(body + m.start(), body + m.end()).strip()
        for m in re.finditer(r"[^\n]+", page.text[body : table.end])
    ]
    cells = [line for line in lines if line.text]
    width = len(table.columns)
    for first in range(0, len(cells) - width + 1, width):
        row = Row(table.columns)
        row.cells = dict(enumerate(cells[first : first + width]))
        if _row_fits(row):
            table.rows.append(row)
        else:
            break


def _row_fits(row: Row) -> bool:
    supplier = row.first("supplier")
    if supplier is None:
        return False
    stop = supplier.end
    return name_end(supplier.text, 0, len(supplier.text)) is not None or stop - supplier.start > 1


def _fill_run(page: Page, table: Table, body: int) -> None:
    place = _fill_counted(page, table, body)
    while place < table.end and len(table.rows) < _MAX_ROWS:
        scanned = _Run(page, table, place, len(table.rows) + 1).scan()
        if scanned is None:
            break
        row, place = scanned
        table.rows.append(row)
    table.incomplete = bool(table.rows) and _holds_a_row(page.text[place : table.end])


def _holds_a_row(rest: str) -> bool:
    """Whether unread text still names an organisation together with money: a row was not told apart."""
    return re.search(r"公司|大学|中心|事务所|研究院|厂", rest) is not None and (
        _MONEY.search(rest) is not None or _PRINTED_MONEY.search(rest) is not None
    )


def _fill_counted(page: Page, table: Table, body: int) -> int:
    """Rows whose blank-separated words are as many as the columns, and of the right types."""
    words = [
        page.piece(body + m.start(), body + m.end())
        for m in re.finditer(r"\S+", page.text[body : table.end])
    ]
    width = len(table.columns)
    if not words or len(words) % width or len(words) > _MAX_ROWS * width:
        return body
    rows = []
    for first in range(0, len(words), width):
        row = Row(table.columns, dict(enumerate(words[first : first + width])))
        if not all(_cell_fits(table.columns[i], cell) for i, cell in row.cells.items()):
            return body
        rows.append(row)
    table.rows.extend(rows)
    return table.end


def _cell_fits(column: Column, cell: Piece) -> bool:
    text = cell.text
    if column.kind == "index":
        return text.isdigit()
    if column.kind == "supplier":
        return name_end(text, 0, len(text)) == len(text)
    if column.kind in _MONEY_KINDS:
        return _NUMERIC_CELL.match(text) is not None
    if column.kind in ("score", "rank"):
        return text in ("-", "/") or text[0].isdigit()
    return column.kind != "uscc" or _USCC.match(text) is not None


class _Run:
    """Scans one row of a flattened table."""

    def __init__(self, page: Page, table: Table, place: int, number: int) -> None:
        self.page = page
        self.text = page.text
        self.table = table
        self.stop = table.end
        self.place = place
        self.begin = place
        self.number = number
        self.row = Row(table.columns)
        self.pending: list[int] = []
        self.mark = place
        self.after_number = False

    def scan(self) -> tuple[Row, int] | None:
        if self.table.columns[0].kind == "index":
            self.stop = self._boundary()
        for index, column in enumerate(self.table.columns):
            if column.kind in ("text", "supplier_address", "lot_name", "quantity", "failed", "unknown"):
                if not self.pending:
                    self.mark = self.place
                self.pending.append(index)
                continue
            if not self._take(index, column):
                return None
        self._flush(self._row_end())
        self._recover_money()
        if self.row.first("supplier", "lot_name", "amount", "failed") is None:
            return None
        return self.row, self.place

    def _recover_money(self) -> None:
        """A money column without a cell: digits run together at the end of the row are kept."""
        indices = [i for i, c in enumerate(self.table.columns) if c.kind in _MONEY_KINDS]
        if not indices or any(i in self.row.cells for i in indices):
            return
        found = _END_RUN.search(self.text, self.begin, self.place)
        if found is None:
            return
        index = indices[0]
        self.row.cells[index] = self.page.piece(found.start(), found.end()).strip()
        self.row.glued.add(index)
        for other, cell in list(self.row.cells.items()):
            if other != index and cell.end > found.start():
                self.row.cells[other] = self.page.piece(cell.start, max(cell.start, found.start()))

    def _take(self, index: int, column: Column) -> bool:
        match = self._match(index, column)
        if match is None:
            # An empty cell, unless the row cannot be recognised without it.
            return column.kind not in ("index", "supplier") or (
                column.kind == "supplier" and self._failed_row()
            )
        begin, end = match
        self._flush(begin)
        self.row.cells[index] = self.page.piece(begin, end).strip()
        self.place = end
        return True

    def _failed_row(self) -> bool:
        return self.table.has("failed")

    def _match(self, index: int, column: Column) -> tuple[int, int] | None:
        kind = column.kind
        if kind == "index":
            return self._index()
        if kind == "supplier":
            return self._supplier()
        if kind in _MONEY_KINDS:
            return self._money(index)
        if kind == "score" and self.pending:
            return self._last_score()
        pattern = {
            "score": _SCORE, "lot": _LOT, "uscc": _USCC, "won": _WON, "rank": _INDEX,
        }.get(kind)
        if pattern is None:
            return None
        found = (
            pattern.search(self.text, self.place, self.stop)
            if self.pending
            else pattern.match(self.text, self.place, self.stop)
        )
        if found is None:
            return None
        self.after_number = kind in ("score", "rank", "lot") and found.group()[-1:].isdigit()
        return found.start(), found.end()

    def _last_score(self) -> tuple[int, int] | None:
        """A score behind unread cells is the last thing of its line."""
        stop = self.text.find("\n", self.place)
        stop = self.stop if stop < 0 else min(stop, self.stop)
        found = _END_SCORE.search(self.text, self.place, stop)
        if found is None:
            return None
        self.after_number = True
        return found.start(1), found.end(1)

    def _index(self) -> tuple[int, int] | None:
        blank = re.compile(r"\s*").match(self.text, self.place)
        start = blank.end() if blank else self.place
        expected = str(self.number)
        if self.text.startswith(expected, start):
            self.after_number = True
            return start, start + len(expected)
        found = _INDEX.match(self.text, self.place, self.stop)
        if found is None or self.number > 1:
            return None
        self.after_number = True
        return found.start(1), found.end(1)

    def _supplier(self) -> tuple[int, int] | None:
        blank = re.compile(r"\s*").match(self.text, self.place)
        start = blank.end() if blank else self.place
        if self.pending:
            start = self._supplier_start(start)
        stop = self.stop
        list_end = _consortium_end(self.text, start, stop)
        if list_end is not None:
            self.after_number = False
            return start, list_end
        end = name_end(self.text, start, stop)
        word = re.compile(r"[^\s]+").match(self.text, start, stop)
        if word is not None and word.end() < stop and (end is None or word.end() < end):
            end = word.end()
        if end is None or not re.search(r"[\u4e00-\u9fff]", self.text[start:end]):
            return None
        self.after_number = False
        return start, end

    def _supplier_start(self, start: int) -> int:
        """After unread text cells the supplier is the first organisation that stands alone."""
        for word in re.finditer(r"\S+", self.text[start : self.stop]):
            if name_end(word.group(), 0, len(word.group())) == len(word.group()):
                return start + word.start()
        return start

    def _money(self, index: int) -> tuple[int, int] | None:
        glued = self.after_number and self.text[self.place : self.place + 1].isdigit()
        reach = min(self.stop, self.place + 200)
        spaced = self._spaced_money(reach) if self.pending else None
        found = _MONEY.search(self.text, self.place, reach)
        if not self.pending and found is not None and self.text[self.place : found.start()].strip():
            found = None
        if spaced is not None and (found is None or spaced[0] < found.start()):
            return self._numeric_end(index, *spaced, glued=False)
        if found is None:
            bare = (_BARE_MONEY.search if self.pending else _BARE_MONEY.match)(
                self.text, self._skip_blanks(), reach
            )
            if bare is None:
                return self._digit_run(index)
            return self._numeric_end(index, bare.start(), bare.end(), glued=glued)
        return self._numeric_end(index, found.start(), found.end(), glued=glued)

    def _digit_run(self, index: int) -> tuple[int, int] | None:
        """Digits of two columns run together: kept whole, to be told apart by other figures."""
        found = _DIGIT_RUN.match(self.text, self._skip_blanks(), self.stop)
        if found is None or self.pending:
            return None
        self.row.glued.add(index)
        self.after_number = True
        return found.start(), found.end()

    def _spaced_money(self, reach: int) -> tuple[int, int] | None:
        """A number that stands alone between blanks, behind unread cells."""
        printed = list(_PRINTED_MONEY.finditer(self.text, self.place, reach))
        if len(printed) == 1:
            return printed[0].start(), printed[0].end()
        for found in _ALONE.finditer(self.text, self.place, reach):
            if len(self.text[self.mark : found.start()].split()) >= len(self.pending):
                return found.start(), found.end()
        return None

    def _numeric_end(self, index: int, begin: int, end: int, *, glued: bool) -> tuple[int, int]:
        following = self.text[end : end + 1]
        if glued or (self.text[end - 1].isdigit() and (following.isdigit() or following == ".")):
            self.row.glued.add(index)
        self.after_number = self.text[end - 1].isdigit()
        return begin, end

    def _skip_blanks(self) -> int:
        found = re.compile(r"\s*").match(self.text, self.place)
        return found.end() if found else self.place

    def _flush(self, stop: int) -> None:
        """Share the text between two recognised cells among the unread columns before it."""
        if not self.pending:
            return
        words = [
            self.page.piece(self.mark + m.start(), self.mark + m.end())
            for m in re.finditer(r"\S+", self.text[self.mark : stop])
        ]
        pending, self.pending = self.pending, []
        if not words:
            return
        if len(pending) == 1 or len(words) < len(pending):
            self.row.cells[pending[0]] = self.page.piece(words[0].start, words[-1].end)
            return
        # Addresses contain blanks, the cells after them do not.
        tail = len(pending) - 1
        first = words[: len(words) - tail]
        self.row.cells[pending[0]] = self.page.piece(first[0].start, first[-1].end)
        for index, word in zip(pending[1:], words[len(words) - tail :], strict=True):
            self.row.cells[index] = word

    def _row_end(self) -> int:
        """Where the trailing text cells of this row end: before the next row number."""
        if not self.pending:
            return self.place
        if not self.table.has("index"):
            stop = self.text.find("\n", self.place)
            end = self.stop if stop < 0 else min(stop, self.stop)
        else:
            end = self._next_row()
        self.mark = self.place
        self.place = end
        return end


    def _boundary(self) -> int:
        """Where the next numbered row of this table begins; the end of the table when none does."""
        after = self.table.columns[1].kind if len(self.table.columns) > 1 else ""
        if after not in _MONEY_KINDS and after != "supplier":
            return self.table.end
        blanks = re.compile(r"\s*").match(self.text, self.place)
        lined = blanks is not None and "\n" in blanks.group()
        mark = rf"(?<=\n)\s*{self.number + 1}" if lined else str(self.number + 1)
        for found in re.finditer(mark, self.text[self.place : self.table.end]):
            begin, end = self.place + found.start(), self.place + found.end()
            if not self._starts_row(after, end):
                continue
            if name_end_anywhere(self.text, self.place, begin):
                return begin
        return self.table.end

    def _starts_row(self, after: str, place: int) -> bool:
        blank = re.compile(r"\s*").match(self.text, place)
        place = blank.end() if blank else place
        if after == "supplier":
            first = self.text[place : place + 1]
            end = name_end(self.text, place, self.table.end)
            named = self.text[place:end] if end is not None else ""
            return bool(re.match(r"[\u4e00-\u9fff]", first) and named) and not re.search(
                r"[\d：:]", named
            )
        return _LABELLED_MONEY.match(self.text, place, self.table.end) is not None

    def _next_row(self) -> int:
        """Where the next numbered row begins: at a line's start, else before a fitting number."""
        line = self.text.find("\n", self.place, self.stop)
        if line >= 0 and self.text[self.place : line].strip():
            return line
        number = re.compile(rf"(?<![\d.])\s*{self.number + 1}(?=\s|[^\d.])")
        after = self.table.columns[1].kind if len(self.table.columns) > 1 else ""
        for found in number.finditer(self.text, self.place, self.stop):
            if after in _MONEY_KINDS and _MONEY.match(self.text, found.end()) is None:
                continue
            if after == "supplier" and name_end(self.text, found.end(), self.table.end) is None:
                continue
            return found.start()
        return self.stop


_LEAD = re.compile(r"\s*(?:联合体)?(?:牵头|主办)[^：:\s]{0,6}[：:]")
_ROLE = re.compile(r"\s*(?:投标)?(?:联合体|成员)[^：:\s]{0,8}[：:]")


def _consortium_end(text: str, start: int, stop: int) -> int | None:
    """The end of a supplier cell that lists lead and members by role."""
    lead = _LEAD.match(text, start, stop)
    if lead is None:
        return None
    place = name_end(text, lead.end(), stop)
    while place is not None:
        role = _ROLE.match(text, place, stop)
        more = role.end() if role else place + 1 if text[place : place + 1] in "、，,；;" else None
        if more is None:
            return place
        following = name_end(text, more, stop)
        if following is None:
            return place
        place = following
    return None
