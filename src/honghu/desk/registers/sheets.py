"""Excel of a register: the list as it is shown, the template, and bringing a list in."""

import io
import tempfile
import uuid

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from honghu.base.problems import HonghuError
from honghu.desk.frame.listing import columns_of
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.desk.registers.filters import Asked
from honghu.kernel.cases.queries import CaseFilter
from honghu.kernel.cases.wording import words
from honghu.kernel.registers.model import Register
from honghu.kernel.sheets.commands import accept_import, check_import, continue_import
from honghu.kernel.sheets.exports import export_cases
from honghu.kernel.sheets.queries import (
    get_import,
    import_rows,
    marked_workbook,
    template_workbook,
)
from honghu.kernel.sheets.rows import ImportRowView, RunRow
from honghu.kernel.sheets.targets import import_target
from honghu.web.components import Badge, Column, Crumb, Progress, Row, Table, Tone
from honghu.web.fields import FormField

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SPOOLED = 5_000_000
_SHOWN = 200
_SLICE_SECONDS = 1.5


@require_safe
@desk_page
def export(request: DeskRequest, register: str) -> HttpResponseBase:
    """The list as an Excel file: its filters, its sorting, its columns; all pages of it."""
    declared = request.visit.register(register)
    asked = Asked.read(request.GET, declared)
    return list_workbook(request, declared, asked.wanted, asked.sort)


def list_workbook(
    request: DeskRequest, declared: Register, wanted: CaseFilter, sort: str
) -> FileResponse:
    """The cases that fit, as officials file them; raises as `export_cases`."""
    visit = request.visit
    # The response closes the file, and closing removes it.
    target = tempfile.SpooledTemporaryFile(max_size=_SPOOLED)  # noqa: SIM115
    export_cases(
        target,
        declared,
        actor=visit.actor,
        now=visit.now,
        columns=declared.listing.filed or columns_of(declared),
        wanted=wanted,
        sort=sort,
    )
    target.seek(0)
    name = f"{words(declared.title)}-{visit.now:%Y%m%d}.xlsx"
    return FileResponse(target, as_attachment=True, filename=name, content_type=EXCEL)


@require_safe
@desk_page
def template(request: DeskRequest, register: str) -> HttpResponseBase:
    """The empty workbook to fill in."""
    declared = request.visit.register(register)
    content = template_workbook(import_target(declared, actor=request.visit.actor))
    return _workbook(content, f"{words(declared.title)}-{_('template')}.xlsx")


def _workbook(content: bytes, name: str) -> FileResponse:
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=name, content_type=EXCEL)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def bring(request: DeskRequest, register: str) -> HttpResponse:
    """Choose a workbook; it is checked, and nothing is saved until the report is accepted."""
    visit = request.visit
    declared = visit.register(register)
    target = import_target(declared, actor=visit.actor)
    problem = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            problem = _("Choose a file.")
        else:
            try:
                run = check_import(
                    file,
                    filename=file.name or "",
                    register=declared,
                    actor=visit.actor,
                    now=visit.now,
                    action=target.action.code,
                    again=request.POST.get("again") == "true",
                )
            except HonghuError as refusal:
                problem = " ".join(filter(None, [refusal.message, refusal.remedy]))
            else:
                return redirect(reverse("import", args=[register, run.id]))
    context = {
        "register": declared,
        "title": _("Bring in a list"),
        "crumbs": _crumbs(declared),
        "action": words(target.action.title),
        "file_field": FormField(
            name="file",
            label=_("Workbook (.xlsx)"),
            control="file",
            required=True,
            accept=".xlsx",
            errors=(problem,) if problem else (),
        ),
        "again_field": FormField(
            name="again",
            label=_("Also rows that say what a case says already"),
            control="boolean",
        ),
    }
    status = 422 if problem else 200
    return render(request, "desk/registers/bring.html", context, status=status)


@require_safe
@desk_page
def report(request: DeskRequest, register: str, run_id: uuid.UUID) -> HttpResponse:
    """What the check found, row by row; then how far the opening is."""
    visit = request.visit
    declared = visit.register(register)
    run = get_import(run_id, actor=visit.actor)
    wrong = import_rows(run, ("faulty", "refused"), limit=_SHOWN)
    repeated = import_rows(run, ("repeated",), limit=_SHOWN)
    context = {
        "register": declared,
        "run": run,
        "title": run.filename,
        "crumbs": _crumbs(declared, run.filename),
        "faults": _fault_table(declared, wrong) if wrong else None,
        "more_faults": max(0, run.faulty + run.refused - len(wrong)),
        "repeated": _repeated_table(repeated) if repeated else None,
        "progress": _progress(run) if run.status != "checked" else None,
    }
    return render(request, "desk/registers/import.html", context)


@require_POST
@desk_page
def accept(request: DeskRequest, register: str, run_id: uuid.UUID) -> HttpResponse:
    """Let the rows become cases; the good ones alone if that was the button."""
    visit = request.visit
    partial = request.POST.get("partial") == "true"
    accept_import(run_id, actor=visit.actor, now=visit.now, partial=partial)
    continue_import(run_id, actor=visit.actor, now=visit.now, seconds=_SLICE_SECONDS)
    return redirect(reverse("import", args=[register, run_id]))


@require_safe
@desk_page
def progress(request: DeskRequest, register: str, run_id: uuid.UUID) -> HttpResponse:
    """How far the opening is: a fragment that the page asks for, and that helps on.

    What was accepted is accepted; asking does a slice of it, so that it also goes on where no
    worker runs. The worker does the rest when nobody asks.
    """
    visit = request.visit
    visit.register(register)
    run = continue_import(run_id, actor=visit.actor, now=visit.now, seconds=_SLICE_SECONDS)
    return render(request, "desk/registers/import_progress.html", {"progress": _progress(run)})


@require_safe
@desk_page
def marked(request: DeskRequest, register: str, run_id: uuid.UUID) -> HttpResponseBase:
    """The faulty rows as a workbook to correct."""
    visit = request.visit
    declared = visit.register(register)
    run = get_import(run_id, actor=visit.actor)
    content = marked_workbook(run, actor=visit.actor)
    return _workbook(content, f"{words(declared.title)}-{_('to correct')}.xlsx")


def _crumbs(register: Register, last: str = "") -> tuple[Crumb, ...]:
    way = (
        Crumb(label=words(register.title), url=reverse("register", args=[register.code])),
        Crumb(
            label=_("Bring in a list"),
            url=reverse("bring-list", args=[register.code]) if last else "",
        ),
    )
    return (*way, Crumb(label=last)) if last else way


def _progress(run: RunRow) -> Progress:
    details = []
    if run.refused:
        details.append(
            ngettext("%(count)d row was refused.", "%(count)d rows were refused.", run.refused)
            % {"count": run.refused}
        )
    return Progress(
        label=_("Opening cases"),
        done=run.to_open if run.status == "finished" else run.opened + run.refused,
        total=run.to_open,
        detail=" ".join(details),
        poll_url=reverse("import-progress", args=[run.register, run.id]),
    )


def _fault_table(register: Register, rows: list[ImportRowView]) -> Table:
    fields = {code: words(field.title) for code, field in register.fields.items()}
    return Table(
        caption=_("What is wrong"),
        columns=(
            Column(label=_("Cell"), kind="code", role="title"),
            Column(label=_("Column")),
            Column(label=_("What stands there")),
            Column(label=_("What is wrong")),
        ),
        rows=tuple(
            Row(
                cells=(
                    fault.cell,
                    fields.get(fault.field, fault.field) or None,
                    row.cells.get(fault.field) or None,
                    fault.message,
                )
            )
            for row in rows
            for fault in row.faults
        ),
        density="compact",
    )


def _repeated_table(rows: list[ImportRowView]) -> Table:
    tone: Tone = "neutral"
    return Table(
        caption=_("Rows that are cases already"),
        columns=(
            Column(label=_("Row"), kind="integer", role="title"),
            Column(label=_("Case"), kind="code"),
            Column(label=_("What happens"), kind="badge"),
        ),
        rows=tuple(
            Row(
                cells=(row.number, row.case_number, Badge(label=_("left out"), tone=tone)),
                url=reverse("case", args=[row.case_id]) if row.case_id else "",
            )
            for row in rows
        ),
        density="compact",
    )
