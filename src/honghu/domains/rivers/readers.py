"""Tracks as patrol apps and hand-held receivers write them: GPX 1.1 (topografix.com/GPX/1/1)."""

import datetime as dt
import itertools
from decimal import Decimal, InvalidOperation
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

from honghu.base.earth import Point
from honghu.base.problems import Invalid
from honghu.domains.rivers.rules.patrols import Fix

_SEGMENT: Final = "{*}trkseg"
_POINT: Final = "{*}trkpt"
_TIME: Final = "{*}time"
_LONGITUDE_MAX, _LATITUDE_MAX = 180, 90
_POINTS_MIN: Final = 2


class TrackUnreadable(Invalid):
    """A track that cannot be read, or that does not say when its points were passed."""

    code = "track-unreadable"


def read_track(content: bytes) -> list[list[Fix]]:
    """The points of a GPX track by segment, each with its time: between segments lies a pause.

    Raises TrackUnreadable, naming the point, for what is no GPX, for a point without time or
    off the earth, and for fewer than two points.
    """
    try:
        root: Element = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError) as error:
        message = _("The track is no GPX file: {problem}").format(problem=error)
        raise TrackUnreadable(message, remedy=_("Export it from the patrol app again.")) from error
    numbers = itertools.count(1)
    stretches = [
        [_fix(next(numbers), point) for point in segment.iterfind(_POINT)]
        for segment in root.iterfind(f".//{_SEGMENT}")
    ]
    count = sum(map(len, stretches))
    if count < _POINTS_MIN:
        message = _("The track has {count} points.").format(count=count)
        raise TrackUnreadable(message, remedy=_("File a paper patrol if the receiver failed."))
    return [stretch for stretch in stretches if stretch]


def _fix(number: int, point: Element) -> Fix:
    time = point.findtext(_TIME)
    try:
        place = Point(Decimal(point.attrib["lon"]), Decimal(point.attrib["lat"]))
        at = dt.datetime.fromisoformat(time or "")
    except (KeyError, ValueError, InvalidOperation) as error:
        message = _("Point {number} of the track lacks place or time.").format(number=number)
        raise TrackUnreadable(message, remedy=_("Export it with times.")) from error
    is_finite = place.longitude.is_finite() and place.latitude.is_finite()
    if not (
        is_finite
        and abs(place.longitude) <= _LONGITUDE_MAX
        and abs(place.latitude) <= _LATITUDE_MAX
    ):
        message = _("Point {number} of the track is not on the earth.").format(number=number)
        raise TrackUnreadable(message, remedy=_("Export it from the patrol app again."))
    # GPX times are UTC; some receivers leave the Z out.
    return Fix(at if at.tzinfo else at.replace(tzinfo=dt.UTC), place)
