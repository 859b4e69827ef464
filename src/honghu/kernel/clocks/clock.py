"""A running clock as a value: its term, suspensions and extensions, and what they come to at `now`.

All functions are pure: a change gives a new Clock, and times are arguments.
"""

import dataclasses
import datetime as dt
import itertools
import uuid
from decimal import Decimal
from enum import StrEnum

from honghu.base.problems import Conflict, Invalid, NotAllowed
from honghu.kernel.clocks.deadlines import Due, WorkingTime, amber_at, due, prolong_due, shift_due
from honghu.kernel.clocks.durations import ClockUnit, Duration
from honghu.kernel.clocks.office_hours import OfficeHoursError, working_time_between


class ClockError(Invalid):
    """A clock whose times contradict each other."""

    code = "clock"


class UnableToChangeElapsedClock(Conflict):
    """The due time has passed, or the clock has been met: it can neither stop nor be extended."""

    code = "clock_elapsed"


class UnableToSuspendClock(Conflict):
    """The clock is suspended already."""

    code = "clock_suspended"


class UnableToResumeClock(Conflict):
    """The clock is not suspended."""

    code = "clock_not_suspended"


class UnableToGrantOwnExtension(NotAllowed):
    """Who asks for an extension may not grant it."""

    code = "clock_extension_own"


class Status(StrEnum):
    """What a clock does at an instant."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    MET = "met"
    OVERDUE = "overdue"


class Light(StrEnum):
    """The traffic light of a clock."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclasses.dataclass(frozen=True, slots=True)
class Suspension:
    """The clock stood still from `from_at` to `until_at`; None while it still does."""

    from_at: dt.datetime
    until_at: dt.datetime | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Extension:
    """A further term, asked for and granted by different persons."""

    asked_at: dt.datetime
    asked_by: uuid.UUID
    granted_by: uuid.UUID
    duration: Duration

    def __post_init__(self) -> None:
        if self.asked_by == self.granted_by:
            raise UnableToGrantOwnExtension(
                "the extension was asked for and granted by the same person",
                remedy="let another person of the issuing office grant it",
            )


@dataclasses.dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of a clock, negative when overdue.

    `amount` is counted in the clock's own kind of time: for WORKING_DAY its days are working days
    after today, for WORKING_HOUR it is time within office hours.
    """

    amount: dt.timedelta
    unit: ClockUnit


@dataclasses.dataclass(frozen=True, slots=True)
class Clock:
    """A term that runs from `started_at`.

    Raises ClockError for times without a zone, suspensions out of order, or one left open before
    another.
    """

    started_at: dt.datetime
    duration: Duration
    suspensions: tuple[Suspension, ...] = ()
    extensions: tuple[Extension, ...] = ()
    met_at: dt.datetime | None = None

    def __post_init__(self) -> None:
        halts = itertools.chain.from_iterable((s.from_at, s.until_at) for s in self.suspensions)
        *earlier, last = [self.started_at, *halts]
        if None in earlier:
            raise ClockError(
                "a suspension is still open before the next one", remedy="end it first"
            )
        times = [at for at in (*earlier, last) if at is not None]
        asked = [extension.asked_at for extension in self.extensions]
        if any(at.utcoffset() is None for at in (*times, *asked, self.met_at or self.started_at)):
            raise ClockError("a time of the clock has no time zone", remedy="attach its time zone")
        for before, after in itertools.pairwise(times):
            if after < before:
                raise ClockError(
                    f"{after} comes after {before} in the clock, but is earlier",
                    remedy="give the times in the order in which they happened",
                )

    @property
    def open_suspension(self) -> Suspension | None:
        """The suspension that has not ended, if there is one."""
        last = self.suspensions[-1] if self.suspensions else None
        return last if last is not None and last.until_at is None else None


def as_of(clock: Clock, now: dt.datetime) -> Clock:
    """The clock as it stood at `now`: later suspensions, resumptions, extensions and ends undone."""
    return dataclasses.replace(
        clock,
        suspensions=tuple(
            Suspension(s.from_at, s.until_at if s.until_at and s.until_at <= now else None)
            for s in clock.suspensions
            if s.from_at <= now
        ),
        extensions=tuple(e for e in clock.extensions if e.asked_at <= now),
        met_at=clock.met_at if clock.met_at and clock.met_at <= now else None,
    )


def due_of(clock: Clock, working_time: WorkingTime, now: dt.datetime) -> Due:
    """When the clock is due, seen at `now`; a suspension still open counts as ending at `now`.

    The term, then every extension and resumption in the order of their times: the same as shifting
    and prolonging a stored due time step by step.
    """
    seen = as_of(clock, now)
    calendar, hours, tz = working_time.calendar, working_time.office_hours, working_time.tz
    found = due(seen.started_at, seen.duration, calendar, hours, tz)
    events: list[tuple[dt.datetime, Suspension | Extension]] = [
        *((halt.until_at or now, halt) for halt in seen.suspensions),
        *((extension.asked_at, extension) for extension in seen.extensions),
    ]
    for at, event in sorted(events, key=lambda pair: pair[0]):
        if isinstance(event, Extension):
            moved = prolong_due(found.at, event.duration, calendar, hours, tz)
        else:
            moved = shift_due(found.at, seen.duration, event.from_at, at, calendar, hours, tz)
        found = dataclasses.replace(moved, provisional=moved.provisional or found.provisional)
    return found


def status(clock: Clock, working_time: WorkingTime, now: dt.datetime) -> Status:
    """Running, suspended, met or overdue at `now`. Met late is met: see `met_in_time`."""
    seen = as_of(clock, now)
    if seen.met_at is not None:
        return Status.MET
    if seen.open_suspension is not None:
        return Status.SUSPENDED
    return Status.OVERDUE if now > due_of(seen, working_time, now).at else Status.RUNNING


def met_in_time(clock: Clock, working_time: WorkingTime) -> bool | None:
    """Whether the clock was met by its due time; None while it is not met."""
    if clock.met_at is None:
        return None
    return clock.met_at <= due_of(clock, working_time, clock.met_at).at


def remaining(clock: Clock, working_time: WorkingTime, now: dt.datetime) -> Remaining:
    """What is left at `now`; it stands still once the clock is suspended or met."""
    at = _stopped_at(clock, now)
    found = due_of(clock, working_time, at)
    return Remaining(_measure(clock.duration.unit, working_time, at, found), clock.duration.unit)


def light(clock: Clock, working_time: WorkingTime, now: dt.datetime, amber_share: Decimal) -> Light:
    """Red once overdue (or met late), amber after `amber_share` of the running time, else green.

    A suspended clock keeps the light that it had; a clock met in time is green.
    """
    at = _stopped_at(clock, now)
    seen = as_of(clock, at)
    found = due_of(seen, working_time, at)
    if at > found.at:
        return Light.RED
    if seen.met_at is not None:
        return Light.GREEN
    stood = sum(((s.until_at or at) - s.from_at for s in seen.suspensions), dt.timedelta())
    turns = amber_at(seen.started_at, found.at, amber_share, stood)
    return Light.AMBER if at >= turns else Light.GREEN


def suspend(clock: Clock, at: dt.datetime, working_time: WorkingTime) -> Clock:
    """The clock stopped at `at`.

    Raises UnableToSuspendClock if it stands still already, UnableToChangeElapsedClock if it is
    overdue or met.
    """
    if clock.open_suspension is not None:
        raise UnableToSuspendClock("the clock is suspended already", remedy="resume it first")
    _check_not_elapsed(clock, at, working_time)
    return dataclasses.replace(clock, suspensions=(*clock.suspensions, Suspension(at)))


def resume(clock: Clock, at: dt.datetime) -> Clock:
    """The clock running again from `at`. Raises UnableToResumeClock if it is not suspended."""
    halted = clock.open_suspension
    if halted is None:
        raise UnableToResumeClock("the clock is not suspended", remedy="nothing needs to be done")
    ended = Suspension(halted.from_at, at)
    return dataclasses.replace(clock, suspensions=(*clock.suspensions[:-1], ended))


def extend(clock: Clock, extension: Extension, working_time: WorkingTime) -> Clock:
    """The clock with a further term.

    Raises UnableToChangeElapsedClock if it was asked for after the due time (or once met).
    """
    _check_not_elapsed(clock, extension.asked_at, working_time)
    return dataclasses.replace(clock, extensions=(*clock.extensions, extension))


def meet(clock: Clock, at: dt.datetime) -> Clock:
    """The clock met at `at`, in time or late. Raises UnableToChangeElapsedClock if it was met."""
    if clock.met_at is not None:
        raise UnableToChangeElapsedClock(
            f"the clock was met at {clock.met_at}", remedy="open a new case"
        )
    return dataclasses.replace(clock, met_at=at)


def _stopped_at(clock: Clock, now: dt.datetime) -> dt.datetime:
    """The instant whose reading the clock shows at `now`: it stands still once suspended or met."""
    seen = as_of(clock, now)
    if seen.met_at is not None:
        return seen.met_at
    return seen.open_suspension.from_at if seen.open_suspension else now


def _measure(
    unit: ClockUnit, working_time: WorkingTime, at: dt.datetime, found: Due
) -> dt.timedelta:
    calendar, hours, tz = working_time.calendar, working_time.office_hours, working_time.tz
    match unit:
        case ClockUnit.MINUTE | ClockUnit.HOUR:
            return found.at - at
        case ClockUnit.WORKING_HOUR:
            if hours is None:
                raise OfficeHoursError("working hours without office hours", remedy="enter them")
            return working_time_between(at, found.at, calendar, hours, tz)
        case ClockUnit.WORKING_DAY:
            today = at.astimezone(tz).date()
            return dt.timedelta(days=calendar.count_working_days(today, found.last_day))
        case ClockUnit.NATURAL_DAY | ClockUnit.MONTH:
            return found.last_day - at.astimezone(tz).date()


def _check_not_elapsed(clock: Clock, at: dt.datetime, working_time: WorkingTime) -> None:
    if clock.met_at is not None and clock.met_at <= at:
        raise UnableToChangeElapsedClock(
            f"the clock was met at {clock.met_at}", remedy="open a new case"
        )
    found = due_of(clock, working_time, at)
    if at >= found.at:
        raise UnableToChangeElapsedClock(
            f"the clock was due at {found.at}",
            remedy="ask before the due time; an overdue case stays overdue",
        )
