"""The supervisor's dashboard: by register, by town, by office; one register, one organisation."""

import uuid
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from honghu.analytics.oversight import (
    Period,
    Standing,
    by_organisation,
    by_register,
    of_organisation,
    party_fields,
    total,
)
from honghu.base.problems import NotAllowed
from honghu.desk.dashboard.tables import (
    ROWS_MAX,
    Line,
    key_figures,
    list_address,
    open_chart,
    period_words,
    plain_table,
    ranked_table,
    share_chart,
)
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.kernel.cases.visibility import sight_of
from honghu.kernel.cases.wording import words
from honghu.kernel.parties.queries import get_organisation, list_organisations, organisation_names
from honghu.kernel.registers.model import Register
from honghu.kernel.rulesets.queries import get_rule
from honghu.web.components import Crumb, Tab

PERIODS = (30, 90, 365, 1826)
"""The lengths of the period that can be chosen, in days: the last one is five years."""
KINDS = {"towns": "township", "offices": "office"}
"""The views by organisation, and the kind of organisation that each shows."""
_TEMPLATE = "desk/dashboard/dashboard.html"


@require_safe
@desk_page
def dashboard(request: DeskRequest) -> HttpResponse:
    """Every register that the reader sees whole; or their cases by town, or by office."""
    registers, period = _whole(request), _period(request)
    view = request.GET.get("by", "")
    if view in KINDS:
        return _by_kind(request, registers, period, view)
    standings = by_register(registers, period)
    busy = [one for one in registers if standings[one.code] != Standing()]
    busy.sort(key=lambda one: (-standings[one.code].overdue, -standings[one.code].open))
    lines = [
        Line(
            one.code,
            words(one.title),
            _address("dashboard-register", period, one.code),
            standings[one.code],
            list_address(one.code),
        )
        for one in busy
    ]
    whole = total(standings.values())
    context = _context(request, _("Oversight"), (), period) | {
        "views": _views(period, view),
        "figures": key_figures(whole, period.days),
        "table": plain_table(_("By register"), _("Register"), lines, period, whole),
        "charts": _charts(open_chart(_("Open cases by register"), lines)),
        "is_empty": not busy,
    }
    return render(request, _TEMPLATE, context)


def _by_kind(
    request: DeskRequest, registers: list[Register], period: Period, view: str
) -> HttpResponse:
    names = {one.id: one.name for one in list_organisations(kind=KINDS[view])}
    lines = [
        Line(key, names[key], _address("dashboard-organisation", period, str(key)), standing)
        for key, standing in by_organisation(registers, period).items()
        if key in names
    ]
    caption = _("Towns by the share closed on time")
    if view == "offices":
        caption = _("Offices by the share closed on time")
    context = _context(request, _("Oversight"), (), period) | {"views": _views(period, view)}
    return render(request, _TEMPLATE, context | _ranked(request, caption, lines, period))


@require_safe
@desk_page
def register_by_organisation(request: DeskRequest, register: str) -> HttpResponse:
    """One register by the organisations that answer for its cases."""
    declared = next((one for one in _whole(request) if one.code == register), None)
    if declared is None:
        raise NotAllowed(_("This register is not yours to supervise."))
    period, fields = _period(request), party_fields(declared)
    asked = request.GET.get("field", "")
    field = asked if asked in fields else (fields[0] if fields else "")
    found = by_organisation([declared], period, field=field) if field else {}
    names = organisation_names(found)
    lines = [
        Line(key, names.get(key, str(key)), address, standing, address)
        for key, standing in found.items()
        for address in (list_address(register, key, field),)
    ]
    title = words(declared.title)
    address = reverse("dashboard-register", args=[register])
    context = _context(request, title, (Crumb(label=title),), period) | {
        "tabs": tuple(
            Tab(
                label=words(declared.fields[code].title),
                url=f"{address}?{urlencode({'field': code, 'days': period.days})}",
                is_current=code == field,
            )
            for code in fields
        ),
    }
    caption = _("By the share closed on time")
    ranked = _ranked(request, caption, lines, period, most=ROWS_MAX)
    return render(request, _TEMPLATE, context | ranked)


@require_safe
@desk_page
def organisation_by_register(request: DeskRequest, organisation_id: uuid.UUID) -> HttpResponse:
    """One organisation: how it stands in each register that the reader sees whole."""
    registers, period = _whole(request), _period(request)
    if not registers:
        raise NotAllowed(_("There is no register that you supervise."))
    organisation = get_organisation(organisation_id)
    standings = of_organisation(registers, organisation_id, period)
    lines = [
        Line(one.code, words(one.title), address, standings[one.code], address)
        for one in registers
        if standings[one.code] != Standing()
        for address in (list_address(one.code, organisation_id),)
    ]
    lines.sort(key=lambda line: (-line.standing.overdue, -line.standing.open, line.title))
    whole = total(standings.values())
    crumbs = (Crumb(label=organisation.name),)
    context = _context(request, organisation.name, crumbs, period) | {
        "figures": key_figures(whole, period.days),
        "table": plain_table(_("By register"), _("Register"), lines, period, whole),
        "charts": _charts(open_chart(_("Open cases by register"), lines)),
        "is_empty": not lines,
    }
    return render(request, _TEMPLATE, context)


def _context(
    request: DeskRequest, title: str, crumbs: tuple[Crumb, ...], period: Period
) -> dict[str, object]:
    """What every page of oversight has: title, way, and the periods to choose from."""
    home = Crumb(label=_("Oversight"), url=reverse("dashboard") if crumbs else "")
    kept = {name: request.GET[name] for name in ("by", "field") if name in request.GET}
    return {
        "title": title,
        "crumbs": (home, *crumbs),
        "periods": tuple(
            Tab(
                label=period_words(days),
                url=f"{request.path}?{urlencode(kept | {'days': days})}",
                is_current=days == period.days,
            )
            for days in PERIODS
        ),
    }


def _ranked(
    request: DeskRequest,
    caption: str,
    lines: list[Line],
    period: Period,
    most: int | None = None,
) -> dict[str, object]:
    """A ranking: its table, its charts, and the rule by which it ranks."""
    on = localdate(request.visit.now)
    least = get_rule("kernel.ranking_least", on=on, region=settings.HONGHU_REGION).as_int()
    lines.sort(key=lambda line: (-line.standing.overdue, -line.standing.open, line.title))
    note = _(
        "Ranked by cases closed on time out of cases closed in the period. Equal shares have the "
        "same rank; with fewer than %(least)d cases closed there is no rank."
    ) % {"least": least}
    if most is not None and len(lines) > most:
        note += " " + _("Shown are %(shown)d of %(count)d organisations.") % {
            "shown": most, "count": len(lines)
        }  # fmt: skip
    title = _("Open cases by organisation")
    return {
        "table": ranked_table(caption, lines, period, least=least, most=most),
        "note": note,
        "charts": _charts(open_chart(title, lines), share_chart(lines, least=least)),
        "is_empty": not lines,
    }


def _charts(*charts: object) -> tuple[object, ...]:
    return tuple(chart for chart in charts if chart is not None)


def _views(period: Period, view: str) -> tuple[Tab, ...]:
    titles = {"": _("By register"), "towns": _("By town"), "offices": _("By office")}
    address = reverse("dashboard")
    return tuple(
        Tab(
            label=title,
            url=f"{address}?{urlencode(({'by': code} if code else {}) | {'days': period.days})}",
            is_current=code == view,
        )
        for code, title in titles.items()
    )


def _address(name: str, period: Period, argument: str) -> str:
    return f"{reverse(name, args=[argument])}?days={period.days}"


def _whole(request: DeskRequest) -> list[Register]:
    """The registers that the reader sees whole: supervision is of offices."""
    visit = request.visit
    return [one for one in visit.registers if sight_of(one, visit.actor).everything]


def _period(request: DeskRequest) -> Period:
    asked = request.GET.get("days", "")
    days = next((days for days in PERIODS if str(days) == asked), PERIODS[1])
    return Period(days, request.visit.now)
