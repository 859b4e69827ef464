"""Labels of lots: 第一包, 包1, 01包, A包, 标段二, 合同包3(名称), and where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from honghu.domains.procurement.readers.names import tidy
from honghu.domains.procurement.readers.page import Piece

_NUMBER = r"[一二三四五六七八九十]{1,3}|[0-9\uff10-\uff19]{1,3}|[A-Za-z](?![A-Za-z])"
_WORD = "合同包|采购包|标段|标包|分包|标项|包组|包件|分标|包|标"
PACK = re.compile(
    rf"(?:第[ ]*(?P<n1>{_NUMBER})[ ]*(?:个)?(?:{_WORD})|(?<![0-9A-Za-z.\-\u4e00-\u9fff])(?P<n2>[0-9]{{1,3}}|[A-Za-z]|[一二三四五六七八九十]{{1,3}})[ ]*(?:号)?(?:合同包|采购包|标段|标包|分包|标项|包组|包件|分标|包)(?![头装括含裹])"
    rf"|(?<![第统之唯〇零])(?P<n4>[一二三四五六七八九十]{{1,3}}|(?<=[\u4e00-\u9fff])[0-9]{{1,2}})标段"
    rf"|(?:合同包|采购包|标段|标包|分包|标项|包组|包件|分标|(?<![承打面书背钱皮提礼药工沙麻草荷外文软腰蒙红发])包)[ ]*(?:号|编号)?[ ]*[：:]?[ ]*(?P<n3>{_NUMBER}))(?![0-9.%\uff05年月日]|[ ]*(?:年|万元|元|%))"
)
_BARE = re.compile(rf"^(?:第)?(?P<n>{_NUMBER})$")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")}
_LINE_START = re.compile(
    r"[ \t\u3000#]*(?:\d{1,2}[.、\uff0e][ ]*|[（(]?[一二三四五六七八九十]{1,2}[）)、][ ]*)?$"
)
_NAME_AFTER = re.compile(
    r"[ ]*(?:[（(](?P<inner>[^）)\n]{1,60})[）)])?[ ]*(?:[：:][ ]*(?P<after>[^\n：:，。；]{0,60}))?"
)
_TEN = 10


@dataclass(frozen=True, slots=True)
class Pack:
    """A lot label as printed, its normal form, the lot's name if printed with it, its place."""

    label: str
    name: str | None
    start: int
    end: int
    at_line_start: bool


def normal_label(number: str) -> str:
    """第一包 → 1; 01 stays 01; letters upper case."""
    if number and number[0] in "一二三四五六七八九十":
        tens, ten, ones = number.rpartition("十")
        if not ten:
            return "".join(str(_DIGITS[char]) for char in number)
        return str((_DIGITS[tens] if tens else 1) * _TEN + (_DIGITS[ones] if ones else 0))
    return number.translate(
        str.maketrans("\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19", "0123456789")
    ).upper()


def pack_number(found: re.Match[str]) -> str:
    """The number or letter of a match of ``PACK``, as printed."""
    return found["n1"] or found["n2"] or found["n3"] or found["n4"]


def packs_in(piece: Piece) -> Iterator[Pack]:
    """Every lot label in a stretch of text, in order."""
    for found in PACK.finditer(piece.text):
        number = pack_number(found)
        before = piece.text[: found.start()].rpartition("\n")[2]
        after = _NAME_AFTER.match(piece.text, found.end())
        name = (after["inner"] or after["after"]) if after else None
        yield Pack(
            normal_label(number),
            tidy(name) if name and name.strip() else None,
            piece.start + found.start(),
            piece.start + found.end(),
            _LINE_START.match(before) is not None,
        )


def read_pack(piece: Piece) -> tuple[str | None, str | None]:
    """Label and name of a cell printed after 包号 or 包组名称: ``01包``, ``A``, ``第一包：肉类包``."""
    text = tidy(piece.text)
    bare = _BARE.match(text)
    if bare is not None:
        return normal_label(bare["n"]), None
    found = PACK.match(text)
    if found is None:
        return None, text or None
    rest = text[found.end() :].strip(" ：:、.（）()")
    number = pack_number(found)
    return normal_label(number), rest or None
