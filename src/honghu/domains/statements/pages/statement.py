"""One statement: its balances, its entries, and where each went."""

import uuid

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.domains.statements.commands.exceptions import ask_about
from honghu.domains.statements.commands.filing import continue_filing
from honghu.domains.statements.pages.wording import OUTCOME_TITLES, outcome_badge, reason_text
from honghu.domains.statements.queries.statements import (
    BANK_ROLES,
    EntryRow,
    StatementRow,
    Work,
    get_statement,
    list_entries,
    outcomes_of,
    work_of,
)
from honghu.kernel.parties.queries import organisation_names
from honghu.web.components import Badge, Column, Crumb, Fact, Progress, Row, Tab, Table

PAGE_SIZE = 100
_SLICE_SECONDS = 1.5


@require_safe
@desk_page
def statement_page(request: DeskRequest, statement_id: uuid.UUID) -> HttpResponse:
    """A statement with a page of its entries, of one outcome if the address says so."""
    actor = request.visit.actor
    row = get_statement(statement_id, actor=actor)
    counts, work = outcomes_of(row.id), work_of(row.id)
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in OUTCOME_TITLES else ""
    after = request.GET.get("after", "")
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0  # noqa: PLR2004
    entries = list_entries(row.id, outcome=outcome or None, after=start, limit=PAGE_SIZE + 1)
    shown = entries[:PAGE_SIZE]
    more = ""
    if len(entries) > PAGE_SIZE:
        more = f"?outcome={outcome}&after={shown[-1].number}"
    is_bank = any(actor.holds(role) for role in BANK_ROLES)
    context = {
        "title": f"{row.account_masked} · {row.from_date} – {row.to_date}",  # noqa: RUF001
        "crumbs": (
            Crumb(label=_("Bank statements"), url=reverse("statements")),
            Crumb(label=row.account_masked),
        ),
        "statement": row,
        "facts": _facts(row),
        "gaps": [reverse("case", args=[each]) for each in row.gaps],
        "progress": _progress(row.id, work) if work is not None else None,
        "tabs": _tabs(row, counts, outcome),
        "table": _table(shown),
        "more_url": more,
        "askable": [
            each for each in shown if is_bank and each.outcome == "other" and not each.case_id
        ],
    }
    return render(request, "statements/statement.html", context)


@require_safe
@desk_page
def progress(request: DeskRequest, statement_id: uuid.UUID) -> HttpResponse:
    """How far the filing is: a fragment that the page asks for, and that helps on.

    What was kept is kept; asking files a slice of it, so that it goes on where no worker runs.
    """
    visit = request.visit
    row = get_statement(statement_id, actor=visit.actor)
    continue_filing(now=visit.now, seconds=_SLICE_SECONDS, statement_id=row.id)
    work = work_of(row.id)
    response = render(request, "statements/progress.html", {"progress": _progress(row.id, work)})
    if work is None:
        # All is filed: the page that asks shows where each entry went.
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
@desk_page
def ask(request: DeskRequest, statement_id: uuid.UUID, number: int) -> HttpResponse:
    """Raise an exception for an entry that was taken for no contract's money."""
    visit = request.visit
    case_id = ask_about(statement_id, number, actor=visit.actor, now=visit.now)
    return redirect(reverse("case", args=[case_id]))


def _facts(row: StatementRow) -> tuple[Fact, ...]:
    bank = organisation_names([row.bank_id]).get(row.bank_id)
    return (
        Fact(label=_("Bank"), value=bank),
        Fact(label=_("Number"), value=row.statement_no, kind="code"),
        Fact(label=_("Sequence number"), value=row.sequence, kind="integer"),
        Fact(label=_("Opening balance"), value=row.opening_fen, kind="money"),
        Fact(label=_("Money in"), value=row.credit_fen, kind="money"),
        Fact(label=_("Money out"), value=row.debit_fen, kind="money"),
        Fact(label=_("Closing balance"), value=row.closing_fen, kind="money"),
        Fact(label=_("Entries"), value=row.entries, kind="integer"),
        Fact(label=_("Pending, not kept"), value=row.pending, kind="integer"),
        Fact(label=_("Brought in"), value=row.imported_at, kind="instant"),
        Fact(label=_("File"), value=row.filename),
        Fact(label=_("SHA-256"), value=row.file_sha256, kind="code"),
    )


def _tabs(row: StatementRow, counts: object, chosen: str) -> tuple[Tab, ...]:
    found = dict(counts)  # type: ignore[call-overload]
    url = reverse("statement", args=[row.id])
    everything = Tab(label=_("All entries"), url=url, count=row.entries, is_current=not chosen)
    return (
        everything,
        *(
            Tab(
                label=str(title),
                url=f"{url}?outcome={outcome}",
                count=found.get(outcome, 0),
                is_current=outcome == chosen,
            )
            for outcome, title in OUTCOME_TITLES.items()
        ),
    )


def _progress(statement_id: uuid.UUID, work: Work | None) -> Progress:
    return Progress(
        label=_("Filing entries"),
        done=work.done if work is not None else 1,
        total=work.total if work is not None else 1,
        poll_url=reverse("statement-progress", args=[statement_id]),
    )


def _table(entries: list[EntryRow]) -> Table:
    return Table(
        caption=_("Entries"),
        columns=(
            Column(label=_("No."), kind="code", role="title"),
            Column(label=_("Booked on"), kind="date"),
            Column(label=_("Amount"), kind="money"),
            Column(label=_("Other side")),
            Column(label=_("Remittance text")),
            Column(label=_("Reference"), kind="code"),
            Column(label=_("What it is"), kind="badge"),
            Column(label=_("Why")),
            Column(label=_("Where it went"), kind="badge"),
        ),
        rows=tuple(_row(each) for each in entries),
        is_caption_hidden=True,
        density="compact",
    )


def _row(entry: EntryRow) -> Row:
    return Row(
        cells=(
            entry.number,
            entry.booked_date,
            entry.amount_fen if entry.direction == "credit" else -entry.amount_fen,
            entry.payer,
            entry.text or None,
            entry.reference,
            outcome_badge(entry.outcome),
            reason_text(entry.reason),
            _went(entry),
        ),
        url=reverse("case", args=[entry.case_id]) if entry.case_id else "",
        level="amber" if entry.outcome == "exception" else None,
    )


def _went(entry: EntryRow) -> Badge | None:
    """The case it went to, by number; null where it goes to none."""
    if entry.filed_as is None:
        waits = entry.outcome in {"matched", "exception"}
        return Badge(label=_("waits to be filed")) if waits else None
    number = entry.case_number or ""
    if entry.filed_as == "payment":
        return Badge(label=_("recorded: {number}").format(number=number), tone="green")
    if entry.filed_as == "known":
        return Badge(label=_("known already: {number}").format(number=number), tone="green")
    return Badge(label=number, tone="amber")
