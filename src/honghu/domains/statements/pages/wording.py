"""Outcomes, reasons and formats of bank statements in words."""

import datetime as dt
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from honghu.domains.statements.readers.columns import FIELDS
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.parties.actor import Actor
from honghu.web.components import Badge, Tone

OUTCOME_TITLES: Final[dict[str, Promise]] = {
    "matched": gettext_lazy("Pays a contract"),
    "exception": gettext_lazy("A person decides"),
    "other": gettext_lazy("No contract's money"),
    "debit": gettext_lazy("Paid out"),
}
_TONES: Final[dict[str, Tone]] = {"matched": "green", "exception": "amber"}
REASON_TITLES: Final[dict[str, Promise]] = {
    "certain": gettext_lazy("account, payer, number and amount agree"),
    "reversal": gettext_lazy("takes a payment back"),
    "several-payments": gettext_lazy("several payments booked together"),
    "payer-unknown": gettext_lazy("the payer is not stated"),
    "payer-differs": gettext_lazy("the payer is neither the buyer nor the treasury"),
    "no-number": gettext_lazy("no contract or project number is named"),
    "several-contracts": gettext_lazy("several contracts are named"),
    "above-contract": gettext_lazy("more than the contract leaves to be paid"),
    "contract-unpriced": gettext_lazy("the contract has no price yet"),
    "no-contract": gettext_lazy("another payer, no contract named"),
    "money-out": gettext_lazy("money that leaves the account"),
}
FIELD_TITLES: Final[dict[str, Promise]] = {
    "date": gettext_lazy("Booked on"),
    "value_date": gettext_lazy("Value date"),
    "credit": gettext_lazy("Credit (money in)"),
    "debit": gettext_lazy("Debit (money out)"),
    "amount": gettext_lazy("Amount in one column"),
    "direction": gettext_lazy("Credit or debit"),
    "balance": gettext_lazy("Balance"),
    "payer": gettext_lazy("Other side"),
    "payer_account": gettext_lazy("Account of the other side"),
    "text": gettext_lazy("Remittance text"),
    "reference": gettext_lazy("Bank's reference"),
    "payment_no": gettext_lazy("Payment number"),
    "account": gettext_lazy("Account"),
    "currency": gettext_lazy("Currency"),
}
"""What the fields of a mapping are called."""

assert FIELD_TITLES.keys() == FIELDS.keys()  # noqa: S101 every field has its word


def outcome_badge(outcome: str) -> Badge:
    """What an entry is, as a badge."""
    return Badge(label=str(OUTCOME_TITLES[outcome]), tone=_TONES.get(outcome, "neutral"))


def reason_text(reason: str) -> str:
    """Why an entry is what it is."""
    return str(REASON_TITLES.get(reason, reason))


def candidates_named(
    *, actor: Actor, now: dt.datetime, detail: CaseDetail | None
) -> list[tuple[str, str]]:
    """The loans that an exception names as possible, each with what speaks for it."""
    del actor, now
    text = (detail.row.facts.get("candidates") or "") if detail is not None else ""
    parted = (line.partition("：") for line in text.splitlines())
    return [(number, grounds) for number, _colon, grounds in parted]
