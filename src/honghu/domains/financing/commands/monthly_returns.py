"""The monthly return of each lending bank: asked for by itself, filled in from the ledger."""

import datetime as dt
import uuid
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Invalid
from honghu.domains.financing.queries.lending_banks import lent_by_bank
from honghu.kernel.cases.commands import open_case
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.models import Case
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.rulesets.queries import get_rule

RETURNS: Final = "monthly-return"
_RULE: Final = "financing.monthly_report_day"


def ask_returns(*, now: dt.datetime) -> int:
    """Open last month's return for each bank that has lent; how many there were to open.

    Months that were missed since the latest return, because nobody began their days, are asked for
    as well. Again in the same month it changes nothing.
    """
    last = _month_before(localdate(now).replace(day=1))
    months = [last]
    newest = _newest_month()
    while newest is not None and _month_before(months[0]) > newest:
        months.insert(0, _month_before(months[0]))
    if newest is not None and newest >= last:
        # Asked for already; a bank may have lent late in the month for the first time.
        months = [last]
    return sum(_ask_month(month, now=now) for month in months)


def _newest_month() -> dt.date | None:
    found = Case.objects.filter(register=RETURNS).order_by("-opened_at", "-facts__month")
    text = found.values_list("facts__month", flat=True).first()
    return dt.date.fromisoformat(text) if text else None


def _month_before(month: dt.date) -> dt.date:
    return (month - dt.timedelta(days=1)).replace(day=1)


def _month_after(month: dt.date) -> dt.date:
    return (month + dt.timedelta(days=31)).replace(day=1)


def _ask_month(month: dt.date, *, now: dt.datetime) -> int:
    following = _month_after(month)
    known = Case.objects.filter(register=RETURNS, facts__month=month.isoformat())
    asked = set(known.values_list("facts__bank", flat=True))
    rows = [
        each
        for each in lent_by_bank(_midnight(month), _midnight(following))
        if str(each.bank_id) not in asked
    ]
    day = get_rule(_RULE, on=localdate(now), region=settings.HONGHU_REGION).as_int()
    for each in rows:
        open_case(
            RETURNS,
            action="ask",
            actor=SYSTEM,
            now=now,
            idempotency_key=f"monthly-return:{each.bank_id}:{month.isoformat()}",
            form={
                "bank": str(each.bank_id),
                "month": month.isoformat(),
                "due_on": following.replace(day=day).isoformat(),
                "loans": each.loans,
                "lent": each.lent_fen,
            },
        )
    return len(rows)


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def name_return(effect: Effect) -> None:
    """Effect of `ask`: name the return after its bank and month."""
    bank = uuid.UUID(effect.case.facts["bank"])
    name = organisation_names([bank])[bank]
    effect.case.title = f"{name} {effect.case.facts['month'][:7]}"


def confirm_return(effect: Effect) -> None:
    """Effect of `confirm`: what the ledger says is what the bank says."""
    facts = effect.case.facts
    facts.update(returned_loans=facts["loans"], returned_lent=facts["lent"], correction_reason=None)


def correct_return(effect: Effect) -> None:
    """Effect of `correct`: the bank's own numbers and why they differ. Raises Invalid if they do not."""
    facts, form = effect.case.facts, effect.form
    if (form["loans_as_counted"], form["lent_as_counted"]) == (facts["loans"], facts["lent"]):
        message = _("These are the ledger's numbers: confirm the return instead.")
        raise Invalid(message, fields={"lent_as_counted": message})
    facts.update(
        returned_loans=form["loans_as_counted"],
        returned_lent=form["lent_as_counted"],
        correction_reason=form["reason"],
    )
