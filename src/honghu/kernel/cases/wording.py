"""A register's own texts in the reader's language."""

from django.utils.translation import get_language

from honghu.kernel.registers.model import Text


def words(text: Text) -> str:
    """The text in the language of the request (Chinese where none is set)."""
    return text.in_language(get_language() or "zh")
