"""The list of overdue payments that public buyers publish by 31 March (art 18), and overdue loans."""

import dataclasses
import datetime as dt
import uuid

from django.utils.timezone import localdate

from honghu.domains.financing.queries.served import PRODUCT
from honghu.domains.lending.queries import overdue_on
from honghu.kernel.cases.models import Case
from honghu.kernel.parties.queries import organisation_names

CLAIMS = "payment-due"


@dataclasses.dataclass(frozen=True, slots=True)
class OverdueRow:
    """What one buyer owed at the end of a year beyond its term. `amount_fen` leaves disputes out."""

    buyer_id: uuid.UUID
    buyer: str
    contracts: int
    amount_fen: int
    longest_days: int


def overdue_list(year: int) -> list[OverdueRow]:
    """Buyers with payments overdue on 31 December of a year, the greatest amount first.

    Counted are claims whose term was over and which were not paid by then; the case numbers behind
    a row are those of the register of payments due.
    """
    end = dt.date(year, 12, 31)
    late: dict[uuid.UUID, list[tuple[int, int]]] = {}
    known = Case.objects.filter(register=CLAIMS).exclude(state="withdrawn")
    for facts in known.values_list("facts", flat=True):
        due, paid = dt.date.fromisoformat(facts["due_on"]), facts.get("paid_on")
        if due >= end or (paid is not None and paid <= end.isoformat()):
            continue
        amount = facts["amount"] - (facts.get("disputed") or 0)
        late.setdefault(uuid.UUID(facts["buyer"]), []).append((amount, (end - due).days))
    names = organisation_names(late)
    rows = [
        OverdueRow(
            buyer,
            names[buyer],
            len(claims),
            sum(amount for amount, _days in claims),
            max(days for _amount, days in claims),
        )
        for buyer, claims in late.items()
    ]
    return sorted(rows, key=lambda row: (-row.amount_fen, row.buyer))


def overdue_loans(*, now: dt.datetime) -> list[uuid.UUID]:
    """The cases of loans that lending finds overdue today: for the bank to flag (rule 18)."""
    late = overdue_on(localdate(now), product=PRODUCT)
    return [each.case_id for each in late if each.case_id is not None]
