"""R2: the county's counters at the start and at the end of a period, as its newspaper told them."""

from decimal import Decimal
from typing import Final

from django.utils.timezone import localdate
from django.utils.translation import get_language

from honghu.analytics.figure import Figure, Scope, Unit
from honghu.analytics.queries import figure_rows, measure_value
from honghu.analytics.registry import get_figure
from honghu.domains.financing.reports.declaration import (
    Behind,
    Question,
    Report,
    ReportRow,
    number_column,
    text_column,
)
from honghu.kernel.cases.wording import words
from honghu.kernel.registers.model import Text

FIGURES: Final = (
    "financing.banks_serving",
    "financing.banks_lending",
    "financing.suppliers_financed",
    "financing.principal_lent",
)
_UNITS: Final = {Unit.FEN: Text("元", "yuan"), Unit.ORGANISATIONS: Text("家", "organisations")}
_FEN: Final = 100
_ROWS_MAX: Final = 10_000


def rows(question: Question) -> list[ReportRow]:
    """A row for each counter: its value before the first day, after the last, and the change."""
    return [_row(get_figure(code), question) for code in FIGURES]


def _row(figure: Figure, question: Question) -> ReportRow:
    start, end = question.scope.start, question.scope.end
    before = _value(figure, Scope(end=start or end))
    after = _value(figure, Scope(end=end))
    # A column of its own says what is counted; behind a number English needs no such word.
    unit = _UNITS[figure.unit]
    return ReportRow(
        key=figure.code,
        values={
            "counter": figure.title.in_language(get_language() or "zh-hans"),
            "unit": words(unit),
            "before": before,
            "after": after,
            "change": None if after is None else after - (before or 0),
        },
        behind=tuple(
            Behind(
                case_id=row.case_id,
                at=localdate(row.at),
                amount_fen=int(row.numerator or 0) if figure.unit is Unit.FEN else None,
            )
            for row in figure_rows(figure, Scope(end=end), limit=_ROWS_MAX)
        ),
    )


def _value(figure: Figure, scope: Scope) -> Decimal | None:
    value = measure_value(figure, scope).value
    if value is None:
        return None
    return value / _FEN if figure.unit is Unit.FEN else value


REPORT: Final = Report(
    code="r2",
    title=Text("政采贷总体情况", "Counters"),
    definition=Text(
        "自试点起累计，期初为首日零时、期末为末日终了。备案银行、放款银行和供应商同一主体只计一次；"
        "金额为账本中的放款本金。",
        "Since the pilot, as of the beginning of the first day and the end of the last. A bank or a"
        " supplier counts once; the amount is the principal lent in the ledger.",
    ),
    columns=(
        text_column("counter", "指标", "Counter"),
        text_column("unit", "单位", "Unit"),
        number_column("before", "期初", "At the start"),
        number_column("after", "期末", "At the end"),
        number_column("change", "增加", "Change"),
    ),
    rows=rows,
)
