"""Figures: the list, one figure with its months, rows and proof; published ones for everybody."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from honghu.analytics.bulletins.building import Month, is_small, parse_month, suppressed_below
from honghu.analytics.commands import (
    EDITOR,
    PUBLISHER,
    compute_figure,
    correct_figure,
    publish_figure,
)
from honghu.analytics.definitions import definition_of, digest
from honghu.analytics.figure import Figure, Scope, Unit
from honghu.analytics.queries import Measured, Parts, measure, measure_value
from honghu.analytics.registry import all_figures, get_figure
from honghu.analytics.values import ValueRow, published_values, values_of
from honghu.analytics.wording import UNITS, WITHHELD, value_text
from honghu.desk.figures.rows import PAGE_SIZE, row_table, rows_in_sight, share_table
from honghu.desk.frame.pages import desk_page, open_page
from honghu.desk.frame.visit import DeskRequest
from honghu.web.charts.model import Chart, Series
from honghu.web.components import Badge, Column, Crumb, Fact, Pages, Row, Table

_MONTHS = 12
_PAGE_MAX = 10_000


@require_safe
@desk_page
def figures(request: DeskRequest) -> HttpResponse:
    """Every declared figure with what it counts and its newest published value."""
    newest: dict[str, ValueRow] = {}
    for row in published_values():
        newest.setdefault(row.code, row)
    table = Table(
        caption=_("Figures"),
        columns=(
            Column(label=_("Figure"), role="title"),
            Column(label=_("Published")),
            Column(label=_("As of"), kind="date"),
            Column(label=_("What is counted"), kind="long_text"),
            Column(label=_("Code"), kind="code", role="hidden"),
        ),
        rows=tuple(
            Row(
                cells=(
                    _title(figure),
                    _text(newest[code]) if code in newest else None,
                    _last_day(newest[code].scope.end) if code in newest else None,
                    figure.definition.in_language(_language()),
                    code,
                ),
                url=reverse("figure", args=[code]),
            )
            for code, figure in sorted(all_figures().items())
        ),
    )
    return render(request, "desk/figures/figures.html", {"table": table})


@require_safe
@desk_page
def figure(request: DeskRequest, code: str) -> HttpResponse:
    """One figure until the end of a month (or until now): value, months, rows, proof."""
    declared = get_figure(code)
    now = request.visit.now
    month = parse_month(request.GET["at"]) if request.GET.get("at") else None
    scope = Scope(end=min(month.end, now) if month else now)
    measured = measure(declared, scope)
    page, kept = page_of(request), values_of(code)
    seen = rows_in_sight(declared, scope, request.visit, page)
    context = {
        "code": code,
        "title": _title(declared),
        "definition": declared.definition.in_language(_language()),
        "marks": _marks(declared),
        "value": value_text(measured.value, declared.unit, declared.unit_words).in_language(
            _language()
        ),
        "at": month.name if month else "",
        "as_of": scope.end,
        "facts": _parts(measured),
        "proof": _proof(declared, scope, measured),
        "chart": _chart(declared, month or _month_of(now), now),
        "shares": share_table(declared, scope, _language()) if seen else None,
        "rows": None if seen is None else row_table(declared, seen, _language()),
        "pages": Pages(page=page, page_size=PAGE_SIZE, total=measured.row_count),
        "kept": _kept_table(kept),
        "may_edit": bool(request.visit.actor.roles & {EDITOR, PUBLISHER}),
        "drafts": _waiting(kept, request),
        "correctable": _correctable(kept, request),
        "crumbs": (
            Crumb(label=_("Figures"), url=reverse("figures")),
            Crumb(label=_title(declared)),
        ),
    }
    return render(request, "desk/figures/figure.html", context)


def _waiting(rows: list[ValueRow], request: DeskRequest) -> list[dict[str, Any]]:
    """The values that this person could publish."""
    actor = request.visit.actor
    if not actor.holds(PUBLISHER):
        return []
    mine = actor.person_id
    return [_choice(row) for row in rows if row.status == "checked" and row.computed_by != mine]


def _correctable(rows: list[ValueRow], request: DeskRequest) -> list[dict[str, Any]]:
    """The published values that this person could compute anew."""
    if not request.visit.actor.roles & {EDITOR, PUBLISHER}:
        return []
    replaced = {row.supersedes for row in rows}
    return [_choice(row) for row in rows if row.status == "published" and row.id not in replaced]


def _choice(row: ValueRow) -> dict[str, Any]:
    return {"id": row.id, "text": _text(row), "day": _last_day(row.scope.end)}


def page_of(request: HttpRequest) -> int:
    """The page that the address asks for; what is no number is the first."""
    asked = request.GET.get("page", "")
    return max(1, min(int(asked), _PAGE_MAX)) if asked.isascii() and asked.isdigit() else 1


@require_POST
@desk_page
def keep(request: DeskRequest, code: str) -> HttpResponse:
    """Compute and keep the value until the end of a month."""
    month = parse_month(request.POST.get("at", ""))
    compute_figure(
        code, Scope(end=month.end), actor=request.visit.actor, now=request.visit.now
    )  # fmt: skip
    messages.success(request, _("The value is kept; another person may publish it."))
    return redirect("figure", code)


@require_POST
@desk_page
def publish(request: DeskRequest, code: str, value_id: uuid.UUID) -> HttpResponse:
    """Publish a value that somebody else has computed."""
    publish_figure(value_id, actor=request.visit.actor, now=request.visit.now)
    messages.success(request, _("The value is published."))
    return redirect("figure", code)


@require_POST
@desk_page
def correct(request: DeskRequest, code: str, value_id: uuid.UUID) -> HttpResponse:
    """Compute a published value anew, with the reason."""
    correct_figure(
        value_id,
        reason=request.POST.get("reason", ""),
        actor=request.visit.actor,
        now=request.visit.now,
    )
    messages.success(request, _("The corrected value is kept; another person may publish it."))
    return redirect("figure", code)


@require_safe
@open_page
def published(request: HttpRequest) -> HttpResponse:
    """The published figures, for everybody."""
    rows = published_values()
    table = Table(
        caption=_("Published figures"),
        columns=(
            Column(label=_("Figure"), role="title"),
            Column(label=_("Value")),
            Column(label=_("As of"), kind="date"),
            Column(label=_("What is counted"), kind="long_text"),
            Column(label=_("Hash of the rows"), kind="code", role="hidden"),
        ),
        rows=tuple(
            Row(
                cells=(
                    row.title.in_language(_language()),
                    _public_text(row),
                    _last_day(row.scope.end),
                    row.definition["definition"][_short()],
                    None if _is_withheld(row) else row.row_set_sha256[:16],
                )
            )
            for row in rows
        ),
    )
    return render(request, "desk/figures/published.html", {"table": table, "is_empty": not rows})


def _kept_table(rows: list[ValueRow]) -> Table:
    words = {
        "checked": Badge(label=_("computed"), tone="amber"),
        "published": Badge(label=_("published"), tone="green"),
        "corrected": Badge(label=_("corrected")),
    }
    return Table(
        caption=_("Values that were kept"),
        density="compact",
        columns=(
            Column(label=_("As of"), kind="date", role="title"),
            Column(label=_("Value")),
            Column(label=_("Rows"), kind="integer"),
            Column(label=_("Standing"), kind="badge"),
            Column(label=_("Computed"), kind="instant"),
            Column(label=_("Why corrected")),
            Column(label=_("Definition"), kind="code", role="hidden"),
        ),
        rows=tuple(
            Row(
                cells=(
                    _last_day(row.scope.end),
                    _text(row),
                    row.row_count,
                    words[row.status],
                    row.computed_at,
                    row.reason,
                    row.definition_sha256[:12],
                )
            )
            for row in rows
        ),
    )


def _parts(measured: Measured) -> tuple[Fact, ...]:
    return (
        Fact(label=_("Numerator"), value=_drawn(measured.numerator, whole=False), kind="decimal"),
        Fact(
            label=_("Denominator"), value=_drawn(measured.denominator, whole=False), kind="decimal"
        ),
        Fact(label=_("Rows"), value=measured.row_count, kind="integer"),
    )


def _proof(declared: Figure, scope: Scope, measured: Measured) -> tuple[Fact, ...]:
    """What somebody compares who computes the figure again; nobody reads it otherwise."""
    return (
        Fact(label=_("Hash of the rows"), value=measured.row_set_sha256, kind="code", is_wide=True),
        Fact(
            label=_("Hash of the definition"),
            value=digest(definition_of(declared, scope)),
            kind="code",
            is_wide=True,
        ),
    )


def _chart(declared: Figure, last: Month, now: dt.datetime) -> Chart:
    """The figure at the end of each of the last twelve months; months to come are left out."""
    months = [last.shifted(-back) for back in range(_MONTHS - 1, -1, -1)]
    values = [measure_value(declared, Scope(end=min(each.end, now))).value for each in months]
    is_money = declared.unit is Unit.FEN
    return Chart(
        kind="line",
        title=declared.title,
        categories=tuple(each.name for each in months),
        series=(
            Series(label=declared.title, values=tuple(_drawn(v, whole=is_money) for v in values)),
        ),
        source=declared.definition,
        measure="money_wan"
        if is_money
        else "percent"
        if declared.unit is Unit.RATIO
        else "decimal",
        unit="" if is_money else declared.unit_words or UNITS[declared.unit],
    )


def _drawn(value: Decimal | None, *, whole: bool) -> int | Decimal | None:
    if value is None:
        return None
    exact = whole or value == value.to_integral_value()
    return int(value) if exact else value.quantize(Decimal("0.0001"))


def _marks(declared: Figure) -> list[Badge]:
    found = []
    if declared.derived:
        found.append(Badge(label=_("derived")))
    if declared.forecast:
        found.append(Badge(label=_("forecast"), tone="amber"))
    if declared.personal:
        found.append(Badge(label=_("counts persons")))
    return found


def _is_withheld(row: ValueRow) -> bool:
    if not row.definition["personal"]:
        return False
    parts = Parts(row.value, row.numerator, row.denominator)
    return is_small(parts, suppressed_below(_last_day(row.scope.end)))


def _public_text(row: ValueRow) -> str:
    return WITHHELD.in_language(_language()) if _is_withheld(row) else _text(row)


def _text(row: ValueRow) -> str:
    return value_text(row.value, row.unit, row.words).in_language(_language())


def _title(declared: Figure) -> str:
    return declared.title.in_language(_language())


def _month_of(now: dt.datetime) -> Month:
    day = localdate(now)
    return Month(day.year, day.month)


def _last_day(end: dt.datetime) -> dt.date:
    """The last day that counts before an instant, on the county's clock."""
    return localdate(end - dt.timedelta(microseconds=1))


def _language() -> str:
    return get_language() or "zh-hans"


def _short() -> str:
    return "en" if _language().startswith("en") else "zh"
