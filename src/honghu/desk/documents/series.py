"""Number series of one's own organisation: what is open, what was issued, opening another one."""

import uuid

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from honghu.base.problems import HonghuError, NotAllowed, NotFound
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest, Visit
from honghu.kernel.documents.commands import CLERK, open_series, open_series_year
from honghu.kernel.documents.queries import (
    SeriesRow,
    issued_documents,
    list_series,
    missing_numbers,
    series_years,
)
from honghu.kernel.documents.serving import services_of
from honghu.web.components import Column, Crumb, Row, Tab, Table
from honghu.web.fields import FormField


def _own(visit: Visit) -> uuid.UUID:
    """The organisation whose series the visitor keeps. Raises NotAllowed."""
    if visit.actor.organisation_id is None or not visit.actor.holds(CLERK):
        raise NotAllowed(
            _("Number series are kept by the document clerk of each organisation."),
            remedy=_("Ask the administrator for the position document_clerk."),
        )
    return visit.actor.organisation_id


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def all_series(request: DeskRequest) -> HttpResponse:
    """The series of one's organisation, and the form that opens another one."""
    own, year = _own(request.visit), localdate(request.visit.now).year
    typed = {name: request.POST.get(name, "").strip() for name in ("code", "mark", "first")}
    faults: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        faults = {name: _("Fill this in.") for name in ("code", "mark") if not typed[name]}
        if typed["first"] and not (typed["first"].isascii() and typed["first"].isdigit()):
            faults["first"] = _("Write a whole number.")
        if not faults:
            try:
                _open(request.visit, own, typed, year)
                return redirect("document-series")
            except HonghuError as refusal:
                faults = {"mark": f"{refusal.message} {refusal.remedy or ''}".strip()}
        status = 422
    rows = [_row(one, year) for one in list_series(organisation_id=own)]
    context = {
        "title": _("Document numbers"),
        "crumbs": (Crumb(label=_("Document numbers")),),
        "organisation": request.visit.actor.organisation_name,
        "table": Table(
            caption=_("Series of %(year)d") % {"year": year},
            columns=(
                Column(label=_("Kind of document"), role="title"),
                Column(label=_("Organ mark")),
                Column(label=_("Last number"), kind="integer"),
                Column(label=_("Missing numbers"), kind="integer"),
            ),
            rows=tuple(rows),
        ),
        "fields": _fields(typed, faults, year),
    }
    return render(request, "desk/documents/series.html", context, status=status)


def _open(visit: Visit, own: uuid.UUID, typed: dict[str, str], year: int) -> None:
    """Open the series, and its year above 1 where papers were numbered before."""
    series = open_series(
        code=typed["code"], organ_mark=typed["mark"], organisation_id=own,
        organ_name=visit.actor.organisation_name, now=visit.now,
    )  # fmt: skip
    first = int(typed["first"] or "1")
    if first > 1:
        open_series_year(series_id=series, year=year, first_number=first)


def _row(one: SeriesRow, year: int) -> Row:
    last = series_years(one.id).get(year)
    gaps = len(missing_numbers(one.id, year))
    url = reverse("document-register", args=[one.id])
    return Row(cells=(one.code, one.organ_mark, last or 0, gaps), url=url)


def _fields(typed: dict[str, str], faults: dict[str, str], year: int) -> tuple[FormField, ...]:
    def field(name: str, label: str, help_text: str, *, required: bool = True) -> FormField:
        errors = (faults[name],) if name in faults else ()
        return FormField(
            name=name, label=label, control="text", value=typed[name], help=help_text,
            errors=errors, required=required, max_length=40,
        )  # fmt: skip

    return (
        field("code", _("Kind of document"), _("As registers call it, such as 督办单.")),
        field("mark", _("Organ mark"), _("What numbers begin with, such as 洪政督.")),
        field(
            "first",
            _("First number of %(year)d") % {"year": year},
            _("Only where earlier ones were issued on paper."),
            required=False,
        ),
    )


@require_safe
@desk_page
def issue_register(request: DeskRequest, series_id: uuid.UUID) -> HttpResponse:
    """The issue register (发文登记) of a series: every number of a year, voided ones among them."""
    own = _own(request.visit)
    series = next((one for one in list_series(organisation_id=own) if one.id == series_id), None)
    if series is None:
        raise NotFound(_("Your organisation has no such series."))
    years = sorted(series_years(series_id), reverse=True) or [localdate(request.visit.now).year]
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in years else years[0]
    documents = issued_documents(series_id, year)
    served = services_of(row.id for row in documents)
    address = reverse("document-register", args=[series_id])
    context = {
        "title": f"{series.code} · {series.organ_mark}",
        "crumbs": (
            Crumb(label=_("Document numbers"), url=reverse("document-series")),
            Crumb(label=series.code),
        ),
        "tabs": tuple(
            Tab(label=str(each), url=f"{address}?year={each}", is_current=each == year)
            for each in years
        ),
        "table": Table(
            caption=_("Issue register of %(year)d") % {"year": year},
            columns=(
                Column(label=_("Document number"), role="title"),
                Column(label=_("Title")),
                Column(label=_("Signed"), kind="date"),
                Column(label=_("Served"), kind="integer"),
                Column(label=_("Void")),
            ),
            rows=tuple(
                Row(
                    cells=(
                        row.number,
                        row.title or "",
                        row.signed_date,
                        len(served.get(row.id, ())),
                        row.void_reason or "",
                    ),
                    url=reverse("case", args=[row.case_id]) if row.case_id else "",
                )
                for row in documents
            ),
        ),
    }
    return render(request, "desk/documents/register.html", context)
