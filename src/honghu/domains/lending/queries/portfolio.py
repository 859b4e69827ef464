"""A lender's loans as a whole: ageing, classes, concentration, vintages, expected cash, and the proof.

Every number is a sum over the loans' rows, in a fixed number of statements however many there are;
the control accounts of the ledger prove the rows.
"""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from django.db import connection

from honghu.base.hashing import to_jsonable
from honghu.domains.lending.models import KeptPortfolio
from honghu.domains.lending.queries.books import control_account_id
from honghu.domains.lending.queries.finding import AGES, UNCLASSIFIED, next_month
from honghu.domains.lending.rules.postings import Part

TOP_BORROWERS: Final = 10
CASH_MONTHS: Final = 12
"""For so many months from this one on the expected cash is shown."""
VINTAGE_DAYS: Final = (30, 90)
"""More than so many days past due: what vintages are told apart by."""

# What fell due before the day that the loan was served to is late; a settled loan owes nothing.
_LATE: Final = """
CASE WHEN oldest_due_date < served_to THEN served_to - oldest_due_date ELSE 0 END"""
_DUE: Final = """
due_principal_fen + due_interest_fen + due_compound_fen + due_penalty_fen + due_costs_fen"""
_BOUNDS: Final = ", ".join(str(first) for first, _ in AGES.values())
_MINE: Final = "(%(lender)s::uuid IS NULL OR lender_id = %(lender)s)"
_STANDING: Final = f"""
SELECT lender_id, width_bucket({_LATE}, ARRAY[{_BOUNDS}]) - 1 AS age,
  coalesce(risk_class, '{UNCLASSIFIED}'), count(*),
  sum(principal_fen + due_principal_fen)::bigint,
  coalesce(sum({_DUE}) FILTER (WHERE oldest_due_date < served_to), 0)::bigint,
  min(served_to), max(served_to), count(*) FILTER (WHERE fault IS NOT NULL)
FROM lending_loan WHERE status = 'active' AND {_MINE} GROUP BY 1, 2, 3"""  # noqa: S608 - constants
_BORROWERS: Final = f"""
SELECT borrower_id, count(*), sum(principal_fen + due_principal_fen)::bigint AS owed,
  max({_LATE})
FROM lending_loan WHERE status = 'active' AND {_MINE}
GROUP BY borrower_id ORDER BY owed DESC, borrower_id LIMIT {TOP_BORROWERS}"""  # noqa: S608 - constants
# Lent and not taken back; the earliest day of it.
_FIRST_LENT: Final = """
SELECT e.loan_id, min(e.value_date) AS day FROM lending_event e
WHERE e.kind = 'disbursed'
  AND NOT EXISTS (SELECT FROM lending_event r WHERE r.reverses_id = e.id)
GROUP BY e.loan_id"""
# Only who is late now, was reminded of it, was written off or ever left the normal class can have
# been late for long. Of these, what fell due and what was paid go through one timeline: late is who
# had not covered, so many days after a due date, all that had fallen due by then. Money beyond what
# was due at its time is a prepayment and covers nothing that falls due later.
_VINTAGES: Final = f"""
WITH suspect AS (
  SELECT id FROM lending_loan
  WHERE {_MINE} AND (oldest_due_date IS NOT NULL OR status = 'written_off')
  UNION SELECT loan_id FROM lending_reminder WHERE kind = 'overdue'
  UNION SELECT loan_id FROM lending_classchange WHERE after <> 'normal'
), fallen AS (
  SELECT loan_id, due_date, sum(amount_fen) AS fen,
    sum(sum(amount_fen)) OVER (PARTITION BY loan_id ORDER BY due_date) AS total
  FROM lending_claim WHERE loan_id IN (SELECT id FROM suspect) GROUP BY loan_id, due_date
), timeline AS (
  SELECT loan_id, due_date AS day, 1 AS turn, fen AS due, 0 AS paid, 0 AS wanted, 0 AS days
  FROM fallen
  UNION ALL
  SELECT p.loan_id, p.value_date, 2, 0, (
    SELECT coalesce(sum(v.value::bigint), 0) FROM jsonb_each_text(p.detail -> 'outcome') v
    WHERE v.key IN ('costs', 'interest', 'compound', 'penalty', 'principal')), 0, 0
  FROM lending_event p
  WHERE p.loan_id IN (SELECT id FROM suspect) AND p.kind = 'paid'
    AND NOT EXISTS (SELECT FROM lending_event r WHERE r.reverses_id = p.id)
  UNION ALL
  SELECT f.loan_id, f.due_date + d.days, 3, 0, 0, f.total, d.days
  FROM fallen f JOIN lending_loan l ON l.id = f.loan_id, unnest(%(days)s::int[]) AS d (days)
  WHERE f.due_date + d.days < l.served_to
), sums AS (
  SELECT loan_id, day, turn, wanted, days, sum(due) OVER w AS due, sum(paid) OVER w AS paid
  FROM timeline WINDOW w AS (PARTITION BY loan_id ORDER BY day, turn)
), covered AS (
  SELECT loan_id, turn, wanted, days,
    paid - coalesce(max(greatest(paid - due, 0)) FILTER (WHERE turn = 2) OVER w, 0) AS paid
  FROM sums WINDOW w AS (PARTITION BY loan_id ORDER BY day, turn)
), late AS (
  SELECT loan_id, max(days) AS days FROM covered WHERE turn = 3 AND wanted > paid GROUP BY loan_id
)
SELECT date_trunc('quarter', f.day)::date, count(*), sum(l.lent_fen)::bigint,
  sum(l.principal_fen + l.due_principal_fen)::bigint,
  count(*) FILTER (WHERE late.days >= %(short)s), count(*) FILTER (WHERE late.days >= %(long)s),
  coalesce(sum(l.lent_fen) FILTER (WHERE late.days >= %(short)s), 0)::bigint,
  coalesce(sum(l.lent_fen) FILTER (WHERE late.days >= %(long)s), 0)::bigint
FROM lending_loan l JOIN ({_FIRST_LENT}) f ON f.loan_id = l.id
LEFT JOIN late ON late.loan_id = l.id
WHERE {_MINE} GROUP BY 1 ORDER BY 1"""  # noqa: S608 - constants
# The interest is that of the contract: a prepayment or a new rate since then is not in it.
_CASH: Final = f"""
SELECT date_trunc('month', i.due_date)::date, count(DISTINCT i.loan_id),
  coalesce(sum(i.planned_fen), 0)::bigint, coalesce(sum(i.interest_fen), 0)::bigint,
  count(*) FILTER (WHERE i.interest_fen IS NULL)
FROM lending_instalment i JOIN lending_loan l
  ON l.id = i.loan_id AND l.contract_revision = i.revision
WHERE l.status = 'active' AND i.due_date > l.served_to AND i.due_date < %(until)s AND {_MINE}
GROUP BY 1 ORDER BY 1"""  # noqa: S608 - constants
_PROVISIONS: Final = f"""
SELECT business_date, risk_class, sum(loans)::int, sum(balance_fen)::bigint,
  sum(required_fen)::bigint
FROM lending_provision
WHERE {_MINE} AND business_date = (SELECT max(business_date) FROM lending_provision)
GROUP BY 1, 2"""  # noqa: S608 - constants
# Most loans run neither compound nor penalty interest.
_ROUNDED: Final = """
CASE WHEN {0}_units = 0 THEN 0
WHEN is_half_up THEN greatest(div(2 * {0}_units + denominator, 2 * denominator), 0)
ELSE greatest(div({0}_units, denominator)
  + (2 * mod({0}_units, denominator) + mod(div({0}_units, denominator), 2) > denominator)::int, 0)
END + due_{0}_fen"""
_ON_BOOKS: Final = f"coalesce(sum({_ROUNDED}) FILTER (WHERE NOT is_nonaccrual), 0)::bigint"
_BOOKS: Final = f"""
SELECT lender_id, product, currency,
  sum(principal_fen + due_principal_fen)::bigint,
  {_ON_BOOKS.format("interest")}, {_ON_BOOKS.format("compound")}, {_ON_BOOKS.format("penalty")},
  sum(due_costs_fen)::bigint,
  sum(written_off_fen)::bigint
FROM lending_loan WHERE {_MINE} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""  # noqa: S608 - constants
_WAITING: Final = """
SELECT lender_id, product, currency, sum(interest_fen)::bigint, sum(compound_fen)::bigint,
  sum(penalty_fen)::bigint
FROM lending_accrualsum
WHERE batch_id IN (SELECT id FROM lending_accrualbatch WHERE posted_at IS NULL)
  AND NOT is_off_balance GROUP BY 1, 2, 3"""
_BALANCES: Final = """
SELECT a.id, CASE a.normal_side WHEN 'debit' THEN 1 ELSE -1 END * coalesce(sum(e.balance_fen), 0)
FROM ledger_account a JOIN ledger_slot s ON s.account_id = a.id
LEFT JOIN LATERAL (
  SELECT balance_fen FROM ledger_entry e WHERE e.account_id = s.account_id AND e.slot = s.slot
  ORDER BY e.version DESC LIMIT 1
) e ON true
WHERE a.id = ANY(%(accounts)s) GROUP BY a.id"""
_CHECKED: Final = (
    Part.PRINCIPAL,
    Part.INTEREST,
    Part.COMPOUND,
    Part.PENALTY,
    Part.COSTS,
    Part.WRITTEN_OFF,
)


class Standing(NamedTuple):
    """Loans that are served: of one lender, age (a key of `AGES`) and class; fen."""

    lender_id: uuid.UUID
    age: str
    risk_class: str
    loans: int
    balance_fen: int
    overdue_fen: int


class BorrowerShare(NamedTuple):
    """What one borrower owes in principal, and how late the latest of the loans is."""

    borrower_id: uuid.UUID
    loans: int
    balance_fen: int
    days_past_due: int


class Vintage(NamedTuple):
    """The loans first lent in one quarter; `over_*` were ever more than 30, 90 days past due."""

    quarter: dt.date
    loans: int
    lent_fen: int
    balance_fen: int
    over_short: int
    over_long: int
    over_short_fen: int
    over_long_fen: int


class ExpectedMonth(NamedTuple):
    """What falls due in a month by the plans; of `unknown` due dates the interest is not known."""

    month: dt.date
    loans: int
    principal_fen: int
    interest_fen: int
    unknown: int


class ClassProvision(NamedTuple):
    """What the loans of a class needed set aside at the last close."""

    business_date: dt.date
    risk_class: str
    loans: int
    balance_fen: int
    required_fen: int


class BookCheck(NamedTuple):
    """A control account beside the sum of the loans; `ledger_fen` null: there is no such account."""

    lender_id: uuid.UUID
    product: str
    currency: str
    part: str
    account_id: uuid.UUID
    loans_fen: int
    ledger_fen: int | None

    @property
    def agrees(self) -> bool:
        """Whether both are the same."""
        return self.loans_fen == self.ledger_fen


@dataclasses.dataclass(frozen=True, slots=True)
class Portfolio:
    """Everything a page shows of a portfolio. `served_from` and `served_to` are null without loans.

    `allowance_fen` is what the ledger holds for losses. `faults` counts loans that nobody can serve.
    `kept_at` says as of when borrowers, vintages and cash were summed; null: now.
    """

    standing: Sequence[Standing]
    borrowers: Sequence[BorrowerShare]
    vintages: Sequence[Vintage]
    cash: Sequence[ExpectedMonth]
    provisions: Sequence[ClassProvision]
    checks: Sequence[BookCheck]
    allowance_fen: int
    served_from: dt.date | None
    served_to: dt.date | None
    faults: int
    kept_at: dt.datetime | None = None

    @property
    def loans(self) -> int:
        """How many loans are served."""
        return sum(row.loans for row in self.standing)

    @property
    def balance_fen(self) -> int:
        """Principal owed."""
        return sum(row.balance_fen for row in self.standing)

    @property
    def bad_fen(self) -> int:
        """Principal of the three bad classes."""
        return sum(
            row.balance_fen
            for row in self.standing
            if row.risk_class in {"substandard", "doubtful", "loss"}
        )

    @property
    def overdue_fen(self) -> int:
        """What has fallen due before the day that each loan was served to, and is unpaid."""
        return sum(row.overdue_fen for row in self.standing)

    @property
    def agrees(self) -> bool:
        """Whether every control account holds the sum of the loans."""
        return all(check.agrees for check in self.checks)


class Sums(NamedTuple):
    """What of a portfolio takes long to sum; it changes slowly."""

    borrowers: Sequence[BorrowerShare]
    vintages: Sequence[Vintage]
    cash: Sequence[ExpectedMonth]


def cash_until(today: dt.date) -> dt.date:
    """The day before which expected cash is shown: the end of the last of `CASH_MONTHS` months."""
    month = today.replace(day=1)
    for _turn in range(CASH_MONTHS):
        month = next_month(month)
    return month


def sum_portfolio(*, lender_id: uuid.UUID | None, today: dt.date) -> Sums:
    """Borrowers, vintages and expected cash of a lender, or of all, from the rows. Three statements."""
    days = {"short": VINTAGE_DAYS[0], "long": VINTAGE_DAYS[1], "days": list(VINTAGE_DAYS)}
    wanted = {"lender": lender_id, "until": cash_until(today)} | days
    return Sums(
        [BorrowerShare(*row) for row in _rows(_BORROWERS, wanted)],
        [Vintage(*row) for row in _rows(_VINTAGES, wanted)],
        [ExpectedMonth(*row) for row in _rows(_CASH, wanted)],
    )


def write_sums(sums: Sums) -> list[list[list[Any]]]:
    """Sums as JSON keeps them."""
    return [[[to_jsonable(value) for value in row] for row in rows] for rows in sums]


def _read_sums(kept: Sequence[Sequence[Sequence[Any]]]) -> Sums:
    borrowers, vintages, cash = kept
    return Sums(
        [BorrowerShare(uuid.UUID(row[0]), *row[1:]) for row in borrowers],
        [Vintage(dt.date.fromisoformat(row[0]), *row[1:]) for row in vintages],
        [ExpectedMonth(dt.date.fromisoformat(row[0]), *row[1:]) for row in cash],
    )


def get_portfolio(*, lender_id: uuid.UUID | None, today: dt.date) -> Portfolio:
    """The portfolio of a lender, or of all, in eight statements; six where sums of today are kept."""
    wanted = {"lender": lender_id}
    kept = KeptPortfolio.objects.filter(lender_id=lender_id, as_of=today).first()
    sums = (
        sum_portfolio(lender_id=lender_id, today=today) if kept is None else _read_sums(kept.sums)
    )
    standing = _rows(_STANDING, wanted)
    books, waiting = _rows(_BOOKS, wanted), _rows(_WAITING, wanted)
    accounts = [
        control_account_id(part, *row[:3]) for row in books for part in (*_CHECKED, Part.ALLOWANCE)
    ]
    held = {key: int(fen) for key, fen in _rows(_BALANCES, {"accounts": accounts})}
    ages = list(AGES)
    return Portfolio(
        standing=[Standing(row[0], ages[row[1]], *row[2:6]) for row in standing],
        borrowers=sums.borrowers,
        vintages=sums.vintages,
        cash=sums.cash,
        provisions=[ClassProvision(*row) for row in _rows(_PROVISIONS, wanted)],
        checks=_checks(books, waiting, held),
        allowance_fen=sum(
            held.get(control_account_id(Part.ALLOWANCE, *row[:3]), 0) for row in books
        ),
        served_from=min((row[6] for row in standing), default=None),
        served_to=max((row[7] for row in standing), default=None),
        faults=sum(row[8] for row in standing),
        kept_at=None if kept is None else kept.made_at,
    )


def _rows(statement: str, wanted: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, wanted)
        return list(cursor.fetchall())


def _checks(
    books: Sequence[tuple[Any, ...]],
    waiting: Sequence[tuple[Any, ...]],
    held: dict[uuid.UUID, int],
) -> list[BookCheck]:
    """The sums of the loans, less what waits in a batch, beside the ledger's control accounts."""
    later = {row[:3]: row[3:] for row in waiting}
    found = []
    for row in books:
        lender, product, currency, *fen = row
        interest, compound, penalty = later.get(row[:3], (0, 0, 0))
        less = (0, interest, compound, penalty, 0, 0)
        for part, mine, waits in zip(_CHECKED, fen, less, strict=True):
            account = control_account_id(part, lender, product, currency)
            found.append(
                BookCheck(lender, product, currency, part, account, mine - waits, held.get(account))
            )
    return found
