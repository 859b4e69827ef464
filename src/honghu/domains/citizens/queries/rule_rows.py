"""Rows of the rule book that reports are judged by."""

import datetime as dt

from django.conf import settings

from honghu.domains.citizens.rules.likeness import Nearness
from honghu.domains.citizens.rules.places import Bounds, read_bounds
from honghu.kernel.rulesets.queries import RuleValue, find_rule, get_rule


def rule(name: str, on: dt.date) -> RuleValue:
    """The row of `citizens.name` that holds in this county on the day."""
    return get_rule(f"citizens.{name}", on=on, region=settings.HONGHU_REGION)


def county_bounds(on: dt.date) -> Bounds | None:
    """The rectangle around this county; null where the rule book does not know it."""
    found = find_rule("citizens.county_bounds", on=on, region=settings.HONGHU_REGION)
    return None if found is None else read_bounds(found.as_text())


def nearness(on: dt.date) -> Nearness:
    """When two reports are taken for one."""
    return Nearness(
        metres=rule("duplicate_metres", on).as_int(),
        hours=rule("duplicate_hours", on).as_int(),
        words_percent=rule("duplicate_words_percent", on).as_int(),
        words_metres=rule("duplicate_words_metres", on).as_int(),
        words_hours=rule("duplicate_words_hours", on).as_int(),
    )
