"""Problems of rivers and lakes: kinds, severity, terms, the ladder of urging, what is rectified."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

Severity: TypeAlias = Literal["minor", "serious", "major"]
Term: TypeAlias = Literal[
    "alligator_weed", "plants", "rubbish", "minor", "serious", "major", "other"
]
Rung: TypeAlias = Literal["reminder", "supervision", "interview", "circular"]

SEVERITIES: Final[tuple[Severity, ...]] = ("minor", "serious", "major")
PLANTS: Final = frozenset({"water_hyacinth", "wild_caltrop", "duckweed", "bank_weeds"})
RUBBISH: Final = frozenset(
    {
        "floating_rubbish",
        "oil_carcass",
        "household_waste",
        "construction_waste",
        "industrial_waste",
        "farm_waste",
    }
)
FOUR_DISORDERS: Final = frozenset({"occupying", "mining", "piling", "building"})
ACTIVITIES: Final = frozenset({"sand", "poaching", "net_pen", "tipping"})
ON_WATER: Final = frozenset(
    {
        "water_hyacinth",
        "alligator_weed",
        "wild_caltrop",
        "duckweed",
        "floating_rubbish",
        "oil_carcass",
    }
)
"""Kinds that need a surface of water: a dry channel has none."""
BANDED_AREA: Final = frozenset({"occupying", "net_pen"})
"""Kinds whose severity goes by their area: blocking crops and net-pens (办河湖〔2018〕245号)."""
BANDED_DIGGING: Final = frozenset({"mining"})
_TERM_OF_SEVERITY: Final[Mapping[Severity, Term]] = {
    "minor": "minor",
    "serious": "serious",
    "major": "major",
}


@dataclass(frozen=True, slots=True)
class Bands:
    """Where the bands of severity begin: square metres, cubic metres of digging."""

    serious_from_m2: int
    major_above_m2: int
    serious_above_m3: int


def term_of(category: str, severity: Severity) -> Term:
    """Which period a problem has: major ones a plan of their own, plants and rubbish short ones."""
    if severity == "major":
        return "major"
    if category == "alligator_weed":
        return "alligator_weed"
    if category in PLANTS:
        return "plants"
    if category in RUBBISH:
        return "rubbish"
    if category in FOUR_DISORDERS | ACTIVITIES:
        return _TERM_OF_SEVERITY[severity]
    return "other"


def least_severity(
    category: str, quantity: Decimal | None, unit: str | None, bands: Bands
) -> Severity:
    """The mildest severity that the quantity allows; minor where no band applies or none is known."""
    if quantity is None:
        return "minor"
    if category in BANDED_AREA and unit == "m2":
        if quantity > bands.major_above_m2:
            return "major"
        return "serious" if quantity >= bands.serious_from_m2 else "minor"
    if category in BANDED_DIGGING and unit == "m3" and quantity > bands.serious_above_m3:
        return "serious"
    return "minor"


def is_milder(severity: Severity, least: Severity) -> bool:
    """Whether a severity is below the mildest one allowed."""
    return SEVERITIES.index(severity) < SEVERITIES.index(least)


def is_in_season(day: dt.date, *, first: str, last: str) -> bool:
    """Whether a day lies in the flood season, given as month-day texts (05-01, 10-15)."""
    return first <= f"{day:%m-%d}" <= last


def missing_share(shares: Iterable[Decimal], more: Decimal) -> Decimal | None:
    """How much of one truck's day is left, if `more` would make it count more than once; else null.

    辆次 are days of presence: what one truck does for two matters on a day is split between them.
    """
    used = sum(shares, Decimal(0))
    left = Decimal(1) - used
    return left if more > left else None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a matter under its term has come: when it started, its due times, what was done.

    `supervised_due_at` is the new due time that a 督办单 set; null before one was served.
    """

    started_at: dt.datetime
    due_at: dt.datetime
    done: frozenset[str]
    supervised_due_at: dt.datetime | None = None


def rung_due(standing: Standing, now: dt.datetime, *, reminder_share: Decimal) -> Rung | None:
    """The step of the ladder that is due now and not done: an overlay computed from data.

    提醒 after the share of the time, 督办单 when overdue, 约谈 when its new due time has passed as
    well, 通报 after the talk.
    """
    if standing.supervised_due_at is not None and now > standing.supervised_due_at:
        if "interview" not in standing.done:
            return "interview"
        return None if "circular" in standing.done else "circular"
    if now > standing.due_at:
        return None if "supervision" in standing.done else "supervision"
    seconds = Decimal((standing.due_at - standing.started_at).total_seconds()) * reminder_share
    is_late = now >= standing.started_at + dt.timedelta(seconds=float(seconds))
    return "reminder" if is_late and "reminder" not in standing.done else None


def latest_new_due(standing: Standing, now: dt.datetime, *, share_max: Decimal) -> dt.datetime:
    """The latest due time that a 督办单 may set: so much of the first period, from now."""
    seconds = Decimal((standing.due_at - standing.started_at).total_seconds()) * share_max
    return now + dt.timedelta(seconds=float(seconds))
