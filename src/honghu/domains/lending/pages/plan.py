"""A loan's plan beside what came of it, as a table and as one chart."""

import itertools
from collections.abc import Sequence

from django.utils.translation import gettext as _

from honghu.domains.lending.queries import LoanRow, PlanRow
from honghu.web.charts.model import CATEGORIES_MAX, Chart, Series
from honghu.web.components import Column, Row, Table


def plan_table(plan: Sequence[PlanRow]) -> Table:
    """Day by day: what the contract plans, what fell due, what was paid and what is open."""
    columns = (
        Column(label=_("Due date"), kind="date", role="title"),
        Column(label=_("Planned principal"), kind="money"),
        Column(label=_("Planned interest"), kind="money", role="hidden"),
        Column(label=_("Fell due"), kind="money"),
        Column(label=_("of it penalty and costs"), kind="money", role="hidden"),
        Column(label=_("Paid so far"), kind="money"),
        Column(label=_("Last paid on"), kind="date", role="hidden"),
        Column(label=_("Still open"), kind="money"),
    )
    rows = tuple(
        Row(
            cells=(
                row.date,
                row.agreed_principal_fen,
                row.agreed_interest_fen,
                _due(row) or None,
                row.due_penalty_fen + row.due_costs_fen or None,
                row.paid_fen or None,
                row.last_paid_date,
                row.open_fen if _due(row) else None,
            ),
            level="red" if row.open_fen else None,
        )
        for row in plan
    )
    return Table(
        caption=_("Plan against actual"),
        columns=columns,
        rows=rows,
        totals=_totals(plan),
        density="compact",
        is_caption_hidden=True,
    )


def _due(row: PlanRow) -> int:
    return row.due_principal_fen + row.due_interest_fen + row.due_penalty_fen + row.due_costs_fen


def _totals(plan: Sequence[PlanRow]) -> tuple[object, ...]:
    interest = [row.agreed_interest_fen for row in plan if row.agreed_principal_fen is not None]
    known = [fen for fen in interest if fen is not None]
    return (
        None,
        sum(row.agreed_principal_fen or 0 for row in plan),
        sum(known) if len(known) == len(interest) else None,
        sum(_due(row) for row in plan),
        sum(row.due_penalty_fen + row.due_costs_fen for row in plan),
        sum(row.paid_fen for row in plan),
        None,
        sum(row.open_fen for row in plan),
    )


def plan_chart(plan: Sequence[PlanRow], loan: LoanRow) -> Chart | None:
    """Planned and paid, both summed up to each day and held until the next; what has not come yet
    is no point.

    Null where there is too little, or too much, to draw.
    """
    if not plan or len(plan) >= CATEGORIES_MAX:
        return None
    paid: list[int | None] = [0, *itertools.accumulate(row.paid_fen for row in plan)]
    past = sum(row.date <= loan.served_to for row in plan)
    paid[past + 1 :] = [None] * (len(plan) - past)
    return Chart(
        kind="steps",
        title=_("Planned and paid, summed up"),
        categories=(loan.start_date.isoformat(), *(row.date.isoformat() for row in plan)),
        series=(
            Series(label=_("Planned"), values=_planned(plan, loan)),
            Series(label=_("Paid so far"), values=tuple(paid)),
        ),
        measure="money",
        unit=_("yuan"),
        category_label=_("Due date"),
        source=_("The loan's contract and its events as of %(day)s")
        % {"day": loan.served_to.isoformat()},
    )


def _planned(plan: Sequence[PlanRow], loan: LoanRow) -> tuple[int | None, ...]:
    """The plan summed up, from nothing on the first day; null from where its interest is not known.

    A revision plans what was left of the principal: it begins with what had been paid until then.
    """
    sums = [
        0,
        *itertools.accumulate(
            (row.agreed_principal_fen or 0) + (row.agreed_interest_fen or 0) for row in plan
        ),
    ]
    agreed = [at for at, row in enumerate(plan) if row.agreed_principal_fen is not None]
    first = agreed[0] if agreed else 0
    unknown = next((at for at in agreed if plan[at].agreed_interest_fen is None), len(plan))
    is_revised = sum(plan[at].agreed_principal_fen or 0 for at in agreed) < loan.lent_fen
    before = sum(row.paid_fen for row in plan[:first]) if is_revised else 0
    begins = first if is_revised else 0
    return tuple(before + fen if begins <= at <= unknown else None for at, fen in enumerate(sums))
