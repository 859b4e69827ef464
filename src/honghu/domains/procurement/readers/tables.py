"""Tables as notices really print them: tab-separated, space-separated, or run together.

A table is a run of known column heads followed by rows. Rows of separated tables are taken by
position; rows of flattened ones are scanned by type: a number, an organisation, an address up to
the next thing of another type, a money cell, a score.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from honghu.domains.procurement.readers.grids import (
    MONEY_KINDS,
    USCC,
    Column,
    Row,
    Table,
)
from honghu.domains.procurement.readers.markup import REPEATED
from honghu.domains.procurement.readers.names import name_end
from honghu.domains.procurement.readers.page import Page, Piece
from honghu.domains.procurement.readers.runs import RowScanner, holds_a_row
from honghu.domains.procurement.readers.vocabulary import COLUMNS, compact

_BRACKET = r"(?:[ ]?[（(][^（）()\n]{0,24}[）)](?:[\\/、]?[^\s（）()，。：:]{0,6}[（(][^（）()\n]{0,12}[）)])*)?"
_MIN_COLUMNS = 2
_SHORT_WORD = 2
_TAIL = re.compile(r"(?:[\\/、]?[（(][^（）()]{0,24}[）)])+$")
_MAX_ROWS = 200
_MAX_WORDS = 16
_ROW_REACH = 400
_KNOWN_SHARE = 0.6
_HALF = 0.5


def _printed(word: str) -> str:
    """A compact column word as a pattern that allows the brackets of 中标（成交）."""
    # Word exports leave a blank inside words; heads of two letters stay whole.
    joint = "[ ]?" if len(word) > _SHORT_WORD else ""
    pattern = joint.join(re.escape(char) for char in word)
    for outer, inner in (("中标", "成交"), ("成交", "中标"), ("中标", "入围"), ("供应商", "乙方")):
        spelled = joint.join(outer + inner)
        bracketed = f"{joint.join(outer)}{joint}[（(]?{joint.join(inner)}[）)]?"
        pattern = pattern.replace(spelled, bracketed)
    return pattern


_WORDS = "|".join(_printed(word) for word in sorted(COLUMNS, key=len, reverse=True))
_COLUMN = re.compile(rf"[\s|]*(?P<word>{_WORDS})(?P<hint>{_BRACKET})")
_HEAD = re.compile(rf"(?:{_WORDS}){_BRACKET}(?:[\s|]*(?:{_WORDS}){_BRACKET})+")
_LABEL_COLON = re.compile(r"[^\S\n]*[：:]")
_SEPARATOR = re.compile(r"^[\s|:\-—]+$")
_END = re.compile(
    r"\n[^\S\n]*(?:\d{1,2}[.、\uff0e][ ]*(?:废标|流标|中标|成交|未中标|其他|评审)|[（(]?[一二三四五六七八九十]{1,2}[）)、.]"
    r"|(?:货物|工程|服务)类|备注|注[：:]|附件"
    r"|(?:第[一二三四五六七八九十\d]{1,2}包|(?:合同包|采购包|包组?|标段)[一二三四五六七八九十\d]{1,2})[^\S\n]*(?=[：:（(]|\n|$))"
)
_SUM_CELL = re.compile(r"[￥¥]?[\d,]{3,}(?:\.\d+)?[ ]*[（(]?(?:万?元)?[）)]?")
_CAPTION = re.compile(r"单位[ ]*[：:][ ]*(?:人民币)?(万元|元|亿元)[ ]*[）)]?[ ]*[：:]?\s*$")
_CAPTION_REACH = 40
_TORN_REST = re.compile(r"\s*[\d,.OoIl]{2,}[ ]*(?:[（(]?万?元|\n|$)")
_NUMERIC_CELL = re.compile(r"[^\d]{0,14}\d[\d,.]*[^\d]{0,10}$")


@lru_cache(maxsize=4096)
def _column(word: str, hint: str) -> Column:
    return Column(COLUMNS.get(compact(word), "text"), compact(word), hint)


def find_tables(page: Page, start: int, end: int, cuts: Sequence[int] = ()) -> list[Table]:
    """All tables between two offsets, in order. A table ends at the first of ``cuts`` in it."""
    tables: list[Table] = []
    heads = list(_heads(page, start, end))
    for index, (begin, body, printed, style) in enumerate(heads):
        columns = _with_unit(page.text, start, begin, printed)
        stop = heads[index + 1][0] if index + 1 < len(heads) else end
        closing = _END.search(page.text, body, stop)
        stop = closing.start() if closing else stop
        stop = min((cut for cut in cuts if body <= cut < stop), default=stop)
        table = Table(columns, begin, stop, exact=style == "cells")
        _fill(page, table, body, style)
        tables.append(table)
    turned = [
        table
        for table in _turned_tables(page, start, end)
        if not any(other.exact and _overlap(other, table) for other in tables)
    ]
    if not turned:
        return tables
    tables = [table for table in tables if not any(_overlap(table, other) for other in turned)]
    return sorted([*tables, *turned], key=lambda table: table.start)


def _overlap(one: Table, other: Table) -> bool:
    return one.start < other.end and other.start < one.end


def _with_unit(
    text: str, start: int, begin: int, columns: tuple[Column, ...]
) -> tuple[Column, ...]:
    """The columns of sums with the unit that is printed once above their table: 单位：万元."""
    unit = _CAPTION.search(text, max(start, begin - _CAPTION_REACH), begin)
    if unit is None:
        return columns
    return tuple(
        Column(column.kind, column.word, f"（{unit[1]}）")
        if column.kind in ("amount", "bid") and not column.hint
        else column
        for column in columns
    )


def _turned_tables(page: Page, start: int, end: int) -> Iterator[Table]:
    """Tables whose heads stand in the first column: 标段 | 一 | 二, 中标人 | X公司 | Y公司."""
    lines: list[tuple[Column, list[Piece]]] = []
    text = page.text[start:end]
    if text.count("\t") + text.count("|") <= _MIN_COLUMNS:
        return
    for line in re.finditer(r"[^\n]+", text):
        head = _turned_line(page.piece(start + line.start(), start + line.end()))
        if head is not None and (not lines or len(head[1]) == len(lines[0][1])):
            lines.append(head)
        elif line.group().strip():
            yield from _turned(page, lines)
            lines = [head] if head is not None else []
    yield from _turned(page, lines)


def _turned_line(line: Piece) -> tuple[Column, list[Piece]] | None:
    separator = "\t" if "\t" in line.text else "|"
    if line.text.count(separator) < _MIN_COLUMNS:
        return None
    cells = [
        line.cut(found.start(), found.end()).strip()
        for found in re.finditer(rf"[^{separator}]+", line.text)
    ]
    column = _cell_column(cells[0].text)
    others = [_cell_column(cell.text).kind for cell in cells[1:]]
    if column.kind == "unknown" or any(kind != "unknown" for kind in others):
        return None
    return (column, cells[1:]) if len(others) >= _MIN_COLUMNS else None


def _turned(page: Page, lines: list[tuple[Column, list[Piece]]]) -> Iterator[Table]:
    if not any(column.kind == "supplier" for column, _ in lines):
        lines = [(_of_candidates(column), cells) for column, cells in lines]
    kinds = [column.kind for column, _ in lines]
    if kinds.count("supplier") != 1 or not MONEY_KINDS.intersection(kinds):
        return
    names = lines[kinds.index("supplier")][1]
    if not all(name_end(name.text, 0, len(name.text)) == len(name.text) for name in names):
        return
    columns = tuple(column for column, _ in lines)
    last = lines[-1][1][-1].end
    table = Table(columns, page.text.rfind("\n", 0, lines[0][1][0].start) + 1, last, exact=True)
    for index in range(len(names)):
        cells = {place: cells[index] for place, (_, cells) in enumerate(lines)}
        table.rows.append(Row(columns, cells))
    yield table


def _of_candidates(column: Column) -> Column:
    """名称 beside heads like 第一中标候选人 is the candidates' name."""
    named = column.word in ("名称", "单位名称", "公司名称", "投标单位", "投标人")
    return Column("supplier", column.word, column.hint) if named else column


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
        columns = _words_head(page.text, line, line_end, end)
        if columns is not None:
            yield line_start, line_end, columns, "words"
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
    kinds = {column.kind for column in columns}
    known = sum(column.kind != "unknown" for column in columns)
    telling = "supplier" in kinds and bool(MONEY_KINDS & kinds)
    if known < _MIN_COLUMNS or known < len(cells) * (_HALF if telling else _KNOWN_SHARE):
        return None
    return tuple(columns)


def _words_head(text: str, line: str, line_end: int, end: int) -> tuple[Column, ...] | None:
    """Columns of a line of heads parted by blanks, some of them unknown, with a row to match."""
    words = line.split()
    if len(words) <= _MIN_COLUMNS or len(words) > _MAX_WORDS:
        return None
    columns = [_cell_column(word) for word in words]
    unknown = sum(column.kind == "unknown" for column in columns)
    if not unknown or unknown > len(words) * (1 - _KNOWN_SHARE):
        return None
    following = text[line_end : min(end, line_end + _ROW_REACH)].strip().split("\n", 1)[0]
    return tuple(columns) if len(following.split()) == len(words) else None


def _cell_column(cell: str) -> Column:
    word = compact(cell)
    if word in COLUMNS:
        hint = cell if len(cell) != len(word) else ""
        return Column(COLUMNS[word], word, hint)
    tail = _TAIL.search(cell.rstrip())
    stem = compact(cell[: tail.start()]) if tail is not None else ""
    if tail is not None and stem in COLUMNS:
        return Column(COLUMNS[stem], stem, tail.group())
    return Column("unknown", word, "")


def _spelled_head(
    text: str, begin: int, head_end: int, end: int
) -> tuple[tuple[Column, ...], int, bool]:
    """Columns of a header whose heads follow each other, glued or with blanks."""
    columns: list[Column] = []
    printed: list[str] = []
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
        printed.append(found["word"])
        place = found.end()
    columns = _without_heading(_parted(columns, printed))
    return tuple(columns), place, breaks >= max(1, len(columns) - 1)


def _parted(columns: list[Column], printed: list[str]) -> list[Column]:
    """入围供应商 地址 in a header that names no supplier are two heads, not one with a blank."""
    if any(column.kind == "supplier" for column in columns):
        return columns
    parted: list[Column] = []
    for column, word in zip(columns, printed, strict=True):
        head, blank, tail = word.rpartition(" ")
        two = (
            blank and column.kind == "supplier_address" and COLUMNS.get(compact(head)) == "supplier"
        )
        parted.extend([_column(head, ""), _column(tail, column.hint)] if two else [column])
    return parted


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
    elif style == "words":
        _fill_words(page, table, body)
    else:
        _fill_run(page, table, body)


def _fill_cells(page: Page, table: Table, body: int) -> None:
    for line in re.finditer(r"[^\n]+", page.text[body : table.end]):
        text = line.group()
        separator = "\t" if "\t" in text else "|"
        if separator not in text:
            if text.strip() and table.rows:
                _end_at(page, table, body + line.start())
                return
            continue
        if _SEPARATOR.match(text) or len(table.rows) >= _MAX_ROWS:
            continue
        row = _cells_row(page, table, body + line.start(), text, separator)
        if _needed(table) >= len(row.cells) > 1 or _too_wide(table, text, separator):
            # Cells merged over rows or columns: positions no longer tell what a cell is.
            table.incomplete = True
            continue
        table.rows.append(row)


def _end_at(page: Page, table: Table, place: int) -> None:
    """End a table at a line without cells, which may be the rest of a cell that a break tears."""
    rest = page.text[place : table.end]
    torn = max(table.rows[-1].cells, default=0)
    if _TORN_REST.match(rest) and table.rows[-1].cells[torn].text[-1:].isdigit():
        table.rows[-1].glued.add(torn)
    table.incomplete |= holds_a_row(_separated(rest))
    table.end = place


def _separated(text: str) -> str:
    """The lines of a text that are made of cells."""
    return "\n".join(line for line in text.split("\n") if "\t" in line or "|" in line)


def _too_wide(table: Table, text: str, separator: str) -> bool:
    """Whether a line prints more cells than the table has columns."""
    cells = text.strip(" |").rstrip("\t ").split(separator)
    return len(cells) > len(table.columns)


def _needed(table: Table) -> int:
    """The position of the last column that a win is read from."""
    kinds = {"supplier", "amount", "bid", *MONEY_KINDS}
    return max((i for i, c in enumerate(table.columns) if c.kind in kinds), default=0)


def _cells_row(page: Page, table: Table, start: int, text: str, separator: str) -> Row:
    row = Row(table.columns)
    place = start
    cells = text.split(separator)
    if separator == "|" and cells and not cells[0].strip():
        place += len(cells[0]) + 1
        cells = cells[1:]
    for index, cell in enumerate(cells):
        if index < len(table.columns):
            if cell.startswith(REPEATED):
                row.repeated.add(index)
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
        if not _row_fits(row):
            break
        table.rows.append(row)
    rest = cells[len(table.rows) * width :]
    if table.rows and rest:
        numeric = any(_SUM_CELL.fullmatch(cell.text) for cell in rest[:width])
        table.incomplete = numeric or holds_a_row(page.text[rest[0].start : table.end])


def _fill_words(page: Page, table: Table, body: int) -> None:
    """Rows of as many words as there are heads, each a line; the first other line ends them."""
    for line in re.finditer(r"[^\n]*\S[^\n]*", page.text[body : table.end]):
        start = body + line.start()
        words = [
            page.piece(start + m.start(), start + m.end())
            for m in re.finditer(r"\S+", line.group())
        ]
        row = Row(table.columns, dict(enumerate(words)))
        fits = len(words) == len(table.columns) and len(table.rows) < _MAX_ROWS
        if not fits or not all(_cell_fits(table.columns[i], cell) for i, cell in row.cells.items()):
            table.incomplete = holds_a_row(page.text[start : table.end])
            table.end = start
            return
        table.rows.append(row)


def _row_fits(row: Row) -> bool:
    supplier = row.first("supplier")
    if supplier is None:
        return False
    stop = supplier.end
    return name_end(supplier.text, 0, len(supplier.text)) is not None or stop - supplier.start > 1


def _fill_run(page: Page, table: Table, body: int) -> None:
    place = _fill_counted(page, table, body)
    rest = page.text[place : table.end].lstrip()
    table.flat = page.text.find("\n", table.start, table.end - len(rest)) < 0
    while place < table.end and len(table.rows) < _MAX_ROWS:
        scanner = RowScanner(page, table, place, len(table.rows) + 1)
        scanned = scanner.scan()
        if scanned is None:
            break
        row, place = scanned
        table.rows.append(row)
        table.incomplete |= scanner.overfull
    _doubt_ends(table)
    table.incomplete |= bool(table.rows) and holds_a_row(page.text[place : table.end])


def _doubt_ends(table: Table) -> None:
    """Rows without lines: the number that a row lacks may end the figure of the row above."""
    numbered = table.columns[0].kind in ("index", "lot", "rank")
    for above, row in pairwise(table.rows):
        if table.flat and numbered and 0 not in row.cells:
            above.glued.add(max(above.cells))


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
    if column.kind == "lot":
        return re.search(r"\d[.,]\d", text) is None
    if column.kind == "supplier":
        return name_end(text, 0, len(text)) == len(text)
    if column.kind in MONEY_KINDS:
        return _NUMERIC_CELL.match(text) is not None
    if column.kind in ("score", "rank"):
        return text in ("-", "/") or text[0].isdigit()
    return column.kind != "uscc" or USCC.match(text) is not None
