"""Bringing a bank's file in: read to its end first, shown, and kept when it is accepted."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from contextlib import closing

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from honghu.base.money import MoneyError, parse_yuan
from honghu.base.problems import HonghuError, Invalid
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest, Visit
from honghu.domains.statements.commands.importing import (
    Preview,
    preview_statements,
    take_statements,
)
from honghu.domains.statements.commands.mappings import keep_mapping
from honghu.domains.statements.commands.problems import bank_of
from honghu.domains.statements.commands.terms import terms_of
from honghu.domains.statements.pages.wording import (
    FIELD_TITLES,
    OUTCOME_TITLES,
    outcome_badge,
    reason_text,
)
from honghu.domains.statements.queries.statements import MappingRow, list_mappings
from honghu.domains.statements.readers.columns import FIELDS, CsvTerms
from honghu.kernel.cases.files import visible_use
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.evidence.queries import open_content
from honghu.web.components import Badge, Column, Crumb, Fact, Row, Table
from honghu.web.fields import Choice, FormField

_TERMS = ("mapping", "account_no", "opening", "closing", "from_date", "to_date", "newest_first")


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """A statement of the dry run, ready for the page."""

    title: str
    facts: tuple[Fact, ...]
    table: Table | None


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def import_page(request: DeskRequest) -> HttpResponse:
    """Choose a file; it is read to its end and shown, nothing is kept until it is accepted."""
    visit = request.visit
    bank_of(visit.actor)
    if request.method != "POST":
        return _form(request, {}, {})
    typed = {name: request.POST.get(name, "").strip() for name in _TERMS}
    file = request.FILES.get("file")
    if file is None:
        return _form(request, typed, {"file": _("Choose a file.")})
    try:
        terms = _terms(visit, typed)
        found = preview_statements(
            file, filename=file.name or "", actor=visit.actor, now=visit.now, terms=terms
        )
        file.seek(0)
        stored = store_evidence(
            content=file,
            filename=file.name or "",
            actor=visit.actor,
            now=visit.now,
            kind="document",
        )
    except HonghuError as refusal:
        said = " ".join(filter(None, [refusal.message, refusal.remedy]))
        named = {name: text for name, text in refusal.fields.items() if name in _TERMS}
        return _form(request, typed, named or {"file": said})
    context = {
        "title": file.name,
        "crumbs": _crumbs(_("Import a statement"), str(file.name)),
        "shown": [_shown(each) for each in found],
        "sha256": stored.evidence.sha256,
        "file_facts": (
            Fact(label=_("File"), value=file.name),
            Fact(label=_("Size in bytes"), value=stored.evidence.size_bytes, kind="integer"),
            Fact(
                label=_("SHA-256"),
                value=stored.evidence.sha256,
                kind="code",
                note=_("What you accept is this file, byte for byte."),
            ),
        ),
        "typed": typed,
    }
    return render(request, "statements/preview.html", context)


@require_POST
@desk_page
def accept(request: DeskRequest) -> HttpResponse:
    """Keep what the dry run has shown; the filing goes on at the statement's page."""
    visit = request.visit
    use = visible_use(request.POST.get("sha256", ""), actor=visit.actor)
    terms = _terms(visit, {name: request.POST.get(name, "").strip() for name in _TERMS})
    with closing(open_content(use.sha256)) as file:
        taken = take_statements(
            file,
            filename=use.filename or "statement",
            actor=visit.actor,
            now=visit.now,
            terms=terms,
        )
    if len(taken) == 1:
        return redirect(reverse("statement", args=[taken[0].id]))
    return redirect(reverse("statements"))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def mapping_page(request: DeskRequest) -> HttpResponse:
    """Say which head of the bank's CSV holds what, and keep it under a name."""
    visit = request.visit
    mappings = list_mappings(bank_of(visit.actor))
    chosen = next((each for each in mappings if each.name == request.GET.get("name")), None)
    typed: Mapping[str, str] = _typed_of(chosen)
    errors: Mapping[str, str] = {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "").strip() for name in (*FIELDS, "name", "newest")}
        try:
            keep_mapping(
                typed["name"],
                {name: typed[name] for name in FIELDS},
                newest_first=typed["newest"] == "true",
                actor=visit.actor,
                now=visit.now,
            )
        except Invalid as refusal:
            errors = refusal.fields
        else:
            return redirect(reverse("statement-mappings"))
    context = {
        "title": _("Columns of the bank's CSV"),
        "crumbs": _crumbs(_("Import a statement"), _("Columns of the bank's CSV")),
        "mappings": mappings,
        "name_field": FormField(
            name="name",
            label=_("Name of the mapping"),
            control="text",
            value=typed.get("name", ""),
            required=True,
            errors=_errors(errors, "name"),
        ),
        "fields": _mapping_fields(typed),
        "columns_error": errors.get("columns", ""),
    }
    status = 422 if errors else 200
    return render(request, "statements/mappings.html", context, status=status)


def _typed_of(chosen: MappingRow | None) -> Mapping[str, str]:
    if chosen is None:
        return {}
    newest = "true" if chosen.newest_first else ""
    return {**chosen.columns, "name": chosen.name, "newest": newest}


def _mapping_fields(typed: Mapping[str, str]) -> list[FormField]:
    found = [
        FormField(
            name=name,
            label=str(FIELD_TITLES[name]),
            control="text",
            value=typed.get(name, ""),
            placeholder=usual[0],
            max_length=100,
        )
        for name, usual in FIELDS.items()
    ]
    newest = FormField(
        name="newest",
        label=_("The newest entry stands first"),
        control="boolean",
        value=typed.get("newest", ""),
    )
    return [*found, newest]


def _terms(visit: Visit, typed: Mapping[str, str]) -> CsvTerms:
    """The terms that were typed. Raises Invalid naming the field."""
    return terms_of(
        visit.actor,
        mapping=typed["mapping"] or None,
        account_no=typed["account_no"] or None,
        opening_fen=_fen("opening", typed),
        closing_fen=_fen("closing", typed),
        from_date=_day("from_date", typed),
        to_date=_day("to_date", typed),
        newest_first=True if typed["newest_first"] == "true" else None,
    )


def _fen(name: str, typed: Mapping[str, str]) -> int | None:
    if not typed[name]:
        return None
    try:
        return parse_yuan(typed[name])
    except (MoneyError, ValueError) as error:
        message = _("Write yuan in digits, like 1234.50.")
        raise Invalid(message, fields={name: message}) from error


def _day(name: str, typed: Mapping[str, str]) -> dt.date | None:
    if not typed[name]:
        return None
    try:
        return dt.date.fromisoformat(typed[name])
    except ValueError as error:
        message = _("Dates are written like 2026-05-31.")
        raise Invalid(message, fields={name: message}) from error


def _errors(errors: Mapping[str, str], name: str) -> tuple[str, ...]:
    return (errors[name],) if name in errors else ()


def _form(
    request: DeskRequest, typed: Mapping[str, str], errors: Mapping[str, str]
) -> HttpResponse:
    mappings = list_mappings(bank_of(request.visit.actor))

    def one(name: str, label: str, control: str = "text", **more: object) -> FormField:
        return FormField(
            name=name,
            label=label,
            control=control,  # type: ignore[arg-type]
            value=typed.get(name, ""),
            errors=_errors(errors, name),
            **more,  # type: ignore[arg-type]
        )

    context = {
        "title": _("Import a statement"),
        "crumbs": _crumbs(_("Import a statement")),
        "file_field": one(
            "file",
            _("File of the bank (camt.053 or CSV)"),
            "file",
            required=True,
            accept=".xml,.csv,.txt",
        ),
        "mapping_field": one(
            "mapping",
            _("Columns of the CSV"),
            "choice",
            is_select=True,
            placeholder=_("By the usual heads"),
            choices=tuple(Choice(value=each.name, label=each.name) for each in mappings),
        ),
        "terms": (
            one("account_no", _("Account, where the file names none"), is_personal=True),
            one("opening", _("Opening balance (yuan)"), "money"),
            one("closing", _("Closing balance (yuan)"), "money"),
            one("from_date", _("First day"), "date"),
            one("to_date", _("Last day"), "date"),
            one("newest_first", _("The newest entry stands first"), "boolean"),
        ),
        "is_open": any(typed.get(name) for name in _TERMS) or bool(errors.keys() - {"file"}),
    }
    return render(request, "statements/import.html", context, status=422 if errors else 200)


def _crumbs(*labels: str) -> tuple[Crumb, ...]:
    way = [Crumb(label=_("Bank statements"), url=reverse("statements"))]
    way += [Crumb(label=label, url=reverse("statement-import")) for label in labels[:-1]]
    return (*way, Crumb(label=labels[-1]))


def _shown(preview: Preview) -> Shown:
    foot = preview.foot
    known = Badge(label=_("kept already"), tone="amber")
    facts = (
        *((Fact(label=_("State"), value=known, kind="badge"),) if preview.is_known else ()),
        Fact(label=_("Number"), value=preview.statement_no, kind="code"),
        Fact(label=_("Sequence number"), value=preview.sequence, kind="integer"),
        Fact(label=_("First day"), value=foot.from_date, kind="date"),
        Fact(label=_("Last day"), value=foot.to_date, kind="date"),
        Fact(label=_("Opening balance"), value=foot.opening_fen, kind="money"),
        Fact(label=_("Money in"), value=preview.credit_fen, kind="money"),
        Fact(label=_("Money out"), value=preview.debit_fen, kind="money"),
        Fact(label=_("Closing balance"), value=foot.closing_fen, kind="money"),
        Fact(label=_("Entries"), value=preview.entries, kind="integer"),
        *(
            Fact(label=str(title), value=preview.outcomes.get(outcome, 0), kind="integer")
            for outcome, title in OUTCOME_TITLES.items()
        ),
    )
    rows = tuple(
        Row(
            cells=(
                entry.number,
                entry.booked_date,
                entry.amount_fen if entry.direction == "credit" else -entry.amount_fen,
                entry.payer,
                entry.text or None,
                outcome_badge(match.outcome),
                reason_text(match.reason),
            )
        )
        for entry, match in preview.first
    )
    columns = (
        Column(label=_("No."), kind="code", role="title"),
        Column(label=_("Booked on"), kind="date"),
        Column(label=_("Amount"), kind="money"),
        Column(label=_("Other side")),
        Column(label=_("Remittance text")),
        Column(label=_("What it is"), kind="badge"),
        Column(label=_("Why")),
    )
    table = Table(caption=_("First entries"), columns=columns, rows=rows, density="compact")
    return Shown(preview.account_masked, facts, table if rows else None)
