"""The statements that serve a range of loans to a day: `rules.servicing` for many loans at once.

Exact accruals are integers over the loan's denominator (ADR 0010), so numeric addition loses
nothing. Parameters: first, last (ids; last null: to the end), day, now, batch.
"""

from typing import Final

from honghu.domains.lending.rules.daycount import DayCount
from honghu.domains.lending.rules.units import day_base

_SPAN: Final = "l.id >= %(first)s AND (%(last)s::uuid IS NULL OR l.id < %(last)s)"
_LOANS: Final = f"{_SPAN} AND l.status = 'active' AND l.served_to < %(day)s"
_FREE: Final = "l.fault IS NULL AND (l.locked_until IS NULL OR l.locked_until <= %(now)s)"

# What the days from `served_to` to the day weigh. With actual/actual each day weighs by the year
# that it ends in.
_WEIGHT: Final = f"""
CASE WHEN l.day_base <> {day_base(DayCount.ACTUAL_ACTUAL)} THEN %(day)s::date - l.served_to
ELSE (
  SELECT sum(366 - (extract(day FROM make_date(extract(year FROM d)::int, 3, 1) - 1) - 28))
  FROM generate_series(l.served_to + 1, %(day)s::date, '1 day') d
) END"""

_COLUMNS: Final = """
l.ctid AS place, l.id, l.lender_id, l.product, l.currency, l.is_nonaccrual,
l.contract_revision, l.served_to, l.principal_fen, l.due_principal_fen, l.maturity_date,
l.denominator::numeric, (2 * l.denominator)::numeric AS twice, l.is_half_up, l.interest_units, l.compound_units, l.penalty_units, l.accruals,
CASE WHEN l.is_misused THEN 0 ELSE l.principal_fen::numeric * l.rate_units END AS interest_day,
CASE WHEN l.is_compounding
  THEN (l.due_interest_fen + l.due_compound_fen + l.due_penalty_fen)::numeric
    * CASE WHEN l.served_to < l.maturity_date THEN l.rate_units ELSE l.overdue_units END
  ELSE 0 END AS compound_day,
l.due_principal_fen::numeric * l.overdue_units
  + CASE WHEN l.is_misused THEN l.principal_fen::numeric * l.misuse_units ELSE 0 END AS penalty_day"""


def _rounded(units: str, loan: str) -> str:
    """SQL of the fen that an accrual would be claimed as: half up or half to even, never below 0."""
    scale = f"{loan}.denominator"
    even = (
        f"div({units}, {scale}) + CASE WHEN 2 * mod({units}, {scale}) > {scale}"
        f" OR (2 * mod({units}, {scale}) = {scale} AND mod(div({units}, {scale}), 2) = 1)"
        " THEN 1 ELSE 0 END"
    )
    half_up = f"div({units} + {units} + {scale}, {loan}.twice)"
    return f"greatest(CASE WHEN {loan}.is_half_up THEN {half_up} ELSE {even} END, 0)::bigint"


def _risen(part: str) -> str:
    """SQL of how much the receivable of a part rose; most loans run neither 复利 nor 罚息."""
    before = _rounded(f"s.{part}_units", "s")
    after = _rounded(f"(s.{part}_units + s.{part}_more)", "s")
    return f"CASE WHEN s.{part}_more = 0 THEN 0 ELSE {after} - {before} END AS {part}_fen"


_PARTS: Final = ("interest", "compound", "penalty")
_MORE: Final = ", ".join(f"{part}_day * weight AS {part}_more" for part in _PARTS)
_EARNED: Final = f"""
todo AS MATERIALIZED (
  SELECT {_COLUMNS}, {_WEIGHT} AS weight
  FROM lending_loan l WHERE {_LOANS} AND {_FREE} AND {{due}}
  ORDER BY l.id FOR NO KEY UPDATE SKIP LOCKED
), summed AS (SELECT t.*, {_MORE} FROM todo t
), earned AS MATERIALIZED (SELECT s.*, {", ".join(map(_risen, _PARTS))} FROM summed s
)"""
# What was moved, and nothing else, gets its accrual, and is counted into the batch's sums.
_ACCRUALS: Final = """
accrued AS (
  INSERT INTO lending_accrual (loan_id, number, batch_id, is_off_balance, from_date, to_date,
    interest_units, compound_units, penalty_units, interest_fen, compound_fen, penalty_fen, booked_at)
  SELECT m.id, m.accruals + 1, %(batch)s, m.is_nonaccrual, m.served_to, %(day)s, m.interest_more,
    m.compound_more, m.penalty_more, m.interest_fen, m.compound_fen, m.penalty_fen, %(now)s
  FROM moved m ORDER BY m.id
)
INSERT INTO lending_accrualsum (batch_id, lender_id, product, currency, is_off_balance, loans,
  interest_fen, compound_fen, penalty_fen)
SELECT %(batch)s, lender_id, product, currency, is_nonaccrual, count(*), sum(interest_fen),
  sum(compound_fen), sum(penalty_fen)
FROM moved GROUP BY lender_id, product, currency, is_nonaccrual RETURNING loans"""
_MOVED: Final = """e.id, e.lender_id, e.product, e.currency, e.is_nonaccrual, e.served_to,
    e.accruals, e.interest_more, e.compound_more, e.penalty_more, e.interest_fen, e.compound_fen,
    e.penalty_fen"""

# Loans on which nothing falls due: accruals grow, nothing else changes, no index learns of it.
SERVE_QUIET: Final = f"""
WITH {_EARNED.format(due="(l.next_due_date IS NULL OR l.next_due_date > %(day)s)")},
moved AS (
  UPDATE lending_loan l SET served_to = %(day)s, accruals = l.accruals + 1,
    interest_units = l.interest_units + e.interest_more,
    compound_units = l.compound_units + e.compound_more,
    penalty_units = l.penalty_units + e.penalty_more
  FROM earned e WHERE l.ctid = e.place
  RETURNING {_MOVED}
), {_ACCRUALS}"""


def _due(part: str) -> str:
    """SQL of what of a part becomes a claim."""
    units = _rounded(f"(e.{part}_units + e.{part}_more)", "e")
    return f"CASE WHEN a.is_interest THEN {units} ELSE 0 END AS {part}_due"


_DUES: Final = ", ".join(map(_due, _PARTS))
# Loans whose next due day is the day: what accrued becomes claims where interest falls due, the
# plan's principal in any case, and on the maturity all of it.
SERVE_DUE: Final = f"""
WITH {_EARNED.format(due="l.next_due_date = %(day)s")},
agreed AS MATERIALIZED (
  SELECT e.id, e.maturity_date = %(day)s
      OR c.terms -> 'interest_due_dates' ? %(day)s::date::text AS is_interest,
    (SELECT min(d::date) FROM jsonb_array_elements_text(c.terms -> 'interest_due_dates') d
      WHERE d > %(day)s::date::text) AS next_interest
  FROM earned e
  JOIN lending_contract c ON c.loan_id = e.id AND c.revision = e.contract_revision
), plan AS MATERIALIZED (
  SELECT e.id, e.contract_revision, p.*
  FROM earned e CROSS JOIN LATERAL (
    SELECT sum(i.planned_fen) FILTER (WHERE i.due_date <= %(day)s) AS due_fen,
      array_agg(i.number) FILTER (WHERE i.due_date <= %(day)s) AS numbers,
      min(i.due_date) FILTER (WHERE i.due_date > %(day)s) AS next_plan
    FROM lending_instalment i
    WHERE i.loan_id = e.id AND i.revision = e.contract_revision AND i.planned_fen IS NOT NULL
  ) p
), fallen AS MATERIALIZED (
  SELECT e.id, a.is_interest,
    {_DUES},
    CASE WHEN e.maturity_date <= %(day)s THEN e.principal_fen
      ELSE least(coalesce(p.due_fen, 0), e.principal_fen) END::bigint AS principal_due,
    least(a.next_interest, p.next_plan,
      CASE WHEN e.maturity_date > %(day)s THEN e.maturity_date END) AS next_due
  FROM earned e JOIN agreed a USING (id) JOIN plan p USING (id)
), moved AS (
  UPDATE lending_loan l SET served_to = %(day)s, accruals = l.accruals + 1,
    interest_units = CASE WHEN f.is_interest THEN 0 ELSE l.interest_units + e.interest_more END,
    compound_units = CASE WHEN f.is_interest THEN 0 ELSE l.compound_units + e.compound_more END,
    penalty_units = CASE WHEN f.is_interest THEN 0 ELSE l.penalty_units + e.penalty_more END,
    principal_fen = l.principal_fen - f.principal_due,
    due_principal_fen = l.due_principal_fen + f.principal_due,
    due_interest_fen = l.due_interest_fen + f.interest_due,
    due_compound_fen = l.due_compound_fen + f.compound_due,
    due_penalty_fen = l.due_penalty_fen + f.penalty_due,
    oldest_due_date = CASE
      WHEN f.principal_due + f.interest_due + f.compound_due + f.penalty_due > 0
      THEN coalesce(l.oldest_due_date, %(day)s) ELSE l.oldest_due_date END,
    next_due_date = f.next_due
  FROM earned e JOIN fallen f USING (id) WHERE l.id = e.id
  RETURNING {_MOVED}
), asked AS (
  UPDATE lending_instalment i SET planned_fen = NULL
  FROM (SELECT p.id, p.contract_revision, unnest(p.numbers) AS number
    FROM plan p JOIN fallen f USING (id)) d
  WHERE i.loan_id = d.id AND i.revision = d.contract_revision AND i.number = d.number
), claimed AS (
  INSERT INTO lending_claim (loan_id, due_date, bucket, amount_fen, open_fen)
  SELECT f.id, %(day)s, c.bucket, c.fen, c.fen
  FROM fallen f CROSS JOIN LATERAL (VALUES ('interest', f.interest_due),
    ('compound', f.compound_due), ('penalty', f.penalty_due), ('principal', f.principal_due)
  ) AS c (bucket, fen) WHERE c.fen > 0
), {_ACCRUALS}"""

# What is left behind in the range: locked, faulty, lagging behind a due day, or held by somebody.
MISSED: Final = f"""
SELECT l.id, l.fault, l.locked_until FROM lending_loan l WHERE {_LOANS} ORDER BY l.id"""

LOAN_BOUNDS: Final = """
SELECT id FROM (
  SELECT id, row_number() OVER (ORDER BY id) AS place FROM lending_loan WHERE status = 'active'
) l WHERE place %% %(size)s = 1 OR %(size)s = 1 ORDER BY id"""
