"""Classify a chunk of borrowers: SQL finds who may have to change, the pure rules decide."""

import collections
import datetime as dt
import functools
import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import connection

from honghu.domains.lending.closing.progress import plan_for_a_chunk
from honghu.domains.lending.rules.classification import (
    Classification,
    ClassificationRules,
    Finding,
    LoanFacts,
    Restructured,
    RiskClass,
    classify,
    own_findings,
    read_classification_rules,
    with_debtor,
    worst,
)
from honghu.domains.lending.rules.classification_debtor import DebtorClaim, debtor_findings
from honghu.kernel.rulesets.queries import find_rule

# The condition of the partial index `loan_risky`: all others are normal and stay so.
RISKY: Final = """
status = 'active' AND (oldest_due_date IS NOT NULL OR risk_class IS DISTINCT FROM 'normal'
OR is_misused OR observed_until IS NOT NULL)"""
# What fell due on the day itself is not overdue.
_WATCHED: Final = f"""
SELECT borrower_id FROM lending_loan
WHERE {RISKY} AND (oldest_due_date < %(day)s OR risk_class IS DISTINCT FROM 'normal' OR is_misused
  OR observed_until IS NOT NULL) AND borrower_id BETWEEN %(first)s AND %(last)s
UNION
SELECT l.borrower_id FROM lending_riskstatement f JOIN lending_loan l ON l.id = f.loan_id
WHERE l.status = 'active' AND l.borrower_id BETWEEN %(first)s AND %(last)s"""
_BOUNDS: Final = f"""
SELECT min(borrower_id::text)::uuid, max(borrower_id::text)::uuid FROM (
  SELECT borrower_id, (row_number() OVER (ORDER BY borrower_id) - 1) / %(size)s AS chunk
  FROM ({_WATCHED}) w
) b GROUP BY chunk ORDER BY 1"""
_FACTS: Final = """
SELECT l.id, l.borrower_id, l.lender_id::text, l.principal_fen + l.due_principal_fen,
  CASE WHEN l.oldest_due_date < %(day)s THEN %(day)s::date - l.oldest_due_date ELSE 0 END,
  l.is_misused, l.risk_class, l.observed_until, f.is_retail, f.is_technical, f.is_refinanced, f.is_impaired,
  f.loss_share, f.is_evading, f.is_bankrupt, f.is_shielded, f.judged,
  CASE WHEN l.observed_until IS NOT NULL THEN (
    SELECT array_agg(e.value_date ORDER BY e.sequence) FROM lending_event e
    WHERE e.loan_id = l.id AND e.kind = 'restructured' AND NOT EXISTS (
      SELECT FROM lending_event r WHERE r.reverses_id = e.id)) END,
  CASE WHEN l.observed_until IS NOT NULL THEN (
    SELECT max(c.business_date) FROM lending_classchange c
    WHERE c.loan_id = l.id AND c.after IN ('substandard', 'doubtful', 'loss')
      AND coalesce(c.before, 'normal') IN ('normal', 'special_mention')) END
FROM lending_loan l LEFT JOIN LATERAL (
  SELECT * FROM lending_riskstatement s WHERE s.loan_id = l.id ORDER BY number DESC LIMIT 1
) f ON true
"""
_LOANS: Final = f"{_FACTS} WHERE l.status = 'active' AND l.borrower_id IN ({_WATCHED})"
_ONE_LOAN: Final = f"{_FACTS} WHERE l.id = %(loan)s"
# A loan that somebody holds keeps its class until the next close, which looks at it again.
_SET: Final = """
UPDATE lending_loan l SET risk_class = n.after
FROM unnest(%s::uuid[], %s::text[]) AS n (id, after)
JOIN (SELECT id FROM lending_loan WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED) free
  USING (id)
WHERE l.id = n.id RETURNING l.id"""
_HISTORY: Final = """
INSERT INTO lending_classchange (loan_id, number, business_date, before, after, findings, changed_at)
SELECT n.id, coalesce((SELECT max(number) FROM lending_classchange c WHERE c.loan_id = n.id), 0) + 1,
  %s, n.before, n.after, n.findings, %s
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::jsonb[]) AS n (id, before, after, findings)"""

Bounds = tuple[uuid.UUID, uuid.UUID]


class _Row(NamedTuple):
    """A loan as the statement gives it; what persons state is None where nothing is stated."""

    loan_id: uuid.UUID
    borrower_id: uuid.UUID
    lender: str
    balance_fen: int
    days_past_due: int
    is_misused: bool
    risk_class: str | None
    observed_until: dt.date | None
    is_retail: bool | None
    is_technical: bool | None
    is_refinanced: bool | None
    is_impaired: bool | None
    loss_share: Any
    is_evading: bool | None
    is_bankrupt: bool | None
    is_shielded: bool | None
    judged: str | None
    restructured: Sequence[dt.date] | None
    fell_bad: dt.date | None

    def facts(self) -> LoanFacts:
        """What the rules judge."""
        return LoanFacts(
            days_past_due=self.days_past_due,
            is_technical=bool(self.is_technical),
            is_misused=self.is_misused,
            is_refinanced=bool(self.is_refinanced),
            is_impaired=bool(self.is_impaired),
            loss_share=None if self.loss_share is None else Fraction(self.loss_share),
            is_evading=bool(self.is_evading),
            is_bankrupt=bool(self.is_bankrupt),
            restructurings=tuple(Restructured(day) for day in self.restructured or ()),
            observation_agreed=self.observed_until,
            fell_bad_date=self.fell_bad,
            previous=class_of(self.risk_class),
            judged=class_of(self.judged),
        )


class Judged(NamedTuple):
    """A loan by itself: its class with its grounds, and the class its debtor's other loans see."""

    alone: Classification
    own_class: RiskClass


class Change(NamedTuple):
    """A loan whose class is another today."""

    loan_id: uuid.UUID
    before: str | None
    after: Classification


def class_of(code: str | None) -> RiskClass | None:
    """The class that a column holds."""
    return None if code is None else RiskClass[code.upper()]


def classification_rules(day: dt.date) -> ClassificationRules:
    """The rules of a day as this installation's rule book has them."""
    return read_classification_rules(
        functools.partial(find_rule, on=day, region=settings.HONGHU_REGION)
    )


def facts_of(loan_id: uuid.UUID, day: dt.date) -> LoanFacts:
    """What is known of one loan on a day."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_LOAN, {"loan": loan_id, "day": day})
        return _Row(*cursor.fetchone()).facts()


def shown_findings(findings: Iterable[Finding]) -> list[list[str]]:
    """Findings as the class history keeps them: class and ground."""
    return [[finding.at_least.code, str(finding.ground)] for finding in findings]


def borrower_bounds(day: dt.date, size: int) -> list[Bounds]:
    """First and last id of chunks of so many borrowers, of those with a loan to look at on a day."""
    everybody: dict[str, Any] = {
        "first": uuid.UUID(int=0),
        "last": uuid.UUID(int=2**128 - 1),
        "size": size,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BOUNDS, {**everybody, "day": day, "size": size})
        return [(first, last) for first, last in cursor.fetchall()]


def classify_borrowers(
    bounds: Bounds, rules: ClassificationRules, day: dt.date, now: dt.datetime
) -> dict[str, int]:
    """Classify all loans of the watched borrowers within bounds; gives how many changed.

    The loans of a borrower are seen together, at all lenders. Call it within a transaction.
    """
    plan_for_a_chunk()
    first, last = bounds
    with connection.cursor() as cursor:
        cursor.execute(_LOANS, {"first": first, "last": last, "day": day})
        rows = [_Row(*row) for row in cursor.fetchall()]
    judged = _judge(rules, day)
    by_borrower = collections.defaultdict(list)
    for row in rows:
        by_borrower[row.borrower_id].append(row)
    changes = [
        change
        for theirs in by_borrower.values()
        for change in classify_together(theirs, judged, rules)
        if change.before != change.after.risk_class.code
    ]
    written = _write(changes, day, now)
    return {"classified": len(rows), "changed": written, "held": len(changes) - written}


def classify_together(
    rows: Sequence[_Row], judged: Callable[[_Row], Judged], rules: ClassificationRules
) -> Iterable[Change]:
    """The classes of all loans of one borrower: each by itself, then by what the others say."""
    alone = [judged(row) for row in rows]
    claims = [
        DebtorClaim(row.lender, row.balance_fen, row.days_past_due, each.own_class)
        for row, each in zip(rows, alone, strict=True)
        if not row.is_retail
    ]
    by_lender = {
        lender: debtor_findings(claims, lender, rules)
        for lender in {each.lender for each in claims}
    }
    for row, each in zip(rows, alone, strict=True):
        others = () if row.is_retail or row.is_shielded else by_lender[row.lender]
        found = with_debtor(each.alone, others) if others else each.alone
        yield Change(row.loan_id, row.risk_class, found)


def _judge(rules: ClassificationRules, day: dt.date) -> Callable[[_Row], Judged]:
    """Judge loans by themselves; most share their facts with many others, and are judged once."""
    known: dict[tuple[Any, ...], Judged] = {}

    def judged(row: _Row) -> Judged:
        key = (*row[4:-2], tuple(row.restructured or ()), row.fell_bad)
        if key not in known:
            facts = row.facts()
            own_class = worst(own_findings(facts, rules, day))
            known[key] = Judged(classify(facts, rules, day), own_class)
        return known[key]

    return judged


def _write(changes: Sequence[Change], day: dt.date, now: dt.datetime) -> int:
    """Set the classes and write their history; gives how many loans were free to be changed."""
    if not changes:
        return 0
    # Most findings are those of many other loans.
    shown = functools.cache(lambda findings: json.dumps(shown_findings(findings)))
    ids = [change.loan_id for change in changes]
    after = [change.after.risk_class.code for change in changes]
    with connection.cursor() as cursor:
        cursor.execute(_SET, [ids, after, ids])
        free = {row[0] for row in cursor.fetchall()}
        done = [change for change in changes if change.loan_id in free]
        columns = (
            [change.loan_id for change in done],
            [change.before for change in done],
            [change.after.risk_class.code for change in done],
            [shown(change.after.findings) for change in done],
        )
        cursor.execute(_HISTORY, [day, now, *columns])
    return len(done)
