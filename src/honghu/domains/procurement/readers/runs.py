"""Scanning the rows of tables whose cells run together, by what the cells are."""

import re

from honghu.domains.procurement.readers.figures import TORN
from honghu.domains.procurement.readers.grids import (
    MONEY,
    MONEY_KINDS,
    PRINTED_MONEY,
    USCC,
    VALUE,
    Column,
    Row,
    Table,
)
from honghu.domains.procurement.readers.names import name_end, name_end_anywhere
from honghu.domains.procurement.readers.page import Page

_LABELLED_MONEY = re.compile(rf"[^\d\s]{{2,14}}[：:]\s*{VALUE}|[￥¥]\s*\d|\s+\d[\d,]*\.\d\d")
_BARE_MONEY = re.compile(
    r"(?<![\d.A-Za-z])(?:\d{1,3}(?:,\d{3})+(?:\.\d{1,6})?|\d+(?:\.\d{1,8})?)(?![\d.A-Za-z]|[ ]?[-年][ ]?\d)"
)
_SCORE = re.compile(
    r"\s*(?:\d{1,3}(?:\.\d{1,4})?分?|[-—/]+|\d{1,3}(?:\.\d+)?[（(]\d{1,3}(?:\.\d+)?[）)])(?![\d.])"
)
_END_SCORE = re.compile(r"(?<=\D)((?:\d{1,3}(?:\.\d{1,4})?)|-)[ \t]*$")
_ALONE = re.compile(r"(?<=\s)[￥¥]?\d[\d,]*(?:\.\d+)?(?=\s|$)")
_END_RUN = re.compile(r"(?<![\d.])\d[\d,.]{6,}(?:万元|元)?\s*$")
_DIGIT_RUN = re.compile(r"\d[\d,.]{5,}(?:万元|元)?")
_INDEX = re.compile(r"\s*(\d{1,3})(?=[\s、.\uff0e]|\D)")
_LOT = re.compile(
    r"\s*(?:第?[一二三四五六七八九十\dA-Za-z]{1,4}(?:合同包|采购包|标段|标包|分包|标项|包)|(?:合同包|采购包|标段|标包|分包|标项|包)[一二三四五六七八九十\dA-Z]{1,3}"
    r"|[一二三四五六七八九十]{1,2}|\d{1,3}|[A-Z])"
)
_LOT_WORD = re.compile(
    r"(?:第[一二三四五六七八九十\dA-Za-z]{1,3}|[A-Za-z]|[一二三四五六七八九十]{1,2})?(?:合同包|采购包|标段|标包|分包|标项|包)"
    r"(?:[一二三四五六七八九十]{1,2}|\d{1,2}|[A-Z])?"
)
_WON = re.compile(
    r"\s*(?:是|否|中标|成交|未中标|未成交|入围|流标|废标|第[一二三四五1-5](?:名|中标候选人|成交候选人))"
)
_BLANKS = re.compile(r"\s*")
_WORD = re.compile(r"[^\s]+")
# Chinese words; a line with a label is none unless it names a company by its role.
_SUPPLIER_CELL = re.compile(r"(?=.*[\u4e00-\u9fff])(?:[^：:。；]*$|.*公司)", re.DOTALL)
_NAMED = re.compile(r"公司|大学|中心|事务所|研究院|厂")
_FIGURE = re.compile(r"\d[\d,.]{2,}|\d[ ]*(?:万?元|%)")
_LARGE = re.compile(r"(?<![\dA-Za-z.\-])(?:\d[\d,]*\.\d|\d{1,3},\d{3}|\d{5})(?![A-Za-z\-])")
_MORE_DIGITS = frozenset("0123456789.OoIl")
# Behind these an address has ended: no digit of it can run into the figure that follows.
_CLOSED = frozenset("|）)室市县镇乡")
# 3789 999.94（元）: a blank inside the number, the unit behind its second part. 1,2O0: a comma.
_MORE = re.compile(r"[ \u3000\xa0]\d[\d,.]*[ ]*[（(]?万?元|[,，'\u2019、;；][ ]?[\dOoIl]")
_NUMERIC = frozenset({"score", "rank", "quantity"})
_PATTERNS = {"score": _SCORE, "lot": _LOT, "uscc": USCC, "won": _WON, "rank": _INDEX}
_FIGURES = MONEY_KINDS | {"budget"}
# Kinds of columns whose cells are known by their shape; all others are text up to the next of these.
_SHAPED = frozenset({"index", "supplier", *_FIGURES, *_PATTERNS})


def holds_a_row(rest: str) -> bool:
    """Whether unread text names an organisation together with a figure: a row was not told apart."""
    return _NAMED.search(rest) is not None and _FIGURE.search(rest) is not None


class RowScanner:
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
        # Whether the text behind the row's last known cell may hold a further row.
        self.overfull = False

    def scan(self) -> tuple[Row, int] | None:
        if self.table.columns[0].kind == "index":
            self.stop = self._boundary()
        elif self.table.columns[0].kind == "supplier":
            self.stop = self._repeated_supplier()
        for index, column in enumerate(self.table.columns):
            if column.kind not in _SHAPED:
                if not self.pending:
                    self.mark = self.place
                self.pending.append(index)
                continue
            if not self._take(index, column):
                return None
        self._flush(self._row_end())
        self._recover_money()
        self._doubt_neighbours()
        if self.row.first("supplier", "lot_name", "amount", "failed") is None:
            return None
        return self.row, self.place

    def _recover_money(self) -> None:
        """A money column without a cell: digits run together at the end of the row are kept."""
        indices = [i for i, c in enumerate(self.table.columns) if c.kind in MONEY_KINDS]
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

    def _doubt_neighbours(self) -> None:
        """A figure without a unit beside a numeric column without a cell may hold both."""
        kinds = [column.kind for column in self.table.columns]
        for index, cell in self.row.cells.items():
            if kinds[index] not in MONEY_KINDS:
                continue
            after = index + 1 < len(kinds) and kinds[index + 1] in _NUMERIC
            before = index > 0 and kinds[index - 1] in _NUMERIC
            if after and index + 1 not in self.row.cells and cell.text[-1:].isdigit():
                self.row.glued.add(index)
            if before and index - 1 not in self.row.cells and cell.text[:1].isdigit():
                self.row.glued.add(index)

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
            return self._supplier(index)
        if kind in _FIGURES:
            return self._money(index)
        if kind == "score" and self.pending:
            return self._last_score()
        return self._typed(kind)

    def _typed(self, kind: str) -> tuple[int, int] | None:
        """A cell of a kind that a pattern recognises."""
        pattern = _PATTERNS.get(kind)
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
        blank = _BLANKS.match(self.text, self.place)
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

    def _supplier(self, index: int) -> tuple[int, int] | None:
        blank = _BLANKS.match(self.text, self.place)
        start = blank.end() if blank else self.place
        if self.pending:
            alone = self._supplier_start(start)
            if alone is None:
                self.row.glued.add(index)
            start = start if alone is None else alone
        stop = self.stop
        list_end = consortium_end(self.text, start, stop)
        if list_end is not None:
            self.after_number = False
            return start, list_end
        end = name_end(self.text, start, stop)
        word = _WORD.match(self.text, start, stop)
        if word is not None and word.end() < stop and (end is None or word.end() < end):
            end = word.end()
        end = self._listed_end(end) if end is not None else None
        if end is None or not _SUPPLIER_CELL.match(self.text[start:end]):
            return None
        self.after_number = False
        return start, end

    def _listed_end(self, end: int) -> int:
        """X公司（牵头人）、Y公司（成员）: the cell goes on as long as names follow its separators."""
        while self.text[end : end + 1] in ("、", "，", ",", "；", ";"):
            following = name_end(self.text, end + 1, self.stop)
            if following is None:
                break
            end = following
        return end

    def _supplier_start(self, start: int) -> int | None:
        """After unread text cells the supplier is the first organisation that stands alone."""
        for word in re.finditer(r"\S+", self.text[start : self.stop]):
            if name_end(word.group(), 0, len(word.group())) == len(word.group()):
                return start + word.start()
        return None

    def _money(self, index: int) -> tuple[int, int] | None:
        glued = self.after_number and self.text[self.place : self.place + 1].isdigit()
        reach = min(self.stop, self.place + 200)
        spaced = self._spaced_money(reach) if self.pending else None
        found = MONEY.search(self.text, self.place, reach)
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
        printed = list(PRINTED_MONEY.finditer(self.text, self.place, reach))
        if len(printed) == 1:
            return printed[0].start(), printed[0].end()
        for found in _ALONE.finditer(self.text, self.place, reach):
            if len(self.text[self.mark : found.start()].split()) >= len(self.pending):
                return found.start(), found.end()
        return None

    def _numeric_end(self, index: int, begin: int, end: int, *, glued: bool) -> tuple[int, int]:
        if self.pending and self._passed_over(self.text[self.mark : begin]):
            self.row.glued.add(index)
            self.overfull = True
        elif glued or self._runs_in(begin) or self._runs_on(index, end):
            self.row.glued.add(index)
        self.after_number = self.text[end - 1].isdigit()
        return begin, end

    def _passed_over(self, unread: str) -> bool:
        """Whether the text before a figure may hold the row's own figure, or a row of its own."""
        if self.table.flat:
            return holds_a_row(unread) or _LARGE.search(unread) is not None
        return "\n" in unread and holds_a_row(unread)

    def _runs_in(self, begin: int) -> bool:
        """A figure at the end of unread cells without a gap: 工业园3栋502 and 356800."""
        if not self.pending or not self.text[begin].isdigit():
            return False
        unread = self.text[self.mark : begin]
        return bool(unread) and not unread[-1].isspace() and unread[-1] not in _CLOSED

    def _runs_on(self, index: int, end: int) -> bool:
        """A figure whose last digits may be the next cell's: 3560002白水公司, 35600090日历天."""
        following = self.text[end : end + 1]
        if not self.text[end - 1].isdigit() or not following:
            return False
        if following in _MORE_DIGITS or _MORE.match(self.text, end, self.stop):
            return True
        if TORN.match(self.text, end, self.stop):
            return True
        columns = self.table.columns
        glued = "\u4e00" <= following <= "\u9fff" and end < self.table.end
        return glued and columns[(index + 1) % len(columns)].kind != "supplier"

    def _skip_blanks(self) -> int:
        found = _BLANKS.match(self.text, self.place)
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
        self.overfull |= holds_a_row(self.text[self.mark : end])
        return end

    def _boundary(self) -> int:
        """Where the next numbered row of this table begins; the end of the table when none does."""
        after = self.table.columns[1].kind if len(self.table.columns) > 1 else ""
        if after not in MONEY_KINDS and after not in ("supplier", "lot", "lot_name"):
            return self.table.end
        blanks = _BLANKS.match(self.text, self.place)
        lined = blanks is not None and "\n" in blanks.group()
        mark = rf"(?<=\n)\s*{self.number + 1}" if lined else str(self.number + 1)
        for found in re.finditer(mark, self.text[self.place : self.table.end]):
            begin, end = self.place + found.start(), self.place + found.end()
            if not self._starts_row(after, end):
                continue
            if name_end_anywhere(self.text, self.place, begin):
                return begin
        return self.table.end

    def _repeated_supplier(self) -> int:
        """Where the same supplier begins the next row; the end of the table when it does not."""
        word = _WORD.search(self.text, self.place, self.table.end)
        if word is None or name_end(word.group(), 0, len(word.group())) != len(word.group()):
            return self.table.end
        again = re.compile(rf"(?<=\s){re.escape(word.group())}(?=\s)")
        found = again.search(self.text, word.end(), self.table.end)
        return self.table.end if found is None else found.start()

    def _starts_row(self, after: str, place: int) -> bool:
        blank = _BLANKS.match(self.text, place)
        place = blank.end() if blank else place
        if after in ("lot", "lot_name"):
            return _LOT_WORD.match(self.text, place, self.table.end) is not None
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
            if after in MONEY_KINDS and MONEY.match(self.text, found.end()) is None:
                continue
            if after == "supplier" and name_end(self.text, found.end(), self.table.end) is None:
                continue
            return found.start()
        return self.stop


_LEAD = re.compile(r"\s*(?:联合体)?(?:牵头|主办)[^：:\s]{0,6}[：:]")
_ROLE = re.compile(r"\s*(?:投标)?(?:联合体|成员)[^：:\s]{0,8}[：:]")


def consortium_end(text: str, start: int, stop: int) -> int | None:
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
