"""The published LPR as far as this installation knows: the package's table, and rows added since."""

import datetime as dt
from decimal import Decimal
from typing import Final

from honghu.domains.lending.readers.lpr import published_lpr
from honghu.domains.lending.rules.lpr import LprRow, LprTable
from honghu.kernel.rulesets.queries import rule_history

ONE_YEAR: Final = "lending.lpr_one_year"
FIVE_YEARS: Final = "lending.lpr_five_years"
_PERCENT: Final = 100


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
