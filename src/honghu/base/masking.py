"""Masks for personal data in lists (个人信息保护法 art. 51; what may be shown to whom is the caller's).

Every mask fails closed: a value that is not of the expected shape is hidden whole. The number of
stars does not depend on what they hide, except where the standard's length is public anyway.
"""

import re
from typing import Final

from honghu.base.chinese import to_halfwidth

HIDDEN: Final = "****"

# Two-character surnames in present use; other names are masked after their first character.
_COMPOUND_SURNAMES: Final = frozenset(
    re.findall(
        r"\w{2}",
        "欧阳 上官 司马 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 司徒 轩辕 夏侯 南宫 独孤 端木 百里 呼延 "
        "闻人 东郭 西门 拓跋 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 钟离 司空 鲜于 闾丘 司寇 子车 颛孙 "
        "巫马 公西 漆雕 乐正 公良 赫连 万俟 第五 东门 南门 左丘 梁丘 谷梁 羊舌 微生 段干",
    )
)
_RESIDENT_ID: Final = re.compile(r"\d{17}[\dXx]")
_MOBILE: Final = re.compile(r"(?:\+?86)?(1\d{10})")
_COMPOUND_NAME_LENGTH_MIN: Final = 3
_TAIL_SHARE: Final = 2


def mask_name(name: str) -> str:
    """The surname and one star: 张*, 欧阳*. A name of one character is hidden whole."""
    bare = name.strip()
    if len(bare) >= _COMPOUND_NAME_LENGTH_MIN and bare[:2] in _COMPOUND_SURNAMES:
        return f"{bare[:2]}*"
    return f"{bare[0]}*" if len(bare) > 1 else "*"


def mask_resident_id(code: str) -> str:
    """The division and the last four characters: 421083********001X."""
    bare = to_halfwidth(code).strip()
    if _RESIDENT_ID.fullmatch(bare) is None:
        return HIDDEN
    return f"{bare[:6]}********{bare[-4:].upper()}"


def mask_phone(number: str) -> str:
    """A mobile number's first three and last four digits: 138****0000. Other numbers are hidden."""
    bare = re.sub(r"[\s-]", "", to_halfwidth(number))
    match = _MOBILE.fullmatch(bare)
    return f"{match[1][:3]}****{match[1][-4:]}" if match else HIDDEN


def mask_account(number: str) -> str:
    """The last four digits of a bank account: ****1234. Fewer than eight digits are hidden whole."""
    return _tail(number, 4)


def _tail(number: str, shown: int) -> str:
    bare = re.sub(r"[\s-]", "", to_halfwidth(number))
    # Showing half of a number or more would not mask it.
    return f"{HIDDEN}{bare[-shown:]}" if len(bare) >= _TAIL_SHARE * shown else HIDDEN
