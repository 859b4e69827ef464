"""Personal data in what people typed: identity, telephone and account numbers, addresses of mail."""

import re
import unicodedata
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["resident_id", "phone", "account", "email"]

_GAP: Final = r"[\s\-\u2010-\u2015_.\u00b7\u3001,()]{0,3}"
_DIGIT: Final = rf"[0-9]{_GAP}"
# People part numbers by blanks and dashes, and write them in full-width digits.
_PATTERNS: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    ("resident_id", re.compile(rf"(?<![0-9])(?:{_DIGIT}){{17}}[0-9Xx](?![0-9])")),
    ("resident_id", re.compile(rf"(?<![0-9])(?:{_DIGIT}){{14}}[0-9](?![0-9])")),
    ("account", re.compile(rf"(?<![0-9])(?:{_DIGIT}){{15,18}}[0-9](?![0-9])")),
    ("phone", re.compile(rf"(?<![0-9])(?:(?:\+|00)?86{_GAP})?1{_GAP}[3-9]{_GAP}(?:{_DIGIT}){{8}}[0-9](?![0-9])")),
    ("phone", re.compile(rf"(?<![0-9])0[0-9]{{2,3}}{_GAP}[2-8]{_GAP}(?:{_DIGIT}){{5,6}}[0-9](?![0-9])")),
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
)  # fmt: skip


def personal_kinds(text: str) -> tuple[Kind, ...]:
    """The kinds of personal data that a text seems to hold; empty for none.

    Rather one report too many is looked at than one telephone number published (个人信息保护法
    art. 51): patterns ask for the length alone, not for check digits.
    """
    plain = unicodedata.normalize("NFKC", text)
    return tuple(dict.fromkeys(kind for kind, pattern in _PATTERNS if pattern.search(plain)))
