"""What the pure rules say, in the language of the page."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from honghu.domains.financing.rules import Fault

FAULTS = (
    gettext_noop("at most {most} % ({share} of the reference rate)"),
    gettext_noop("no other fee may be charged"),
    gettext_noop("no collateral or deposit may be demanded"),
    gettext_noop("at most {most} %"),
    gettext_noop("at most {months} months"),
    gettext_noop("is in the past"),
    gettext_noop("is above the ceiling of the award"),
    gettext_noop("is above the highest rate"),
    gettext_noop("is above the largest loan"),
    gettext_noop("lies before the first day"),
    gettext_noop("the product declares {rate} %"),
    gettext_noop("the product allows {low} to {high} %"),
    gettext_noop("the product allows {most} %"),
    gettext_noop("the product allows {months} months"),
    gettext_noop("outside the product's smallest and largest loan"),
    gettext_noop("the product does not serve this sector"),
    gettext_noop("a sanction needs a fine or a ban"),
    gettext_noop("{low} to {high} %"),
    gettext_noop("{low} to {high} months"),
    gettext_noop("state the one-year LPR at the contract date"),
    gettext_noop("at least the one-year LPR, {lpr} %"),
)
"""Every sentence of the rules, so that it is found and translated."""


def fault_text(fault: Fault) -> str:
    """A fault in the language of the page."""
    return _(fault.text).format(**fault.values)


def fault_texts(faults: Mapping[str, Fault]) -> dict[str, str]:
    """The faults by field, in the language of the page."""
    return {field: fault_text(fault) for field, fault in faults.items()}
