"""What public buyers owe beyond their terms at the end of a year; prepared, published, for everybody."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from honghu.base.problems import Invalid, NotFound
from honghu.desk.frame.pages import desk_page, open_page
from honghu.desk.frame.visit import DeskRequest
from honghu.domains.financing.queries.claims import (
    Claim,
    KeptList,
    ListedBuyer,
    daily_rate,
    kept_lists,
    list_file,
    listed_buyers,
    overdue_claims,
    read_list_file,
)
from honghu.domains.financing.reports.declaration import year_end
from honghu.domains.financing.reports.facts import case_names
from honghu.domains.financing.reports.registry import require_office
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.parties.queries import organisation_names
from honghu.web.components import Badge, Column, Crumb, EmptyState, Row, Tab, Table

_YEARS = 4
_DIGITS = 4


@require_safe
@desk_page
def overdue_page(request: DeskRequest) -> HttpResponse:
    """The list of a year, what it is made of, where its publication stands, what can be done."""
    actor = request.visit.actor
    require_office(actor)
    year = _year(request, request.GET.get("year", ""))
    kept = kept_lists(year)
    claims = overdue_claims(year)
    newest = kept[0] if kept else None
    context = {
        "title": _("Overdue payments to small firms"),
        "year": year,
        "tabs": _tabs(request, year),
        "table": buyers_table(listed_buyers(year)) if claims else None,
        "claims": _claims_table(claims, year) if claims else None,
        "kept": newest,
        "badge": _badge(newest),
        "may_prepare": newest is None and actor.holds("procurement_clerk"),
        "may_publish": newest is not None
        and newest.state == "prepared"
        and actor.holds("procurement_office"),
        "key": str(uuid.uuid4()),
        "empty": _nobody(year),
    }
    return render(request, "financing/overdue.html", context)


def _year(request: DeskRequest, text: str) -> int:
    """The year asked for; else the last one that is over."""
    last = request.visit.now.year - 1
    if len(text) == _DIGITS and text.isascii() and text.isdigit() and 2000 <= int(text) <= last:  # noqa: PLR2004 years
        return int(text)
    return last


def _tabs(request: DeskRequest, year: int) -> tuple[Tab, ...]:
    last = request.visit.now.year - 1
    address = reverse("financing-overdue")
    return tuple(
        Tab(label=str(each), url=f"{address}?year={each}", is_current=each == year)
        for each in range(last, last - _YEARS, -1)
    )


def _badge(kept: KeptList | None) -> Badge:
    if kept is None:
        return Badge(label=_("not prepared"))
    if kept.state == "published":
        return Badge(label=_("published"), tone="green")
    return Badge(label=_("to be published"), tone="amber")


def _nobody(year: int) -> EmptyState:
    return EmptyState(
        title=_("Nobody owed anything overdue at the end of %(year)d.") % {"year": year},
        text=_("Suppliers enter what is due to them in the register of payments due."),
        action_label=_("Payments due"),
        action_url=reverse("register", args=["payment-due"]),
        icon="check",
    )


def buyers_table(rows: list[ListedBuyer]) -> Table:
    """The list itself: what each buyer owes."""
    return Table(
        caption=_("Who owes"),
        columns=(
            Column(label=_("Buyer"), role="title"),
            Column(label=_("Contracts"), kind="integer"),
            Column(label=_("Amount overdue"), kind="money"),
            Column(label=_("Longest (days)"), kind="integer"),
            Column(label=_("Late-payment interest"), kind="money"),
        ),
        rows=tuple(
            Row(
                cells=(
                    row.buyer,
                    row.contracts,
                    row.amount_fen,
                    row.longest_days,
                    row.interest_fen,
                )
            )
            for row in rows
        ),
        totals=(
            _("Sum"),
            sum(row.contracts for row in rows),
            sum(row.amount_fen for row in rows),
            None,
            sum(row.interest_fen for row in rows),
        ),
        is_caption_hidden=True,
    )


def _claims_table(claims: list[Claim], year: int) -> Table:
    end = year_end(year)
    rate = daily_rate(end)
    numbers = case_names({each.case_id for each in claims})
    buyers = organisation_names({each.buyer_id for each in claims if each.buyer_id})
    return Table(
        caption=_("Contract by contract"),
        columns=(
            Column(label=_("Number"), kind="code", role="title"),
            Column(label=_("Buyer")),
            Column(label=_("Contract")),
            Column(label=_("Due on"), kind="date"),
            Column(label=_("Amount overdue"), kind="money"),
            Column(label=_("Days"), kind="integer"),
            Column(label=_("Late-payment interest"), kind="money"),
        ),
        rows=tuple(
            Row(
                cells=(
                    numbers[each.case_id].number,
                    buyers.get(each.buyer_id) if each.buyer_id else None,
                    each.project or None,
                    each.due_date,
                    each.undisputed_fen,
                    (end - each.due_date).days,
                    each.interest_fen(end, rate),
                ),
                url=reverse("case", args=[each.case_id]),
            )
            for each in claims
        ),
        density="compact",
        is_caption_hidden=True,
    )


@require_POST
@desk_page
def prepare(request: DeskRequest) -> HttpResponse:
    """Prepare the list of a year: its file is kept, and waits for another person."""
    visit, year = request.visit, _posted_year(request)
    digest = _stored(request, year)
    open_case(
        "overdue-list",
        action="prepare",
        actor=visit.actor,
        now=visit.now,
        idempotency_key=request.POST.get("_key", ""),
        form={"year": year},
        evidence={"list": [digest]},
    )
    messages.success(request, _("The list is prepared; another person publishes it."))
    return redirect(f"{reverse('financing-overdue')}?year={year}")


def _posted_year(request: DeskRequest) -> int:
    text = request.POST.get("year", "")
    if not (len(text) == _DIGITS and text.isascii() and text.isdigit()):
        raise Invalid(_("Give the year in four digits."), remedy=_("Go back to the page."))
    return int(text)


def _stored(request: DeskRequest, year: int) -> str:
    visit = request.visit
    return store_evidence(
        content=list_file(year, listed_buyers(year)),
        filename=f"overdue-{year}.csv",
        actor=visit.actor,
        now=visit.now,
        kind="document",
    ).evidence.sha256


@require_POST
@desk_page
def publish(request: DeskRequest) -> HttpResponse:
    """Count the list again and publish it. Raises NotFound without one, and what `perform` raises."""
    visit, year = request.visit, _posted_year(request)
    kept = next((one for one in kept_lists(year) if one.state == "prepared"), None)
    if kept is None:
        raise NotFound(_("No list of this year waits for its publication."))
    digest = _stored(request, year)
    perform(
        kept.case_id,
        "publish",
        actor=visit.actor,
        now=visit.now,
        idempotency_key=request.POST.get("_key", ""),
        form={"result": "passed"},
        evidence={"recount": [digest]},
    )
    messages.success(request, _("The list is published."))
    return redirect(f"{reverse('financing-overdue')}?year={year}")


@require_safe
@open_page
def published(request: HttpRequest, year: int) -> HttpResponse:
    """The published list of a year, for everybody, as its file says. Raises NotFound."""
    kept = next((one for one in kept_lists(year) if one.state == "published"), None)
    if kept is None:
        raise NotFound(_("No list of this year is published."))
    title = _("Overdue payments to small firms at the end of %(year)d") % {"year": year}
    context = {
        "title": title,
        "crumbs": (Crumb(label=title),),
        "table": buyers_table(read_list_file(kept.digest)),
        "kept": kept,
    }
    return render(request, "financing/overdue_published.html", context)
