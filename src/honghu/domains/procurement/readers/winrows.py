"""What the rows of a winners' table say: which rows are wins, their unit, score and money."""

import re
from decimal import Decimal

from honghu.domains.procurement.readers.amounts import Money, rate_kind_of, read_money
from honghu.domains.procurement.readers.grids import Column, Row, Table
from honghu.domains.procurement.readers.page import Piece
from honghu.domains.procurement.readers.vocabulary import compact

MONEY_KINDS = (
    "amount",
    "bid",
    "discount_rate",
    "reduction_rate",
    "fee_rate",
    "percent",
    "unit_price",
)
# What a win is priced by; prices per unit tell of items.
_TELLING = tuple(kind for kind in MONEY_KINDS if kind != "unit_price")
_ITEM_WORD = re.compile(r"货物|服务|工程|标的|品目|品牌|规格|数量|产品")
_SUM_ROW = re.compile(r"(?:合|总|共|小)计(?:金额)?[：:]?|总价|总金额")
_HOME_UNIT = re.compile(r"(?:人民币)?[（(]?(?:元|万元|亿元)?[）)]?(?:人民币)?")
_UNIT_CELL = re.compile(
    rf"{_HOME_UNIT.pattern}|万?(?:[美欧日港澳加]元|英镑|港币|瑞士法郎|[A-Z]{{3}})"
)


def own_rows(rows: list[Row]) -> tuple[list[Row], bool]:
    """Rows that are wins of their own: merged cells repeat a supplier or a price.

    A repeated supplier wins again with another lot; without a lot of its own its rows are
    items of one win, and a repeated price tells nothing of this row's: doubt.
    """
    own: list[Row] = []
    unclear = False
    for row in rows:
        same_price = row.repeats(*_TELLING) or row.first(*_TELLING) is None
        if row.repeats("supplier") and same_price:
            continue
        new_lot = row.first("lot", "lot_name") is not None and not row.repeats("lot", "lot_name")
        doubtful = row.repeats("supplier") and not new_lot
        unclear |= doubtful or row.repeats(*_TELLING)
        own.append(row)
    return own, unclear


def is_sum(row: Row) -> bool:
    """Whether a row adds up the others: 合计 stands where a supplier, a lot or a number would."""
    cells = (row.first(kind) for kind in ("supplier", "lot", "lot_name", "index"))
    return any(cell is not None and _SUM_ROW.fullmatch(compact(cell.text)) for cell in cells)


def without_supplier(rows: list[Row]) -> bool:
    """Whether a row prints a sum for nobody: the empty cell may belong to the supplier above."""
    return any(
        row.first("supplier") is None
        and not is_sum(row)
        and any(re.search("[1-9]", piece.text) for _, piece, _ in row.all("amount", "bid"))
        for row in rows
    )


def lists_items(rows: list[Row]) -> bool:
    """Whether rows of one supplier without lots are items: counted or priced by the piece."""
    names = [
        compact(cell.text)
        for row in rows
        if (cell := row.first("supplier")) is not None
        and row.first("lot", "lot_name") is None
        and row.first("quantity", "unit_price") is not None
    ]
    return len(set(names)) < len(names)


def unit_of(row: Row, column: Column) -> str:
    """The unit of a row's money: the bracket of its column, else a column of units or currencies."""
    cell = row.first("unit")
    unit = cell.text if cell is not None and _UNIT_CELL.fullmatch(cell.text) else ""
    if unit and not _HOME_UNIT.fullmatch(unit):
        return unit + column.hint
    return column.hint or unit


def score_of(row: Row) -> Decimal | None:
    """The evaluation score of a row, None when it has none."""
    cell = row.first("score")
    found = re.match(r"\d{1,3}(?:\.\d{1,4})?", cell.text) if cell is not None else None
    return Decimal(found.group()) if found else None


def is_award(table: Table) -> bool:
    """A winners' table holds money, a rate, an address or a code; a score table does not."""
    if table.has(*_TELLING, "uscc"):
        return True
    if table.has("supplier_address"):
        # Bidders are listed with 地址 and scores, too; 供应商地址 is the winner's form.
        words = [column.word for column in table.columns if column.kind == "supplier_address"]
        return not table.has("score") or any(len(word) > len("详细地址") for word in words)
    items = any(_ITEM_WORD.match(column.word) for column in table.columns)
    return table.has("lot", "unit_price") and not items


def money_of(kind: str, piece: Piece, hint: str, word: str) -> Money:
    """The money of a cell by the kind, bracket and word of its label or column."""
    if kind == "unit_price":
        return read_money(piece, hint=hint + "/" if "元" in hint else hint + "元/")
    return read_money(piece, hint=hint, rate_kind=rate_kind_of(kind) if "元" not in word else None)
