"""The published LPR as far as this installation knows: the package's table, and rows added since."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Final, NamedTuple

from django.db import connection

from honghu.domains.lending.readers.lpr import published_lpr
from honghu.domains.lending.rules.lpr import LprRow, LprTable
from honghu.kernel.rulesets.queries import rule_history

ONE_YEAR: Final = "lending.lpr_one_year"
FIVE_YEARS: Final = "lending.lpr_five_years"
WAITS: Final = "reprice: "
"""How the detail of a loan begins that a close passed over because it could not reset its rate."""
_PERCENT: Final = 100
_WAITING: Final = """
SELECT loan_id, business_date FROM lending_closingskip
WHERE resolved_at IS NULL AND starts_with(detail, %s) AND (%s::uuid IS NULL OR loan_id = %s)
ORDER BY loan_id, business_date"""


class WaitingReset(NamedTuple):
    """A loan whose rate should have been reset on a day, and the LPR of the day is not known."""

    loan_id: uuid.UUID
    reset_date: dt.date


def resets_waiting(loan_id: uuid.UUID | None = None) -> list[WaitingReset]:
    """The resets that wait for their LPR to be added, of one loan or of all; one query.

    Until then interest runs at the rate before; afterwards it is counted anew from the reset day.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [WAITS, loan_id, loan_id])
        return [WaitingReset(*row) for row in cursor.fetchall()]


def known_lpr() -> LprTable:
    """The table by publication day; a row of the rule book goes before the package's of that day.

    A day for which only one of the two rates was added is no row.
    """
    rows = {row.date: row for row in published_lpr().rows}
    one, five = _added(ONE_YEAR), _added(FIVE_YEARS)
    rows |= {day: LprRow(day, one[day], five[day]) for day in one.keys() & five.keys()}
    return LprTable(tuple(rows[day] for day in sorted(rows)))


def _added(code: str) -> dict[dt.date, Decimal]:
    return {
        row.rule.effective_from: row.rule.as_decimal() * _PERCENT
        for row in rule_history(code)
        if not row.superseded and row.rule.region is None
    }
