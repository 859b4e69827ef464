"""The loan calculator: terms in the address, methods side by side, paying early, a new rate.

It is open to everybody: a supplier asks what a loan costs before registering. For who is not signed
in there is a limit by address, as at the API.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from honghu.api.limits import Strangers
from honghu.base.money import MoneyError, parse_yuan
from honghu.base.problems import HonghuError
from honghu.desk.frame.pages import open_page
from honghu.domains.lending.pages.files import workbook
from honghu.domains.lending.pages.whatif import (
    WAY_TITLES,
    Asked,
    Outcome,
    PrepaymentRefused,
    Way,
    compute,
    with_prepayment,
    with_rate_change,
)
from honghu.domains.lending.pages.wording import DAY_COUNTS
from honghu.domains.lending.rules.daycount import DayCount
from honghu.domains.lending.rules.run import ScheduleRow
from honghu.domains.lending.rules.terms import DatedAmount, PrepayEffect, Unit
from honghu.kernel.sheets.tables import Sheet, SheetColumn
from honghu.web.charts.model import Chart, Series
from honghu.web.components import Column, Crumb, Fact, Row, Table
from honghu.web.fields import Choice, FormField
from honghu.web.templatetags.honghu import with_query

_PERIODS_MAX: Final = 600
_YEARS_MAX: Final = 50
_RATE_MAX: Final = 100
_BP_MAX: Final = 10_000
_BARS_MAX: Final = 40
_FEN_MAX: Final = 10**14
_PER_YEAR: Final[Mapping[Unit, int]] = {Unit.MONTHS: 12, Unit.QUARTERS: 4, Unit.YEARS: 1}
_STRANGERS: Final = Strangers(a_minute=60)
"""More plans than anybody reads."""
_FIRST: Final = {
    "principal": "1000000",
    "rate": "3.65",
    "periods": "12",
    "unit": "months",
    "way": "equal_instalment",
    "day_count": "actual/360",
    "effect": "reduce_instalment",
}
"""What stands in the form at first: an example to change, no policy."""


@dataclasses.dataclass(slots=True)
class _Form:
    """What was typed, and what is wrong with it, by field."""

    typed: dict[str, str]
    errors: dict[str, str] = dataclasses.field(default_factory=dict)

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number between two bounds."""
        text = self.typed[name]
        if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:  # noqa: PLR2004
            return int(text)
        self.errors[name] = _("Give a whole number from %(least)d to %(most)d.") % {
            "least": least,
            "most": most,
        }
        return least

    def decimal(self, name: str, least: int, most: int, places: int) -> Decimal:
        """A decimal number between two bounds with so many decimals at most."""
        try:
            number = Decimal(self.typed[name].strip().removesuffix("%").strip())
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite() and least <= number <= most and number == round(number, places):
            return number
        self.errors[name] = _(
            "Give a number from %(least)d to %(most)d with %(places)d decimals at most."
        ) % {"least": least, "most": most, "places": places}
        return Decimal(least)

    def fen(self, name: str) -> int:
        """An amount above zero."""
        try:
            amount = parse_yuan(self.typed[name])
        except MoneyError:
            amount = 0
        if not 0 < amount <= _FEN_MAX:
            self.errors[name] = _("Give an amount of yuan above zero, like 1000000 or 100万元.")
        return max(min(amount, _FEN_MAX), 1)

    def day(self, name: str) -> dt.date:
        """A day of this century, or near it."""
        try:
            day = dt.date.fromisoformat(self.typed[name])
        except ValueError:
            day = dt.date.min
        if not 1990 <= day.year <= 2100:  # noqa: PLR2004 years that a plan may begin in
            self.errors[name] = _("Give a day like 2026-03-31.")
            return dt.date(2000, 1, 1)
        return day

    def one_of(self, name: str, known: Sequence[str]) -> str:
        """One of the codes; a code that is none is the first."""
        return self.typed[name] if self.typed[name] in known else known[0]


@require_safe
@open_page
def calculator(request: HttpRequest) -> HttpResponse:
    """The form, and below it everything that follows from it."""
    _STRANGERS.insist(request)
    form, asked = _read(request.GET, localdate())
    found: dict[str, Any] = {}
    if not form.errors:
        found = _compute(asked, form)
    terms, what_if = _terms_fields(form), (*_prepay_fields(form), *_change_fields(form))
    context = {
        "title": _("Loan calculator"),
        "crumbs": (Crumb(label=_("Loan calculator")),),
        "terms": terms,
        "changes": what_if,
        "fields": (*terms, *what_if),
        "is_what_if": bool(form.typed["prepay_amount"] or form.typed["change_bp"]),
        "export_url": reverse("loan-calculator-excel") + with_query(request),
        **found,
    }
    return render(request, "lending/calculator.html", context, status=422 if form.errors else 200)


@require_safe
@open_page
def calculator_excel(request: HttpRequest) -> HttpResponseBase:
    """The plan of the chosen way as an Excel file; with faults, the form that names them."""
    _STRANGERS.insist(request)
    today = localdate()
    form, asked = _read(request.GET, today)
    found = {} if form.errors else _compute(asked, form)
    if form.errors:
        return redirect(reverse("loan-calculator") + with_query(request))
    plan: Outcome = found["changed"] or found["plan"]
    sheet = Sheet(
        title=_("Repayment plan"),
        columns=(
            SheetColumn(title=_("Due date"), kind="date"),
            SheetColumn(title=_("Payment"), kind="yuan"),
            SheetColumn(title=_("Principal"), kind="yuan"),
            SheetColumn(title=_("Interest"), kind="yuan"),
            SheetColumn(title=_("Principal left"), kind="yuan"),
        ),
        as_of=today,
        note=f"{WAY_TITLES[asked.way]} · {asked.rate.normalize():f} %",
    )
    rows = [(row.due, *_amounts(row)) for row in plan.rows]
    return workbook(sheet, rows, f"{_('Repayment plan')}-{today:%Y%m%d}")


def _read(query: QueryDict, today: dt.date) -> tuple[_Form, Asked]:
    """The terms of an address; what is missing is the example's, what is wrong is an error."""
    names = ("start", "prepay_date", "prepay_amount", "change_date", "change_bp")
    defaults = {**dict.fromkeys(names, ""), **_FIRST, "start": today.isoformat()}
    form = _Form({name: query.get(name, first)[:40] for name, first in defaults.items()})
    unit = Unit(form.one_of("unit", [each.value for each in _PER_YEAR]))
    most = min(_PERIODS_MAX, _YEARS_MAX * _PER_YEAR[unit])
    asked = Asked(
        principal_fen=form.fen("principal"),
        rate=form.decimal("rate", 0, _RATE_MAX, 6),
        start_date=form.day("start"),
        periods=form.whole("periods", 1, most),
        unit=unit,
        way=Way(form.one_of("way", [each.value for each in Way])),
        day_count=DayCount(form.one_of("day_count", list(DAY_COUNTS))),
        effect=PrepayEffect(form.one_of("effect", [each.value for each in PrepayEffect])),
    )
    if form.typed["prepay_amount"]:
        form.typed["prepay_date"] = form.typed["prepay_date"] or today.isoformat()
        paid = DatedAmount(form.day("prepay_date"), form.fen("prepay_amount"))
        asked = dataclasses.replace(asked, prepaid=paid)
    if form.typed["change_bp"]:
        form.typed["change_date"] = form.typed["change_date"] or today.isoformat()
        points = form.decimal("change_bp", -_BP_MAX, _BP_MAX, 2)
        day = form.day("change_date")
        asked = dataclasses.replace(asked, change_date=day, change_bp=points)
        if asked.rate + points / 100 < 0:
            form.errors["change_bp"] = _("The rate would fall below zero.")
    return form, asked


def _compute(asked: Asked, form: _Form) -> dict[str, Any]:
    """All outcomes; what the rules refuse becomes an error beside its field."""
    try:
        outcomes = {way: compute(asked, way) for way in Way}
    except HonghuError:
        form.errors["principal"] = _("No plan can be made of these terms; look at each of them.")
        return {}
    plan = outcomes[asked.way]
    prepaid = changed = None
    try:
        prepaid = with_prepayment(asked)
    except PrepaymentRefused as refusal:
        if refusal.part == "date":
            form.errors["prepay_date"] = _("Give a day of the loan's term, before its last day.")
        else:
            form.errors["prepay_amount"] = _("This is more than is owed on that day.")
    if asked.change_date is not None and not (
        plan.last_date and asked.start_date <= asked.change_date < plan.last_date
    ):
        form.errors["change_date"] = _("Give a day of the loan's term, before its last day.")
    elif asked.change_date is not None:
        changed = with_rate_change(asked)
    shown = prepaid or changed
    return {
        "plan": plan,
        "changed": shown,
        "key": _key_facts(plan),
        "comparison": _comparison(outcomes, asked.way),
        "chart": _interest_chart(outcomes),
        "plan_chart": _plan_chart(shown or plan),
        "what_if": _what_if(plan, prepaid, changed),
        "plan_table": _plan_table(shown or plan),
        "plan_title": str(WAY_TITLES[asked.way]),
    }


def _key_facts(plan: Outcome) -> tuple[Fact, ...]:
    return (
        Fact(label=_("Interest in all"), value=plan.interest_fen, kind="money"),
        Fact(label=_("First payment"), value=plan.first_fen, kind="money"),
        Fact(label=_("Highest payment"), value=plan.highest_fen, kind="money"),
        Fact(label=_("Paid in all"), value=plan.total_fen, kind="money"),
        Fact(label=_("Last payment on"), value=plan.last_date, kind="date"),
    )


def _comparison(outcomes: Mapping[Way, Outcome], chosen: Way) -> Table:
    least = min(each.interest_fen for each in outcomes.values())
    return Table(
        caption=_("Methods side by side"),
        columns=(
            Column(label=_("Method"), role="title"),
            Column(label=_("Interest in all"), kind="money"),
            Column(label=_("More than the cheapest"), kind="money"),
            Column(label=_("First payment"), kind="money"),
            Column(label=_("Highest payment"), kind="money"),
            Column(label=_("Number of payments"), kind="integer"),
        ),
        rows=tuple(
            Row(
                cells=(
                    str(WAY_TITLES[way]),
                    outcome.interest_fen,
                    outcome.interest_fen - least,
                    outcome.first_fen,
                    outcome.highest_fen,
                    len(outcome.rows),
                ),
                is_current=way is chosen,
            )
            for way, outcome in outcomes.items()
        ),
        is_caption_hidden=True,
    )


def _source() -> str:
    return _("computed from the terms above, to the fen")


def _interest_chart(outcomes: Mapping[Way, Outcome]) -> Chart:
    return Chart(
        kind="bar",
        title=_("Interest in all by method"),
        categories=tuple(str(WAY_TITLES[way]) for way in outcomes),
        series=(
            Series(
                label=_("Interest"), values=tuple(each.interest_fen for each in outcomes.values())
            ),
        ),
        measure="money",
        unit=_("yuan"),
        category_label=_("Method"),
        source=_source(),
    )


def _plan_chart(plan: Outcome) -> Chart | None:
    """What each payment repays; null where it is one payment, or too many to draw."""
    if not 1 < len(plan.rows) <= _BARS_MAX:
        return None
    return Chart(
        kind="stacked",
        title=_("What each payment repays"),
        categories=tuple(row.due.isoformat() for row in plan.rows),
        series=(
            Series(label=_("Principal"), values=tuple(row.principal_fen for row in plan.rows)),
            Series(label=_("Interest"), values=tuple(row.interest_fen for row in plan.rows)),
        ),
        measure="money",
        unit=_("yuan"),
        category_label=_("Due date"),
        source=_source(),
    )


def _what_if(plan: Outcome, prepaid: Outcome | None, changed: Outcome | None) -> Table | None:
    """The chosen plan as agreed, beside what a prepayment and a new rate make of it."""
    lines = [
        (_("As agreed"), plan),
        (_("With the prepayment"), prepaid),
        (_("With the new rate"), changed),
    ]
    if prepaid is None and changed is None:
        return None
    return Table(
        caption=_("What if"),
        columns=(
            Column(label=pgettext("what if", "Case"), role="title"),
            Column(label=_("Interest in all"), kind="money"),
            Column(label=_("Difference"), kind="money"),
            Column(label=_("Highest payment"), kind="money"),
            Column(label=_("Last payment on"), kind="date"),
        ),
        rows=tuple(
            Row(
                cells=(
                    label,
                    each.interest_fen,
                    each.interest_fen - plan.interest_fen,
                    each.highest_fen,
                    each.last_date,
                )
            )
            for label, each in lines
            if each is not None
        ),
        is_caption_hidden=True,
    )


def _amounts(row: ScheduleRow) -> tuple[int, int, int, int]:
    """A payment, its principal and interest, and the principal left."""
    return (
        row.principal_fen + row.interest_fen,
        row.principal_fen,
        row.interest_fen,
        row.balance_fen,
    )


def _plan_table(plan: Outcome) -> Table:
    return Table(
        caption=_("Repayment plan"),
        columns=(
            Column(label=_("Due date"), kind="date", role="title"),
            Column(label=_("Payment"), kind="money"),
            Column(label=_("Principal"), kind="money"),
            Column(label=_("Interest"), kind="money"),
            Column(label=_("Principal left"), kind="money"),
        ),
        rows=tuple(Row(cells=(row.due, *_amounts(row))) for row in plan.rows),
        totals=(
            None,
            plan.total_fen,
            plan.total_fen - plan.interest_fen,
            plan.interest_fen,
            None,
        ),
        density="compact",
        is_caption_hidden=True,
    )


def _field(form: _Form, name: str, label: str, control: Any, **more: Any) -> FormField:
    error = form.errors.get(name)
    return FormField(
        name=name,
        label=label,
        control=control,
        value=form.typed[name],
        errors=(error,) if error else (),
        **more,
    )


def _choice(form: _Form, name: str, label: str, words: Mapping[Any, Any]) -> FormField:
    choices = tuple(Choice(value=str(code), label=str(text)) for code, text in words.items())
    return _field(form, name, label, "choice", choices=choices, is_select=True, required=True)


def _terms_fields(form: _Form) -> tuple[FormField, ...]:
    units = {"months": _("months"), "quarters": _("quarters"), "years": _("years")}
    return (
        _field(form, "principal", _("Principal"), "text", unit=_("yuan"), required=True),
        _field(form, "rate", _("Rate a year"), "rate", unit="%", required=True),
        _field(form, "start", _("Lent on"), "date", required=True),
        _field(form, "periods", _("Number of periods"), "integer", required=True),
        _choice(form, "unit", _("Length of a period"), units),
        _choice(form, "way", _("Method"), WAY_TITLES),
        _choice(form, "day_count", _("Day count"), DAY_COUNTS),
    )


def _prepay_fields(form: _Form) -> tuple[FormField, ...]:
    effects = {
        "reduce_instalment": _("smaller instalments"),
        "reduce_term": _("a shorter term"),
        "defer_next_instalments": _("the next instalments"),
    }
    return (
        _field(form, "prepay_amount", _("Amount paid early"), "text", unit=_("yuan")),
        _field(form, "prepay_date", _("Paid early on"), "date", help=_("Left empty: today.")),
        _choice(form, "effect", _("What it reduces"), effects),
    )


def _change_fields(form: _Form) -> tuple[FormField, ...]:
    return (
        _field(
            form,
            "change_bp",
            _("Change of the rate"),
            "text",
            help=_("In basis points; 100 are 1 %. Below zero: a lower rate."),
        ),
        _field(form, "change_date", _("New rate from"), "date", help=_("Left empty: today.")),
    )
