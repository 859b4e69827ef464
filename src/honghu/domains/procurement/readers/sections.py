"""Numbered sections, the portal's summary block, and the title."""

import re
from dataclasses import dataclass

from honghu.domains.procurement.readers.page import Page, Piece
from honghu.domains.procurement.readers.vocabulary import SUMMARY_KEYS, compact

_STARTS = (
    "项目|采购|政府采购|中标|成交|主要|评审|评标|谈判|磋商|询价|代理|公告|其他|其它|凡|对本|参与|参加|附件|开标|供应商"
    "|投标|流废标|废标|流标|终止|质疑|投诉|邀请|更正|联系|合同|签订|招标|预中标|预成交|结果|公示|拟|定标|单一来源|入围"
    "|标段|基本|原公告|补充|推荐|中选|监督"
)
_HEADING = re.compile(
    r"(?:(?<=\n)|(?<=^))[ \t\u3000\xa0#*\u200d]*(?P<no>[一二三四五六七八九十]{1,3})[ \t]*[、.\uff0e,，:：][ \t\u3000]*(?P<line>[^\n]*)"
    rf"|(?<![包段项标组第A-Za-z])(?P<ino>[一二三四五六七八九十]{{1,3}})[、\uff0e.](?P<iline>(?:{_STARTS})[^\n]*)"
    rf"|[（(](?P<sno>[一二三四五六七八九十]{{1,2}})[）)][、 ]?(?P<sline>(?:{_STARTS}|未)[^\n]*)"
)
_PLAIN = re.compile(
    r"(?:(?<=\n)|(?<=^))[ \t\u3000\xa0#*]*(?:\d{1,2}[.\uff0e、][ \t]*)?(?P<line>(?:中标|成交|采购|预中标|预成交|中标（成交）"
    r"|中标\(成交\)|未中标|未成交|评审|评标|其他补充|公告期限|代理服务)[^\n：:\t，。]{0,16}"
    r"(?:信息|结果|情况|名单|事宜|如下|期限|专家|小组成员名单|小组成员|标准及金额|得分|排名))[ \t]*[：:]?[ \t]*(?=\n|$)"
)
_ARABIC = re.compile(
    r"(?:(?<=\n)|(?<=^))[ \t\u3000\xa0#*]*(?P<no>\d{1,2})[ \t]*[、.\uff0e][ \t\u3000]*(?P<line>[^\n\d][^\n]*)"
)
_NUMERALS = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
_FEW = 3
_INNER = re.compile(r"\s[一二三四五六七八九十]{1,2}[、.\uff0e]")
_HEAD_LENGTH = 34
_HEAD_START = 12

_TOPICS: tuple[tuple[str, str], ...] = (
    ("contact", r"采购人信息|代理机构信息|执行机构信息|管理部门|认为|权益"),
    ("fee", r"代理服务|代理费|服务费|收费标准"),
    (
        "losers",
        (
            r"得分|评分|排名|候选|投标情况|报价|初审|资格|评审情况|评审信息|谈判情况|磋商情况|邀请供应商|未中标|未成交|落标|无效投标"
            r"|开标|被拒|评审结果|评标情况|推荐情况"
        ),
    ),
    ("experts", r"专家|评审小组|评标委员会|谈判小组|磋商小组|询价小组|小组成员"),
    ("reason", r"(?:终止|废标|流标|失败).{0,4}(?:原因|理由|情况|说明)"),
    ("correction", r"更正|变更"),
    ("contact", r"联系|询问|质疑|投诉|异议"),
    ("supplement", r"补充|其[他它](?:事项|情况|说明|需)|说明事项|^其[他它]"),
    ("attachments", r"附件"),
    ("period", r"公告期|公示期|期限"),
    ("items", r"主要.{0,8}标的|供货明细|标的信息|标的情况|分项|主要成交|采购清单"),
    (
        "result",
        (
            r"(?:中标|成交|入围|定标|中选|单一来源)[^项预]{0,8}(?:信息|结果|情况|供应商|人|单位|金额)"
            r"|(?:采购|招标|磋商|谈判|询价)[^项预人]{0,4}(?:结果|成交)|^结果"
        ),
    ),
    ("project_no", r"项目编号|采购编号|项目号|招标编号|采购项目编号"),
    ("plan_no", r"计划.{0,4}(?:号|编号)|备案号|备案文号"),
    ("project_name", r"项目名称"),
    ("basic", r"基本情况|项目信息|项目概况|项目情况"),
    ("contract", r"合同"),
)
_TOPIC = [(name, re.compile(pattern)) for name, pattern in _TOPICS]


# start, start of the words, the line, level, printed number
_Head = tuple[int, int, str, int, str]


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part of the notice. ``start`` is the heading, ``body`` where its content starts."""

    topic: str
    heading: str
    start: int
    body: int
    end: int
    level: int
    number: str = ""


def find_sections(page: Page) -> list[Section]:
    """Sections in order, each ending where the next begins (an inner one ends with its parent)."""
    heads: list[_Head] = []
    for found in _HEADING.finditer(page.text):
        line = found["line"] or found["iline"] or found["sline"] or ""
        offset = found.end() - len(line)
        level = 2 if found["sno"] else 1
        number = found["no"] or found["ino"] or ""
        heads.append((found.start(), offset, line, level, number))
    if sum(level == 1 for *_, level, _ in heads) < _FEW:
        heads.extend(_arabic_heads(page))
    heads.extend((m.start(), m.start("line"), m["line"], 2, "") for m in _PLAIN.finditer(page.text))
    heads.sort()
    return _close(page, _split_inline(page, heads))


def _arabic_heads(page: Page) -> list[_Head]:
    """1. 项目编号 … 9. 联系方式: headings of notices that count their parts with digits.

    The numbers run on from 1; those that begin again inside a part are items of that part.
    """
    heads: list[_Head] = []
    for found in _ARABIC.finditer(page.text):
        number = int(found["no"])
        if number != len(heads) + 1 or not topic_of(_heading_text(found["line"], 0)[0]):
            continue
        numeral = _NUMERALS[number] if number < len(_NUMERALS) else found["no"]
        heads.append((found.start(), found.start("line"), found["line"], 1, numeral))
    return heads if len(heads) >= _FEW else []


def _split_inline(page: Page, heads: list[_Head]) -> list[_Head]:
    """Headings glued into one line: look again inside the rest of each heading's line."""
    result: list[_Head] = []
    for start, offset, line, level, number in heads:
        result.append((start, offset, line, level, number))
        place = offset
        stop = offset + len(line)
        while True:
            inner = _HEADING.search(page.text, place + 2, stop)
            if inner is None:
                break
            text = inner["iline"] or inner["sline"] or inner["line"] or ""
            place = inner.end() - len(text)
            depth = 2 if inner["sno"] else 1
            result.append((inner.start(), place, text, depth, inner["no"] or inner["ino"] or ""))
    unique = {head[0]: head for head in result}
    return [unique[key] for key in sorted(unique)]


def _close(page: Page, heads: list[_Head]) -> list[Section]:
    sections: list[Section] = []
    for index, (start, offset, line, level, number) in enumerate(heads):
        end = len(page.text)
        for later in heads[index + 1 :]:
            if later[3] <= level:
                end = later[0]
                break
        heading, body = _heading_text(line, offset)
        topic = topic_of(heading)
        sections.append(Section(topic, heading, start, body, end, level, number))
    return sections


def _heading_text(line: str, offset: int) -> tuple[str, int]:
    """The words of the heading itself, and where its content begins."""
    depth = 0
    for index, char in enumerate(line):
        if char in "（(":
            depth += 1
        elif char in "）)":
            depth = max(0, depth - 1)
        elif char in "：:\t。" and not depth:
            return line[:index], offset + index + 1
        elif char in " \u3000" and not depth and index >= len("中标信息"):
            rest = _INNER.split(line[index:].strip())[0]
            if rest and topic_of(line[:index]) and not topic_of(rest[:_HEAD_LENGTH]):
                return line[:index], offset + index + 1
    head = line[:_HEAD_LENGTH]
    return head, offset + len(head)


def topic_of(heading: str) -> str:
    """What a heading announces; empty when it is none of the statutory parts."""
    words = compact(heading)[:_HEAD_LENGTH]
    # The first words decide: in glued pages a table head follows the heading directly.
    for part in (words[:_HEAD_START], words):
        for name, pattern in _TOPIC:
            if pattern.search(part):
                return name
    return ""


_SUMMARY_MARK = re.compile(r"公\s*告\s*概\s*要\s*[：:]?")
_SUMMARY_KEY = re.compile(
    r"(?<![\u4e00-\u9fff]的)(?:"
    + "|".join(r"\s?".join(key) for key in sorted(SUMMARY_KEYS, key=len, reverse=True))
    + r"|附件\d{0,2})[：:\t ]*"
)
_SUMMARY_REACH = 3000
_SUMMARY_END = re.compile(r"\n[ #\t\u3000]*(?:采购)?项目编号[：: ]|\n\s*##? ")


def find_summary(page: Page, sections: list[Section]) -> dict[str, Piece]:
    """The portal's 公告概要: key to first value. Empty when the page has none."""
    mark = _SUMMARY_MARK.search(page.text)
    if mark is None:
        return {}
    stop = min(len(page.text), mark.end() + _SUMMARY_REACH)
    for section in sections:
        if section.start > mark.end():
            stop = min(stop, section.start)
            break
    body = _SUMMARY_END.search(page.text, mark.end(), stop)
    if body is not None:
        stop = body.start()
    keys = list(_SUMMARY_KEY.finditer(page.text, mark.end(), stop))
    values: dict[str, Piece] = {}
    for index, key in enumerate(keys):
        end = keys[index + 1].start() if index + 1 < len(keys) else stop
        value = page.piece(key.end(), end).strip()
        name = compact(key.group()).strip("：:\t 0123456789")
        if value.text and name not in values:
            line_end = value.text.find("\n")
            values[name] = value.cut(0, line_end).strip() if line_end > 0 else value
    return values
