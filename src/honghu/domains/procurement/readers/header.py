"""The fields of the whole notice: numbers, name, buyer, agency, dates, budget."""

import datetime as dt
import re
from itertools import pairwise

from honghu.base.chinese import parse_chinese_date
from honghu.domains.procurement.readers.amounts import money_text, read_money
from honghu.domains.procurement.readers.facts import Facts
from honghu.domains.procurement.readers.labels import Label
from honghu.domains.procurement.readers.names import is_empty, tidy
from honghu.domains.procurement.readers.page import Piece
from honghu.domains.procurement.readers.values import ABSENT, Reading

_ALSO = re.compile(
    r"[ ]*[（(](?:招标|采购|磋商|谈判|询价|代理|采购计划|政府采购|内部|原|备案|计划|委托)[^（）()：:]{0,12}(?:编号|号|文号)[：:].*$",
    re.DOTALL,
)
_DATE = re.compile(
    r"(?<!\d)(20\d{2})\s*[年./\-]\s*(\d{1,2})\s*[月./\-]\s*(\d{2}(?=\d{2}:\d{2})|\d{1,2}(?!\d))"
)
_HEAD_DATE = re.compile(
    r"(?<!\d)20\d{2}\s*[年./\-]\s*\d{1,2}\s*[月./\-]\s*\d{1,2}\s*日?\s*(?:\d{1,2}:\d{2}(?::\d{2})?)?\s*来源"
)
_INLINE_NO = re.compile(
    r"[（(](?:采购)?(?:项目)?(?:编号|号)[：:]\s*([A-Za-z0-9\[\]〔〕（）()\-_./#]{4,60}?)[）)](?![A-Za-z0-9])"
)
_NUMBERED_NAME = re.compile(
    r"(?:对|就|[，。：:\n])\s{0,4}(?:对|就)?(?:其所需的?|其|本单位)?(?P<name>[^\s，。：:（）()\n]{4,80}?)[（(](?:采购)?项目?(?:编号|号)[：:]"
)
_BY_ORDER = re.compile(r"受\s*(?P<buyer>[^，。,\n]{2,40}?)的?委托")
_BY_AGENT = re.compile(
    r"受[^，。,\n]{2,50}?委托[，, ]\s*(?P<agency>[^，。,\n]{3,40}?(?:公司|中心|事务所))(?=对|就|组织|于)"
)
_AGENT_FIRST = re.compile(
    r"(?:^|\n)[ \t\u3000]*(?P<agency>[\u4e00-\u9fff（）()]{4,40}?(?:公司|中心|事务所))[（(]?[^\n，。）)]{0,12}?[）)]?受[^，。,\n]{2,50}?委托"
)
_BUYER_ACTS = re.compile(
    r"(?:^|\n|[ 　。])(?P<buyer>[\u4e00-\u9fff（）()A-Za-z0-9·]{3,40}?)(?:对|就)(?P<name>[^，。\n]{4,100}?)(?:项目)?(?:进行|组织)(?:了)?(?:公开招标|协议|定点|竞争性|单一来源|询价|采购|网上|电子|框架|直接)"
)
_PARTY = re.compile(
    r"^[\s#]*(?:\d{1,2}|[（(]?[一二三四五]{1,2}[）)]?)?\s*[.\uff0e、,]?\s*(?P<who>采购人|采购单位|招标人|采购代理机构|采购执行机构|招标代理机构|代理机构|集中采购机构"
    r"|同级政府采购监督|政府采购监督|监督|监管|项目联系|供应商|中标|成交|财政|甲方|乙方)"
)
# Pages without line breaks: …按以下方式联系。 1.采购人信息 名 称：X 地 址：Y.
_PARTY_INLINE = re.compile(
    r"\d{1,2}[ ]*[.\uff0e、][ ]*(?P<who>采购人|采购单位|招标人|采购代理机构|采购执行机构|招标代理机构|代理机构|集中采购机构)信息(?:（如有）|\(如有\))?[ :：]*$"
)
_NEXT_PARTY = re.compile(r"\s+\d[ ]*[.\uff0e、][ ]*(?=采购|代理|招标|项目|集中|监督)")
_INLINE_REACH = 200
_PARTY_INLINE_REACH = 30
_BUYER_WORDS = ("采购人", "采购单位", "招标人", "甲方")
_AGENCY_WORDS = ("采购代理机构", "采购执行机构", "招标代理机构", "代理机构", "集中采购机构")
_NAME_LENGTH = 200
_PARTY_LENGTH = 24
_PARTY_LINES = 6
_SIGNATURE_LINES = 14
_CHANNEL = re.compile(
    r"政采贷|政府采购(?:合同|信用)?融资|合同融资|政府采购贷款|政采通|信用融资|中征应收账款融资|线上融资|融资平台"
)


def iso_date(text: str) -> tuple[dt.date, int, int] | None:
    """The first date in a text and where it stands in it."""
    for found in _DATE.finditer(text):
        year, month, day = (int(part) for part in found.groups())
        try:
            return dt.date(year, month, day), found.start(), found.end()
        except ValueError:
            continue
    chinese = re.search(
        r"[二〇○零一]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日", text
    )
    day_read = parse_chinese_date(chinese.group()) if chinese else None
    return (day_read, chinese.start(), chinese.end()) if chinese and day_read else None


def date_reading(facts: Facts, piece: Piece) -> Reading:
    """A date printed in a piece, ISO."""
    found = iso_date(piece.text)
    if found is None:
        return ABSENT
    day, begin, end = found
    return Reading.stated(day.isoformat(), facts.page.span(piece.cut(begin, end)))


def text_reading(facts: Facts, piece: Piece) -> Reading:
    """A text value, blanks of word exports removed; the signs for nothing are absent."""
    # A closing # is the mark of a heading that follows on pages without line breaks.
    value = tidy(piece.text).strip("，,；;。# ")
    if is_empty(value):
        why = "stated as nothing" if piece.text.strip() else "not stated"
        return Reading("absent", None, None, why)
    return Reading.stated(value, facts.page.span(piece))


def number_reading(facts: Facts, piece: Piece) -> Reading:
    """A project or plan number; further numbers in a closing bracket are left out."""
    piece = piece.strip(" \t\u3000（(")
    also = _ALSO.search(piece.text)
    if also is not None and also.start() > 0:
        piece = piece.cut(0, also.start()).strip()
    text = piece.text
    # A number ends where a sentence goes on.
    sentence = re.search(
        r"[）)]?(?:进行|的(?:采购|招标)|，|。|；|\s+#|\s+(?=[\u4e00-\u9fff]{2,}[：: ])|(?<=[A-Za-z0-9])\s+(?=[\u4e00-\u9fff]{4}))",
        text,
    )
    if sentence is not None and sentence.start() > 0:
        piece = piece.cut(0, sentence.start()).strip()
    closing = re.search(r"[）)]", piece.text)
    if closing is not None and not re.search(r"[（(]", piece.text[: closing.start()]):
        piece = piece.cut(0, closing.start()).strip()
    if piece.text.endswith(("）", ")")) and not re.search(r"[（(]", piece.text):
        piece = piece.cut(0, -1).strip()
    value = re.sub(r"\s+", " ", piece.text).strip("；;，,。")
    if is_empty(value):
        return Reading("absent", None, None, "stated as nothing")
    if len(value) > _NAME_LENGTH // 2:
        return Reading.doubtful(
            "too long for a number", value[:_NAME_LENGTH], facts.page.span(piece)
        )
    return Reading.stated(value, facts.page.span(piece))


def _heading_value(facts: Facts, topic: str) -> Piece | None:
    for section in facts.topics(topic):
        lines = list(facts.lines(section.body, section.end))
        if lines:
            return lines[0]
    return None


def _labelled(facts: Facts, kind: str, *, first: tuple[str, ...] = ()) -> Label | None:
    found = [label for label in facts.of_kind(kind) if facts.value_of(label).text]
    # A label that begins its line outranks one inside a sentence or a title.
    found.sort(key=lambda label: not _LEADING.match(label.prefix))
    for word in first:
        for label in found:
            if label.word == word and _LEADING.match(label.prefix):
                return label
    return found[0] if found else None


_LEADING = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}|\d{1,2})?[、.\uff0e]?(?:\d{1,2}[、.\uff0e])?$"
)
_NO_FIRST = (
    "项目编号",
    "采购项目编号",
    "原公告的采购项目编号",
    "原公告采购项目编号",
    "项目号",
    "政府采购编号",
)
_NAME_FIRST = ("项目名称", "采购项目名称", "原公告的采购项目名称", "原公告采购项目名称")


def read_project_no(facts: Facts) -> Reading:
    """The project number; ``/`` is absent."""
    label = _labelled(facts, "project_no", first=_NO_FIRST)
    if label is not None:
        return number_reading(facts, facts.value_of(label))
    piece = _heading_value(facts, "project_no")
    if piece is not None:
        return number_reading(facts, piece)
    inline = _INLINE_NO.search(facts.page.text)
    if inline is not None:
        return number_reading(facts, facts.page.piece(inline.start(1), inline.end(1)))
    return ABSENT


def read_plan_no(facts: Facts) -> Reading:
    """The number of the procurement plan (采购计划备案号)."""
    label = _labelled(facts, "plan_no")
    if label is not None:
        return number_reading(facts, facts.value_of(label))
    piece = _heading_value(facts, "plan_no")
    return number_reading(facts, piece) if piece is not None else ABSENT


def read_project_name(facts: Facts) -> Reading:
    """The project's name: section, label, summary, then the opening sentence."""
    label = _labelled(facts, "project_name", first=_NAME_FIRST)
    if label is not None and label.word != "工程名称":
        return text_reading(facts, _name_piece(facts.value_of(label)))
    piece = _heading_value(facts, "project_name")
    if piece is not None:
        return text_reading(facts, piece)
    if "采购项目名称" in facts.summary:
        return text_reading(facts, facts.summary["采购项目名称"])
    if label is not None:
        return text_reading(facts, _name_piece(facts.value_of(label)))
    return _name_in_text(facts)


def _name_in_text(facts: Facts) -> Reading:
    """The name in the opening sentence."""
    titled = _titled_name(facts)
    if titled is not None:
        return text_reading(facts, titled)
    sentence = _BUYER_ACTS.search(facts.page.text)
    if sentence is None:
        return ABSENT
    name = facts.page.piece(sentence.start("name"), sentence.end("name"))
    end = re.match(r"(?:项目)?", facts.page.text[name.end :])
    whole = facts.page.piece(name.start, name.end + (end.end() if end else 0))
    project = whole.text.find("的", len(whole.text) - 8)
    return text_reading(facts, whole if project < 0 else whole.cut(0, project))


def _titled_name(facts: Facts) -> Piece | None:
    """X（项目编号：N） in a sentence, when the title begins with X, too."""
    for found in _NUMBERED_NAME.finditer(facts.page.text):
        title = (facts.title or "").removeprefix("关于")
        named = found["name"].removesuffix("项目")
        if title.startswith(found["name"]):
            return facts.page.piece(found.start("name"), found.end("name"))
        if title.startswith(named) or _BY_ORDER.search(facts.page.text, 0, found.start()):
            return facts.page.piece(found.start("name"), found.end("name"))
    return None


def _name_piece(piece: Piece) -> Piece:
    """Names end at a full stop or where a new label follows after blanks."""
    found = re.search(r"[。；;]|\s{2,}|　", piece.text)
    return piece if found is None or not found.start() else piece.cut(0, found.start()).strip()


def read_parties(facts: Facts) -> tuple[Reading, Reading]:
    """Buyer and agency: contact section, then labels, then summary, then the opening sentence."""
    buyer, agency = _contact_names(facts)
    buyer = buyer or _party_label(facts, "buyer")
    agency = agency or _party_label(facts, "agency")
    buyer = buyer or facts.summary.get("采购单位")
    if agency is None:
        agency = facts.summary.get("代理机构名称") or _agency_in_sentence(facts)
    buyer = _first_of_repeated(buyer) if buyer is not None else _buyer_in_sentence(facts)
    readings = [text_reading(facts, piece) if piece else ABSENT for piece in (buyer, agency)]
    if readings[1].value and re.search(r"详见|见正文", readings[1].value):
        readings[1] = ABSENT
    return readings[0], readings[1]


def _first_of_repeated(piece: Piece) -> Piece:
    """济南大学,济南大学 → 济南大学: a multi-lot form repeats the buyer."""
    parts = re.split(r"[,，]", piece.text)
    if len(parts) > 1 and len({part.strip() for part in parts}) == 1:
        return piece.cut(0, len(parts[0])).strip()
    return piece


def _contact_names(facts: Facts) -> tuple[Piece | None, Piece | None]:
    buyer: Piece | None = None
    agency: Piece | None = None
    for label in facts.of_kind("name"):
        if not label.value.text or label.word not in ("名称", "单位名称", "全称", "机构名称"):
            continue
        who = _party_above(facts, label)
        if who in _BUYER_WORDS and buyer is None:
            buyer = _before_next_party(label.value)
        elif who in _AGENCY_WORDS and agency is None:
            agency = _before_next_party(label.value)
    return buyer, agency


def _before_next_party(piece: Piece) -> Piece:
    """The name up to 2.采购代理机构信息, which follows at once on pages without line breaks."""
    found = _NEXT_PARTY.search(piece.text)
    return piece if found is None else piece.cut(0, found.start()).strip()


def party_name(facts: Facts, words: tuple[str, ...]) -> Label | None:
    """The first 名称 label below a line that names one of the parties."""
    for label in facts.of_kind("name"):
        if label.value.text and _party_above(facts, label) in words:
            return label
    return None


def _party_above(facts: Facts, label: Label) -> str | None:
    """Whose name it is: the nearest line above that names a party and no value."""
    text = facts.page.text
    place = text.rfind("\n", 0, label.start)
    begin = max(place + 1, label.start - _INLINE_REACH)
    inline = text[begin : label.start]
    if inline.strip():
        found = _PARTY.match(tidy(inline)) if begin == place + 1 else None
        if found is not None:
            return found["who"]
        headings = list(_PARTY_INLINE.finditer(inline, max(0, len(inline) - _PARTY_INLINE_REACH)))
        if headings:
            return headings[-1]["who"]
    lines = 0
    # Pages of nested boxes leave many empty lines between the party and its name.
    for _ in range(60):
        above = text.rfind("\n", 0, max(0, place))
        line = text[above + 1 : place].strip()
        if line:
            lines += 1
            found = _PARTY.match(tidy(line))
            if found is not None and len(line) <= _PARTY_LENGTH:
                return found["who"]
            if re.match(r"^[一二三四五六七八九十]{1,3}[、.]", line) or line.startswith("地"):
                return None
        place = above
        if place <= 0 or lines >= _PARTY_LINES:
            break
    return None


def _party_label(facts: Facts, kind: str) -> Piece | None:
    for label in facts.of_kind(kind):
        if label.prefix[-1:] in {"由", "向", "与", "至", "为"} or not label.value.text:
            continue
        value = _party_value(label.value)
        if value.text and len(value.text) <= _NAME_LENGTH // 2:
            return value
    return None


def _party_value(piece: Piece) -> Piece:
    found = re.search(r"[。；;，]|\s{2,}|\s(?=[\u4e00-\u9fff]{2,8}[：:])|联系人", piece.text)
    return piece if found is None else piece.cut(0, found.start()).strip()


def _agency_in_sentence(facts: Facts) -> Piece | None:
    found = _BY_AGENT.search(facts.page.text) or _AGENT_FIRST.search(facts.page.text)
    return facts.page.piece(found.start("agency"), found.end("agency")) if found else None


def _buyer_in_sentence(facts: Facts) -> Piece | None:
    found = _BY_ORDER.search(facts.page.text) or _BUYER_ACTS.search(facts.page.text)
    if found is None:
        return None
    return facts.page.piece(found.start("buyer"), found.end("buyer")).strip()


def read_publish_date(facts: Facts) -> Reading:
    """Date of publication: summary, head line, page head, label, then the signature."""
    if "公告时间" in facts.summary:
        reading = date_reading(facts, facts.summary["公告时间"])
        if reading.state == "value":
            return reading
    head = _HEAD_DATE.search(facts.page.text)
    if head is not None:
        return date_reading(facts, facts.page.piece(head.start(), head.end()))
    hint = facts.page.publish_hint
    if hint is not None and (found := iso_date(hint.text)) is not None:
        day, begin, end = found
        return Reading.stated(day.isoformat(), (hint.start + begin, hint.start + end))
    for label in facts.of_kind("publish_date"):
        if label.prefix.endswith(("采购", "招标", "首次", "采购公告", "招标公告", "原")):
            continue
        if label.word == "日期" and not _LEADING.match(label.prefix):
            continue
        reading = date_reading(facts, facts.value_of(label))
        if reading.state == "value":
            return reading
    return _signature_date(facts)


def _signature_date(facts: Facts) -> Reading:
    """A line that is nothing but a date, at the end, below the name of an organisation."""
    lines = list(facts.lines(0, len(facts.page.text)))[-_SIGNATURE_LINES:]
    for above, line in pairwise(lines):
        found = iso_date(line.text)
        if found is None or len(line.text) > len("2026年 12月 31日 "):
            continue
        if not re.search(r"[：:]", above.text) or line == lines[-1]:
            return date_reading(facts, line)
    return ABSENT


def read_labelled_date(facts: Facts, kind: str, summary_key: str) -> Reading:
    """A date behind a label, or in the summary."""
    for label in facts.of_kind(kind):
        reading = date_reading(facts, facts.value_of(label))
        if reading.state == "value":
            return reading
    if summary_key in facts.summary:
        return date_reading(facts, facts.summary[summary_key])
    return ABSENT


def read_budget(facts: Facts) -> Reading:
    """The project's budget or price ceiling; several different ones are in doubt."""
    found: dict[str, Piece] = {}
    for label in facts.of_kind("budget"):
        money = read_money(facts.value_of(label), hint=label.hint + label.word)
        if money.form == "amount" and money.yuan is not None and money.unit is not None:
            found.setdefault(money_text(money.yuan), money.piece)
    if len(found) == 1:
        value, piece = next(iter(found.items()))
        return Reading.stated(value, facts.page.span(piece))
    if found:
        return Reading.doubtful("several budgets are printed")
    return ABSENT


def read_financing_channel(facts: Facts) -> Reading:
    """Whether the notice prints the policy of contract financing (政采贷, 合同融资)."""
    found = _CHANNEL.search(facts.page.text)
    if found is None:
        return ABSENT
    return Reading.stated(
        found.group(), facts.page.span(facts.page.piece(found.start(), found.end()))
    )
