"""How every contract loan stands now: owed and overdue as lending serves it, proved by the ledger."""

import dataclasses
import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

from django.db import connection

from honghu.domains.financing.reports.declaration import Behind
from honghu.domains.financing.reports.non_performing import owed_fen
from honghu.domains.lending.queries import get_loans

# What is drawn on awards, by the latest entry of each limit's account (rule 4): beside every loan,
# and alone where there is none.
_LOANS: Final = """
SELECT drawn.fen, f.case_id, f.lending_id, o.name FROM (
  SELECT coalesce(sum(e.balance_fen), 0)::bigint AS fen FROM financing_limit l
  JOIN ledger_slot s ON s.account_id = l.used_account_id
  JOIN LATERAL (
    SELECT balance_fen FROM ledger_entry e WHERE e.account_id = s.account_id AND e.slot = s.slot
    ORDER BY e.version DESC LIMIT 1
  ) e ON true
) drawn
LEFT JOIN financing_loan f ON f.lending_id IS NOT NULL
LEFT JOIN cases_case c ON c.id = f.case_id
LEFT JOIN parties_organisation o ON o.id::text = c.facts ->> 'buyer'
ORDER BY f.case_id
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Stand:
    """A loan of which money was lent: amounts in fen; `buyer` null where none is recorded.

    What is paid back is not overdue, however long ago it fell due.
    """

    case_id: uuid.UUID
    bank_id: uuid.UUID
    buyer: str | None
    lent_fen: int
    owed_fen: int
    overdue_days: int
    matures: dt.date

    @property
    def is_repaid(self) -> bool:
        """Whether its principal is paid back."""
        return self.owed_fen == 0

    @property
    def behind(self) -> Behind:
        """The loan as a fact behind a number."""
        return Behind(
            case_id=self.case_id,
            at=self.matures,
            amount_fen=self.owed_fen,
            note=self.buyer or "",
        )


def loans_and_ledger(today: dt.date) -> tuple[list[Stand], int]:
    """Every loan that was lent, and what the ledger holds as drawn on all awards; two queries.

    A loan is overdue as it is today, whether or not the close of business has reached it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOANS)
        rows = cursor.fetchall()
    buyers = {lending: (case, buyer) for _fen, case, lending, buyer in rows if lending}
    found = [
        Stand(
            buyers[row.id][0],
            row.lender_id,
            buyers[row.id][1],
            row.lent_fen,
            owed_fen(row),
            row.days_overdue(today) if owed_fen(row) else 0,
            row.maturity_date,
        )
        for row in get_loans(buyers).values()
        if row.lent_fen > 0
    ]
    return found, rows[0][0]


def loans_of(loans: Iterable[Stand], bank_id: uuid.UUID | None, buyer: str) -> list[Stand]:
    """Those of one bank and of one buyer, where they are named."""
    return [each for each in loans if bank_id in {None, each.bank_id} and buyer in {"", each.buyer}]


@dataclasses.dataclass(frozen=True, slots=True)
class Exposure:
    """What is owed to one bank, or on contracts of one buyer. `key` names it in addresses."""

    key: str
    name: str | None
    loans: int
    owed_fen: int
    overdue: int
    overdue_fen: int


def exposure_by(loans: Iterable[Stand], key: Callable[[Stand], str | None]) -> list[Exposure]:
    """Open loans grouped, the greatest first; the name is left to the page where the key is an id."""
    groups: dict[str | None, list[Stand]] = defaultdict(list)
    for each in loans:
        if not each.is_repaid:
            groups[key(each)].append(each)
    found = [
        Exposure(
            name or "",
            name,
            len(group),
            sum(each.owed_fen for each in group),
            sum(each.overdue_days > 0 for each in group),
            sum(each.owed_fen for each in group if each.overdue_days > 0),
        )
        for name, group in groups.items()
    ]
    return sorted(found, key=lambda each: (-each.owed_fen, each.key))
