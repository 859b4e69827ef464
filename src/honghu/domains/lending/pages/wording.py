"""What the codes of loans are called on pages, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from honghu.domains.lending.queries.finding import UNCLASSIFIED
from honghu.web.components import Badge, Tone

STATUSES: Final[Mapping[str, Promise]] = {
    "approved": pgettext_lazy("loan", "approved"),
    "active": pgettext_lazy("loan", "active"),
    "settled": pgettext_lazy("loan", "settled"),
    "written_off": pgettext_lazy("loan", "written off"),
    "void": pgettext_lazy("loan", "void"),
}
CLASSES: Final[Mapping[str, Promise]] = {
    "normal": pgettext_lazy("risk class", "normal"),
    "special_mention": pgettext_lazy("risk class", "special mention"),
    "substandard": pgettext_lazy("risk class", "substandard"),
    "doubtful": pgettext_lazy("risk class", "doubtful"),
    "loss": pgettext_lazy("risk class", "loss"),
    UNCLASSIFIED: pgettext_lazy("risk class", "not classified yet"),
}
AGE_TITLES: Final[Mapping[str, Promise]] = {
    "current": gettext_lazy("Not overdue"),
    "1-30": gettext_lazy("1 to 30 days"),
    "31-60": gettext_lazy("31 to 60 days"),
    "61-90": gettext_lazy("61 to 90 days"),
    "91-270": gettext_lazy("91 to 270 days"),
    "271-360": gettext_lazy("271 to 360 days"),
    "over-360": gettext_lazy("over 360 days"),
}
EVENTS: Final[Mapping[str, Promise]] = {
    "opened": pgettext_lazy("loan event", "Opened"),
    "disbursement_reserved": gettext_lazy("Disbursement reserved"),
    "disbursement_voided": gettext_lazy("Reserved disbursement voided"),
    "disbursed": gettext_lazy("Disbursed"),
    "paid": gettext_lazy("Payment"),
    "cost_charged": gettext_lazy("Cost charged"),
    "repriced": gettext_lazy("Rate changed"),
    "misused": gettext_lazy("Misuse found"),
    "extended": gettext_lazy("Extended"),
    "restructured": gettext_lazy("Restructured"),
    "written_off": gettext_lazy("Written off"),
    "recovered": gettext_lazy("Recovered after write-off"),
    "nonaccrual_began": gettext_lazy("Interest taken off income"),
    "nonaccrual_ended": gettext_lazy("Interest is income again"),
    "borrower_changed": gettext_lazy("Borrower changed"),
    "reversed": gettext_lazy("Reversal"),
    "settled": gettext_lazy("Settled"),
    "voided": gettext_lazy("Voided"),
    "accrued": gettext_lazy("Interest accrued"),
}
GROUNDS: Final[Mapping[str, Promise]] = {
    "overdue": gettext_lazy("overdue"),
    "misused": gettext_lazy("used for something else"),
    "refinanced": gettext_lazy("lent to repay another loan"),
    "impaired": gettext_lazy("impaired"),
    "evading": gettext_lazy("debtor evades"),
    "bankrupt": gettext_lazy("debtor bankrupt"),
    "restructured": gettext_lazy("restructured"),
    "restructured_overdue": gettext_lazy("restructured and overdue again"),
    "restructured_again": gettext_lazy("restructured again"),
    "judged": gettext_lazy("judged by a person"),
    "not_cured": gettext_lazy("not cured long enough"),
    "debtor_bad": gettext_lazy("another loan of the debtor is bad"),
    "debtor_bad_share": gettext_lazy("a share of the debtor's loans is bad"),
    "debtor_overdue_share": gettext_lazy("a share of the debtor's loans is long overdue"),
}
DAY_COUNTS: Final[Mapping[str, Promise]] = {
    "actual/360": gettext_lazy("actual days / 360"),
    "actual/365": gettext_lazy("actual days / 365"),
    "actual/actual": gettext_lazy("actual days / actual year"),
    "30/360": gettext_lazy("30 / 360"),
}
SKIPS: Final[Mapping[str, Promise]] = {
    "locked": pgettext_lazy("loan passed over", "locked"),
    "busy": pgettext_lazy("loan passed over", "held by somebody"),
    "faulty": pgettext_lazy("loan passed over", "faulty"),
}
PARTS: Final[Mapping[str, Promise]] = {
    "principal": gettext_lazy("Principal"),
    "interest": gettext_lazy("Interest receivable"),
    "compound": gettext_lazy("Compound interest receivable"),
    "penalty": gettext_lazy("Penalty interest receivable"),
    "costs": gettext_lazy("Costs receivable"),
    "written_off": gettext_lazy("Written-off claims"),
}
_STATUS_TONES: Final[Mapping[str, Tone]] = {
    "approved": "lake",
    "active": "green",
    "written_off": "red",
}
_CLASS_TONES: Final[Mapping[str, Tone]] = {
    "normal": "green",
    "special_mention": "amber",
    "substandard": "red",
    "doubtful": "red",
    "loss": "red",
}


def word(words: Mapping[str, Promise], code: str) -> str:
    """What a code is called; a code that no page knows stands for itself."""
    return str(words.get(code, code))


def status_badge(status: str) -> Badge:
    """How far a loan has come."""
    return Badge(label=word(STATUSES, status), tone=_STATUS_TONES.get(status, "neutral"))


def class_badge(risk_class: str | None) -> Badge:
    """A loan's class."""
    code = risk_class or UNCLASSIFIED
    return Badge(label=word(CLASSES, code), tone=_CLASS_TONES.get(code, "neutral"))
