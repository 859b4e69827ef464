"""The supervisor's dashboard: every register at a glance, then one by organisation."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from honghu.analytics.supervision import (
    Standing,
    party_fields,
    standing_by_organisation,
    standing_by_register,
)
from honghu.base.problems import NotAllowed
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.kernel.cases.visibility import sight_of
from honghu.kernel.cases.wording import words
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.registers.model import Register
from honghu.web.charts.model import Chart, Series
from honghu.web.components import Column, Crumb, KeyFigure, Row, Tab, Table

PERIODS = (30, 90, 365)
"""The lengths of the period that can be chosen, in days."""
_BARS = 12


@require_safe
@desk_page
def dashboard(request: DeskRequest) -> HttpResponse:
    """Every register that the reader sees whole, in five statements whatever their size."""
    registers, days = _whole(request), _days(request)
    since = request.visit.now - dt.timedelta(days=days)
    standings = standing_by_register(registers, since=since, now=request.visit.now)
    busy = [one for one in registers if standings[one.code] != Standing()]
    busy.sort(key=lambda one: (-standings[one.code].overdue, -standings[one.code].open))
    total = _total(standings)
    context = {
        "title": _("Oversight"),
        "crumbs": (Crumb(label=_("Oversight")),),
        "periods": _periods(reverse("dashboard"), days, ""),
        "figures": _key_figures(total, days),
        "table": _register_table(busy, standings, total, days),
        "chart": _chart(
            _("Open cases by register"), [(words(r.title), standings[r.code]) for r in busy]
        ),
        "is_empty": not busy,
    }
    return render(request, "desk/dashboard/dashboard.html", context)


@require_safe
@desk_page
def by_organisation(request: DeskRequest, register: str) -> HttpResponse:
    """One register by the organisations that answer for its cases, the most overdue first."""
    declared = next((one for one in _whole(request) if one.code == register), None)
    if declared is None:
        raise NotAllowed(_("This register is not yours to supervise."))
    days, fields = _days(request), party_fields(declared)
    asked = request.GET.get("field", "")
    field = asked if asked in fields else (fields[0] if fields else "")
    since = request.visit.now - dt.timedelta(days=days)
    found = (
        standing_by_organisation(declared, field, since=since, now=request.visit.now)
        if field
        else {}
    )
    names = organisation_names(found)
    rows = [(str(key), names.get(key, str(key)), value) for key, value in found.items()]
    address = reverse("dashboard-register", args=[register])
    context = {
        "title": words(declared.title),
        "crumbs": (
            Crumb(label=_("Oversight"), url=reverse("dashboard")),
            Crumb(label=words(declared.title)),
        ),
        "periods": _periods(address, days, field),
        "tabs": tuple(
            Tab(
                label=words(declared.fields[code].title),
                url=f"{address}?{urlencode({'field': code, 'days': days})}",
                is_current=code == field,
            )
            for code in fields
        ),
        "table": _organisation_table(declared, rows),
        "chart": _chart(_("Open cases by organisation"), [row[1:] for row in rows]),
        "is_empty": not rows,
    }
    return render(request, "desk/dashboard/dashboard.html", context)


def _whole(request: DeskRequest) -> list[Register]:
    """The registers that the reader sees whole: supervision is of offices."""
    visit = request.visit
    return [one for one in visit.registers if sight_of(one, visit.actor).everything]


def _days(request: DeskRequest) -> int:
    asked = request.GET.get("days", "")
    return next((days for days in PERIODS if str(days) == asked), PERIODS[1])


def _periods(address: str, days: int, field: str) -> tuple[Tab, ...]:
    return tuple(
        Tab(
            label=_("%(days)d days") % {"days": each},
            url=f"{address}?{urlencode({'days': each} | ({'field': field} if field else {}))}",
            is_current=each == days,
        )
        for each in PERIODS
    )


def _total(standings: Mapping[str, Standing]) -> Standing:
    names = Standing.__dataclass_fields__
    return Standing(
        **{name: sum(getattr(each, name) for each in standings.values()) for name in names}
    )


def _key_figures(total: Standing, days: int) -> tuple[KeyFigure, ...]:
    period = _("last %(days)d days") % {"days": days}
    return (
        KeyFigure(label=_("Open cases"), value=total.open),
        KeyFigure(label=_("Overdue"), value=total.overdue, level="red" if total.overdue else None),
        KeyFigure(label=_("Due soon"), value=total.near, level="amber" if total.near else None),
        KeyFigure(label=_("Closed"), value=total.closed, period=period),
        KeyFigure(label=_("Closed on time"), value=_share(total), kind="percent", period=period),
    )


def _share(standing: Standing) -> Decimal | None:
    """Closed on time out of closed; null where nothing was closed."""
    if not standing.closed:
        return None
    return (Decimal(standing.on_time) / standing.closed).quantize(Decimal("0.001"))


def _columns(first: str) -> tuple[Column, ...]:
    return (
        Column(label=first, role="title"),
        Column(label=_("Open cases"), kind="integer"),
        Column(label=_("Overdue"), kind="integer"),
        Column(label=_("Closed"), kind="integer"),
        Column(label=_("Closed on time"), kind="percent"),
        Column(label=_("Rebounds"), kind="integer"),
    )


def _register_table(
    registers: list[Register], standings: Mapping[str, Standing], total: Standing, days: int
) -> Table:
    more = (
        Column(label=_("Due soon"), kind="integer", role="hidden"),
        Column(label=_("Returned"), kind="integer"),
        Column(label=_("Extended"), kind="integer"),
    )
    return Table(
        caption=_("By register"),
        columns=(*_columns(_("Register")), *more),
        rows=tuple(
            Row(
                cells=(words(one.title), *_cells(standings[one.code]), *_more(standings[one.code])),
                url=f"{reverse('dashboard-register', args=[one.code])}?days={days}",
                level="red" if standings[one.code].overdue else None,
            )
            for one in registers
        ),
        totals=(_("All"), *_cells(total), *_more(total)),
    )


def _organisation_table(register: Register, rows: list[tuple[str, str, Standing]]) -> Table:
    """Each organisation opens the register's list, narrowed to its open cases."""
    address = reverse("register", args=[register.code])
    return Table(
        caption=_("By organisation, the most overdue first"),
        columns=_columns(_("Organisation")),
        rows=tuple(
            Row(
                cells=(name, *_cells(standing)),
                url=f"{address}?{urlencode({'organisation': key, 'open': 'true'})}",
                level="red" if standing.overdue else None,
            )
            for key, name, standing in rows
        ),
    )


def _cells(standing: Standing) -> tuple[object, ...]:
    return (
        standing.open, standing.overdue, standing.closed, _share(standing), standing.rebounds,
    )  # fmt: skip


def _more(standing: Standing) -> tuple[object, ...]:
    return standing.near, standing.returned, standing.extended


def _chart(title: str, rows: list[tuple[str, Standing]]) -> Chart | None:
    """Open cases, overdue apart from those in time; the first dozen."""
    shown = rows[:_BARS]
    if not shown:
        return None
    return Chart(
        kind="stacked",
        title=title,
        categories=tuple(name for name, _standing in shown),
        series=(
            Series(label=_("Overdue"), values=tuple(each.overdue for _name, each in shown)),
            Series(
                label=_("in time"), values=tuple(each.open - each.overdue for _name, each in shown)
            ),
        ),
        source=_("the registers as they stand"),
    )
