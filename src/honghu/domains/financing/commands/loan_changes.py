"""A running loan is changed by two persons of its bank: extended, restructured, found misused.

What is proposed stands in the case until it is decided; what it comes to is lending's to count, on
the day of the decision.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid
from honghu.domains.financing.commands.servicing import restate
from honghu.domains.financing.models import Loan
from honghu.domains.financing.queries.served import served_loan
from honghu.domains.financing.rules import add_months
from honghu.domains.lending import commands as lending
from honghu.domains.lending.queries import LoanRow, get_loan, quote_payoff, undue_principal
from honghu.kernel.cases.effects import Effect
from honghu.kernel.rulesets.queries import get_rule

_OBSERVATION: Final = "lending.restructured_observation"
_EXTENSION, _RESTRUCTURING, _MISUSE = "extension", "restructuring", "misuse"
_PROPOSED: Final = (
    "change_kind",
    "new_maturity",
    "new_rate",
    "repaid",
    "observed_until",
    "misused_since",
    "change_grounds",
)
_NEEDED: Final = {
    _EXTENSION: ("new_maturity", "repaid"),
    _RESTRUCTURING: ("new_maturity", "repaid", "observed_until"),
    _MISUSE: ("misused_since",),
}
_OF_OTHERS: Final = {
    _EXTENSION: ("observed_until", "misused_since"),
    _RESTRUCTURING: ("misused_since",),
    _MISUSE: ("new_maturity", "new_rate", "repaid", "observed_until"),
}


class UnableToChange(Conflict):
    """The loan is not in a state, or not on a day, in which this change is possible."""

    code = "loan-not-changeable"


def propose_change(effect: Effect) -> None:
    """Effect of `propose_change`: what is proposed is complete, and possible today.

    Raises Invalid with every field that is missing, does not belong to the change, or has a day
    that cannot be.
    """
    facts, row = effect.case.facts, _row(effect)
    kind = facts["change_kind"]
    faults = dict.fromkeys(
        (name for name in _NEEDED[kind] if not facts.get(name)), _("This change needs it.")
    )
    faults |= dict.fromkeys(
        (name for name in _OF_OTHERS[kind] if facts.get(name)),
        _("This belongs to another kind of change; leave it empty."),
    )
    faults = _day_faults(facts, row, localdate(effect.now)) | faults
    if faults:
        message = _("The change is not complete.")
        raise Invalid(message, remedy=_("Complete the marked fields."), fields=faults)


def _day_faults(facts: Mapping[str, Any], row: LoanRow, today: dt.date) -> dict[str, str]:
    """The days among the proposed facts that cannot be, by field."""
    kind, faults = facts["change_kind"], {}
    if (until := _day(facts, "new_maturity")) is not None:
        if until <= max(row.maturity_date, today) and kind == _EXTENSION:
            faults["new_maturity"] = _("Give a day after the present maturity.")
        elif until <= today:
            faults["new_maturity"] = _("Give a day that is still to come.")
    if kind == _EXTENSION and today >= row.maturity_date:
        faults["change_kind"] = _("The loan has matured: restructure it instead.")
    if (observed := _day(facts, "observed_until")) is not None:
        rule = get_rule(_OBSERVATION, on=today, region=settings.HONGHU_REGION)
        months = rule.as_duration().value
        if observed < add_months(today, months):
            message = _("Observe it for %(months)d months at least.")
            faults["observed_until"] = message % {"months": months}
    if (since := _day(facts, "misused_since")) is not None and not (
        row.start_date <= since <= today
    ):
        faults["misused_since"] = _("Give a day of the loan's term up to today.")
    return faults


def _day(facts: Mapping[str, Any], name: str) -> dt.date | None:
    text = facts.get(name)
    return dt.date.fromisoformat(text) if text else None


def decide_change(effect: Effect) -> None:
    """Effect of `decide_change`: approved, lending changes the loan; in either case nothing is open.

    Raises UnableToChange where days or payments since have made the change impossible.
    """
    facts = effect.case.facts
    proposed = {name: facts.get(name) for name in _PROPOSED}
    facts.update(dict.fromkeys(_PROPOSED))
    if effect.result != "approved":
        return
    before = _row(effect)
    try:
        _change(effect, before, proposed, localdate(effect.now))
    except lending.UnableToReplay as error:
        message = _("The loan can no longer be changed like this.")
        raise UnableToChange(message, remedy=_("Return it, and propose it anew.")) from error
    after = get_loan(before.id)
    restate(facts, after, recovered_fen=0)
    facts["matures_on"] = after.maturity_date.isoformat()
    if proposed["new_rate"]:
        facts["rate"] = proposed["new_rate"]


def _change(effect: Effect, row: LoanRow, proposed: Mapping[str, Any], today: dt.date) -> None:
    """Hand what was proposed to lending, for this day. Raises what lending refuses."""
    kind = proposed["change_kind"]
    common: dict[str, Any] = {
        "actor": effect.actor,
        "now": effect.now,
        "idempotency_key": f"{effect.step_id}:change",
        "loan_id": row.id,
        "step_id": effect.step_id,
    }
    if kind == _MISUSE:
        since = dt.date.fromisoformat(proposed["misused_since"])
        lending.mark_misused(value_date=since, **common)
        return
    until = dt.date.fromisoformat(proposed["new_maturity"])
    if until <= today:
        message = _("The new maturity has passed.")
        raise UnableToChange(message, remedy=_("Return it, and propose it anew."))
    if kind == _EXTENSION:
        terms = _plan(undue_principal(row.id, today), today, until, proposed)
        lending.extend_loan(value_date=today, terms=terms, **common)
        return
    owed = quote_payoff(row.id, today).principal_fen
    lending.restructure_loan(
        value_date=today,
        terms=_plan(owed, today, until, proposed),
        capitalises=False,
        observed_until=dt.date.fromisoformat(proposed["observed_until"]),
        **common,
    )


def _plan(fen: int, today: dt.date, until: dt.date, proposed: Mapping[str, Any]) -> dict[str, Any]:
    """New terms as lending reads them: the principal at once, or in equal parts month by month."""
    days = [until]
    if proposed["repaid"] == "monthly":
        days = []
        while (day := add_months(today, len(days) + 1)) < until:
            days.append(day)
        days.append(until)
    share = fen // len(days)
    parts = [share] * (len(days) - 1) + [fen - share * (len(days) - 1)]
    return {
        "principal_due": [
            {"date": day.isoformat(), "amount_fen": part}
            for day, part in zip(days, parts, strict=True)
            if part
        ],
        "interest_due_dates": [day.isoformat() for day in days],
        "maturity": until.isoformat(),
    } | ({"rate": proposed["new_rate"]} if proposed["new_rate"] else {})


def _row(effect: Effect) -> LoanRow:
    """The loan at lending. Raises UnableToChange where nothing of it was lent."""
    row = served_loan(Loan.objects.get(pk=effect.case.id))
    if row is None or row.status != "active" or not row.lent_fen:
        message = _("Nothing of the loan is lent.")
        raise UnableToChange(message, remedy=_("Change it once it is drawn."))
    return row
