"""Pure rules of key projects: progress, lights, gates, jumps, parts. No table, no clock.

The lights follow Wuhan's practice (completion against schedule) with Haikou's rule that yellow
lights in a row make a red one; the thresholds are rows of the rule book.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from honghu.base.money import MoneyError, parse_yuan
from honghu.base.problems import Invalid

STAGES: Final = ("preparing", "started", "building", "completed", "production")
GREEN, YELLOW, RED = "green", "yellow", "red"
DECEMBER: Final = 12
_HUNDREDTH: Final = Decimal("0.01")
_BASIS_POINT: Final = Decimal("0.0001")
_PART_COLUMNS: Final = 3


class PartsInvalid(Invalid):
    """The parts of a project that is to be split do not make up the project."""

    code = "parts-invalid"


@dataclass(frozen=True, slots=True)
class PlannedMilestone:
    """A milestone as it counts: its weight, its planned day, the day it was achieved (verified)."""

    weight: int
    planned_on: dt.date
    achieved_on: dt.date | None


@dataclass(frozen=True, slots=True)
class LightBounds:
    """Below `yellow_below` yellow, below `red_below` red; `yellows_to_red` in a row are red."""

    yellow_below: Decimal
    red_below: Decimal
    yellows_to_red: int


@dataclass(frozen=True, slots=True)
class ProjectPart:
    """One project that a split makes. Amounts in fen."""

    name: str
    total_fen: int
    annual_fen: int


def scheduled_percent(milestones: Sequence[PlannedMilestone], until: dt.date) -> Decimal | None:
    """The share of all weight planned by the end of a day, in per cent; null without milestones."""
    return _share(milestones, [each for each in milestones if each.planned_on <= until])


def completed_percent(milestones: Sequence[PlannedMilestone], until: dt.date) -> Decimal | None:
    """The share of all weight achieved by the end of a day, in per cent; null without milestones."""
    done = [each for each in milestones if each.achieved_on and each.achieved_on <= until]
    return _share(milestones, done)


def completion_ratio(completed: Decimal | None, scheduled: Decimal | None) -> Decimal | None:
    """Completed against scheduled; null while nothing is scheduled: there is nothing to be behind."""
    if completed is None or not scheduled:
        return None
    return (completed / scheduled).quantize(_BASIS_POINT, ROUND_HALF_UP)


def light_of_ratio(
    ratio: Decimal | None, before: Sequence[str | None], bounds: LightBounds
) -> str | None:
    """The light of a month by its ratio and the lights of the months before, the latest last.

    Null for a null ratio. A yellow light that is the nth in a row is red (Haikou); a month that
    turned red in this way keeps the row going, so only green ends it.
    """
    if ratio is None:
        return None
    if ratio < bounds.red_below:
        return RED
    if ratio >= bounds.yellow_below:
        return GREEN
    earlier = before[-(bounds.yellows_to_red - 1) :] if bounds.yellows_to_red > 1 else ()
    full = len(earlier) == bounds.yellows_to_red - 1
    return RED if full and all(light in {YELLOW, RED} for light in earlier) else YELLOW


def is_december_jump(
    month: int, invested_fen: int, before_fen: Sequence[int], times: Decimal
) -> bool:
    """Whether December's amount exceeds `times` the mean of the year's reported months before it.

    Without any month before, every amount above zero is a jump.
    """
    if month != DECEMBER or invested_fen == 0:
        return False
    if not before_fen:
        return True
    return invested_fen * len(before_fen) > times * sum(before_fen)


def last_day_of_month(month: str) -> dt.date:
    """The last day of `2023-06`. Raises Invalid for another form."""
    try:
        first = dt.date.fromisoformat(f"{month}-01")
    except ValueError as error:
        message = f"{month!r} is no month"
        raise Invalid(message, remedy="write it as 2023-06") from error
    following = first.replace(day=28) + dt.timedelta(days=4)
    return following.replace(day=1) - dt.timedelta(days=1)


def gates_passed(origin: str, target: str) -> tuple[str, ...]:
    """The stages that a move from one stage to a later one enters: the target and those skipped."""
    return STAGES[STAGES.index(origin) + 1 : STAGES.index(target) + 1]


def read_parts(text: str, *, total_fen: int, annual_fen: int) -> tuple[ProjectPart, ...]:
    """The parts of a split, one a line: name; total in yuan; plan of the year in yuan.

    Raises PartsInvalid naming the line that cannot be read, or the sum that does not agree.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    parts = tuple(_part(number, line) for number, line in enumerate(lines, 1))
    if len(parts) < len(STAGES[:2]):
        raise PartsInvalid("a split makes at least two projects", remedy="name each on its line")
    if len({part.name for part in parts}) < len(parts):
        raise PartsInvalid("two parts have one name", remedy="give each a name of its own")
    sums = (sum(part.total_fen for part in parts), sum(part.annual_fen for part in parts))
    for kept, given, what in zip((total_fen, annual_fen), sums, ("totals", "plans"), strict=True):
        if kept != given:
            message = f"the {what} add up to {given} fen, the project has {kept} fen"
            raise PartsInvalid(message, remedy="divide the whole project, to the fen")
    return parts


def _share(
    milestones: Sequence[PlannedMilestone], counted: Sequence[PlannedMilestone]
) -> Decimal | None:
    whole = sum(each.weight for each in milestones)
    if not whole:
        return None
    return Decimal(100 * sum(each.weight for each in counted) / Decimal(whole)).quantize(
        _HUNDREDTH, ROUND_HALF_UP
    )


def _part(number: int, line: str) -> ProjectPart:
    columns = [column.strip() for column in line.replace(";", "；").split("；")]
    remedy = "write: name; total in yuan; plan of the year in yuan"
    if len(columns) != _PART_COLUMNS or not columns[0]:
        raise PartsInvalid(f"line {number} has {len(columns)} columns", remedy=remedy)
    try:
        total, annual = parse_yuan(columns[1]), parse_yuan(columns[2])
    except MoneyError as error:
        raise PartsInvalid(f"line {number} has no amount: {error}", remedy=remedy) from error
    if total <= 0 or annual < 0 or annual > total:
        message = f"line {number}: the plan of the year lies between nothing and the total"
        raise PartsInvalid(message, remedy=remedy)
    return ProjectPart(columns[0], total, annual)
