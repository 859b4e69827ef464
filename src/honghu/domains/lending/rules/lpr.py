"""LPR 贷款市场报价利率 plus points: which rate a contract bears when (公告〔2019〕15号)."""

import bisect
import dataclasses
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from honghu.base.problems import Invalid
from honghu.domains.lending.rules.terms import RateChange

_PUBLICATION_DAY: Final = 20
_POINTS_PER_PERCENT: Final = 100


class LprError(Invalid):
    """An LPR table that is out of order, or a day on which it knows no rate."""

    code = "lpr"


class LprTenor(StrEnum):
    """One year, or five years and more."""

    ONE_YEAR = "1y"
    FIVE_YEARS = "5y"


class LprRow(NamedTuple):
    """What was published on a day, in percent a year."""

    date: dt.date
    one_year: Decimal
    five_years: Decimal


@dataclasses.dataclass(frozen=True, slots=True)
class LprTable:
    """The published rates, one row a month, rising by date."""

    rows: tuple[LprRow, ...]

    def __post_init__(self) -> None:
        """Raise LprError for an empty table or rows out of order."""
        days = [row.date for row in self.rows]
        if not days or days != sorted(set(days)):
            raise LprError("the LPR table is empty or out of order", remedy="sort it by date")

    def on(self, day: dt.date, tenor: LprTenor) -> Decimal:
        """The rate in force on `day`: the last one published up to then.

        Raises LprError before the first row, and from the next publication day after the last row
        on: a rate that is not known yet is never taken from an older one.
        """
        index = bisect.bisect_right(self.rows, day, key=lambda row: row.date) - 1
        if index < 0:
            raise LprError(
                f"no LPR is known for {day}: the table begins on {self.rows[0].date}",
                remedy="use the rate that the contract names",
            )
        row = self.rows[index]
        if index == len(self.rows) - 1 and day >= _next_publication(row.date):
            raise LprError(
                f"no LPR is known for {day}: the table ends on {row.date}",
                remedy="add the rates published since: honghu lending lpr add",
            )
        return row.one_year if tenor is LprTenor.ONE_YEAR else row.five_years


@dataclasses.dataclass(frozen=True, slots=True)
class LprContract:
    """A floating rate: LPR of a tenor plus `points_bp` (may be negative), reset on agreed days.

    `days_before` is the distance from the day whose LPR counts to the reset day.
    """

    tenor: LprTenor
    points_bp: int
    reset_dates: tuple[dt.date, ...] = ()
    days_before: int = 0

    def rate_on(self, table: LprTable, reset_date: dt.date) -> Decimal:
        """Percent a year from a reset day on. Raises LprError if unknown, or below zero."""
        lpr = table.on(reset_date - dt.timedelta(days=self.days_before), self.tenor)
        rate = lpr + Decimal(self.points_bp) / _POINTS_PER_PERCENT
        if rate < 0:
            raise LprError(
                f"LPR {lpr} with {self.points_bp} bp is below zero", remedy="check the points"
            )
        return rate

    def rate_changes(self, table: LprTable, until: dt.date) -> tuple[RateChange, ...]:
        """The changes on the reset days before `until`, those that change nothing left out."""
        changes: list[RateChange] = []
        for day in sorted(self.reset_dates):
            if day >= until:
                break
            rate = self.rate_on(table, day)
            if not changes or changes[-1].rate != rate:
                changes.append(RateChange(day, rate))
        return tuple(changes)


def yearly_reset_dates(
    start: dt.date, until: dt.date, month_and_day: tuple[int, int] | None = None
) -> Sequence[dt.date]:
    """A reset day each year after `start` and before `until`: the anniversary, or an agreed day.

    29 February resets on the 28th in common years.
    """
    month, day = month_and_day or (start.month, start.day)
    found = []
    for year in range(start.year, until.year + 1):
        try:
            reset = dt.date(year, month, day)
        except ValueError:
            reset = dt.date(year, month, day - 1)
        if start < reset < until:
            found.append(reset)
    return found


def _next_publication(day: dt.date) -> dt.date:
    """The earliest day of the next publication: the 20th of the next month."""
    year, month = divmod(day.year * 12 + day.month, 12)
    return dt.date(year, month + 1, _PUBLICATION_DAY)
