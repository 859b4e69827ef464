"""Tables of 更正项, 更正前内容, 更正后内容: what stood before and what stands now."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from honghu.domains.procurement.readers.facts import Facts
from honghu.domains.procurement.readers.grids import MONEY
from honghu.domains.procurement.readers.names import looks_like_organisation, name_end, tidy
from honghu.domains.procurement.readers.page import Piece
from honghu.domains.procurement.readers.vocabulary import compact

_OLD_HEAD = re.compile(r"^(?:更正|变更|修改|修正|调整)前|^原(?:公告|内容|信息)")
_NEW_HEAD = re.compile(
    r"^(?:更正|变更|修改|修正|调整)后|^现(?:公告|内容|信息)|^(?:更正|变更|修改|修正|调整)(?:内容|信息|为)?$"
)
_RUN_HEAD = re.compile(
    r"(?:更正|变更|修改)(?:项目?|事项|内容|名称)?[ \t]*(?:更正|变更|修改|原)(?:前|公告)(?:内容|信息)?[ \t]*(?:更正|变更|修改)后(?:内容|信息)?"
)
_AMOUNT = re.compile(r"金额|报价|成交价|中标价|价格|总价|折扣率|下浮率|费率")
_SUPPLIER = re.compile(
    r"(?:供应商|中标人|成交人|中标单位|成交单位|中标方|成交方)(?:全称|名称)?(?!地址|联系|编码|代码)"
)
_OTHER_COLUMN = re.compile(r"地址|联系|电话|代码|编码|声明函|得分|代理|服务费|限价|预算|专家")
_RUN_ROW = re.compile(
    r"[ \t\n]*\d{1,2}[ \t、.]*(?P<item>[^\d\s：:]{0,24}?(?:金额|报价|成交价|中标价|供应商名称|供应商|中标人名称|成交人名称|中标人|成交人)(?:[（(][^（）()\n]{0,12}[）)])?)[ \t]*"
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The supplier and the money cell before and after; None where the table has no such row."""

    supplier: tuple[Piece, Piece] | None = None
    money: tuple[Piece, Piece] | None = None
    whole: tuple[Piece, Piece] | None = None
    unread: bool = False
    hint: str = ""


def find_comparison(facts: Facts, content: Piece) -> Comparison | None:
    """The before/after table of a correction; None when its content has none.

    ``whole`` is a row whose cells hold labels themselves; ``unread`` says that a row about the
    winner or the money could not be told apart.
    """
    rows = list(_cell_rows(facts, content))
    if rows:
        return _of_rows([(item, old, new) for item, old, new in rows if old is not None])
    return _run_table(content)


def _cell_rows(facts: Facts, content: Piece) -> Iterator[tuple[str, Piece | None, Piece | None]]:
    """Rows of separated tables: item, cell before, cell after."""
    heads: tuple[int, int, int] | None = None
    for line in facts.lines(content.start, content.end):
        if "\t" not in line.text and "|" not in line.text:
            continue
        cells = _cells(line)
        texts = [compact(cell.text) for cell in cells]
        old = next((i for i, text in enumerate(texts) if _OLD_HEAD.match(text)), None)
        new = next((i for i, text in enumerate(texts) if _NEW_HEAD.match(text)), None)
        if old is not None and new is not None and old < new:
            heads = (old, new, len(cells))
            yield "", None, None
        elif heads is not None and len(cells) == heads[2]:
            old, new, _ = heads
            yield tidy(" ".join(cell.text for cell in cells[:old])), cells[old], cells[new]


def _of_rows(rows: list[tuple[str, Piece, Piece | None]]) -> Comparison:
    supplier = money = whole = None
    unread, hint = False, ""
    for item, old, new in rows:
        if new is None:
            continue
        if re.search(r"(?:供应商|中标|成交)[^：:]{0,8}[：:]", new.text):
            whole, unread = (old, new), unread or whole is not None
        elif _OTHER_COLUMN.search(item):
            continue
        elif _AMOUNT.search(item):
            money, hint, unread = (old, new), item, unread or money is not None
        elif _SUPPLIER.search(item) or looks_like_organisation(new.text):
            supplier, unread = (old, new), unread or supplier is not None
    return Comparison(supplier, money, whole, unread, _bracket(hint))


def _bracket(item: str) -> str:
    """The unit that the row's name prints in a bracket: 中标金额（万元）."""
    return " ".join(re.findall(r"[（(][^（）()]*(?:元|%|\uff05)[）)]", item))


def _cells(row: Piece) -> list[Piece]:
    separator = "\t" if "\t" in row.text else "|"
    place, cells = 0, []
    for cell in row.text.split(separator):
        cells.append(row.cut(place, place + len(cell)).strip())
        place += len(cell) + 1
    return cells


def _run_table(content: Piece) -> Comparison | None:
    """A table whose cells run together: told apart by what organisations and money look like."""
    head = _RUN_HEAD.search(content.text)
    if head is None:
        return None
    supplier = money = None
    unread, hint = False, ""
    rows = list(_RUN_ROW.finditer(content.text, head.end()))
    for index, row in enumerate(rows):
        stop = rows[index + 1].start() if index + 1 < len(rows) else len(content.text)
        body = content.cut(row.end(), stop).strip()
        pair = _two_names(body) if _SUPPLIER.search(row["item"]) else _two_sums(body)
        unread = unread or pair is None
        if _SUPPLIER.search(row["item"]):
            supplier = pair or supplier
        else:
            money, hint = pair or money, row["item"]
    return Comparison(supplier, money, None, unread, _bracket(hint))


def _two_names(body: Piece) -> tuple[Piece, Piece] | None:
    end = name_end(body.text, 0, len(body.text))
    if end is None:
        return None
    rest = body.cut(end).strip()
    if rest.text and looks_like_organisation(tidy(rest.text)):
        return body.cut(0, end).strip(), rest
    return None


def _two_sums(body: Piece) -> tuple[Piece, Piece] | None:
    found = list(MONEY.finditer(body.text))
    words = body.text.split()
    if len(found) != len(("before", "after")) and len(words) == len(("before", "after")):
        return body.cut(0, len(words[0])), body.cut(body.text.rfind(words[1])).strip()
    if len(found) != len(("before", "after")) or body.text[found[1].end() :].strip(" \n。"):
        return None
    return (
        body.cut(found[0].start(), found[0].end()).strip(),
        body.cut(found[1].start(), found[1].end()).strip(),
    )
