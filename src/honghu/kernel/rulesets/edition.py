"""The rule book in memory: read once for each edition, compared by the edition's token.

A copy is kept for the whole process. Each use reads the token of the current edition, one row by
primary key, and reads the rules again only where it differs. Within `reading_one_edition()` the
token is read once, so that a command with many lookups pays for one.
"""

import contextlib
import contextvars
import datetime as dt
import threading
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from honghu.kernel.clocks.calendar import Calendar, DayKind, published_calendar
from honghu.kernel.rulesets.models import CalendarDay, CalendarYear, Rule
from honghu.kernel.rulesets.values import RuleValue

_PROVINCE_DIGITS = 2
_PREFECTURE_DIGITS = 4
_COUNTY_DIGITS = 6


def region_chain(region: str | None) -> list[str | None]:
    """The divisions whose rules hold in a region, the narrowest first, null (everywhere) last.

    A code of 12 digits is a village, 9 a town, 6 a county, a prefecture or a province (GB/T 2260).
    """
    if region is None:
        return [None]
    codes = [region[:length] for length in (12, 9, 6) if len(region) >= length]
    wider = [
        region[:digits].ljust(_COUNTY_DIGITS, "0")
        for digits in (_PREFECTURE_DIGITS, _PROVINCE_DIGITS)
    ]
    return [*dict.fromkeys(codes + wider), None]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules and the calendar of one edition."""

    token: uuid.UUID | None
    rules: Mapping[str, Mapping[str | None, Sequence[RuleValue]]]
    calendar: Calendar

    def find(self, name: str, on: dt.date, region: str | None) -> RuleValue | None:
        """The row of the rule that holds on the day in the region; null if none does.

        A narrower region goes before a wider one, a later first day before an earlier one.
        """
        by_region = self.rules.get(name, {})
        for code in region_chain(region):
            for row in by_region.get(code, ()):
                if row.effective_from <= on and (
                    row.effective_to is None or on <= row.effective_to
                ):
                    return row
        return None


class _Shelf:
    """Holds the process's copy. Books never change, so readers take it without a lock."""

    def __init__(self) -> None:
        self.book: RuleBook | None = None
        self._lock = threading.Lock()

    def load(self) -> RuleBook:
        """Read the book anew; threads that ask at once wait for each other."""
        with self._lock:
            # The token comes before the rows: rows newer than it are merely read once more.
            token = _token()
            rows = map(to_value, Rule.objects.all())
            self.book = RuleBook(token, build_index(rows), _load_calendar())
            return self.book


_shelf = _Shelf()
_held: contextvars.ContextVar[list[RuleBook] | None] = contextvars.ContextVar("held", default=None)


def current_rule_book() -> RuleBook:
    """The rule book as this transaction sees it: one query, more only after a publication."""
    held = _held.get()
    if held:
        return held[0]
    book = _book_of(_token())
    if held is not None:
        held.append(book)
    return book


def _book_of(token: uuid.UUID | None) -> RuleBook:
    book = _shelf.book
    # Without a token nothing tells two states apart, so nothing is kept.
    if book is None or token is None or book.token != token:
        return _shelf.load()
    return book


def hold_edition(token: uuid.UUID | None) -> None:
    """Within `reading_one_edition()`: the edition's token as the caller has just read it.

    For commands that read it along with something else; nothing happens if one is held already.
    """
    held = _held.get()
    if held is not None and not held and token is not None:
        held.append(_book_of(token))


@contextlib.contextmanager
def reading_one_edition() -> Iterator[None]:
    """Within this block the edition is looked up once, at the first use. May be nested."""
    if _held.get() is not None:
        yield
        return
    mark = _held.set([])
    try:
        yield
    finally:
        _held.reset(mark)


def forget_edition() -> None:
    """Look the edition up again within `reading_one_edition()`: a publication has just happened."""
    held = _held.get()
    if held is not None:
        held.clear()


def _token() -> uuid.UUID | None:
    # Asked before nearly every rule, so without the ORM: half the time.
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM rulesets_edition WHERE id = 1")
        row = cursor.fetchone()
    return row[0] if row else None


def build_index(rows: Iterator[RuleValue]) -> dict[str, dict[str | None, list[RuleValue]]]:
    """Rows by rule and region, the latest first day first, only the highest revision of each day."""
    highest: dict[tuple[str, str | None, dt.date], RuleValue] = {}
    for row in rows:
        key = (row.name, row.region, row.effective_from)
        if key not in highest or highest[key].revision < row.revision:
            highest[key] = row
    index: dict[str, dict[str | None, list[RuleValue]]] = defaultdict(lambda: defaultdict(list))
    for (name, region, _day), row in sorted(
        highest.items(), key=lambda item: item[0][2], reverse=True
    ):
        index[name][region].append(row)
    return {name: dict(regions) for name, regions in index.items()}


def _load_calendar() -> Calendar:
    days = {
        day: DayKind(kind)
        for day, kind in CalendarDay.objects.order_by("revision").values_list("date", "kind")
    }
    years = set(CalendarYear.objects.values_list("year", flat=True))
    return published_calendar().overridden_by(days, years)


def to_value(rule: Rule) -> RuleValue:
    """The row as commands and queries hand it out."""
    return RuleValue(
        id=rule.id,
        name=f"{rule.domain}.{rule.code}",
        value=rule.value,
        unit=rule.unit,
        clock=rule.clock,
        region=rule.region,
        title_zh=rule.title_zh,
        title_en=rule.title_en,
        effective_from=rule.effective_from,
        effective_to=rule.effective_to,
        revision=rule.revision,
        source=rule.source,
        source_mark=rule.source_mark,
    )
