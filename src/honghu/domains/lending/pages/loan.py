"""One loan: where it stands, its plan beside what came of it, its events and what they booked."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from honghu.base.problems import NotFound
from honghu.desk.cases.money import Money, money_table
from honghu.desk.cases.offers import openings
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest, Visit
from honghu.domains.lending.commands.changes import DRAWN
from honghu.domains.lending.pages.access import require_sight
from honghu.domains.lending.pages.lists import late_light
from honghu.domains.lending.pages.payoff import payoff_facts, payoff_field, read_payoff
from honghu.domains.lending.pages.plan import plan_chart, plan_table
from honghu.domains.lending.pages.wording import (
    CLASSES,
    DAY_COUNTS,
    EVENTS,
    GROUNDS,
    class_badge,
    status_badge,
    word,
)
from honghu.domains.lending.queries import (
    ContractRow,
    EventRow,
    LoanRow,
    contracts_of,
    events_of,
    plan_against_actual,
    quote_payoff,
)
from honghu.domains.lending.queries.finding import find_loan, loan_of_case
from honghu.domains.lending.queries.lpr import resets_waiting
from honghu.domains.lending.queries.risk import class_history, provision_need
from honghu.domains.lending.queries.statements import loan_statement
from honghu.kernel.cases.queries import find_case
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.cases.wording import words
from honghu.kernel.ledger.queries import get_transfers
from honghu.kernel.parties.queries import organisation_names
from honghu.web.components import Badge, Column, Crumb, Fact, Row, Table
from honghu.web.display import listed_text

_PERCENT: Final = Decimal(100)
_LAG: Final = dt.timedelta(days=3)
"""A loan that was served less far back than this does not lag: the day before is closed by morning."""


@require_safe
@desk_page
def loan_page(request: DeskRequest, loan_id: uuid.UUID) -> HttpResponse:
    """The loan in sight; classes, provisions and bookings for lenders and offices only."""
    visit = request.visit
    sight = require_sight(visit.actor)
    loan = find_loan(loan_id, sight=sight)
    names = organisation_names([loan.lender_id, loan.borrower_id])
    today = localdate(visit.now)
    events = events_of(loan.id)
    plan = plan_against_actual(loan.id)
    account = loan_statement(loan, loan.start_date, max(today, loan.start_date))
    payoff = read_payoff(request.GET, loan, today)
    context = {
        "title": _("Loan %(number)s") % {"number": loan.number},
        "crumbs": (Crumb(label=_("Loans"), url=reverse("loans")), Crumb(label=loan.number)),
        "loan": loan,
        "lender": names.get(loan.lender_id, ""),
        "borrower": names.get(loan.borrower_id, ""),
        "status": status_badge(loan.status),
        "light": late_light(loan, today),
        "lag": _lag(loan, today),
        "unpriced": _unpriced(loan),
        "case_url": _case_url(loan, visit),
        "standing": _standing_facts(loan),
        "terms": _terms_facts(loan),
        "account": account,
        "chart": plan_chart(plan, loan),
        "plan": plan_table(plan),
        "payoff_fields": payoff.fields,
        "payoff": payoff.facts,
        "events": _events_table(events, _former_names(events), is_inside=sight.is_inside),
        "contracts": _contracts_table(contracts_of(loan.id)),
        "inside": _inside(loan, events, visit) if sight.is_inside else None,
    }
    return render(request, "lending/loan.html", context, status=422 if payoff.has_faults else 200)


def case_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """The loan that a case led to, for the case's page: how it stands, and the way to it.

    With its plan beside what came of it, and, while something is owed, what clears it today.
    """
    loan = loan_of_case(detail.row.id)
    if loan is None:
        return None
    today = max(timezone.localdate(), loan.served_to)
    payoff = quote_payoff(loan.id, today) if loan.status == "active" else None
    return {
        "loan": loan,
        "status": status_badge(loan.status),
        "light": late_light(loan, today),
        "lag": _lag(loan, today),
        "facts": _standing_facts(loan),
        "plan": plan_table(plan_against_actual(loan.id)),
        "payoff": payoff_facts(payoff) if payoff is not None and payoff.total_fen else (),
        "payoff_field": payoff_field(today.isoformat()),
        "today": today,
        "url": reverse("loan", args=[loan.id]),
    }


def _case_url(loan: LoanRow, visit: Visit) -> str:
    """The address of the loan's case, if there is one and the reader may see it."""
    if loan.case_id is None:
        return ""
    try:
        find_case(loan.case_id, actor=visit.actor, now=visit.now)
    except NotFound:
        return ""
    return reverse("case", args=[loan.case_id])


def _lag(loan: LoanRow, today: dt.date) -> str:
    """What a reader has to know of a loan that the close of business has not served for days."""
    if loan.status != "active" or today - loan.served_to <= _LAG:
        return ""
    message = _("Interest and dues are counted to %(day)s: no business day has been closed since.")
    return message % {"day": loan.served_to.isoformat()}


def _unpriced(loan: LoanRow) -> str:
    """What a reader has to know of a floating loan whose rate could not be reset."""
    days = [each.reset_date.isoformat() for each in resets_waiting(loan.id)]
    if not days:
        return ""
    message = _(
        "The rate was to be reset on %(days)s, and the LPR of that day has not been entered here."
        " Interest runs at the rate before; once the LPR is entered, the next close of business"
        " counts it anew from that day."
    )
    return message % {"days": listed_text(days)}


def _standing_facts(loan: LoanRow) -> tuple[Fact, ...]:
    running = loan.running_interest_fen + loan.running_compound_fen + loan.running_penalty_fen
    found = [
        Fact(label=_("Principal owed"), value=loan.owed_principal_fen, kind="money"),
        Fact(label=_("Due and unpaid"), value=loan.due_fen, kind="money"),
        Fact(label=_("Interest running"), value=running, kind="money"),
        Fact(
            label=_("Owed in all"),
            value=loan.owed_fen,
            kind="money",
            note=_("as of %(day)s") % {"day": loan.served_to.isoformat()},
        ),
    ]
    if loan.written_off_fen:
        label = _("Written off and not recovered")
        found.append(Fact(label=label, value=loan.written_off_fen, kind="money"))
    return tuple(found)


def _terms_facts(loan: LoanRow) -> tuple[Fact, ...]:
    return (
        Fact(label=_("Approved"), value=loan.approved_fen, kind="money"),
        Fact(label=_("Lent"), value=loan.lent_fen, kind="money"),
        Fact(label=_("Still to be lent"), value=loan.available_fen, kind="money"),
        Fact(label=_("Rate a year"), value=loan.rate / _PERCENT, kind="percent"),
        Fact(label=_("First day"), value=loan.start_date, kind="date"),
        Fact(label=_("Next due"), value=loan.next_due_date if loan.owed_fen else None, kind="date"),
        Fact(label=_("Matures"), value=loan.maturity_date, kind="date"),
        Fact(label=_("Product"), value=loan.product),
    )


def _former_names(events: Sequence[EventRow]) -> Mapping[uuid.UUID, str]:
    """The names of those who owed the loan before."""
    former = [each.detail["from"] for each in events if each.kind == "borrower_changed"]
    return organisation_names(uuid.UUID(each) for each in former)


def _event_title(event: EventRow, former: Mapping[uuid.UUID, str]) -> str:
    """What an event is called; of a change of the borrower, who it was until then."""
    title = word(EVENTS, event.kind)
    if event.detail.get("because") == DRAWN:
        title = _("Term counted from the drawing")
    if event.kind == "borrower_changed":
        name = former.get(uuid.UUID(event.detail["from"]), "")
        title = _("%(event)s; until then %(name)s") % {"event": title, "name": name}
    if event.reversed_by is not None:
        title = _("%(event)s (reversed later)") % {"event": title}
    return title


def _events_table(
    events: Sequence[EventRow], former: Mapping[uuid.UUID, str], *, is_inside: bool
) -> Table:
    """What happened, the newest first, with what a payment settled."""
    columns = [
        Column(label=_("Value date"), kind="date", role="title"),
        Column(label=_("What happened")),
        Column(label=_("Amount"), kind="money"),
        Column(label=_("Principal"), kind="money"),
        Column(label=_("Interest"), kind="money"),
        Column(label=_("Penalty"), kind="money"),
        Column(label=_("Booked"), kind="instant"),
        Column(label=_("Transfers"), kind="integer"),
    ]
    rows = []
    for event in reversed(events):
        settled = event.outcome
        penalty = settled.get("penalty", 0) + settled.get("compound", 0)
        cells: list[object] = [
            event.value_date,
            _event_title(event, former),
            event.amount_fen,
            settled.get("principal"),
            settled.get("interest"),
            penalty or None,
            event.booked_at,
            len(event.transfer_ids),
        ]
        rows.append(Row(cells=tuple(cells if is_inside else cells[:-1])))
    return Table(
        caption=_("Events"),
        columns=tuple(columns if is_inside else columns[:-1]),
        rows=tuple(rows),
        density="compact",
        is_caption_hidden=True,
    )


def _contracts_table(contracts: Sequence[ContractRow]) -> Table:
    rows = tuple(
        Row(
            cells=(
                _("revision {number}").format(number=row.revision)
                if row.revision
                else _("as agreed"),
                row.from_date,
                Decimal(row.terms["rate"]) / _PERCENT,
                dt.date.fromisoformat(row.terms["maturity"]),
                len(row.terms["interest_due_dates"]),
                word(DAY_COUNTS, row.terms.get("day_count", "actual/360")),
                Decimal(row.terms["penalty"]["overdue_markup_pct"]) / _PERCENT,
                Decimal(row.terms["penalty"]["misuse_markup_pct"]) / _PERCENT,
            )
        )
        for row in reversed(contracts)
    )
    return Table(
        caption=_("Contract and its revisions"),
        columns=(
            Column(label=_("Revision"), role="title"),
            Column(label=_("From"), kind="date"),
            Column(label=_("Rate a year"), kind="percent"),
            Column(label=_("Matures"), kind="date"),
            Column(label=_("Number of payments"), kind="integer"),
            Column(label=_("Day count")),
            Column(label=_("Overdue markup"), kind="percent"),
            Column(label=_("Misuse markup"), kind="percent"),
        ),
        rows=rows,
        density="compact",
        is_caption_hidden=True,
    )


def _inside(loan: LoanRow, events: Sequence[EventRow], visit: Visit) -> Mapping[str, object]:
    """What the lender and the offices see besides: class, provision, and the ledger's transfers."""
    need = provision_need(loan)
    history = class_history(loan.id)
    ids = [each for event in events for each in event.transfer_ids]
    money: Money | None = money_table(get_transfers(ids), visit.language) if ids else None
    found = [Fact(label=_("Class"), value=class_badge(loan.risk_class), kind="badge")]
    if loan.is_nonaccrual:
        badge = Badge(label=pgettext("interest", "off balance"), tone="red")
        note = _("kept off balance until it is received")
        found.append(Fact(label=_("Interest"), value=badge, kind="badge", note=note))
    if need is not None:
        found += [
            Fact(
                label=_("To be set aside"),
                value=need.required_fen,
                kind="money",
                note=f"{need.ratio:%} · {need.source}",
            )
        ]
    if loan.observed_until:
        found.append(Fact(label=_("Observed until"), value=loan.observed_until, kind="date"))
    lines = tuple(
        Row(
            cells=(
                line.business_date,
                word(CLASSES, line.before) if line.before else None,
                word(CLASSES, line.after),
                ", ".join(word(GROUNDS, ground) for ground in line.grounds) or None,
                _("two persons") if line.verified_by else _("rules"),
            )
        )
        for line in history
    )
    columns = (
        Column(label=_("Day"), kind="date", role="title"),
        Column(label=_("Class before")),
        Column(label=_("Class after")),
        Column(label=_("Reasons")),
        Column(label=_("Decided by")),
    )
    table = Table(
        caption=_("Classes"), columns=columns, rows=lines, density="compact", is_caption_hidden=True
    )
    return {
        "facts": tuple(found),
        "history": table,
        "money": money,
        "judgements": _judgements(loan, visit),
    }


def _judgements(loan: LoanRow, visit: Visit) -> tuple[Crumb, ...]:
    """The ways by which the reader's bank judges the class of its own loan."""
    is_own = loan.lender_id == visit.actor.organisation_id
    if loan.status != "active" or loan.case_id is None or not is_own:
        return ()
    register = next((each for each in visit.registers if each.code == "loan-class"), None)
    if register is None:
        return ()
    return tuple(
        Crumb(
            label=words(action.title),
            url=f"{reverse('open-case', args=[register.code, action.code])}?parent={loan.case_id}",
        )
        for action in openings(register, visit.actor)
    )
