"""Words of change in running text: what stood before them, what stands after them."""

import re
from collections.abc import Iterator

from honghu.domains.procurement.readers.page import Piece

# Sums that a notice prints besides the award.
OTHER_SUM = re.compile(r"代理|服务费|保证金|预算|限价|控制价|收费|公证费|评审费|专家费|质保金|单价")
_CONTEXT = 60
_CHANGE = re.compile(
    r"[，,\n。；”\"]?\s{0,8}(?:现)?(?:(?:更正|变更|修改|调整|修正)(?:为|成|后为|后(?:的)?(?:内容|信息|结果|公告)?[：:])|更?改[为成]|应为|正确(?:的)?(?:内容|信息|结果|金额|报价|价格)?(?:应)?为"
    r"|现(?=(?:中标|成交)(?:[（(]成交[）)])?(?:总?金额|总?价|报价)))[：:]?\s{0,8}(?P<new>[^。；\n]{1,400})"
)
_OLD_REACH = 400


def find_changes(content: Piece) -> Iterator[tuple[Piece, Piece]]:
    """What stood before and what stands after each word of change, up to the ends of its clause."""
    last = 0
    for found in _CHANGE.finditer(content.text):
        stop = found.start()
        clause = max(content.text.rfind(mark, last, stop) for mark in "。；\n") + 1
        begin = max(clause, last, stop - _OLD_REACH)
        yield content.cut(begin, stop), content.cut(found.start("new"), found.end("new"))
        last = found.end()


def is_other_sum(content: Piece, clause: Piece) -> bool:
    """Whether a changed sum is a fee or a budget, by its own words or by the heading above it."""
    if OTHER_SUM.search(clause.text):
        return True
    begin = clause.start - content.start
    above = content.text[max(0, begin - _CONTEXT) : begin]
    told = re.search(r"中标|成交", clause.text)
    return told is None and OTHER_SUM.search(above) is not None
