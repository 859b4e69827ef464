"""Characters of a page as the reader takes them: plain blanks and digits, nothing unseen."""

import re
from typing import Final

UNSEEN: Final = "\u200b"
"""Stands in a plain text for every mark that nobody sees; whoever builds a page leaves it out."""

_BLANKS = "\r\xa0\u3000\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
_UNSEEN = [0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065)]
_PLAIN = {
    **dict.fromkeys(map(ord, _BLANKS), " "),
    **dict.fromkeys([*_UNSEEN, *range(0xFE00, 0xFE10), 0xFEFF], UNSEEN),
    **{0xFF10 + digit: str(digit) for digit in range(10)},
}
# Full-width points and commas inside a figure are those of the figure.
_MARK = re.compile(r"\uff0e(?<=\d.)(?=\d)|，(?<=\d.)(?=\d{3}(?!\d))")


def plain(text: str) -> str:
    """The text with plain blanks, digits and marks of figures; as long as before: offsets stay."""
    text = text.translate(_PLAIN)
    if "\uff0e" not in text and "，" not in text:
        return text
    return _MARK.sub(lambda found: "." if found.group() == "\uff0e" else ",", text)
