"""What a loan would cost: the schedule of terms that nobody has agreed to yet."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from honghu.domains.lending.readers.loan_terms import read_terms
from honghu.domains.lending.rules.schedule import build_schedule
from honghu.kernel.clocks.calendar import published_calendar


@dataclasses.dataclass(frozen=True, slots=True)
class PlannedRow:
    """One due date of a schedule: what falls due, and the principal left after it, in fen."""

    due_date: dt.date
    principal_fen: int
    interest_fen: int
    balance_fen: int


def preview_schedule(schedule: Mapping[str, Any]) -> list[PlannedRow]:
    """The schedule of a loan that is not made yet, row by row, to the fen.

    `schedule` is what `honghu lending schedule` takes as `terms` (amounts in yuan). Raises
    LoanTermsError, UnableToSchedule.
    """
    rows = build_schedule(read_terms(dict(schedule)), published_calendar().is_working_day)
    return [PlannedRow(*row) for row in rows]
