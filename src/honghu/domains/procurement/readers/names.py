"""Names of organisations: cleaning, package prefixes, consortia, and where a name ends."""

import re
from dataclasses import dataclass

from honghu.domains.procurement.readers.page import Piece

_CJK_GAP = re.compile(r"(?<=[\u4e00-\u9fff（）])[ \t\u3000\xa0]+(?=[\u4e00-\u9fff（）])")
_EMPTY = frozenset(
    {
        "",
        "/",
        "\\",
        "-",
        "－",
        "—",
        "——",
        "--",
        "无",
        "空",
        "暂无",
        "无。",
        "\uff0f",
        "*",
        "详见附件",
        "见附件",
        "0",
    }
)
_COMPANY = re.compile(
    r"[^\d：:\s，。、；]{2,40}?公司(?:[\u4e00-\u9fff]{2,12}?(?:[分支]公司|[分支]行|营业[部所]|办事处))?(?:[（(][^）)\n\t]{1,40}[）)])?"
)
_NUMBERED_COMPANY = re.compile(r"[^：:\s，。；]{2,40}?公司(?:[（(][^）)\n\t]{1,40}[）)])?")
_SUFFIX = (
    "大学|学院|研究院|设计院|研究所|勘察院|科学院|事务所|联合社|合作社|经营部|经销处|经销部|商行|商店|服务部|超市|门市部"
    "|服务中心|维修中心|工作室|电脑城|中心|集团|医院|协会|研究会|委员会|联合会|药房|基地|电视台|茶楼|酒楼|学会|商会|基金会|出版社|报社|印刷厂|养殖场|农场|林场|苗圃|宾馆|酒店|饭店"
    "|修理厂|加工厂|厂|店|行|社|站|馆|局|所|院|部|队|户|校|园|场|坊|联合体"
)
_SUFFIXED = re.compile(rf"(?:{_SUFFIX})(?:[（(][^）)\n\t]{{1,40}}[）)])?")
_ENDING = re.compile(rf"(?:公司|集团|{_SUFFIX})(?:[（(][^）)]*[）)])*$")
_ANYWHERE = re.compile(rf"公司|{_SUFFIX}")
_PROVINCE = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南"
    "|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_PLACE = re.compile(
    rf"(?:中国[（(]|无|/|-|(?:{_PROVINCE})|[\u4e00-\u9fff]{{1,7}}?(?:自治州|自治县|省|市|州|县|区|旗|镇|乡|街道|大道|大街|路|街|村))"
)
_PACK_PREFIX = re.compile(
    r"^(?:第?\s*(?:[一二三四五六七八九十]{1,3}|[0-9]{1,3}|[A-Za-z])\s*(?:合同包|采购包|标段|标包|分包|标项|包件|包)"
    r"|(?:合同包|采购包|标段|标包|分包|标项|包件|包组|包)\s*(?:[一二三四五六七八九十]{1,3}|[0-9]{1,3}|[A-Za-z]))"
    r"(?:[（(][^）)]{0,40}[）)])?[ ：:、.]*"
)
_PACK_SUFFIX = re.compile(
    r"[ ]*[（(]\s*(第?\s*(?:[一二三四五六七八九十]{1,3}|[0-9]{1,3}|[A-Za-z])\s*(?:标段|标包|分包|标项|包)"
    r"|(?:合同包|采购包|标段|标包|分包|标项|包)\s*(?:[一二三四五六七八九十]{1,3}|[0-9]{1,3}|[A-Za-z]))\s*[）)]$"
)
# X公司（包1、包3）: a winner of several lots, named once.
_PACKS_SUFFIX = re.compile(
    r"[（(][^（）()]{0,8}(?:标段|标包|分包|标项|合同包|采购包|包)[^（）()]{0,6}(?:[、,，和及][^（）()]{1,8}){1,12}[）)]$"
)
_CONSORTIUM_TAIL = re.compile(r"[ ]*[（(]?\s*(?:组成的?)?联合体\s*[）)]?$")
_BRACKET = re.compile(r"[（(](?P<inside>[^（）()]*(?:[（(][^（）()]*[）)][^（）()]*)*)[）)]")
_ROLE = re.compile(
    r"(?:联合体)?(?:牵头(?:供应商|单位|方|人|公司)?|主办(?:人|方)?|主体|成员(?:单位|方|一|二|三|[1-9])?|参与方|联合体成员|联合体)|^[主成联]$"
)
_LEAD = re.compile(r"牵头|主办|主体|联合体负责|^主$")
_JOINED = re.compile(r"联合体|牵头|成员|主办|[（(][主成联][）)]|^主[：:]")
_RUN_ROLE = re.compile(
    r"([（(][^（）()]*(?:牵头|成员|联合体|主办)[^（）()]*[）)])(?=[\u4e00-\u9fff]{4})"
)
_BLANK_BETWEEN = re.compile(
    r"\s+(?=(?:投标)?联合体|成员|牵头)|(?=投标联合体[：:])|(?<=公司)(?:\s+|\s*[/\uff0f]\s*)(?=[\u4e00-\u9fff]{4})"
)
_LISTED = re.compile(r"^[（(]?\d{1,2}[）)]?[、.\uff0e][ ]*(?=[\u4e00-\u9fff]{3})")
_MEMBER = re.compile(r"成员|参与方")
_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z0-9（）()·\-－&\uff06.、“”\"' ]{2,80}$")


@dataclass(frozen=True, slots=True)
class SupplierName:
    """A supplier cell taken apart."""

    name: str
    members: tuple[str, ...] = ()
    lead_stated: bool | None = None
    pack: str | None = None
    doubt: str | None = None


def tidy(text: str) -> str:
    """Blanks of word exports removed between Chinese characters; other blanks single."""
    text = " ".join(text.replace("\u200d", " ").split())
    return _CJK_GAP.sub("", text) if " " in text else text


def is_empty(text: str) -> bool:
    """Whether a cell holds one of the signs for nothing (``/``, ``无``)."""
    return tidy(text).strip("。.，, ") in _EMPTY


def looks_like_organisation(text: str) -> bool:
    """Whether a short text ends as names of organisations do."""
    text = tidy(text)
    if text in ("联合体", "投标联合体"):
        return False
    return _NAME.match(text) is not None and _ENDING.search(text) is not None


def read_supplier(text: str) -> SupplierName:
    """Take a supplier cell apart: package prefix, bracketed package, consortium members."""
    if _JOINED.search(text):
        text = re.sub(r"[^\S\n]*\n\s*", "、", text.strip())
        text = _RUN_ROLE.sub(r"\1、", _BLANK_BETWEEN.sub("、", text))
    name = tidy(text)
    name = _LISTED.sub("", name.strip("。，,；;：:、 "))
    pack = None
    prefix = _PACK_PREFIX.match(name)
    if prefix is not None and prefix.end() < len(name) and _delimited(prefix.group()):
        pack, name = prefix.group(), name[prefix.end() :]
    several = _PACKS_SUFFIX.search(name)
    if several is not None:
        name = name[: several.start()].strip()
    suffix = _PACK_SUFFIX.search(name)
    if suffix is not None:
        pack, name = suffix.group(1), name[: suffix.start()]
    members, lead = _members(name)
    if members:
        return SupplierName(members[0], tuple(members), lead, pack)
    bare = _CONSORTIUM_TAIL.sub("", name) if "联合体" in name else name
    parts = [part for part in re.split(r"[、；;,，]", bare) if part.strip()]
    if len(parts) > 1 and all(looks_like_organisation(part) for part in parts):
        doubt = SEVERAL
        listed = tuple(map(tidy, parts))
        return SupplierName(listed[0], listed, lead_stated=False, pack=pack, doubt=doubt)
    if bare == name and _JOINED.search(name):
        bare = tidy(_bracketed(name)[0])
    if bare != name:
        return SupplierName(bare, (bare,), None, pack, "a consortium whose members are not named")
    return SupplierName(name, (), None, pack)


def _delimited(prefix: str) -> bool:
    """包1：X is a prefix; 包头市… is a name."""
    return (
        prefix.rstrip() != prefix
        or prefix.endswith(("：", ":", "、", ".", "）", ")"))
        or any(char.isdigit() for char in prefix)
    )


def _members(name: str) -> tuple[list[str], bool | None]:
    """Members in printed order, the lead first when it is named.

    The four printed ways: a suffix on each name, members in brackets after the lead, a list with
    one word of 联合体 at its end, and roles before colons.
    """
    if not _JOINED.search(name):
        return [], None
    lead: list[str] = []
    others: list[str] = []
    role = ""
    for part, inside in _parts(name):
        role_word, organisation = _role_of(part)
        role = role_word or role
        own = f"{role_word}{inside if _ROLE.search(inside) else ''}" or role
        listed = _listed(inside)
        if listed:
            # A（联合体成员：B、C）: A leads by position.
            own = "牵头" if _MEMBER.search(inside) else own
        if looks_like_organisation(organisation):
            (lead if _LEAD.search(own) else others).append(organisation)
        others.extend(listed)
    ordered = list(dict.fromkeys([*lead, *others]))
    return (ordered, bool(lead)) if len(ordered) > 1 else ([], None)


SEVERAL = "several organisations in one cell and no word of a consortium"
_SEPARATORS = "、，,；;\n"


def _parts(name: str) -> list[tuple[str, str]]:
    """(text, text of a role bracket behind it), split at separators outside brackets."""
    return [_bracketed(piece) for piece in _pieces(name)]


def _pieces(name: str) -> list[str]:
    """The name split at separators that stand outside brackets."""
    depth, begin = 0, 0
    marks: list[int] = []
    for index, char in enumerate(name):
        if char in "（(":
            depth += 1
        elif char in "）)":
            depth = max(0, depth - 1)
        elif depth == 0 and char in _SEPARATORS:
            marks.append(index)
    pieces: list[str] = []
    for mark in [*marks, len(name)]:
        piece = name[begin:mark]
        pieces.extend(
            re.split(
                r"(?<=公司)(?:与|和|及)(?=[\u4e00-\u9fff])|\s+(?=(?:投标)?联合体|成员|牵头)", piece
            )
        )
        begin = mark + 1
    return pieces


def _bracketed(piece: str) -> tuple[str, str]:
    """A piece without its role bracket, and what stands in that bracket."""
    for bracket in _BRACKET.finditer(piece):
        if _ROLE.search(bracket["inside"]):
            return piece[: bracket.start()] + piece[bracket.end() :], bracket["inside"]
    return _CONSORTIUM_TAIL.sub("", piece), ""


def _role_of(part: str) -> tuple[str, str]:
    """牵头人：X → (牵头人, X)."""
    found = re.match(r"(?P<head>[^：:]{0,14})[：:](?P<rest>.*)", part, re.DOTALL)
    if found is not None and _ROLE.search(found["head"]):
        return found["head"], tidy(found["rest"])
    return "", tidy(part)


def _listed(inside: str) -> list[str]:
    """Organisations named inside a bracket."""
    words = re.split(r"[、；;,，：:和与及]", inside) if inside else []
    return [
        tidy(word)
        for word in words
        if looks_like_organisation(word) and not _ROLE.fullmatch(tidy(word))
    ]


def name_end(text: str, start: int, stop: int) -> int | None:
    """Where an organisation's name ends in glued text: after 公司, else before an address."""
    company = _COMPANY.match(text, start, min(stop, start + 60))
    if company is not None:
        return company.end()
    for suffix in _SUFFIXED.finditer(text, start, min(stop, start + 50)):
        place = suffix.end()
        if place >= stop or text[place] in "\n\t |，。；":
            return place
        if _PLACE.match(text, place, min(stop, place + 14)):
            return place
    numbered = _NUMBERED_COMPANY.match(text, start, min(stop, start + 60))
    return numbered.end() if numbered is not None else None


def name_end_anywhere(text: str, start: int, stop: int) -> bool:
    """Whether the stretch names an organisation at all."""
    return _ANYWHERE.search(text, start, stop) is not None


def first_address(piece: Piece, members: int) -> Piece:
    """The first of several addresses when the cell lists one per member."""
    if members > 1:
        parts = re.split(r"[；;]", piece.text)
        if len(parts) > 1:
            return piece.cut(0, len(parts[0])).strip()
    return piece
