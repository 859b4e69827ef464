"""Everything that is kept of many loans, read in a fixed number of queries: for verification."""

import collections
import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from django.db import connection

from honghu.domains.lending.models import Claim, Contract, Event, Instalment, Loan
from honghu.domains.lending.readers.events import FOLDED_KINDS

_ACCRUALS: Final = """
SELECT loan_id, count(*), max(number), min(from_date) FILTER (WHERE NOT is_correction),
  max(to_date) FILTER (WHERE NOT is_correction),
  count(*) FILTER (WHERE NOT is_correction AND from_date <> before),
  sum(interest_units), sum(compound_units), sum(penalty_units),
  sum(interest_fen)::bigint, sum(compound_fen)::bigint, sum(penalty_fen)::bigint,
  coalesce(sum(interest_fen) FILTER (WHERE NOT is_off_balance), 0)::bigint,
  coalesce(sum(compound_fen) FILTER (WHERE NOT is_off_balance), 0)::bigint,
  coalesce(sum(penalty_fen) FILTER (WHERE NOT is_off_balance), 0)::bigint,
  coalesce(sum(interest_fen) FILTER (WHERE event_id IS NULL AND NOT is_off_balance), 0)::bigint,
  coalesce(sum(compound_fen) FILTER (WHERE event_id IS NULL AND NOT is_off_balance), 0)::bigint,
  coalesce(sum(penalty_fen) FILTER (WHERE event_id IS NULL AND NOT is_off_balance), 0)::bigint,
  coalesce(sum(interest_fen) FILTER (WHERE event_id IS NULL AND is_off_balance), 0)::bigint,
  coalesce(sum(compound_fen) FILTER (WHERE event_id IS NULL AND is_off_balance), 0)::bigint,
  coalesce(sum(penalty_fen) FILTER (WHERE event_id IS NULL AND is_off_balance), 0)::bigint
FROM (
  SELECT a.*, lag(to_date) OVER (PARTITION BY loan_id, is_correction ORDER BY number) AS before
  FROM lending_accrual a WHERE loan_id = ANY(%s)
) a GROUP BY loan_id
"""
_POSTED: Final = """
SELECT e.loan_id, n.account_id, sum(n.amount_fen)::bigint
FROM lending_event e CROSS JOIN LATERAL unnest(e.transfer_ids) AS t (id)
JOIN ledger_entry n ON n.transfer_id = t.id
WHERE e.loan_id = ANY(%s) GROUP BY 1, 2
"""


class AccrualSums(NamedTuple):
    """The accruals of a loan: how many, their days, and their sums.

    `gaps` counts those that do not begin where the one before ended. `fen` is of all, `income_fen` of
    those that are income; of those that a batch posts `batched_fen` is income, too, and
    `beside_fen` the others. Interest, compound interest, penalty.
    """

    rows: int
    last_number: int
    from_date: dt.date | None
    to_date: dt.date | None
    gaps: int
    units: tuple[int, int, int]
    fen: tuple[int, int, int]
    income_fen: tuple[int, int, int]
    batched_fen: tuple[int, int, int]
    beside_fen: tuple[int, int, int]


NO_ACCRUALS: Final = AccrualSums(0, 0, None, None, 0, *[(0, 0, 0)] * 5)


@dataclasses.dataclass(frozen=True, slots=True)
class LoanRecords:
    """What the tables hold of one loan. `posted` is what its events moved, by ledger account."""

    row: Loan
    terms: dict[int, Any]
    instalments: list[Instalment]
    claims: list[Claim]
    events: list[Event]
    accruals: AccrualSums
    posted: dict[uuid.UUID, int]

    def standing_events(self) -> list[Event]:
        """The events that move the fold and were not reversed, in the order of their days."""
        reversed_ids = {event.reverses_id for event in self.events}
        found = (
            event
            for event in self.events
            if event.kind in FOLDED_KINDS and event.id not in reversed_ids
        )
        return sorted(found, key=lambda event: (event.value_date, event.sequence))


def read_records(rows: Sequence[Loan]) -> Iterator[LoanRecords]:
    """The records of loans, in their order; six queries however many there are."""
    ids = [row.id for row in rows]
    terms: dict[uuid.UUID, dict[int, Any]] = collections.defaultdict(dict)
    for contract in Contract.objects.filter(loan_id__in=ids):
        terms[contract.loan_id][contract.revision] = contract.terms
    instalments = _by_loan(Instalment.objects.filter(loan_id__in=ids))
    claims = _by_loan(Claim.objects.filter(loan_id__in=ids))
    events = _by_loan(Event.objects.filter(loan_id__in=ids).order_by("sequence"))
    accruals, posted = _sums(ids)
    for row in rows:
        yield LoanRecords(
            row,
            terms[row.id],
            instalments[row.id],
            claims[row.id],
            events[row.id],
            accruals.get(row.id, NO_ACCRUALS),
            posted[row.id],
        )


def _by_loan(rows: Iterable[Any]) -> dict[uuid.UUID, list[Any]]:
    found: dict[uuid.UUID, list[Any]] = collections.defaultdict(list)
    for row in rows:
        found[row.loan_id].append(row)
    return found


def _sums(
    ids: list[uuid.UUID],
) -> tuple[dict[uuid.UUID, AccrualSums], dict[uuid.UUID, dict[uuid.UUID, int]]]:
    posted: dict[uuid.UUID, dict[uuid.UUID, int]] = collections.defaultdict(dict)
    accruals = {}
    with connection.cursor() as cursor:
        cursor.execute(_ACCRUALS, [ids])
        for loan_id, *head in cursor.fetchall():
            sums = [int(each) for each in head[5:]]
            triples = [tuple(sums[at : at + 3]) for at in range(0, len(sums), 3)]
            accruals[loan_id] = AccrualSums._make([*head[:5], *triples])
        cursor.execute(_POSTED, [ids])
        for loan_id, account_id, fen in cursor.fetchall():
            posted[loan_id][account_id] = fen
    return accruals, posted
