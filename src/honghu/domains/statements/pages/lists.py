"""The statements in sight, the newest first."""

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.domains.statements.queries.statements import (
    BANK_ROLES,
    StatementRow,
    list_statements,
)
from honghu.kernel.parties.queries import organisation_names
from honghu.web.components import Badge, Column, Crumb, EmptyState, Row, Table

PAGE_SIZE = 50


@require_safe
@desk_page
def statement_list(request: DeskRequest) -> HttpResponse:
    """The list; the address continues after the last statement of a page."""
    actor = request.visit.actor
    rows = list_statements(
        actor=actor, limit=PAGE_SIZE + 1, before=_place(request.GET.get("before", ""))
    )
    shown = rows[:PAGE_SIZE]
    names = organisation_names(each.bank_id for each in shown)
    is_bank = any(actor.holds(role) for role in BANK_ROLES)
    more = f"?before={shown[-1].id}" if len(rows) > PAGE_SIZE else ""
    context = {
        "title": _("Bank statements"),
        "crumbs": (Crumb(label=_("Bank statements")),),
        "is_bank": is_bank,
        "table": Table(
            caption=_("Bank statements"),
            columns=(
                Column(label=_("Account"), kind="code", role="title"),
                Column(label=_("Bank")),
                Column(label=_("First day"), kind="date"),
                Column(label=_("Last day"), kind="date"),
                Column(label=_("Opening balance"), kind="money"),
                Column(label=_("Money in"), kind="money"),
                Column(label=_("Money out"), kind="money"),
                Column(label=_("Closing balance"), kind="money"),
                Column(label=_("Entries"), kind="integer"),
                Column(label=_("Balances"), kind="badge"),
            ),
            rows=tuple(_row(each, names.get(each.bank_id)) for each in shown),
            is_caption_hidden=True,
        ),
        "more_url": more,
        "empty": EmptyState(
            title=_("There is no statement yet"),
            text=_("A statement stands here once a bank has brought it in."),
            action_label=_("Import a statement") if is_bank else "",
            action_url=reverse("statement-import") if is_bank else "",
        ),
    }
    return render(request, "statements/list.html", context)


def _row(statement: StatementRow, bank: str | None) -> Row:
    gap = Badge(label=_("gap"), tone="amber")
    return Row(
        cells=(
            statement.account_masked,
            bank,
            statement.from_date,
            statement.to_date,
            statement.opening_fen,
            statement.credit_fen,
            statement.debit_fen,
            statement.closing_fen,
            statement.entries,
            gap if statement.gaps else Badge(label=_("in order"), tone="green"),
        ),
        url=reverse("statement", args=[statement.id]),
        level="amber" if statement.gaps else None,
    )


def _place(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
