"""Rows of the rule book that reports are judged by."""

import datetime as dt

from django.conf import settings

from honghu.base.earth import Point
from honghu.base.spots import read_box, spot_of
from honghu.domains.citizens.rules.likeness import Nearness
from honghu.kernel.rulesets.queries import RuleValue, find_rule, get_rule


def rule(name: str, on: dt.date) -> RuleValue:
    """The row of `citizens.name` that holds in this county on the day."""
    return get_rule(f"citizens.{name}", on=on, region=settings.HONGHU_REGION)


def is_outside(place: Point, on: dt.date) -> bool:
    """Whether a place lies outside this county; false where the rule book knows no bounds of it."""
    bounds = find_rule("citizens.county_bounds", on=on, region=settings.HONGHU_REGION)
    if bounds is None:
        return False
    spot = spot_of({"lon": place.longitude, "lat": place.latitude})
    return spot is None or not read_box(bounds.as_text()).holds(spot)


def nearness(on: dt.date) -> Nearness:
    """When two reports are taken for one."""
    return Nearness(
        metres=rule("duplicate_metres", on).as_int(),
        hours=rule("duplicate_hours", on).as_int(),
        words_percent=rule("duplicate_words_percent", on).as_int(),
        words_metres=rule("duplicate_words_metres", on).as_int(),
        words_hours=rule("duplicate_words_hours", on).as_int(),
    )
