"""HTML pages and portal captures (JSON) as plain text, with offsets back into the source.

A tolerant scanner instead of a tree: notices come broken (unclosed cells, quotes inside
attributes, JSP leftovers, escaped end tags), and every value must be traceable to the characters
it was read from, which a tree parser does not give. Table rows become lines whose cells are
separated by tabs; block elements become lines.
"""

import html
import json
import re
from dataclasses import dataclass, field
from itertools import pairwise

from honghu.domains.procurement.readers.characters import UNSEEN, plain
from honghu.domains.procurement.readers.page import Page, Piece

_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<%.*?(?:%>|\Z)|<(?P<raw>script|style|noscript|title|textarea)\b[^>]*>.*?<\\?/(?P=raw)\s*>"
    r"|<(?P<close>\\?/)?(?P<tag>[a-zA-Z][a-zA-Z0-9:]*)(?P<attrs>(?:<%.*?%>|[^<>])*)>|<![^>]*>",
    re.IGNORECASE | re.DOTALL,
)
_HTML = re.compile(
    r"<\s*(?:!doctype\s+html|html|head|body|div|table|tbody|tr|td|p|span|br)\b", re.IGNORECASE
)
_MIN_TAGS = 3
_RUN = re.compile(r"[^\s&]+|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,20});?|&|\s+")
_SEEN = re.compile(f"[^{UNSEEN}]+")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_META = re.compile(
    r"""<meta[^>]*name\s*=\s*["']?(?P<name>[\w.-]+)["']?[^>]*content\s*=\s*["'](?P<value>[^"'<>]*)""",
    re.IGNORECASE,
)
_TITLE = re.compile(r"<title[^>]*>(?P<text>.*?)</title>", re.IGNORECASE | re.DOTALL)
_TITLE_NAMES = ("articletitle", "og:title")
_DATE_NAMES = ("pubdate", "publishdate", "articledate")
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "ul",
        "ol",
        "section",
        "article",
        "header",
        "footer",
        "blockquote",
        "hr",
        "dl",
        "dt",
        "dd",
        "form",
        "fieldset",
        "center",
        "pre",
        "label",
    ]
)
_VOID = frozenset(
    ["br", "hr", "img", "input", "meta", "link", "col", "area", "base", "embed", "source", "wbr"]
)
_SOFT = "\x0b"
# Stands before a cell's text where a rowspan repeats it; no page holds it (see `plain`).
REPEATED = "\u200d"
_ROWSPAN = re.compile(r"""\browspan\s*=\s*["']?\s*(\d{1,3})""", re.IGNORECASE)
_COLSPAN = re.compile(r"""\bcolspan\s*=\s*["']?\s*(\d{1,3})""", re.IGNORECASE)
_SPAN_COLUMNS = 40
_REPEATED_CELL = 200
_REPEATED_PAGE = 200_000


def _span(pattern: re.Pattern[str], attrs: str) -> int:
    found = pattern.search(attrs)
    return min(max(1, int(found[1])), _SPAN_COLUMNS) if found else 1


def is_html(source: str) -> bool:
    """Whether the text is markup: at least a few structural tags."""
    return any(count >= _MIN_TAGS for count, _ in enumerate(_HTML.finditer(source, 0, 20000), 1))


@dataclass(slots=True)
class _Writer:
    """Collects output pieces and where each came from."""

    parts: list[str] = field(default_factory=list)
    sources: list[tuple[int, int]] = field(default_factory=list)

    def put(self, text: str, start: int, end: int) -> None:
        self.parts.append(text)
        self.sources.append((start, end))


@dataclass(slots=True)
class _Row:
    """An open table row: where its soft breaks and cell separators stand in the output.

    `column` is the position of the open cell, `begin` where its text starts in the output, and
    `spans` how many columns and how many rows it covers.
    """

    cells: int = 0
    nested: bool = False
    marks: list[int] = field(default_factory=list)
    column: int = -1
    begin: int = 0
    spans: tuple[int, int] = (1, 1)


@dataclass(slots=True)
class _Carried:
    """A cell that covers further rows: its text is repeated there, marked as repeated."""

    rows: int
    text: list[tuple[str, tuple[int, int]]]


class _Scanner:
    """One pass over the markup."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.out = _Writer()
        self.rows: list[_Row] = []
        self.tables: list[dict[int, _Carried]] = []
        self.repeated = 0
        self.hidden: tuple[str, int] | None = None

    def run(self) -> _Writer:
        last = 0
        for token in _TOKEN.finditer(self.source):
            self._text(last, token.start())
            last = token.end()
            tag = token["tag"]
            if tag:
                self._tag(tag.lower(), token)
        self._text(last, len(self.source))
        while self.rows:
            self._close_row()
        return self.out

    def _text(self, start: int, end: int) -> None:
        if self.hidden is not None or start >= end:
            return
        for run in _RUN.finditer(self.source, start, end):
            text = run.group()
            if text.isspace():
                self.out.put(" ", run.start(), run.end())
            elif text[0] == "&":
                meant = plain(html.unescape(text)).replace(UNSEEN, "")
                if meant:
                    self.out.put(" " if meant.isspace() else meant, run.start(), run.end())
            else:
                self._words(plain(text), run.start(), run.end())

    def _words(self, text: str, start: int, end: int) -> None:
        if UNSEEN not in text:
            self.out.put(text, start, end)
            return
        for seen in _SEEN.finditer(text):
            self.out.put(seen.group(), start + seen.start(), start + seen.end())

    def _tag(self, tag: str, token: re.Match[str]) -> None:
        closing = token["close"] is not None
        if self._hide(tag, token, closing=closing):
            return
        place = token.start()
        if tag == "tr":
            self._row(place, closing=closing)
        elif tag in ("td", "th"):
            if not closing:
                self._cell(place, token["attrs"])
        elif tag == "table":
            self._table(closing=closing)
            self._break(place)
        elif tag in _BLOCKS:
            self._break(place)

    def _hide(self, tag: str, token: re.Match[str], *, closing: bool) -> bool:
        if self.hidden is None:
            attrs = token["attrs"]
            if closing or tag in _VOID or attrs.endswith("/") or not _HIDDEN.search(attrs):
                return False
            self.hidden = (tag, 1)
            return True
        name, depth = self.hidden
        if tag == name:
            depth += -1 if closing else 1
            self.hidden = (name, depth) if depth else None
        return True

    def _break(self, place: int) -> None:
        if self.rows and self.rows[-1].cells:
            self.rows[-1].marks.append(len(self.out.parts))
        self.out.put(_SOFT, place, place)

    def _row(self, place: int, *, closing: bool) -> None:
        if closing:
            if self.rows:
                self._close_row()
        else:
            self.rows.append(_Row())
        self.out.put("\n", place, place)

    def _table(self, *, closing: bool) -> None:
        if closing:
            if self.tables:
                self.tables.pop()
            return
        if self.rows:
            self.rows[-1].nested = True
        self.tables.append({})

    def _cell(self, place: int, attrs: str) -> None:
        if not self.rows:
            self.rows.append(_Row())
        row = self.rows[-1]
        self._finish_cell(row, place)
        column = self._repeat(row, row.column + row.spans[0] if row.cells else 0, place)
        self._separate(row, place)
        row.cells += 1
        row.column, row.begin = column, len(self.out.parts)
        row.spans = (_span(_COLSPAN, attrs), _span(_ROWSPAN, attrs))

    def _separate(self, row: _Row, place: int) -> None:
        if row.cells:
            row.marks.append(len(self.out.parts))
            self.out.put("\t", place, place)

    def _finish_cell(self, row: _Row, place: int) -> None:
        """Empty cells for the columns that the open cell covers; its text kept for further rows."""
        if not row.cells:
            return
        columns, rows = row.spans
        if rows > 1 and self.tables and not row.nested:
            parts = slice(row.begin, len(self.out.parts))
            text = list(zip(self.out.parts[parts], self.out.sources[parts], strict=True))
            if sum(len(part) for part, _ in text) <= _REPEATED_CELL:
                self.tables[-1][row.column] = _Carried(rows - 1, text)
        for _ in range(columns - 1):
            self._separate(row, place)

    def _repeat(self, row: _Row, column: int, place: int) -> int:
        """Print the cells that rows above carry into this one, from a column on."""
        carried = self.tables[-1] if self.tables else {}
        while column in carried:
            cell = carried[column]
            cell.rows -= 1
            if cell.rows <= 0:
                del carried[column]
            self._separate(row, place)
            row.cells += 1
            self.repeated += sum(len(part) for part, _ in cell.text)
            if self.repeated <= _REPEATED_PAGE:
                self.out.put(REPEATED, place, place)
                for part, (start, end) in cell.text:
                    self.out.put(" " if part == _SOFT else part, start, end)
            column += 1
        return column

    def _close_row(self) -> None:
        row = self.rows.pop()
        if row.cells:
            place = self.out.sources[-1][1]
            if row.cells == 1:
                # A row of one cell is a line of text, however wide its cell.
                row.spans = (1, row.spans[1])
            self._finish_cell(row, place)
            self._repeat(row, row.column + row.spans[0], place)
        tabular = row.cells > 1 and not row.nested
        for mark in row.marks:
            if self.out.parts[mark] == _SOFT:
                self.out.parts[mark] = " " if tabular else "\n"
            elif not tabular:
                self.out.parts[mark] = "\n"
        if row.nested and self.rows:
            self.rows[-1].nested = True


def page_from_html(source: str) -> Page:
    """The visible text of a page, line by line, with its title and date from the head."""
    written = _Scanner(source).run()
    texts: list[str] = []
    text_starts: list[int] = []
    source_starts: list[int] = []
    source_ends: list[int] = []
    offset = 0
    blank = True
    for raw, (start, end) in zip(written.parts, written.sources, strict=True):
        text = "\n" if raw == _SOFT else raw
        if text == " " and blank:
            continue
        blank = text in (" ", "\n")
        texts.append(text)
        text_starts.append(offset)
        source_starts.append(start)
        source_ends.append(end)
        offset += len(text)
    metas = {m["name"].lower(): m for m in _META.finditer(source, 0, 20000)}
    return Page(
        source=source,
        text="".join(texts),
        form="html",
        title=_head_title(source, metas),
        publish_hint=_head_date(metas),
        _text_starts=tuple(text_starts),
        _source_starts=tuple(source_starts),
        _source_ends=tuple(source_ends),
    )


def _head_title(source: str, metas: dict[str, re.Match[str]]) -> str | None:
    for name in _TITLE_NAMES:
        if name in metas and metas[name]["value"].strip():
            return html.unescape(metas[name]["value"]).strip()
    found = _TITLE.search(source, 0, 20000)
    title = html.unescape(found["text"]).strip() if found else ""
    return title or None


def _head_date(metas: dict[str, re.Match[str]]) -> Piece | None:
    """The date in the page's head; its offsets already are source offsets."""
    for name in _DATE_NAMES:
        if name in metas and metas[name]["value"].strip():
            found = metas[name]
            return Piece(found["value"], found.start("value"), found.end("value"))
    return None


# Keys under which portals hand out a notice's fields, and the label they stand for.
_CAPTURE_LABELS = {
    "publish_time": "发布时间",
    "publish_date": "发布时间",
    "title": "标题",
    "contract_number": "合同编号",
    "contract_no": "合同编号",
    "contract_name": "合同名称",
    "project_number": "项目编号",
    "project_no": "项目编号",
    "project_name": "项目名称",
    "buyer": "采购人名称",
    "purchaser": "采购人名称",
    "agency": "代理机构名称",
    "supplier": "供应商名称",
    "supplier_address": "供应商地址",
    "contract_amount": "合同金额",
    "performance_period": "履约期限",
    "sign_date": "签订日期",
    "signing_date": "签订日期",
    "bid_amount": "中标金额",
}
_PAIR = re.compile(r'"(?P<key>[^"\\]{1,60})"\s*:\s*"(?P<value>(?:[^"\\]|\\.)*)"')


def page_from_capture(source: str) -> Page | None:
    """A portal's JSON capture as ``label：value`` lines; None when the text is not JSON."""
    if not source.lstrip().startswith(("{", "[")):
        return None
    try:
        json.loads(source)
    except ValueError:
        return None
    out = _Writer()
    for pair in _PAIR.finditer(source):
        label = _CAPTURE_LABELS.get(pair["key"].lower(), pair["key"])
        out.put(label + "：", pair.start("key"), pair.end("key"))
        value = json.loads(f'"{pair["value"]}"')
        out.put(plain(value).replace(UNSEEN, ""), pair.start("value"), pair.end("value"))
        out.put("\n", pair.end("value"), pair.end("value"))
    return _joined(out, source, "capture")


_RAGGED = re.compile(r"\t[ ]*\t[ ]*\t|[ \t]{40}")
# Text copied out of a page's layout: long runs of tabs and blanks become one blank.
_RAGGED_OR_UNSEEN = re.compile(rf"[ \t]{{2,}}|{UNSEEN}+")
# Text copied with its entities: 名&nbsp;&nbsp;称.
_UNSEEN = re.compile(rf"{UNSEEN}+|(?:&(?:nbsp|ensp|emsp|#160|#12288);)+")


def _without(text: str, source: str, runs: re.Pattern[str]) -> Page:
    """The text with every run of blanks as one blank and every run of unseen marks gone."""
    out = _Writer()
    last = 0
    for run in runs.finditer(text):
        out.put(text[last : run.start()], last, run.start())
        if run.group()[0] != UNSEEN:
            out.put(" ", run.start(), run.end())
        last = run.end()
    out.put(text[last:], last, len(text))
    return _joined(out, source, "text")


def _joined(out: _Writer, source: str, form: str) -> Page:
    starts = [0]
    for part in out.parts:
        starts.append(starts[-1] + len(part))
    return Page(
        source=source,
        text="".join(out.parts),
        form=form,
        _text_starts=tuple(start for start, _ in pairwise(starts)),
        _source_starts=tuple(start for start, _ in out.sources),
        _source_ends=tuple(end for _, end in out.sources),
    )


def page_from_source(source: str) -> Page:
    """The page of a decoded file, whatever its form."""
    if is_html(source):
        return page_from_html(source)
    capture = page_from_capture(source)
    if capture is not None:
        return capture
    text = plain(source)
    if _RAGGED.search(text):
        return _without(text, source, _RAGGED_OR_UNSEEN)
    marked = UNSEEN in text or "&" in text
    return _without(text, source, _UNSEEN) if marked else Page(source, text, "text")
