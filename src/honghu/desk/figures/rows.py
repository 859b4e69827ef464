"""The rows behind a figure as tables: for those who may see all cases that they come from."""

import uuid
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from honghu.analytics.figure import Figure, Scope, Unit
from honghu.analytics.queries import FigureRow, figure_rows, shares_by_subject
from honghu.analytics.wording import value_text
from honghu.desk.frame.visit import Visit
from honghu.kernel.cases.visibility import sight_of
from honghu.kernel.parties.queries import organisation_names
from honghu.web.components import Column, Row, Table

PAGE_SIZE = 50
_SHARES = 30


def rows_in_sight(
    declared: Figure, scope: Scope, visit: Visit, page: int
) -> list[FigureRow] | None:  # fmt: skip
    """One page of rows, for a reader who sees every register whole that these come from.

    Null for everybody else: a bank or a supplier sees values alone.
    """
    whole = {one.code for one in visit.registers if sight_of(one, visit.actor).everything}
    rows = figure_rows(declared, scope, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    return rows if {row.register for row in rows} <= whole else None


def row_table(declared: Figure, rows: list[FigureRow], language: str) -> Table:
    """Rows as a table; each opens its case."""
    names = _names([row.subject for row in rows])
    return Table(
        caption=_("Rows behind the value"),
        density="compact",
        columns=(
            Column(label=_("Case"), role="title"),
            Column(label=_("Time"), kind="instant"),
            Column(label=_("Subject")),
            Column(label=_("Counts")),
            Column(label=_("Of")),
            Column(label=_("Record"), kind="code", role="hidden"),
        ),
        rows=tuple(
            Row(
                cells=(
                    f"{row.case_number} {row.case_title}",
                    row.at,
                    names.get(row.subject or "", row.subject),
                    _number(row.numerator, declared.unit, language),
                    _number(row.denominator, Unit.COUNT, language),
                    row.key[:13],
                ),
                url=reverse("case", args=[row.case_id]),
            )
            for row in rows
        ),
    )


def share_table(declared: Figure, scope: Scope, language: str) -> Table | None:
    """The figure split by its subjects; null where the rows have none."""
    shares = shares_by_subject(declared, scope, limit=_SHARES)
    if not any(share.subject for share in shares):
        return None
    names = _names([share.subject for share in shares])
    return Table(
        caption=_("By subject"),
        density="compact",
        columns=(
            Column(label=_("Subject"), role="title"),
            Column(label=_("Value")),
            Column(label=_("Rows"), kind="integer"),
        ),
        rows=tuple(
            Row(
                cells=(
                    names.get(share.subject or "", share.subject),
                    value_text(share.value, declared.unit, declared.unit_words).in_language(
                        language
                    ),
                    share.row_count,
                )
            )
            for share in shares
        ),
    )


def _number(value: Decimal | None, unit: Unit, language: str) -> str | None:
    if value is None:
        return None
    shown = Unit.COUNT if unit in {Unit.RATIO, Unit.ORGANISATIONS, Unit.CASES} else unit
    text = value_text(value, shown)
    return text.en if shown is Unit.COUNT else text.in_language(language)


def _names(subjects: list[str | None]) -> dict[str, str]:
    """The names of the organisations among the subjects."""
    ids = []
    for subject in subjects:
        try:
            ids.append(uuid.UUID(subject or ""))
        except ValueError:
            continue
    return {str(key): name for key, name in organisation_names(ids).items()}
