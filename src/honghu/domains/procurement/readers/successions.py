"""Who takes the place of a winner that fell away, as a correction tells it in running text."""

import re
from dataclasses import dataclass

from honghu.domains.procurement.readers.page import Piece

_ORGANISATION = (
    r"[^\s，。；：:、“”\"]{4,30}?(?:公司|大学|研究院|事务所|中心|厂|医院|集团|学院|研究所)"
)
_NO_ROLE = r"(?!中标|成交|入围|候选|供应商|原)"
# 由排名第二的候选人X递补为中标供应商: another supplier takes the place.
_SUCCESSOR = re.compile(
    r"(?:由|确定|确认|选定|改为|变更为|顺延|递补)[^。；\n]{0,20}?(?:第[二三四五2-5]|排名|排序|顺位|下一|候选)[^。；，\n]{0,16}?"
    rf"(?:候选人|候选供应商|供应商|名|的)[ ：:“\"]*(?P<new>{_NO_ROLE}{_ORGANISATION})[”\"]?[^。；\n]{{0,16}}?(?:递补|顺延|替补|成为|作为|为)"
)
# …, X公司为中标供应商: named behind the words that void the first result.
_NAMED_WINNER = re.compile(
    rf"(?:^|[，。；：\n]|确定|确认|推荐)(?P<new>{_NO_ROLE}{_ORGANISATION})[”\"]?(?:递补)?为(?:本项目|本包|本标段|新的?)?(?:中标|成交)(?:供应商|人|单位|方)"
)
_SUCCEEDS = re.compile(r"递补|顺延|替补|(?:第[二三2-3]|下一)[^，。；\n]{0,8}候选[^。；\n]{0,40}?为")
_SUM = re.compile(
    r"(?:中标|成交)(?:[（(]成交[）)])?(?:金额|价格?|总价)(?:为|是)?[：:]?(?P<sum>[^，。；\n]{2,40})"
)


@dataclass(frozen=True, slots=True)
class Successor:
    """The new supplier and its sum; None where the text names none."""

    supplier: Piece | None
    amount: Piece | None = None


def find_successor(content: Piece, void: re.Match[str] | None) -> Successor | None:
    """Who follows a winner that fell away.

    ``void`` is the word that voids the first result. None when nobody follows; a successor
    without supplier when the text tells of one in words that are not understood.
    """
    found = _SUCCESSOR.search(content.text)
    if found is None and void is not None:
        found = _NAMED_WINNER.search(content.text, void.end())
    if found is None:
        return Successor(None) if _SUCCEEDS.search(content.text) else None
    supplier = content.cut(found.start("new"), found.end("new"))
    amount = _SUM.search(content.text, found.end("new"))
    printed = content.cut(amount.start("sum"), amount.end("sum")) if amount else None
    return Successor(supplier, printed)
