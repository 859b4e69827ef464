"""Finding labels: a known word before a colon, or a known word in a table cell of its own."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from honghu.domains.procurement.readers.figures import TORN
from honghu.domains.procurement.readers.page import Page, Piece
from honghu.domains.procurement.readers.vocabulary import (
    COLUMNS,
    LABEL_MAX,
    LABEL_MIN,
    LABELS,
    compact,
)

_COLON = re.compile(r"[：:﹕]")
_SEPARATORS = re.compile(r"[\n\t|。；;，,：:！!？?》」\"“”]")
_UNIT_BRACKET = re.compile(r"[（(](?:金额)?单位[：:][^（）()\n：:]{1,8}[）)]\s*$")
_CLOSING = frozenset(")）]】")
_TAIL = re.compile(r"(?:[\s\\/、或*]*[（(\[【][^（）()\[\]【】]{0,60}[)）\]】])+[\s*]*$")
_ALL_BRACKET = re.compile(r"\s*[（(][^（）()]*[）)]\s*$")
_TAIL_VALUE = re.compile(r"\s*[（(][^（）()]{0,60}[)）]\s*[：:]")
_DROPPED = frozenset(" \t\u3000\xa0（）()[]【】*#\uff0a●·\u200b\u200d\ufeff\x0b\r")
# The number of the next label: X公司；（2）地址：Y.
_COUNTER = re.compile(
    r"[；;，,。]\s*[（(][\d一二三四五六七八九十]{1,2}[）)]\s*$"
    r"|(?:(?<=[；;，,。\s])|(?<=[\u4e00-\u9fff）)]))[；;，,。\s]*(?:(?<![\d.])\d{1,2}[、.\uff0e]|[①-⑳])\s*$"
)
_COUNTER_REACH = 12
_ORDINAL = re.compile(r"(?:\d{1,2}|[一二三四五六七八九十]{1,2}|[①-⑳])$")
_ORDINALS = frozenset("0123456789一二三四五六七八九十①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")
_NUMBERED = frozenset({"supplier", "supplier_address", "amount", "uscc"})
_WINNER_WORD = re.compile(r"中标|成交|中选|入围|候选")
_RATES = frozenset({"discount_rate", "reduction_rate", "fee_rate", "percent"})
_MONEY_OR = re.compile(
    r"(?:金额|价格?|报价)(?:万?元)?(?:或者?|[/\uff0f、和及])(?:中标|成交|投标)*$"
)
_OF_FIGURES = frozenset("0123456789,.OoIl")
_REACH = 48
_WORD = 8
_CELL_MARK = re.compile(r"[\t|]")
_CELL = re.compile(r"[^\t|\n]+")
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Label:
    """A label found on the page and the text that follows it on its line."""

    kind: str
    word: str
    prefix: str
    hint: str
    start: int
    value: Piece

    @property
    def end(self) -> int:
        """Where the value ends."""
        return self.value.end


def split_label(head: str) -> tuple[str, str, str, int] | None:
    """Known word at the end of ``head``: (kind, word, prefix, length of its text) or None."""
    letters = [char for char in head if char not in _DROPPED]
    for size in range(min(len(letters), LABEL_MAX), LABEL_MIN - 1, -1):
        word = "".join(letters[-size:])
        kind = LABELS.get(word)
        if kind is not None:
            return kind, word, "".join(letters[:-size]), _reach_back(head, size)
    return None


def _reach_back(head: str, size: int) -> int:
    """How many characters of ``head``, from its end, the last ``size`` letters take."""
    place = len(head)
    while size:
        place -= 1
        if head[place] not in _DROPPED:
            size -= 1
    return len(head) - place


def find_labels(page: Page, cuts: Sequence[int] = ()) -> list[Label]:
    """All labels of the page in order; values end at the next label, cut, tab or line end.

    ``cuts`` are sorted offsets that no value may cross: the starts of sections.
    """
    text = page.text
    heads: list[tuple[str, str, str, str, int, int]] = []
    for colon in _COLON.finditer(text):
        place = colon.start()
        if text[place + 1 : place + 3] == "//":
            continue
        head = _label_before(text, place)
        if head is not None and not _is_remark(text, head[0], head[4]):
            heads.append((*head, colon.end()))
    labels: list[Label] = []
    for index, (kind, word, prefix, hint, start, after) in enumerate(heads):
        following = heads[index + 1][4] if index + 1 < len(heads) else len(text)
        cut = bisect_right(cuts, after)
        if cut < len(cuts):
            following = min(following, cuts[cut])
        labels.append(Label(kind, word, prefix, hint, start, _value(page, after, following)))
    return labels


def _is_remark(text: str, kind: str, start: int) -> bool:
    """X公司（联合体成员：Y）, USD 1（汇率：7）: the bracket belongs to the value before it."""
    if kind not in ("members", "fx_rate"):
        return False
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return max(line.rfind("（"), line.rfind("(")) > max(line.rfind("）"), line.rfind(")"))


def _label_before(text: str, place: int) -> tuple[str, str, str, str, int] | None:
    """Kind, word, prefix, bracket and start of the label that ends at a colon."""
    before = text[max(0, place - _REACH) : place]
    hint = ""
    if before[-1:] in ("）", ")"):
        unit = _UNIT_BRACKET.search(before)
        if unit is not None:
            hint, before = unit.group(), before[: unit.start()]
    head = _SEPARATORS.split(before)[-1]
    if not head or _ALL_BRACKET.match(head):
        return None
    stem = head
    # First with the bracket, which may belong to the word itself: 中标（成交）.
    found = split_label(head)
    tail = _TAIL.search(head) if found is None and head.rstrip(" *")[-1:] in _CLOSING else None
    if tail is not None and tail.start() > 0:
        hint = tail.group()
        stem = head[: tail.start()]
        found = split_label(stem)
    if found is None:
        found, stem = _numbered(head)
    if found is None:
        return None
    kind, word, prefix, length = found
    if kind in _RATES and _MONEY_OR.search(prefix):
        # 中标金额（万元）或费率：45: the label does not tell which of the two it is.
        kind, hint = "amount", f"{hint} {prefix}{word}"
    start = place - _REACH if place > _REACH else 0
    start += len(before) - len(head) + len(stem) - length
    return kind, word, prefix, hint.strip(), start


def _numbered(head: str) -> tuple[tuple[str, str, str, int] | None, str]:
    """入围供应商1, 中标金额二, 中标候选人③: a winner's label with its number in the list."""
    if head[-1:] not in _ORDINALS:
        return None, head
    number = _ORDINAL.search(head)
    stem = head[: number.start()] if number is not None else ""
    found = split_label(stem)
    if number is None or found is None or found[0] not in _NUMBERED:
        return None, head
    kind, word, prefix, length = found
    if kind == "supplier" and not _WINNER_WORD.search(word):
        return None, head
    if "候选" in word:
        prefix += "第" + normal_ordinal(number.group())
    return (kind, word, prefix, length), stem


def normal_ordinal(text: str) -> str:
    """①, 1 and 一 as they are printed in 第一: a digit or a Chinese numeral."""
    return str(ord(text) - ord("①") + 1) if "①" <= text <= "⑳" else text


def _value(page: Page, after: int, following: int) -> Piece:
    text = page.text
    filler = _TAIL_VALUE.match(text, after)
    if filler is not None:
        after = filler.end()
    stop = text.find("\n", after)
    stop = len(text) if stop < 0 else stop
    for mark in ("\t", "|"):
        # A tab right after the colon still separates label and value.
        body = after + len(text[after:stop]) - len(text[after:stop].lstrip())
        cell = text.find(mark, body, stop)
        if cell >= 0:
            stop = cell
    stop = max(after, min(stop, following))
    if stop > after and text[stop - 1] in _OF_FIGURES:
        # The rest of a figure that a line break tears is part of it, whatever it then says.
        rest = TORN.match(text, stop, min(len(text), stop + _REACH))
        stop = rest.end(1) if rest is not None else stop
    value = page.piece(after, stop).strip()
    if stop == following:
        counter = _COUNTER.search(value.text, max(0, len(value.text) - _COUNTER_REACH))
        if counter is not None:
            value = value.cut(0, counter.start()).strip()
    return value


def next_line(page: Page, label: Label, labels: list[Label]) -> Piece:
    """The first non-empty line after a label that has no value on its own line."""
    text = page.text
    start = text.find("\n", label.end)
    while start >= 0:
        stop = text.find("\n", start + 1)
        stop = len(text) if stop < 0 else stop
        piece = page.piece(start + 1, stop).strip()
        if piece.text:
            index = bisect_right([other.start for other in labels], piece.start - 1)
            begins = index < len(labels) and labels[index].start < piece.end
            return page.piece(piece.start, piece.start) if begins else piece
        if stop >= len(text):
            break
        start = stop
    return page.piece(label.end, label.end)


def cell_labels(page: Page, start: int, end: int) -> list[Label]:
    """Labels without a colon: ``label value label value`` separated by tabs, bars or blanks."""
    labels: list[Label] = []
    for line in re.finditer(r"[^\n]+", page.text[start:end]):
        tabbed = "\t" in line.group()
        cells = [
            page.piece(start + line.start() + m.start(), start + line.start() + m.end()).strip()
            for m in re.finditer(r"[^\t|]+" if tabbed else r"\S+", line.group())
        ]
        pairs = _cell_pairs([cell for cell in cells if cell.text])
        # 供应商 地 址：X is one label with blanks inside, no pair of label and value.
        labels.extend(pair for pair in pairs if tabbed or len(pair.value.text) >= _SHORTEST)
    return labels


def paired_cells(page: Page) -> list[Label]:
    """Rows of a form: label, value, label, value, and nothing else, separated by tabs or bars."""
    labels: list[Label] = []
    place = 0
    while (mark := _CELL_MARK.search(page.text, place)) is not None:
        start = page.text.rfind("\n", 0, mark.start()) + 1
        place = page.text.find("\n", mark.end())
        place = len(page.text) if place < 0 else place
        cells = [
            page.piece(m.start(), m.end()).strip() for m in _CELL.finditer(page.text, start, place)
        ]
        cells = [cell for cell in cells if cell.text]
        kinds = [bool(_cell_kind(cell)[0]) for cell in cells]
        values = {compact(cell.text) for cell in cells[1::2]}
        alternate = kinds == [True, False] * (len(cells) // 2)
        if alternate and not any(word in COLUMNS for word in values):
            labels.extend(_cell_pairs(cells))
    return labels


def _cell_pairs(cells: list[Piece]) -> list[Label]:
    kinds = [_cell_kind(cell) for cell in cells]
    pairs: list[Label] = []
    for index, (kind, word, hint) in enumerate(kinds):
        if not kind:
            continue
        if index + 1 < len(cells) and _COLON.search(cells[index + 1].text[:_WORD]):
            # 供应商 名称：X is one label with a blank inside.
            continue
        if index + 1 >= len(cells) or kinds[index + 1][0]:
            return []
        pairs.append(Label(kind, word, "", hint, cells[index].start, cells[index + 1]))
    return pairs


def _cell_kind(cell: Piece) -> tuple[str, str, str]:
    if len(cell.text) > LABEL_MAX + _REACH // 2:
        return "", "", ""
    word = compact(cell.text)
    if word in LABELS:
        return LABELS[word], word, cell.text
    tail = _TAIL.search(cell.text)
    if tail is not None and tail.start() > 0:
        word = compact(cell.text[: tail.start()])
        if word in LABELS:
            return LABELS[word], word, tail.group().strip()
    return "", "", ""
