"""Pure rules of work safety: rolling penalties, risk scores, streaks, the cells of a campaign."""

import calendar
import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal


@dataclasses.dataclass(frozen=True, slots=True)
class RollingTerms:
    """When repeated penalties for major hazards lead to a request to close (安全生产法 art. 113)."""

    window_days: int
    in_days_min: int
    window_months: int
    in_year_min: int


@dataclasses.dataclass(frozen=True, slots=True)
class RollingCount:
    """The most penalties in one window of days and in one of months that hold a given penalty."""

    in_days: int
    in_year: int

    def closure_due(self, terms: RollingTerms) -> bool:
        """Whether the enterprise's closure is to be requested."""
        return self.in_days >= terms.in_days_min or self.in_year >= terms.in_year_min


def count_penalties(days: Iterable[dt.date], on: dt.date, terms: RollingTerms) -> RollingCount:
    """Count the penalties of `days` around the one of `on`, which must be among them.

    The first day of a window is not counted into its length (民法典 art. 201), so penalties 180
    days apart lie within 180 days. A penalty entered late counts in the windows that end after it.
    """
    known = sorted(days)
    ends = [each for each in known if each >= on]
    in_days = (_within(known, end - dt.timedelta(days=terms.window_days), on, end) for end in ends)
    in_year = (_within(known, months_before(end, terms.window_months), on, end) for end in ends)
    return RollingCount(max(in_days, default=0), max(in_year, default=0))


def _within(known: Sequence[dt.date], first: dt.date, held: dt.date, last: dt.date) -> int:
    """Penalties from the first to the last day; none if the window does not hold `held`."""
    return sum(first <= each <= last for each in known) if first <= held else 0


def months_before(day: dt.date, months: int) -> dt.date:
    """The corresponding day so many months earlier, or that month's last day."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def continued_fine_fen(amount_fen: int, days: int) -> int:
    """A fine continued day by day where its reason was not put right (安全生产法 art. 112), in fen.

    It is the original fine once more for each of the days.
    """
    return amount_fen * days


@dataclasses.dataclass(frozen=True, slots=True)
class RiskBounds:
    """Least LEC scores of the colours; what is below yellow is blue."""

    red_min: int
    orange_min: int
    yellow_min: int


def risk_score(likelihood: Decimal, exposure: Decimal, consequence: Decimal) -> Decimal:
    """The LEC score: likelihood times exposure times consequence, exact."""
    return likelihood * exposure * consequence


def risk_colour(score: Decimal, bounds: RiskBounds) -> str:
    """Red, orange, yellow or blue."""
    if score >= bounds.red_min:
        return "red"
    if score >= bounds.orange_min:
        return "orange"
    return "yellow" if score >= bounds.yellow_min else "blue"


def zero_streak(checks: Iterable[tuple[dt.date, int]], before: dt.date) -> int:
    """How many self-checks in a row, the latest before or on the day, had no finding at all."""
    streak = 0
    for day, found in sorted(checks, reverse=True):
        if day > before:
            continue
        if found:
            break
        streak += 1
    return streak


@dataclasses.dataclass(frozen=True, slots=True)
class CampaignCells:
    """The six cells of a campaign's table: major hazards found and rectified, by who found them.

    Listed hazards are among those that were found, so they are never added to the other two.
    """

    department_found: int
    department_rectified: int
    self_found: int
    self_rectified: int
    listed: int
    listed_rectified: int

    @property
    def found(self) -> int:
        """All that was found: by departments and by enterprises."""
        return self.department_found + self.self_found

    @property
    def rectified(self) -> int:
        """All of these that were rectified."""
        return self.department_rectified + self.self_rectified

    def faults(self) -> tuple[str, ...]:
        """Names of the cells that cannot be right: more rectified than found, more listed than found."""
        pairs = (
            ("department_rectified", self.department_rectified, self.department_found),
            ("self_rectified", self.self_rectified, self.self_found),
            ("listed_rectified", self.listed_rectified, self.listed),
            ("listed", self.listed, self.found),
        )
        return tuple(name for name, part, whole in pairs if part > whole)
