"""The ways of service in words."""

from django.utils.translation import gettext as _


def manner_words() -> dict[str, str]:
    """The ways of service in words."""
    return {
        "direct": _("Handed over"),
        "post": _("By post"),
        "electronic": _("Electronically"),
        "left": _("Left there before a witness"),
        "entrusted": _("Through another office"),
        "notice": _("By public notice"),
    }
