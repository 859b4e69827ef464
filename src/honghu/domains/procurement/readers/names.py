"""Names of organisations: cleaning, package prefixes, consortia, and where a name ends."""

import re
from dataclasses import dataclass

from honghu.domains.procurement.readers.page import Piece

_CJK_GAP = re.compile(r"(?<=[\u4e00-\u9fff（）])[ \t\u3000\xa0]+(?=[\u4e00-\u9fff（）])")
_EMPTY = frozenset({"", "/", "\\", "-", "－", "—", "——", "--", "无", "空", "暂无", "无。", "／", "*", "详见附件", "见附件", "0"})
_COMPANY = re.compile(
    r"(?:公司|集团)(?:[\u4e00-\u9fff]{2,12}?分公司)?(?:[（(][^）)\n\t]{1,40}[）)])?"
)
_SUFFIX = (
    "大学|学院|研究院|设计院|研究所|勘察院|科学院|事务所|联合社|合作社|经营部|经销处|经销部|商行|商店|服务部|超市|门市部"
    "|服务中心|维修中心|工作室|电脑城|中心|医院|协会|学会|商会|基金会|出版社|报社|印刷厂|养殖场|农场|林场|苗圃|宾馆|酒店|饭店"
    "|修理厂|加工厂|厂|店|行|社|站|馆|局|所|院|部|队|户|校|园|场|坊|联合体"
)
_SUFFIXED = re.compile(rf"(?:{_SUFFIX})(?:[（(][^）)\n\t]{{1,40}}[）)])?")
_PROVINCE = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南"
    "|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_PLACE = re.compile(
    rf"(?:中国[（(]|(?:{_PROVINCE})|[\u4e00-\u9fff]{{1,7}}?(?:自治州|自治县|省|市|州|县|区|旗|镇|乡|街道|大道|大街|路|街|村))"
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
_CONSORTIUM_TAIL = re.compile(r"[ ]*[（(]?\s*(?:组成的?)?联合体\s*[）)]?$")
_BRACKET = re.compile(r"[（(](?P<inside>[^（）()]*(?:[（(][^（）()]*[）)][^（）()]*)*)[）)]")
_ROLE = re.compile(
    r"(?:联合体)?(?:牵头(?:供应商|单位|方|人|公司)?|主办(?:人|方)?|主体|成员(?:单位|方|一|二|三|[1-9])?|参与方|联合体成员|联合体)"
)
_LEAD = re.compile(r"牵头|主办|主体|联合体负责")
_MEMBER = re.compile(r"成员|参与方")
_SPLIT = re.compile(r"[、；;,，\n]|\s和\s|(?<=公司)(?:与|和|及)(?=[\u4e00-\u9fff])|(?<=[）)])(?:与|和)|\s{1,}(?=[\u4e00-\u9fff]{4})")
_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z0-9（）()·\-－&＆.、“”\"' ]{2,80}$")


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
    text = re.sub(r"[\s\u3000\xa0\u200b\u200d\ufeff]+", " ", text).strip()
    return _CJK_GAP.sub("", text)


def is_empty(text: str) -> bool:
    """Whether a cell holds one of the signs for nothing (``/``, ``无``)."""
    return tidy(text).strip("。.，, ") in _EMPTY


def looks_like_organisation(text: str) -> bool:
    """Whether a short text ends as names of organisations do."""
    text = tidy(text)
    return bool(_NAME.match(text)) and bool(
        re.search(rf"(?:公司|集团|{_SUFFIX})(?:[（(][^）)]*[）)])*$", text)
    )


def read_supplier(text: str) -> SupplierName:
    """Take a supplier cell apart: package prefix, bracketed package, consortium members."""
    name = tidy(text).strip("。，,；;：: ")
    pack = None
    prefix = _PACK_PREFIX.match(name)
    if prefix is not None and prefix.end() < len(name) and _delimited(prefix.group()):
        pack, name = prefix.group(), name[prefix.end() :]
    suffix = _PACK_SUFFIX.search(name)
    if suffix is not None:
        pack, name = suffix.group(1), name[: suffix.start()]
    members, lead = _members(name)
    if members:
        return SupplierName(members[0], tuple(members), lead, pack)
    bare = _CONSORTIUM_TAIL.sub("", name) if "联合体" in name else name
    parts = [part for part in re.split(r"[、；;,，]", bare) if part.strip()]
    if len(parts) > 1 and all(looks_like_organisation(part) for part in parts):
        doubt = "several organisations in one cell and no word of a consortium"
        return SupplierName(tidy(parts[0]), tuple(map(tidy, parts)), False, pack, doubt)
    if bare != name:
        return SupplierName(bare, (bare,), None, pack, "a consortium whose members are not named")
    return SupplierName(name, (), None, pack)


def _delimited(prefix: str) -> bool:
    """包1：X is a prefix; 包头市… is a name."""
    return prefix.rstrip() != prefix or prefix.endswith(("：", ":", "、", ".", "）", ")")) or any(
        char.isdigit() for char in prefix
    )


def _members(name: str) -> tuple[list[str], bool | None]:
    """Members in printed order, the lead first when it is named."""
    if not re.search(r"联合体|牵头|成员|主办", name):
        return [], None
    lead: list[str] = []
    others: list[str] = []
    stated = False
    for role, part in _parts(name):
        organisation = tidy(part).strip("：:、，,；; ")
        if not looks_like_organisation(organisation):
            continue
        if _LEAD.search(role):
            stated = True
            lead.append(organisation)
        else:
            others.append(organisation)
    ordered = list(dict.fromkeys([*lead, *others]))
    return (ordered, stated) if len(ordered) > 1 else ([], None)


def _parts(name: str) -> list[tuple[str, str]]:
    """(role, organisation) pairs of a consortium cell, whichever of the four ways it is marked."""
    flat: list[tuple[str, str]] = []
    text = name
    roles: list[tuple[str, str]] = []
    for bracket in list(_BRACKET.finditer(name)):
        inside = bracket["inside"]
        if not _ROLE.search(inside):
            continue
        before = name[: bracket.start()]
        owner = re.split(r"[、；;,，\n）)]", before)[-1]
        listed = [part for part in re.split(r"[、；;,，：:]", inside) if looks_like_organisation(part)]
        role = inside if not listed else "牵头" if _MEMBER.search(inside) else ""
        if looks_like_organisation(owner):
            roles.append((role, owner))
        roles.extend(_inside(inside))
        text = text.replace(bracket.group(), "、" if not listed else "、", 1)
    taken = {organisation for _, organisation in roles}
    role = ""
    for part in re.split(r"[、；;,，\n]|\s{1,}(?=(?:牵头|成员|联合体|投标联合体))", text):
        head, colon, tail = re.match(r"([^：:]*)([：:]?)(.*)", part, re.S).groups()  # type: ignore[union-attr]
        if colon and _ROLE.search(head):
            role, part = head, tail
        part = _CONSORTIUM_TAIL.sub("", part)
        flat.extend((role, p) for p in re.split(r"(?<=公司)[与和及](?=[\u4e00-\u9fff])", part))
    return [*roles, *((r, p) for r, p in flat if tidy(p) not in taken and p.strip())]


def _inside(inside: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    role = ""
    for part in re.split(r"[、；;,，]", inside):
        head, colon, tail = part.partition("：") if "：" in part else part.partition(":")
        if colon:
            role, organisation = head, tail
        else:
            organisation = head
        if looks_like_organisation(organisation):
            pairs.append((role, organisation))
    return pairs


def name_end(text: str, start: int, stop: int) -> int | None:
    """Where an organisation's name ends in glued text: after 公司, else before an address."""
    company = _COMPANY.search(text, start, min(stop, start + 60))
    if company is not None:
        return company.end()
    for suffix in _SUFFIXED.finditer(text, start, min(stop, start + 50)):
        place = suffix.end()
        if place >= stop or text[place] in "\n\t |，。；":
            return place
        if _PLACE.match(text, place, min(stop, place + 14)):
            return place
    return None


def first_address(piece: Piece, members: int) -> Piece:
    """The first of several addresses when the cell lists one per member."""
    if members > 1:
        parts = re.split(r"[；;]", piece.text)
        if len(parts) > 1:
            return piece.cut(0, len(parts[0])).strip()
    return piece
