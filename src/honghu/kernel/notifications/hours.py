"""When a mail may go out: at once, with the daily digest, never in quiet hours."""

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

from honghu.kernel.clocks.durations import ClockUnit, parse_duration

_ROUND_THE_CLOCK = frozenset({ClockUnit.MINUTE, ClockUnit.HOUR})


@dataclasses.dataclass(frozen=True, slots=True)
class Hours:
    """A person's hours: `digest_at` for a daily mail (null: at once), and quiet hours.

    Quiet hours may pass midnight; null means none.
    """

    digest_at: dt.time | None = None
    quiet: tuple[dt.time, dt.time] | None = None


def is_emergency(clock: str) -> bool:
    """Whether a deadline of this duration runs at night: it counts hours or minutes, not days."""
    return bool(clock) and parse_duration(clock).unit in _ROUND_THE_CLOCK


def send_at(hours: Hours, *, now: dt.datetime, emergency: bool, zone: ZoneInfo) -> dt.datetime:
    """The earliest instant at which a mail of `now` may be sent to somebody with these hours.

    An emergency waits for nothing. A digest goes out at its hour, the next time it strikes.
    """
    if emergency:
        return now
    if hours.digest_at is not None:
        return _next(hours.digest_at, now, zone)
    if hours.quiet is None or not _is_quiet(hours.quiet, now.astimezone(zone).time()):
        return now
    return _next(hours.quiet[1], now, zone)


def _is_quiet(quiet: tuple[dt.time, dt.time], clock: dt.time) -> bool:
    begin, end = quiet
    return begin <= clock < end if begin <= end else clock >= begin or clock < end


def _next(clock: dt.time, now: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    local = now.astimezone(zone)
    today = dt.datetime.combine(local.date(), clock, zone)
    return today if today > local else today + dt.timedelta(days=1)
