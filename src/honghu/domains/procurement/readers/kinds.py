"""What kind of notice a page is, and its title."""

import re

from honghu.domains.procurement.readers.facts import Facts
from honghu.domains.procurement.readers.names import tidy
from honghu.domains.procurement.readers.tables import find_tables
from honghu.domains.procurement.readers.values import Reading
from honghu.domains.procurement.readers.vocabulary import compact
from honghu.domains.procurement.readers.winrows import is_award

_NOTICE_WORD = r"(?:公告|公示|通知书|通告|结果|公布)"
_TITLE_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "correction",
        re.compile(
            rf"(?:更正|变更|澄清|勘误|补遗)(?:事项|内容|结果|信息)?[（(]?[第一二三四五六七八九十\d]{{0,3}}次?[）)]?{_NOTICE_WORD}"
            r"|(?:更正|勘误)(?:事项|内容|说明)?$"
        ),
    ),
    (
        "termination",
        re.compile(
            r"(?:终止|废标|流标|失败|异常)(?:的|采购|招标|磋商|谈判|询价|成交|中标|结果|项目){0,2}(?:公告|公示|通知)"
        ),
    ),
    ("contract", re.compile(r"(?:合同|补充协议)(?:信息)?(?:公告|公示)")),
    ("candidate", re.compile(r"候选(?:人|供应商)?[^，。]{0,4}(?:公示|公告)")),
    ("pre_award", re.compile(r"(?:预中标|预成交|拟中标|拟成交|预中选)[^，。]{0,8}(?:公示|公告)?")),
    (
        "award",
        re.compile(
            r"(?:中标|成交|入围|定标|中选)[^，。]{0,10}(?:公告|公示|通知|结果)|结果[^，。]{0,4}(?:公告|公示)"
            r"|单一来源[^，。]{0,6}成交(?:[^，。]{0,10}(?:公告|公示))?"
        ),
    ),
    (
        "tender",
        re.compile(
            r"(?:招标|采购|磋商|谈判|询价|资格预审|单一来源|征集|邀请|意向|需求|比选|竞价)[^，。]{0,8}(?:公告|公示|邀请)|招标文件"
        ),
    ),
)
# One notice for lots that were won and lots that failed.
_WON_AND_FAILED = re.compile(
    r"(?:中标|成交)(?:[（(](?:成交|中标)[）)])?(?:结果)?(?:公告|公示)?[）)]?(?:及|和|与|、|暨)[^，。]{0,24}(?:废标|流标|终止)"
    r"|(?:废标|流标|终止)(?:公告|公示|结果)?[）)]?(?:及|和|与|、|暨)[^，。]{0,24}(?:中标|成交)"
)
# The names of a portal's menus and trails, which name a kind of notice but no project.
_MENU = re.compile(
    r"(?:中央|地方|政府|公开|本级|市级|县级|区级|省级)?(?:采购|招标|中标|成交|结果|合同|更正|变更|终止|废标|流标|入围|候选人"
    r"|单一来源|询价|磋商|谈判|资格预审|意向|其[他它]|信息|项目|预|的|[（()）/、与和及]){1,5}(?:公告|公示)"
)
_NO_TITLE = re.compile(
    r"^(?:URL|Type|Fetched):|^.{0,13}：|[>\uff1e»\u203a→]|当前位置|您的位置|所在位置"
)
_LONG_ENOUGH = 8
_SUFFIX_LENGTH = 12
_TITLE_LENGTH = 200
_TITLE_TAIL = 8
_HEAD_REACH = 6000
_BODY_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("correction", re.compile(r"更\s*正\s*信\s*息|更正内容[：:]|更正事项[：:]")),
    (
        "contract",
        re.compile(
            r"合同编号[：:][\s\S]{0,4000}合同(?:金额|主体|名称)|合同名称[：:][\s\S]{0,4000}合同金额"
        ),
    ),
    (
        "award",
        re.compile(
            r"中标（成交）信息|中标\(成交\)信息|成交信息|中标信息|(?:成交|中标)(?:供应商|人)(?:名称)?[：:]"
        ),
    ),
    (
        "termination",
        re.compile(
            r"(?:终止|废标|流标|失败)(?:[/、或和]?(?:终止|废标|流标))?的?(?:原因|理由)[：:\s]"
        ),
    ),
)
_GLUED_TITLE = re.compile(
    r"[^\s。，：；]{4,90}?(?:中标|成交|结果|更正|变更|终止|废标|流标|合同|候选(?:人|供应商)?)(?:[（(](?:成交|中标)[）)])?(?:结果)?(?:公告|公示)(?:的?(?:更正|变更|终止|废标)公告)?"
)
# Form fields that only corrections have; 公告概要 prints 更正事项 without a colon.
_CORRECTION_FORM = re.compile(
    r"更正事项[ ]*[：:][\s\S]{0,400}?更正内容[ ]*[：:]|原公告的?(?:采购)?项目编号[ ]*[：:][\s\S]{0,1500}?更正内容"
)
# Results of something else than a procurement: complaints, inspections, admission, acceptance.
_OTHER_RESULT = re.compile(
    r"(?:投诉|质疑|举报|信访|监督检查|行政处罚|信用评价|履约评价)[^，。\n]{0,8}(?:公告|公示)"
    r"|资格(?:预审|审查|后审)(?:结果|情况)[^，。\n]{0,4}(?:公告|公示)|验收(?:结果|报告|情况)?(?:公告|公示)"
)
_HEAD_LENGTH = 200
NOTICE_KINDS = (
    "award", "correction", "contract", "termination", "pre_award", "candidate", "tender",
)  # fmt: skip
# What every call for tenders says: where its documents are had, or until when an answer is sent.
_CALL = re.compile(
    r"(?:获取|领取|发售)(?:招标|采购|磋商|谈判|询价)?文件|(?:投标|响应)文件的?(?:提交|递交|截止)"
    r"|(?:提交|递交)(?:投标|响应)文件|开标时间|投标截止"
)


def find_title(facts: Facts) -> str | None:
    """The first line that names a notice; the head's title when the text has none."""
    page = facts.page
    first = next((s.start for s in facts.sections if s.level == 1), len(page.text))
    head_lines = list(facts.lines(0, min(first, _HEAD_REACH)))[:60]
    previous = menu = ""
    for line in head_lines:
        text = re.sub(r"\s+", " ", line.text).lstrip("# ").strip()
        if "\t" in line.text:
            continue
        if _NO_TITLE.search(text):
            previous = ""
            continue
        if len(text) <= _TITLE_LENGTH and title_kind(text) is not None:
            if _wrapped(previous, text):
                return tidy(previous + text)
            if not _MENU.fullmatch(text):
                return text
            menu = menu or text
            previous = ""
            continue
        if text.endswith(("...", "…")):
            previous = ""
            continue
        previous = text if len(text) <= _TITLE_LENGTH // 2 else ""
    if page.title:
        return page.title
    if menu:
        return menu
    glued = _GLUED_TITLE.search(page.text, 0, min(len(page.text), 800))
    return glued.group() if glued else None


def repeated_notice(facts: Facts) -> int | None:
    """Where the page prints its title again below a winner or contract: the notice comes twice."""
    if not facts.title:
        return None
    text = facts.page.text
    result = next(facts.of_kind("supplier", "amount", "bid"), None)
    after = next((s.start for s in facts.topics("result")), len(text))
    begin = min(after, result.start if result is not None else len(text))
    title = compact(facts.title)
    above = ""
    if text.find(facts.title[-_TITLE_TAIL:], begin) < 0:
        return None
    for line in facts.lines(begin, len(text)):
        words = compact(line.text)
        if title in (words, above + words):
            return line.start
        above = words
    return None


def _wrapped(previous: str, text: str) -> bool:
    """Whether a title runs over two lines: the second is only the kind of notice."""
    return len(previous) >= _LONG_ENOUGH and len(text) <= len("预中标（成交）结果公告公示")


def title_kind(title: str) -> str | None:
    """The kind that a title's last words name; None when it names none."""
    if _WON_AND_FAILED.search(title) and not dict(_TITLE_KINDS)["correction"].search(title):
        return "award"
    best: tuple[int, str] | None = None
    for kind, pattern in _TITLE_KINDS:
        for found in pattern.finditer(title):
            if best is None or found.end() > best[0]:
                best = (found.end(), kind)
    if best is None:
        return None
    # 中标公告更正公告 is a correction of an award, 更正 anywhere behind the subject decides.
    for kind in ("correction", "termination", "pre_award", "candidate"):
        pattern = dict(_TITLE_KINDS)[kind]
        ends = [found.end() for found in pattern.finditer(title)]
        if ends and ends[-1] >= best[0] - _SUFFIX_LENGTH:
            return kind
    return best[1]


def read_kind(facts: Facts) -> tuple[Reading, list[str]]:
    """Kind of notice with the reasons; unknown for pages that are no notice of these kinds."""
    title = facts.title or ""
    kind = title_kind(title) if title else None
    text = facts.page.text
    body_kind = next((name for name, pattern in _BODY_KINDS if pattern.search(text)), None)
    if facts.page.form == "capture" and any(facts.of_kind("contract_no")):
        kind = kind or "contract"
    if kind in ("award", "tender") and _CORRECTION_FORM.search(text):
        kind = "correction"
    if kind == "tender" and not _calls_for_tenders(facts):
        return Reading.stated("unknown", None, "a call for tenders"), ["a call for tenders"]
    if kind in ("award", "contract", None) and _OTHER_RESULT.search(title or text[:_HEAD_LENGTH]):
        reason = "the result of a complaint, an inspection or an acceptance, no award"
        return Reading.stated("unknown", None, reason), [reason]
    if kind is None:
        kind = body_kind
    if kind is None:
        reason = "no title and no section of a procurement result notice"
        return Reading.stated("unknown", None, reason), [reason]
    if kind != "tender" and not _has_body(facts):
        reason = f"the title reads as {kind}, but the page holds no notice text"
        return Reading.stated("unknown", None, reason), [reason]
    place = text.find(title[:20]) if title else -1
    span = facts.page.span(facts.page.piece(place, place + len(title))) if place >= 0 else None
    return Reading.stated(kind, span), []


def _calls_for_tenders(facts: Facts) -> bool:
    """Whether a page is a call itself, and no list or news of one: it says how to take part."""
    named = any(label.value.text for label in facts.of_kind("project_no", "project_name", "buyer"))
    return named and _CALL.search(facts.page.text) is not None


def _has_body(facts: Facts) -> bool:
    """A shell page repeats the title and has neither sections nor winner nor contract."""
    if any(section.topic for section in facts.sections):
        return True
    telling = ("supplier", "amount", "correction_content", "failed", "contract_no", "bid")
    if any(label.value.text for label in facts.of_kind(*telling)):
        return True
    words = r"(?:中标|成交)(?:候选人|人|供应商|单位|金额|价)"
    if re.search(words, facts.page.text.replace(" ", "")):
        return True
    tables = find_tables(facts.page, facts.body, len(facts.page.text))
    return any(table.rows and table.has("supplier") and is_award(table) for table in tables)
