"""Columns, rows and tables, and the shapes of money that tables print."""

import re
from dataclasses import dataclass, field

from honghu.domains.procurement.readers.page import Piece

_MONEY_LABEL = (
    r"(?:(?:磋商|谈判|投标|最终|最后|首次|二次|二轮|响应|总|含税|合同|成交|中标|报|评审|综合|单|固定|优惠|本次|年|人民币|其中"
    r"|包干|预估|下浮|折扣|费|优惠|让利)*(?:报价|总价|金额|单价|价格|价|费率|率|折扣|下浮|单价合计|合计|比例|系数)(?:合计)?(?:[（(][^（）()\n]{0,20}[）)])?[：:]?)"
)
_UNITS = r"[ \t]*(?:[（(][ ]*(?:万元|元|%|\uff05|人民币|元[/\uff0f][^）)]{1,8})[ ]*[）)]|万元|亿元|元整|元|\uff05|%|折(?![合算价后扣成人实为]))(?:[/\uff0f][^\d\s，。；;（(]{1,6})?"
_CURRENCY = r"(?:人民币|RMB|CNY|[￥¥]|USD|US\$|美元|欧元|港币|日元)"
# No figure begins inside another, and none behind a letter that stands for a digit.
_BEGIN = r"(?<![\d.OoIl])(?<!\d[,'])"
VALUE = rf"{_BEGIN}{_CURRENCY}?[ \t]*{_CURRENCY}?[ \t]*[:：]?[ \t]*\d[\d,]*(?:\.\d+)?"
MONEY = re.compile(
    rf"(?:{_MONEY_LABEL}[ \t]*{VALUE}(?:{_UNITS})?|{_CURRENCY}[ \t]*{VALUE}(?:{_UNITS})?|{VALUE}{_UNITS})"
    rf"(?:[，,、；;][ \t]*[^\d\s，,：:]{{1,20}}?(?:[（(][^（）()\n]{{0,12}}[）)])?[：:][ \t]*{VALUE}(?:{_UNITS})?)*"
)
PRINTED_MONEY = re.compile(
    r"(?<=\s)[￥¥]?(?:\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{4,}\.\d{2})(?=\s|$)"
)
USCC = re.compile(r"\s*[0-9A-HJ-NP-RTUW-Y]{18}(?![0-9A-Z])")
MONEY_KINDS = frozenset(
    {"amount", "bid", "unit_price", "discount_rate", "reduction_rate", "fee_rate", "percent"}
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column head: what it announces, and the bracket printed with it."""

    kind: str
    word: str
    hint: str


@dataclass(slots=True)
class Row:
    """One row: pieces by column index; which of them run into a neighbour, which are repeated."""

    columns: tuple[Column, ...]
    cells: dict[int, Piece] = field(default_factory=dict)
    glued: set[int] = field(default_factory=set)
    repeated: set[int] = field(default_factory=set)

    def repeats(self, *kinds: str) -> bool:
        """Whether all cells of the kinds are repeated from a row above (a merged cell)."""
        indices = [i for i, column in enumerate(self.columns) if column.kind in kinds]
        filled = [i for i in indices if i in self.cells and self.cells[i].text.strip()]
        return bool(filled) and all(index in self.repeated for index in filled)

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
    """A header with its rows. ``exact`` when cells were separated in print.

    ``flat``: no line break before the first row, so nothing but the cells tells where a row ends.
    ``incomplete``: a row may have been missed.
    """

    columns: tuple[Column, ...]
    start: int
    end: int
    rows: list[Row] = field(default_factory=list)
    exact: bool = False
    incomplete: bool = False
    flat: bool = False

    def has(self, *kinds: str) -> bool:
        """Whether a column of one of the kinds exists."""
        return any(column.kind in kinds for column in self.columns)
