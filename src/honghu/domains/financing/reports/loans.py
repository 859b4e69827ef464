"""The loans behind the reports: what was lent in a period, and what is owed on it now.

The one place of the reports that reads loan amounts. What was lent is the figure
`financing.principal_lent`: the postings of the ledger, not what cases say of themselves.
"""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.utils.timezone import localdate

from honghu.analytics.figure import Scope
from honghu.analytics.registry import get_figure
from honghu.domains.financing.queries.lending_banks import LENT_FIGURE
from honghu.domains.financing.reports.declaration import Behind, Question, midnight
from honghu.kernel.cases.selection import loads

_LENT: Final = """
SELECT lent.case_id, c.parent_id, lent.subject::uuid, lent.numerator::bigint, lent.at, c.facts
FROM ({rows}) AS lent JOIN cases_case c ON c.id = lent.case_id
ORDER BY lent.at, lent.key
"""
_LAST: Final = "SELECT max(at) FROM ({rows}) AS lent"


@dataclasses.dataclass(frozen=True, slots=True)
class Lent:
    """One posting by which a bank lent, with the terms of its loan. Rates in per cent a year."""

    loan_id: uuid.UUID
    application_id: uuid.UUID | None
    bank_id: uuid.UUID
    amount_fen: int
    at: dt.datetime
    supplier_id: uuid.UUID | None
    buyer_id: uuid.UUID | None
    rate: Decimal | None
    tenor_months: int | None
    kind: str | None

    @property
    def date(self) -> dt.date:
        """The day of the posting."""
        return localdate(self.at)

    @property
    def behind(self) -> Behind:
        """The posting as a fact behind a row."""
        return Behind(case_id=self.loan_id, at=self.date, amount_fen=self.amount_fen)


def lent_in(question: Question) -> list[Lent]:
    """The postings of the period, of one bank if the question names it; in one query."""
    found = _lent(question.scope)
    return [each for each in found if question.bank_id in {None, each.bank_id}]


def last_lent(*, now: dt.datetime) -> dt.date | None:
    """The day of the last loan ever; null before the first."""
    relation = get_figure(LENT_FIGURE).relation(Scope(end=midnight(localdate(now), after=1)))
    with connection.cursor() as cursor:
        cursor.execute(_LAST.format(rows=relation.sql), dict(relation.parameters))
        (last,) = cursor.fetchone()
    return localdate(last) if last else None


def _lent(scope: Scope) -> list[Lent]:
    relation = get_figure(LENT_FIGURE).relation(scope)
    with connection.cursor() as cursor:
        cursor.execute(_LENT.format(rows=relation.sql), dict(relation.parameters))
        return [_row(*row) for row in cursor.fetchall()]


def _row(  # noqa: PLR0917 the columns of the statement
    loan_id: uuid.UUID,
    application_id: uuid.UUID | None,
    bank_id: uuid.UUID,
    amount_fen: int,
    at: dt.datetime,
    stored: Any,
) -> Lent:
    facts = loads(stored)
    return Lent(
        loan_id,
        application_id,
        bank_id,
        amount_fen,
        at,
        _id(facts.get("supplier")),
        _id(facts.get("buyer")),
        Decimal(facts["rate"]) if facts.get("rate") else None,
        facts.get("tenor_months"),
        facts.get("loan_kind"),
    )


def _id(value: str | None) -> uuid.UUID | None:
    return uuid.UUID(value) if value else None


def loans_of(postings: Iterable[Lent]) -> dict[uuid.UUID, Lent]:
    """Each loan once, by the first of its postings: drawn in parts, it is still one loan."""
    found: dict[uuid.UUID, Lent] = {}
    for each in postings:
        found.setdefault(each.loan_id, each)
    return found
