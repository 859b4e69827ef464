"""What a report is: declared once, so that page, Excel, Word and API come from the same rows.

A row carries its values and, behind it, the facts that were counted: each leads to its case. Null is
unknown; it is shown as such and never as 0.
"""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal, TypeAlias

from django.utils import timezone

from honghu.analytics.figure import Scope
from honghu.base.problems import NotFound
from honghu.kernel.registers.model import Text

ColumnKind: TypeAlias = Literal["text", "integer", "decimal", "money", "percent", "date", "instant"]
_SHARE_PLACES: Final = Decimal("0.0001")


class RowMissing(NotFound):
    """The report has no such row in this period."""

    code = "report-row-missing"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ReportColumn:
    """A column. Money is integer fen, a percent a share of one, a rate a decimal with its unit."""

    code: str
    title: Text
    kind: ColumnKind = "text"
    unit: Text | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: the days, both included, and the bank whose rows alone are wanted."""

    from_date: dt.date
    to_date: dt.date
    now: dt.datetime
    bank_id: uuid.UUID | None = None

    @property
    def today(self) -> dt.date:
        """The day on which it is asked."""
        return timezone.localdate(self.now)

    @property
    def scope(self) -> Scope:
        """The days as instants: from the first midnight to before the last."""
        return Scope(start=midnight(self.from_date), end=midnight(self.to_date, after=1))


def midnight(day: dt.date, *, after: int = 0) -> dt.datetime:
    """The instant at which a day, or the one so many days after it, begins in the county."""
    begins = dt.datetime.combine(day + dt.timedelta(days=after), dt.time())
    return timezone.make_aware(begins)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """One fact behind a row: its case (null where none is known), its day, what it adds in fen."""

    case_id: uuid.UUID | None
    at: dt.date | None = None
    amount_fen: int | None = None
    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """A row: a value for each column's code; `key` names it in addresses."""

    key: str
    values: Mapping[str, object]
    behind: tuple[Behind, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A declared report. With `of_banks` a bank may read it, narrowed to its own rows."""

    code: str
    title: Text
    definition: Text
    columns: tuple[ReportColumn, ...]
    rows: Callable[[Question], list[ReportRow]]
    of_banks: bool = False

    def row(self, question: Question, key: str) -> ReportRow:
        """One row by its key. Raises RowMissing."""
        found = next((row for row in self.rows(question) if row.key == key), None)
        if found is None:
            raise RowMissing(f"{self.code} has no row {key}")
        return found


def share(part: int | None, whole: int | None) -> Decimal | None:
    """A share of one with four decimals; null where either is unknown or the whole is nothing."""
    if part is None or not whole:
        return None
    return (Decimal(part) / whole).quantize(_SHARE_PLACES, ROUND_HALF_UP)


def mean(values: list[int] | list[Decimal], places: str = "0.01") -> Decimal | None:
    """The arithmetic mean, rounded half up; null of nothing."""
    if not values:
        return None
    total = sum(map(Decimal, values), Decimal(0))
    return (total / len(values)).quantize(Decimal(places), ROUND_HALF_UP)


def weighted_mean(pairs: list[tuple[Decimal, int]]) -> Decimal | None:
    """The mean weighted by amounts in fen, rounded half up; null where nothing weighs."""
    weight = sum(fen for _value, fen in pairs)
    if not weight:
        return None
    total = sum((value * fen for value, fen in pairs), Decimal(0))
    return (total / weight).quantize(Decimal("0.01"), ROUND_HALF_UP)


def text_column(code: str, zh: str, en: str) -> ReportColumn:
    """A column of words."""
    return ReportColumn(code=code, title=Text(zh, en))


def count_column(code: str, zh: str, en: str) -> ReportColumn:
    """A column of counts."""
    return ReportColumn(code=code, title=Text(zh, en), kind="integer")


def money_column(code: str, zh: str, en: str) -> ReportColumn:
    """A column of amounts in fen, shown in yuan."""
    return ReportColumn(code=code, title=Text(zh, en), kind="money")


def share_column(code: str, zh: str, en: str) -> ReportColumn:
    """A column of shares of one, shown in per cent."""
    return ReportColumn(code=code, title=Text(zh, en), kind="percent")


def day_column(code: str, zh: str, en: str) -> ReportColumn:
    """A column of days."""
    return ReportColumn(code=code, title=Text(zh, en), kind="date")


def number_column(code: str, zh: str, en: str, unit: Text | None = None) -> ReportColumn:
    """A column of decimals in a unit."""
    return ReportColumn(code=code, title=Text(zh, en), kind="decimal", unit=unit)


PERCENT: Final = Text("%", "%")
DAYS: Final = Text("天", "days")
WORKING_DAYS: Final = Text("工作日", "working days")
MONTHS: Final = Text("月", "months")


def year_end(year: int) -> dt.date:
    """The last day of a year."""
    return dt.date(year, 12, 31)
