"""Whether a tender or award notice prints the channel of contract financing (政采贷).

The Hubei scheme (鄂财采发〔2020〕5号) has agencies tell suppliers of the policy in tender documents and
award notices. Told is a supplier who reads of the policy and of a way to use it: a platform, an
address, a telephone number, or a bank to ask. Anything less is for a person to judge.
"""

import re
from typing import Final

from honghu.domains.procurement.readers.markup import page_from_source
from honghu.domains.procurement.readers.page import Page, decode
from honghu.domains.procurement.readers.values import ABSENT, Reading

NO_CHANNEL: Final = "the policy is named, but no way to use it"
NEGATED: Final = "the policy is named together with a negation"
VAGUE: Final = "financing is named, but not the policy"

_POLICY: Final = re.compile(
    r"政采贷|政采通|政府采购(?:中标)?(?:合同|信用)?(?:融资|贷款)|政府采购(?:合同)?信用(?:担保)?融资"
    r"|合同融资|线上合同信用融资"
)
_CHANNEL: Final = re.compile(
    r"https?://[\w./?=&%#:-]+|www\.[\w./-]+|(?:合同|应收账款)?融资(?:服务)?平台|鄂汇办|金融服务平台"
    r"|(?:电话|热线)[:：]?\s*[\d(（][\d()（）\s-]{6,}"
    r"|向[^。；;\n]{0,20}(?:银行|金融机构)[^。；;\n]{0,20}(?:申请|咨询|提出|办理)"
)
_NEGATION: Final = re.compile(r"不支持|不适用|不接受|不提供|不得|禁止|未开通|暂不|不属于")
_VAGUE: Final = re.compile(r"信用融资|线上融资|融资服务|融资政策|供应商融资")
# Local governments' borrowing vehicles have the same name as the platform; they are no channel.
_VEHICLE: Final = re.compile(r"(?:政府|地方|城投)[^。；;\n]{0,6}融资平台|融资平台公司")
_PARAGRAPHS_AFTER: Final = 3


def policy_channel(content: bytes, *, name: str) -> Reading:
    """The channel as the file prints it: its words with their span, absent, or for a person.

    Spans are characters of the decoded file. Raises UnreadableNoticeError for what is no text.
    """
    return read_policy_channel(page_from_source(decode(content, name=name)))


def read_policy_channel(page: Page) -> Reading:
    """As `policy_channel`, of a page that is read already."""
    doubtful: Reading | None = None
    for found in _POLICY.finditer(page.text):
        reading = _judge(page, found)
        if reading.state == "value":
            return reading
        doubtful = doubtful or reading
    if doubtful is not None:
        return doubtful
    vague = _VAGUE.search(page.text)
    if vague is None:
        return ABSENT
    span = page.span(page.piece(vague.start(), vague.end()))
    return Reading.doubtful(VAGUE, vague.group(), span)


def _judge(page: Page, found: re.Match[str]) -> Reading:
    """One mention of the policy, with the sentence and the lines that follow it."""
    text = page.text
    sentence_start = max(text.rfind(mark, 0, found.start()) for mark in "。；;\n") + 1
    ends = [end for mark in "。；;\n" if (end := text.find(mark, found.end())) != -1]
    sentence_end = min(ends, default=len(text))
    span = page.span(page.piece(found.start(), found.end()))
    if _NEGATION.search(text, sentence_start, sentence_end):
        return Reading.doubtful(NEGATED, found.group(), span)
    line_start = text.rfind("\n", 0, found.start()) + 1
    passage_end = line_start
    for _line in range(_PARAGRAPHS_AFTER):
        following = text.find("\n", passage_end)
        passage_end = len(text) if following == -1 else following + 1
    for channel in _CHANNEL.finditer(text, line_start, passage_end):
        around = text[max(line_start, channel.start() - 10) : channel.end() + 2]
        if not _VEHICLE.search(around):
            begin, end = min(found.start(), channel.start()), max(found.end(), channel.end())
            whole = page.piece(begin, end)
            return Reading.stated(whole.text, page.span(whole))
    return Reading.doubtful(NO_CHANNEL, found.group(), span)
