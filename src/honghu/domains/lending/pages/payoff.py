"""What clears a loan on a day, and what a part paid early does; nothing is booked."""

import dataclasses
import datetime as dt
from typing import Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from honghu.base.money import MoneyError, parse_yuan
from honghu.base.problems import HonghuError
from honghu.domains.lending.queries import (
    LoanRow,
    PayoffQuote,
    PrepaymentQuote,
    quote_payoff,
    quote_prepayment,
)
from honghu.domains.lending.rules.allocation import Bucket
from honghu.web.components import Fact
from honghu.web.fields import FormField

_LAST_QUOTE: Final = dt.timedelta(days=3660)
"""A payoff is quoted for at most so long after the maturity."""
_TYPED_MAX: Final = 40


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """The form as it was typed, with what is wrong with it, and the answer if there is one."""

    fields: tuple[FormField, ...]
    facts: tuple[Fact, ...] = ()

    @property
    def has_faults(self) -> bool:
        """Whether anything typed cannot be meant."""
        return any(field.errors for field in self.fields)


def read_payoff(query: QueryDict, loan: LoanRow, today: dt.date) -> Asked:
    """The day, and perhaps the amount, of an address; without an amount all is paid off."""
    typed = query.get("payoff", "")[:_TYPED_MAX]
    amount = query.get("amount", "")[:_TYPED_MAX].strip()
    if loan.status != "active":
        return Asked((payoff_field(typed),))
    if not typed:
        return Asked((payoff_field(max(today, loan.served_to).isoformat()), _amount_field(amount)))
    day, wrong_day = _day(typed, loan, today)
    fen, wrong_amount = _fen(amount)
    facts: tuple[Fact, ...] = ()
    if not wrong_day and not wrong_amount:
        try:
            facts = (
                payoff_facts(quote_payoff(loan.id, day))
                if fen is None
                else _prepayment_facts(quote_prepayment(loan.id, day, fen))
            )
        except HonghuError:
            wrong_day = _("The loan did not exist on this day.")
    return Asked((payoff_field(typed, wrong_day), _amount_field(amount, wrong_amount)), facts)


def _day(typed: str, loan: LoanRow, today: dt.date) -> tuple[dt.date, str]:
    try:
        day = dt.date.fromisoformat(typed)
    except ValueError:
        return today, _("Give a day like 2026-03-31.")
    if not loan.start_date <= day <= max(loan.maturity_date, today) + _LAST_QUOTE:
        message = _("Give a day from %(first)s on, and not later than ten years after maturity.")
        return today, message % {"first": loan.start_date.isoformat()}
    return day, ""


def _fen(typed: str) -> tuple[int | None, str]:
    if not typed:
        return None, ""
    try:
        fen = parse_yuan(typed)
    except MoneyError:
        fen = 0
    if fen <= 0:
        return None, _("Give an amount of yuan above zero, like 1000000 or 100万元.")
    return fen, ""


def payoff_field(value: str, error: str = "") -> FormField:
    """The box for the day."""
    return FormField(
        name="payoff",
        label=_("Pay off on"),
        control="date",
        value=value,
        errors=(error,) if error else (),
    )


def _amount_field(value: str, error: str = "") -> FormField:
    return FormField(
        name="amount",
        label=_("Only this amount"),
        control="text",
        value=value,
        unit=_("yuan"),
        errors=(error,) if error else (),
    )


def payoff_facts(quote: PayoffQuote) -> tuple[Fact, ...]:
    """What a quote comes to, part by part."""
    parts = (
        (_("Principal"), quote.principal_fen),
        (_("Interest"), quote.interest_fen),
        (_("Compound interest"), quote.compound_fen),
        (_("Penalty interest"), quote.penalty_fen),
        (_("Costs"), quote.costs_fen),
        (_("Together"), quote.total_fen),
    )
    return tuple(Fact(label=label, value=fen, kind="money") for label, fen in parts)


def _prepayment_facts(quote: PrepaymentQuote) -> tuple[Fact, ...]:
    """What a part paid early settles, what is left over, and the interest that it saves."""
    settled = quote.settled
    interest = sum(
        settled.get(bucket, 0) for bucket in (Bucket.INTEREST, Bucket.COMPOUND, Bucket.PENALTY)
    )
    parts = (
        (_("Interest and penalty settled"), interest),
        (_("Principal repaid"), settled.get(Bucket.PRINCIPAL, 0)),
        (_("of it before it is due"), quote.prepaid_principal_fen),
        (_("More than is owed"), quote.released_fen),
        (_("Interest saved until maturity"), quote.interest_saved_fen),
    )
    return tuple(Fact(label=label, value=fen, kind="money") for label, fen in parts)
