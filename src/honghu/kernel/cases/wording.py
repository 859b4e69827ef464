"""A register's own texts in the reader's language."""

from collections.abc import Iterable

from django.utils.translation import get_language, pgettext

from honghu.kernel.registers.model import Text


def words(text: Text) -> str:
    """The text in the language of the request (Chinese where none is set)."""
    return text.in_language(get_language() or "zh")


def listed(parts: Iterable[str]) -> str:
    """The parts one after the other, with the comma that the reader's language has for lists."""
    return pgettext("between the parts of a list", ", ").join(parts)
