"""The closes of business: what each day did, and which loans it passed over, with what to do."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.domains.lending.closing.report import remedy_of
from honghu.domains.lending.pages.access import require_sight
from honghu.domains.lending.pages.wording import SKIPS, word
from honghu.domains.lending.queries.closings import ClosedDay, PassedOver, closed_days, passed_over
from honghu.domains.lending.queries.lpr import WAITS
from honghu.web.components import Badge, Column, Crumb, EmptyState, Row, Table

_DAYS: Final = 31
_LOANS: Final = 200


@require_safe
@desk_page
def closings_page(request: DeskRequest) -> HttpResponse:
    """The last month of closes, for lenders and offices."""
    sight = require_sight(request.visit.actor, inside=True)
    waiting = passed_over(sight=sight, limit=_LOANS)
    days = closed_days(sight=sight, limit=_DAYS)
    context = {
        "title": _("Closes of business"),
        "crumbs": (
            Crumb(label=_("Loan portfolio"), url=reverse("loan-portfolio")),
            Crumb(label=_("Closes of business")),
        ),
        "days": _days_table(days),
        "waiting": _waiting_table(waiting),
        "empty": EmptyState(
            title=_("No business day has been closed yet"),
            text=_("The platform closes each day by itself as soon as a loan runs."),
        ),
    }
    return render(request, "lending/closings.html", context)


def _days_table(days: list[ClosedDay]) -> Table:
    return Table(
        caption=_("Days closed"),
        columns=(
            Column(label=_("Business day"), kind="date", role="title"),
            Column(label=_("State"), kind="badge"),
            Column(label=_("Loans that were served"), kind="integer"),
            Column(label=_("Fell due"), kind="integer"),
            Column(label=_("Interest accrued"), kind="money"),
            Column(label=_("Begun"), kind="instant", role="hidden"),
            Column(label=_("Finished"), kind="instant"),
        ),
        rows=tuple(
            Row(
                cells=(
                    day.business_date,
                    _state(day),
                    day.served,
                    day.due,
                    day.earned_fen,
                    day.started_at,
                    day.finished_at,
                )
            )
            for day in days
        ),
        density="compact",
        is_caption_hidden=True,
    )


def _state(day: ClosedDay) -> Badge:
    if day.finished_at is None:
        return Badge(label=_("not finished"), tone="amber")
    return Badge(label=_("closed"), tone="green")


def _fault(each: PassedOver) -> tuple[Badge, str]:
    """Why a loan was passed over, and what is wrong with it."""
    if each.detail.startswith(WAITS):
        badge = Badge(label=_("The rate waits for its LPR"), tone="amber")
        return badge, _("The LPR of that day has not been entered.")
    return Badge(label=word(SKIPS, each.reason), tone="red"), each.detail


def _waiting_table(waiting: list[PassedOver]) -> Table:
    return Table(
        caption=_("Loans passed over"),
        columns=(
            Column(label=_("Loan"), kind="code", role="title"),
            Column(label=_("Business day"), kind="date"),
            Column(label=_("Why"), kind="badge"),
            Column(label=_("What is wrong")),
            Column(label=_("What to do")),
        ),
        rows=tuple(
            Row(
                cells=(
                    each.number,
                    each.business_date,
                    *_fault(each),
                    _(remedy_of(each.reason, each.detail)),
                ),
                url=reverse("loan", args=[each.loan_id]),
            )
            for each in waiting
        ),
        density="compact",
        is_caption_hidden=True,
    )
