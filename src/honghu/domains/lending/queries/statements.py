"""A loan's account for a period: what the ledger moved for it, what accrued, and what it owes.

Every amount is a sum of ledger entries that the loan's events posted, or of the accrual rows whose
sums the batches post. The figures at the end are compared with the loan's row.
"""

import dataclasses
import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from django.db import connection

from honghu.base.problems import Invalid
from honghu.domains.lending.queries.books import control_account_id
from honghu.domains.lending.queries.loans import LoanRow
from honghu.domains.lending.rules.allocation import Bucket
from honghu.domains.lending.rules.postings import INCOME, OFF_BALANCE, Part

ACCRUED: Final = "accrued"
"""The kind of a line that no event made: interest of the days before the next one."""
_PARTS: Final = (
    Part.PRINCIPAL,
    Part.INTEREST,
    Part.COMPOUND,
    Part.PENALTY,
    Part.COSTS,
    Part.INTEREST_INCOME,
    Part.COMPOUND_INCOME,
    Part.PENALTY_INCOME,
    *OFF_BALANCE.values(),
)
_MOVED: Final = """
SELECT n.value_date, e.sequence, e.kind, e.amount_fen, n.account_id, sum(n.amount_fen)::bigint
FROM lending_event e CROSS JOIN LATERAL unnest(e.transfer_ids) AS t (id)
JOIN ledger_entry n ON n.transfer_id = t.id
WHERE e.loan_id = %s AND n.account_id = ANY(%s) AND n.amount_fen <> 0
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2"""
_ACCRUALS: Final = """
SELECT b.business_date, b.posted_at IS NOT NULL, sum(a.interest_fen)::bigint,
  sum(a.compound_fen + a.penalty_fen)::bigint
FROM lending_accrual a JOIN lending_accrualbatch b ON b.id = a.batch_id
WHERE a.loan_id = %s AND a.event_id IS NULL GROUP BY 1, 2 ORDER BY 1"""


class BadStatementPeriod(Invalid):
    """A statement's last day is before its first."""

    code = "statement-period"


class Owed(NamedTuple):
    """What a loan owes, in fen; `penalty_fen` with compound interest."""

    principal_fen: int = 0
    interest_fen: int = 0
    penalty_fen: int = 0
    costs_fen: int = 0

    @property
    def total_fen(self) -> int:
        """The sum."""
        return sum(self)

    def plus(self, other: "Owed") -> "Owed":
        """The sum, part by part."""
        return Owed(*(mine + more for mine, more in zip(self, other, strict=True)))


@dataclasses.dataclass(frozen=True, slots=True)
class StatementLine:
    """What one event moved on a value date, or what accrued until then (`kind` "accrued").

    `earned` is interest that became owed, `moved` all else: what was lent, less what was settled.
    `balance` is what is owed after it. `sequence` is null for accruals. `amount_fen` is the event's own.
    """

    date: dt.date
    sequence: int | None
    kind: str
    amount_fen: int | None
    earned: Owed
    moved: Owed
    balance: Owed


@dataclasses.dataclass(frozen=True, slots=True)
class LoanStatement:
    """The account of a loan from one day to another, both included, by value date.

    `difference` is by how much the loan's own row owes more than all that was posted and accrued: in
    every part 0, or something is damaged. `unposted_fen` accrued and waits for its batch.
    """

    from_date: dt.date
    to_date: dt.date
    opening: Owed
    lines: tuple[StatementLine, ...]
    closing: Owed
    difference: Owed
    unposted_fen: int

    @property
    def agrees(self) -> bool:
        """Whether the ledger and the loan's row say the same."""
        return not any(self.difference)

    @property
    def earned(self) -> Owed:
        """Interest of the period."""
        return _total(line.earned for line in self.lines)

    @property
    def lent_fen(self) -> int:
        """Principal that went out, less what was taken back of it."""
        return sum(line.moved.principal_fen for line in self.lines if line.moved.principal_fen > 0)

    @property
    def settled(self) -> Owed:
        """What was settled in the period, as amounts above zero; costs charged count against it."""
        moved = _total(line.moved for line in self.lines)
        return Owed(
            self.lent_fen - moved.principal_fen,
            -moved.interest_fen,
            -moved.penalty_fen,
            -moved.costs_fen,
        )


class _Move(NamedTuple):
    date: dt.date
    sequence: int | None
    kind: str
    amount_fen: int | None
    earned: Owed
    moved: Owed


def loan_statement(loan: LoanRow, from_date: dt.date, to_date: dt.date) -> LoanStatement:
    """The account of a loan for a period, in two queries. Raises BadStatementPeriod."""
    if to_date < from_date:
        raise BadStatementPeriod(
            f"the period ends on {to_date}, before it begins on {from_date}",
            remedy="give a last day on or after the first",
            fields={"to": "before the first day"},
        )
    moves, unposted = _moves(loan)
    opening = _total(
        part for each in moves if each.date < from_date for part in (each.earned, each.moved)
    )
    balance, lines = opening, []
    for move in _gathered([each for each in moves if from_date <= each.date <= to_date]):
        balance = balance.plus(move.earned).plus(move.moved)
        lines.append(StatementLine(*move, balance))
    posted = _total(part for each in moves for part in (each.earned, each.moved))
    row = _of_row(loan)
    difference = Owed(*(mine - theirs for mine, theirs in zip(row, posted, strict=True)))
    return LoanStatement(from_date, to_date, opening, tuple(lines), balance, difference, unposted)


def _of_row(loan: LoanRow) -> Owed:
    return Owed(
        loan.owed_principal_fen,
        loan.due_interest_fen + loan.running_interest_fen,
        loan.due_compound_fen
        + loan.due_penalty_fen
        + loan.running_compound_fen
        + loan.running_penalty_fen,
        loan.due_costs_fen,
    )


def _total(parts: Iterable[Owed]) -> Owed:
    total = Owed()
    for part in parts:
        total = total.plus(part)
    return total


def _moves(loan: LoanRow) -> tuple[list[_Move], int]:
    """Everything that was posted or accrued, by day, and what accrued but is not posted yet."""
    parts = {
        control_account_id(part, loan.lender_id, loan.product, loan.currency): part
        for part in _PARTS
    }
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, [loan.id, list(parts)])
        posted = cursor.fetchall()
        cursor.execute(_ACCRUALS, [loan.id])
        accrued = cursor.fetchall()
    found = []
    for key, group in itertools.groupby(posted, key=lambda row: row[:4]):
        earned, moved = _split({parts[row[4]]: row[5] for row in group})
        day, sequence, kind, amount_fen = key
        found.append(_Move(day, sequence, kind, amount_fen, earned, moved))
    unposted = 0
    for day, is_posted, interest, penalty in accrued:
        unposted += 0 if is_posted else interest + penalty
        if interest or penalty:
            found.append(_Move(day, None, ACCRUED, None, Owed(0, interest, penalty), Owed()))
    # What accrued by the end of a day stands after the payments of that day.
    found.sort(key=lambda each: (each.date, each.sequence is None, each.sequence or 0))
    return found, unposted


def _split(moved: dict[Part, int]) -> tuple[Owed, Owed]:
    """What an event's entries say was earned, and what they moved besides."""
    # What is kept beside the books has its other side there, bucket by bucket: the borrower owes it
    # all the same, and what moves onto the books as income was earned before.
    more = {
        bucket: moved.get(OFF_BALANCE[bucket], 0) - moved.get(INCOME[bucket], 0)
        for bucket in OFF_BALANCE
    }
    left = {
        bucket: moved.get(Part(bucket), 0) + moved.get(INCOME[bucket], 0) for bucket in OFF_BALANCE
    }
    earned = Owed(0, more[Bucket.INTEREST], more[Bucket.COMPOUND] + more[Bucket.PENALTY])
    return earned, Owed(
        moved.get(Part.PRINCIPAL, 0),
        left[Bucket.INTEREST],
        left[Bucket.COMPOUND] + left[Bucket.PENALTY],
        moved.get(Part.COSTS, 0),
    )


def _gathered(moves: Sequence[_Move]) -> list[_Move]:
    """Accruals of days on which nothing else happened, as one line on the last of them."""
    found: list[_Move] = []
    for move in moves:
        last = found[-1] if found else None
        if last is not None and last.kind == move.kind == ACCRUED:
            found[-1] = move._replace(earned=last.earned.plus(move.earned))
        else:
            found.append(move)
    return found
