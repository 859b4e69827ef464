"""Lots that failed, told in running text: 第2包因有效投标人不足三家，废标."""

import re

from honghu.domains.procurement.readers.facts import Facts
from honghu.domains.procurement.readers.packs import PACK, normal_label, pack_number
from honghu.domains.procurement.readers.values import LotReading, Reading

_FAILED = re.compile(
    r"(?P<caption>(?:[（(][^（）()\n]{1,40}[）)])?[ ]*[：:]?[^\S\n]*\n\s*(?=本|该|因|由于|有效|废标|流标|采购失败|终止))?"
    r"(?P<between>[^。；;\n]{0,60}?)(?:废标|流标|采购失败|予以终止|终止采购|采购终止|招标失败|不足三家|不足3家"
    r"|任务取消|取消采购|重大变故|情况变更|均被否决|重新组织采购)"
)
_NOT_FAILED = re.compile(r"(?:废标|流标)(?:理由|原因|结果|情况|条款)?[：:]?\s*(?:无|/|-)")
_TOPICS = ("supplement", "reason", "result", "basic", "")
_LIST = re.compile(r"[、，,和及]\s*")


def read_failures(facts: Facts, lots: list[LotReading]) -> list[LotReading]:
    """Lots that the text says have failed and that are not listed yet."""
    known = {lot.lot.value for lot in lots}
    found: dict[str, LotReading] = {}
    for start, end in _stretches(facts):
        text = facts.page.text
        for pack in PACK.finditer(text, start, end):
            label = normal_label(pack_number(pack))
            after = _FAILED.match(text, pack.end(), min(end, pack.end() + 140))
            if after is None or label in known or label in found:
                continue
            if _NOT_FAILED.search(text[pack.start() : after.end() + 8]):
                continue
            between = after["between"]
            if _other_lot_won(between):
                continue
            place = facts.page.span(facts.page.piece(pack.start(), after.end()))
            found[label] = LotReading(
                lot=Reading.stated(
                    label, facts.page.span(facts.page.piece(pack.start(), pack.end()))
                ),
                currency=Reading.stated("CNY", None, "yuan unless another currency is printed"),
                status=Reading.stated("failed", place),
                reason=Reading.stated(text[pack.start() : after.end()].strip(), place),
            )
    return list(found.values())


def _stretches(facts: Facts) -> list[tuple[int, int]]:
    sections = [s for s in facts.sections if s.topic in _TOPICS]
    if not facts.sections:
        return [(0, len(facts.page.text))]
    return [(section.body, section.end) for section in sections]


def _other_lot_won(between: str) -> bool:
    """Another lot's result stands between the label and the word of failure."""
    listed = _LIST.split(between)
    return any(
        re.search(r"中标|成交", part) and not re.search(r"未|无|废", part) for part in listed
    )
