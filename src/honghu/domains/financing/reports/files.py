"""A report as Excel and as Word, out of the same rows as its page."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from honghu.base.money import format_yuan
from honghu.domains.financing.reports.declaration import (
    ColumnKind,
    Question,
    Report,
    ReportColumn,
    ReportRow,
)
from honghu.kernel.cases.wording import words
from honghu.kernel.documents.content import Content
from honghu.kernel.documents.rendering import Letterhead, find_template
from honghu.kernel.documents.rendering import render as render_word
from honghu.kernel.sheets.tables import Sheet, SheetColumn, SheetKind, sheet_bytes

TEMPLATE: Final = "financing-report.docx"
"""The layout of all reports; `financing-report-r1.docx` in the home folder is the layout of R1."""
UNKNOWN: Final = "—"
_SHEET_KINDS: Final[Mapping[ColumnKind, SheetKind]] = {
    "text": "text",
    "integer": "integer",
    "decimal": "decimal",
    "money": "yuan",
    "percent": "percent",
    "date": "date",
    "instant": "instant",
}


def head(column: ReportColumn) -> str:
    """What stands above a column, its unit included."""
    unit = _("yuan") if column.kind == "money" else words(column.unit) if column.unit else ""
    return f"{words(column.title)}({unit})" if unit else words(column.title)


def cells(report: Report, row: ReportRow) -> list[object]:
    """The row's values in the order of the columns."""
    return [row.values[column.code] for column in report.columns]


def period_text(question: Question) -> str:
    """The days that were asked for."""
    return f"{question.from_date.isoformat()} / {question.to_date.isoformat()}"


def excel(report: Report, question: Question, rows: Sequence[ReportRow], office: str) -> bytes:
    """The report as a workbook. What is unknown is an empty cell, as the note says."""
    columns = tuple(
        SheetColumn(
            title=words(column.title),
            kind=_SHEET_KINDS[column.kind],
            unit=words(column.unit) if column.unit else "",
        )
        for column in report.columns
    )
    note = _("Period: {period}; an empty cell is unknown, not 0").format(
        period=period_text(question)
    )
    sheet = Sheet(
        title=words(report.title),
        columns=columns,
        as_of=question.today,
        prepared_by=office,
        note=note,
    )
    return sheet_bytes(sheet, ([*cells(report, row)] for row in rows))


def word(report: Report, question: Question, rows: Sequence[ReportRow], office: str) -> bytes:
    """The report as a Word document, by the county's template if it has one. Raises TemplateError."""
    content = Content(
        title=words(report.title),
        facts=(
            (_("Period"), period_text(question)),
            (_("What is counted"), words(report.definition)),
        ),
        data={
            "code": report.code.upper(),
            "heads": [head(column) for column in report.columns],
            "rows": [
                [printed(column.kind, row.values[column.code]) for column in report.columns]
                for row in rows
            ],
            "nothing": "" if rows else _("There is nothing in this period."),
            "unknown": _("— means unknown, not 0."),
        },
    )
    letterhead = Letterhead(
        organ_name=office,
        number="",
        signed_date=question.today,
        printed_date=question.today,
        signed_by="",
    )
    own = f"financing-report-{report.code}.docx"
    return render_word(own if find_template(own) else TEMPLATE, content, letterhead)


def printed(kind: ColumnKind, value: Any) -> str:
    """A value as it is printed; unknown is a dash."""
    if value is None:
        return UNKNOWN
    if kind == "money":
        return format_yuan(value)
    if kind == "percent":
        return f"{Decimal(value) * 100:.2f}%"
    if kind == "instant":
        return f"{localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, dt.date):
        return value.isoformat()
    return f"{value:,}" if isinstance(value, int | Decimal) else str(value)
