"""Quotes side by side, and the choice of one of them on the same page."""

import uuid
from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from honghu.base.identifiers import new_id
from honghu.base.problems import HonghuError, NotFound
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.domains.financing.queries.offers import Offer, compare_offers
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.detail import get_case
from honghu.kernel.cases.rows import CaseDetail, CaseRow
from honghu.web.components import Badge, Column, Crumb, EmptyState, Fact, Row, Table

APPLICATIONS, INTENTS = "financing-application", "financing-intent"
QUOTES = "financing-quote"


def _quotes(detail: CaseDetail) -> list[CaseRow]:
    return [each for each in detail.children if each.register == QUOTES]


def _compared(detail: CaseDetail) -> list[Offer]:
    """The quotes that the reader may see; none before the supplier has applied."""
    facts, quotes = detail.row.facts, _quotes(detail)
    if not quotes or facts.get("amount") is None or facts.get("supplier") is None:
        return []
    return compare_offers(
        quotes,
        applied_fen=facts["amount"],
        supplier_id=uuid.UUID(facts["supplier"]),
        today=localdate(),
    )


def quotes_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """Panel of an application: its quotes in short, and the way to the comparison."""
    offers = _compared(detail)
    if not offers:
        return None
    return {
        "table": _table(offers, detail.row.id),
        "compare_url": reverse("financing-offers", args=[detail.row.id]),
        "can_choose": _can_choose(detail) and any(each.is_open for each in offers),
    }


def _can_choose(detail: CaseDetail) -> bool:
    return any(each.action.code == "choose" and each.allowed for each in detail.possibilities)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def offers_page(request: DeskRequest, application_id: uuid.UUID) -> HttpResponse:
    """The quotes of an application; `?choose=` asks once more before one is chosen."""
    visit = request.visit
    detail = get_case(application_id, actor=visit.actor, now=visit.now)
    if detail.register.code != APPLICATIONS:
        raise NotFound(_("There is no such case, or it is not yours to see."))
    fault: HonghuError | None = None
    if request.method == "POST":
        try:
            return _choose(request, detail)
        except HonghuError as refused:
            fault = refused
            detail = get_case(application_id, actor=visit.actor, now=visit.now)
    offers = _compared(detail)
    wanted = request.GET.get("choose", "")
    asked = next((each for each in offers if each.quote.number == wanted and each.is_open), None)
    can_choose = _can_choose(detail)
    context = {
        "title": _("Quotes side by side"),
        "detail": detail,
        "crumbs": (
            Crumb(label=detail.row.number, url=reverse("case", args=[detail.row.id])),
            Crumb(label=_("Quotes side by side")),
        ),
        "fault": fault,
        "offers": [(each, _facts(each)) for each in offers],
        "can_choose": can_choose,
        "asked": asked if can_choose else None,
        "asked_facts": _facts(asked) if asked and can_choose else (),
        "key": str(new_id()),
        "version": detail.row.version,
        "back_url": reverse("case", args=[detail.row.id]),
        "empty": EmptyState(
            title=_("No bank has quoted yet"),
            text=_("Quotes stand here side by side as soon as a bank has approved one."),
            action_label=_("To the application"),
            action_url=reverse("case", args=[detail.row.id]),
        ),
    }
    status = fault.status if fault else 200
    return render(request, "financing/offers.html", context, status=status)


@require_safe
@desk_page
def quote_on(request: DeskRequest, intent_id: uuid.UUID) -> HttpResponse:
    """From an intent to the bank's quote on its application."""
    visit = request.visit
    intent = get_case(intent_id, actor=visit.actor, now=visit.now)
    if intent.register.code != INTENTS or intent.parent is None:
        raise NotFound(_("There is no such case, or it is not yours to see."))
    return _to_quote(request, intent.parent.id)


@require_safe
@desk_page
def quote_of(request: DeskRequest, application_id: uuid.UUID) -> HttpResponse:
    """From an application to the bank's quote on it."""
    return _to_quote(request, application_id)


def _to_quote(request: DeskRequest, application_id: uuid.UUID) -> HttpResponse:
    """To the bank's live quote, else to the form of one. Raises NotFound."""
    visit = request.visit
    application = get_case(application_id, actor=visit.actor, now=visit.now)
    if application.register.code != APPLICATIONS:
        raise NotFound(_("There is no such case, or it is not yours to see."))
    own = str(visit.actor.organisation_id)
    for child in application.children:
        if child.register == QUOTES and not child.ended and child.facts.get("bank") == own:
            return redirect(reverse("case", args=[child.id]))
    form = reverse("open-case", args=[QUOTES, "draft"])
    return redirect(f"{form}?{urlencode({'parent': str(application.row.id)})}")


def _choose(request: DeskRequest, detail: CaseDetail) -> HttpResponse:
    """Choose the quote that was confirmed. Raises what the kernel and the rules refuse."""
    version = request.POST.get("version", "")
    perform(
        detail.row.id,
        "choose",
        actor=request.visit.actor,
        now=request.visit.now,
        idempotency_key=request.POST.get("key", ""),
        expected_version=int(version) if version.isascii() and version.isdigit() else None,
        form={"quote": request.POST.get("quote", "")},
    )
    messages.success(request, _("The quote is chosen; its bank goes on with the loan."))
    return redirect(reverse("case", args=[detail.row.id]))


def _facts(offer: Offer) -> tuple[Fact, ...]:
    """One offer in full, in the order in which people compare."""
    return (
        Fact(label=_("Limit"), value=offer.amount_fen, kind="money"),
        Fact(label=_("Rate (% a year)"), value=offer.rate, kind="decimal"),
        Fact(label=_("Cost over the tenor"), value=offer.cost_fen, kind="money"),
        Fact(label=_("Cost for a year"), value=offer.year_fen, kind="money"),
        Fact(label=_("Tenor"), value=_months(offer.tenor_months)),
        Fact(label=_("To repay on"), value=offer.repay_date, kind="date"),
        Fact(label=_("Days to money"), value=_days(offer)),
        Fact(label=_("Financing ratio (%)"), value=offer.ratio, kind="decimal"),
        Fact(label=_("Conditions"), value=conditions(offer)),
        Fact(label=_("Valid until"), value=offer.valid_until, kind="date"),
    )


def _months(count: int) -> str:
    return ngettext("%(count)d month", "%(count)d months", count) % {"count": count}


def _days(offer: Offer) -> str:
    """The promise of the scheme, and what the bank's own loans took."""
    promised = ngettext(
        "%(count)d working day from the matched contract",
        "%(count)d working days from the matched contract",
        offer.days_promised,
    ) % {"count": offer.days_promised}
    if offer.days_measured is None:
        return promised
    taken = ngettext(
        "this bank took %(count)d day", "this bank took %(count)d days", offer.days_measured
    ) % {"count": offer.days_measured}
    return f"{promised} · {taken}"


def conditions(offer: Offer) -> str:
    """What the bank asks for besides interest; the scheme forbids fees and collateral (rule 7)."""
    if offer.guarantee == "natural_person":
        return _("a natural person's guarantee; no fee, no collateral")
    return _("no fee, no collateral, no guarantee")


def _table(offers: Sequence[Offer], application_id: uuid.UUID) -> Table:
    compare = reverse("financing-offers", args=[application_id])
    return Table(
        caption=_("Quotes side by side"),
        is_caption_hidden=True,
        columns=(
            Column(label=_("Bank"), role="title"),
            Column(label=_("Limit"), kind="money"),
            Column(label=_("Rate (% a year)"), kind="decimal"),
            Column(label=_("Cost over the tenor"), kind="money"),
            Column(label=_("Cost for a year"), kind="money"),
            Column(label=_("Valid until"), kind="date"),
            Column(label=_("State"), kind="badge"),
        ),
        rows=tuple(
            Row(
                cells=(
                    each.bank,
                    each.amount_fen,
                    each.rate,
                    each.cost_fen,
                    each.year_fen,
                    each.valid_until,
                    Badge(label=each.quote.state_title, tone="lake" if each.is_open else "neutral"),
                ),
                url=compare,
            )
            for each in offers
        ),
    )
