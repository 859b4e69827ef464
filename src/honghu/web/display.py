"""How values are written for people: money, instants, days, durations, hashes.

Dates are written the same way in both languages (ISO 8601), so that columns line up and nobody
reads a month for a day. None is unknown and becomes the empty text; the templates draw the dash.
"""

import datetime as dt
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

COUNTY_ZONE = ZoneInfo("Asia/Shanghai")
FEN_PER_WAN = 1_000_000

_HOUR = 3600
_DAY = 86400
_SHOWN_DIGITS = 8
_BYTES_PER_MB = 1_000_000


def group_digits(number: int | Decimal) -> str:
    """Write a number with thousands separators, its decimals as they are."""
    return f"{number:,}"


def yuan_text(fen: int) -> str:
    """Write fen as yuan with two decimals: 123456789 is "1,234,567.89". Exact."""
    return f"{Decimal(fen).scaleb(-2):,.2f}"


def wan_text(fen: int) -> str:
    """Write fen as 万元 with two decimals, rounded half to even: for display only."""
    wan = (Decimal(fen) / FEN_PER_WAN).quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
    return f"{wan:,.2f}"


def percent_text(rate: Decimal) -> str:
    """Write a rate as a percentage without losing digits: 0.0385 is "3.85 %"."""
    percent = (rate * 100).normalize()
    # normalize() writes 100 as 1E+2
    return f"{percent:,f} %"


def date_text(day: dt.date) -> str:
    """Write a day: 2026-07-03."""
    return day.isoformat()


def instant_text(instant: dt.datetime) -> str:
    """Write an aware instant as the county's clock shows it, to the minute."""
    return instant.astimezone(COUNTY_ZONE).strftime("%Y-%m-%d %H:%M")


def due_instant_text(due_at: dt.datetime) -> str:
    """Write a due instant: a day that ends at midnight ends at 24:00 of itself (Civil Code 203)."""
    local = due_at.astimezone(COUNTY_ZONE)
    if local.time() == dt.time():
        return f"{(local - dt.timedelta(days=1)).date().isoformat()} 24:00"
    return instant_text(due_at)


def duration_text(duration: dt.timedelta) -> str:
    """Write a length of time in its two leading units: "2 days 4 hours", "35 minutes".

    The sign is dropped: the sentence around it says whether it is over or left.
    """
    seconds = int(abs(duration).total_seconds())
    days, rest = divmod(seconds, _DAY)
    hours, rest = divmod(rest, _HOUR)
    minutes = rest // 60
    parts = [
        ngettext("%(count)d day", "%(count)d days", days) % {"count": days} if days else "",
        ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours} if hours else "",
        ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes},
    ]
    if days:
        # "3 days 0 hours 4 minutes" says no more than "3 days"
        return " ".join(part for part in parts[:2] if part)
    return " ".join(part for part in parts[1:] if part) if minutes or not hours else parts[1]


def due_text(due_at: dt.datetime, now: dt.datetime) -> str:
    """Say how far a due instant is: "3 days left", "overdue by 4 hours"."""
    left = due_at - now
    if left < dt.timedelta():
        return _("overdue by %(duration)s") % {"duration": duration_text(left)}
    return _("%(duration)s left") % {"duration": duration_text(left)}


def listed_text(parts: Iterable[str]) -> str:
    """Write parts one after the other, with the comma that the language has for lists."""
    return pgettext("between the parts of a list", ", ").join(parts)


def short_hash(digest: str) -> str:
    """Shorten a hexadecimal hash for the eye: its first and last eight digits."""
    if len(digest) <= 2 * _SHOWN_DIGITS:
        return digest
    return f"{digest[:_SHOWN_DIGITS]}…{digest[-_SHOWN_DIGITS:]}"


def size_text(size_bytes: int) -> str:
    """Write a file size in kB or MB (powers of ten)."""
    if size_bytes < _BYTES_PER_MB:
        return f"{max(1, round(size_bytes / 1000))} kB"
    return f"{size_bytes / _BYTES_PER_MB:.1f} MB"
