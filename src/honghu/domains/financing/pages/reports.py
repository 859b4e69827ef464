"""The reports R1 to R8: the list, one report with its files, and the facts behind each row."""

from collections.abc import Sequence
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from honghu.base.problems import NotFound
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.domains.financing.pages.period import Asked, period_fields, read_asked
from honghu.domains.financing.reports.declaration import Behind, Report, ReportColumn, ReportRow
from honghu.domains.financing.reports.facts import CaseName, case_names
from honghu.domains.financing.reports.files import cells, excel, word
from honghu.domains.financing.reports.loans import last_lent
from honghu.domains.financing.reports.registry import (
    find_report,
    reports_in_sight,
    sight_of_reports,
)
from honghu.kernel.cases.wording import words
from honghu.web.components import Column, Crumb, EmptyState, Row, Table

EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_NUMBERS: Final = frozenset({"number", "loan"})
"""Columns of case numbers."""
BEHIND_MAX: Final = 500
"""Facts shown behind one row; the narrower question shows the rest."""


@require_safe
@desk_page
def report_list(request: DeskRequest) -> HttpResponse:
    """The reports that the reader may open."""
    sight = sight_of_reports(request.visit.actor)
    table = Table(
        caption=_("Reports"),
        columns=(
            Column(label=_("Report"), role="title"),
            Column(label=_("Code"), kind="code"),
            Column(label=_("What is counted"), kind="long_text"),
        ),
        rows=tuple(
            Row(
                cells=(words(each.title), each.code.upper(), words(each.definition)),
                url=reverse("financing-report", args=[each.code]),
            )
            for each in reports_in_sight(sight)
        ),
        is_caption_hidden=True,
    )
    context = {"title": _("Reports"), "table": table, "is_office": sight.everything}
    return render(request, "financing/reports.html", context)


@require_safe
@desk_page
def report_page(request: DeskRequest, code: str) -> HttpResponse:
    """One report for a period; every row opens what it counts."""
    sight = sight_of_reports(request.visit.actor)
    report, asked = find_report(code, sight), read_asked(request, sight)
    rows = [] if asked.error else report.rows(asked.question)
    here = reverse("financing-report", args=[code])
    context = {
        "title": words(report.title),
        "code": code.upper(),
        "definition": words(report.definition),
        "crumbs": _crumbs(words(report.title)),
        "fields": period_fields(asked, sight, narrows=report.of_banks),
        "table": _table(report, rows, asked) if rows else None,
        "excel": f"{reverse('financing-report-file', args=[code, 'xlsx'])}?{asked.query}",
        "word": f"{reverse('financing-report-file', args=[code, 'docx'])}?{asked.query}",
        "empty": _nothing(asked, here),
    }
    return render(request, "financing/report.html", context)


def _nothing(asked: Asked, here: str) -> EmptyState:
    """Nothing in the period; where something is, the year of the last loan is offered."""
    if asked.error:
        return EmptyState(title=asked.error, text=_("Correct the days above."), icon="alert")
    last = last_lent(now=asked.question.now)
    if last is None:
        return EmptyState(
            title=_("There is nothing in this period."),
            text=_("No loan has been paid out yet; the report fills by itself."),
            icon="bank",
        )
    return EmptyState(
        title=_("There is nothing in this period."),
        text=_("The last loan was paid out on %(day)s.") % {"day": last.isoformat()},
        action_label=_("Show %(year)d") % {"year": last.year},
        action_url=f"{here}?from={last.year}-01-01&to={last.year}-12-31",
        icon="bank",
    )


def _crumbs(*labels: str, url: str = "") -> tuple[Crumb, ...]:
    """The way here; with `url`, of the last label but one."""
    way = [Crumb(label=_("Reports"), url=reverse("financing-reports"))]
    for at, label in enumerate(labels):
        way.append(Crumb(label=label, url=url if at < len(labels) - 1 else ""))
    return tuple(way)


def _table(report: Report, rows: Sequence[ReportRow], asked: Asked) -> Table:
    lead = _leading(report)
    shown = [report.columns[lead], *report.columns[:lead], *report.columns[lead + 1 :]]
    drawn = []
    for row in rows:
        values = cells(report, row)
        drawn.append(
            Row(
                cells=(values[lead], *values[:lead], *values[lead + 1 :]),
                url=_row_url(report, row, asked) if row.behind else "",
            )
        )
    return Table(
        caption=words(report.title),
        columns=tuple(_column(column, at) for at, column in enumerate(shown)),
        rows=tuple(drawn),
        density="compact",
        is_caption_hidden=True,
    )


def _leading(report: Report) -> int:
    """Which column names a row: the group of R1 stands second, under how it is grouped."""
    return 1 if report.columns[0].code == "group_by" else 0


def _column(column: ReportColumn, at: int) -> Column:
    return Column(
        label=words(column.title),
        kind="code" if column.code in _NUMBERS else column.kind,
        unit=words(column.unit) if column.unit else "",
        role="field" if at else "title",
    )


def _row_url(report: Report, row: ReportRow, asked: Asked) -> str:
    return f"{reverse('financing-report-row', args=[report.code, row.key])}?{asked.query}"


@require_safe
@desk_page
def report_row(request: DeskRequest, code: str, key: str) -> HttpResponse:
    """The facts behind one row, each leading to its case. Raises RowMissing."""
    sight = sight_of_reports(request.visit.actor)
    report, asked = find_report(code, sight), read_asked(request, sight)
    row = report.row(asked.question, key)
    name = str(cells(report, row)[_leading(report)])
    back = f"{reverse('financing-report', args=[code])}?{asked.query}"
    context = {
        "title": f"{words(report.title)} · {name}",
        "crumbs": _crumbs(words(report.title), name, url=back),
        "table": behind_table(row.behind),
        "count": len(row.behind),
        "is_cut": len(row.behind) > BEHIND_MAX,
        "shown": BEHIND_MAX,
    }
    return render(request, "financing/behind.html", context)


def behind_table(behind: Sequence[Behind]) -> Table:
    """Facts as a table: case, day, amount, a word about each; two queries."""
    shown = behind[:BEHIND_MAX]
    names = case_names({each.case_id for each in shown if each.case_id is not None})
    return Table(
        caption=_("What was counted"),
        columns=(
            Column(label=_("Number"), kind="code", role="title"),
            Column(label=_("Case")),
            Column(label=_("Day"), kind="date"),
            Column(label=_("Amount"), kind="money"),
            Column(label=_("Remark")),
        ),
        rows=tuple(_behind_row(each, names.get(each.case_id)) for each in shown),
        is_caption_hidden=True,
    )


def _behind_row(behind: Behind, name: CaseName | None) -> Row:
    return Row(
        cells=(
            name.number if name else _("no case"),
            name.title if name else None,
            behind.at,
            behind.amount_fen,
            behind.note or None,
        ),
        url=reverse("case", args=[behind.case_id]) if name else "",
    )


@require_safe
@desk_page
def report_file(request: DeskRequest, code: str, kind: str) -> HttpResponse:
    """The report as an Excel or Word file, from the same rows as its page."""
    makers = {"xlsx": (excel, EXCEL), "docx": (word, WORD)}
    if kind not in makers:
        raise NotFound(_("A report is made as Excel or Word."))
    sight = sight_of_reports(request.visit.actor)
    report, asked = find_report(code, sight), read_asked(request, sight)
    make, content_type = makers[kind]
    question = asked.question
    content = make(report, question, report.rows(question), request.visit.actor.organisation_name)
    name = f"{words(report.title)}-{question.from_date:%Y%m%d}-{question.to_date:%Y%m%d}.{kind}"
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=name) or ""
    )
    return response
