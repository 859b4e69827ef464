"""When two reports may be one: by place and time, or by place and words."""

import datetime as dt
import unicodedata
from dataclasses import dataclass

from rapidfuzz import fuzz

from honghu.base.earth import Point, metres_between


@dataclass(frozen=True, slots=True)
class Nearness:
    """The rule book's bounds: near in place and time, or alike in words within wider ones."""

    metres: int
    hours: int
    words_percent: int
    words_metres: int
    words_hours: int


@dataclass(frozen=True, slots=True)
class Said:
    """What is compared of a report: where (null while unknown), when, and its words."""

    place: Point | None
    at: dt.datetime
    text: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two reports are: metres apart (null while unknown), hours apart, words in per cent."""

    metres: int | None
    hours: int
    words_percent: int


def words_alike(one: str, other: str) -> int:
    """How alike two texts are, 0 to 100: the shorter one against the best part of the longer."""
    first, second = (unicodedata.normalize("NFKC", text).casefold() for text in (one, other))
    if not first.strip() or not second.strip():
        return 0
    return round(max(fuzz.ratio(first, second), fuzz.partial_ratio(first, second) * 0.9))


def compare(one: Said, other: Said, near: Nearness) -> Likeness | None:
    """How alike the two are if they may be the same; null if they are not taken for one.

    An unknown place is never taken for a near one: then the words alone decide.
    """
    metres = None
    if one.place is not None and other.place is not None:
        metres = round(metres_between(one.place, other.place))
    hours = abs(one.at - other.at) / dt.timedelta(hours=1)
    words = words_alike(one.text, other.text)
    is_near = metres is not None and metres <= near.metres and hours <= near.hours
    is_alike = (
        words >= near.words_percent
        and hours <= near.words_hours
        and (metres is None or metres <= near.words_metres)
    )
    return Likeness(metres, round(hours), words) if is_near or is_alike else None
