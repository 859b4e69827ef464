"""The rating of a month: what was invested, how far the project is, and which light it gets."""

import datetime as dt
from decimal import Decimal

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid
from honghu.domains.projects.models import MonthlyRating
from honghu.domains.projects.queries import RatingRow, milestones_of, ratings_of
from honghu.domains.projects.rules import (
    LightBounds,
    completed_percent,
    completion_ratio,
    is_december_jump,
    last_day_of_month,
    light_of_ratio,
    scheduled_percent,
)
from honghu.kernel.cases.effects import Effect
from honghu.kernel.rulesets.queries import get_rule
from honghu.kernel.rulesets.values import RuleValue


class MonthRatedBefore(Conflict):
    """The month, or a later one, is reported already."""

    code = "month-rated"


class JumpUnexplained(Invalid):
    """December's amount jumps and nothing says why."""

    code = "jump-unexplained"


def rate_progress(effect: Effect) -> None:
    """Effect of `progress`: write the month's rating under the plan as it stands, set the light.

    Months are reported in order, each once, in the plan's year, and not before they have begun.
    Raises MonthRatedBefore, JumpUnexplained, Invalid.
    """
    month, facts = effect.form["month"], effect.case.facts
    before = ratings_of(effect.case.id)
    today = localdate(effect.now)
    _check_month(month, before, facts["plan_year"], today)
    same_year = [row.invested_fen for row in before if row.month[:4] == month[:4]]
    jump = is_december_jump(
        int(month[5:]), effect.form["invested"], same_year, _rule("jump_ratio", today).as_decimal()
    )
    if jump and not effect.form.get("explanation"):
        message = _("December's amount is far above the months before: say why.")
        raise JumpUnexplained(message, fields={"explanation": message})
    until = last_day_of_month(month)
    milestones = milestones_of(effect.case.id, now=effect.now)
    scheduled = scheduled_percent(milestones, until)
    completed = completed_percent(milestones, until)
    ratio = completion_ratio(completed, scheduled)
    light = light_of_ratio(ratio, [row.light for row in before], _bounds(today))
    MonthlyRating.objects.create(
        project_id=effect.case.id,
        step_id=effect.step_id,
        month=month,
        plan_version=1 + effect.case.counters.get("rebasings", 0),
        annual_fen=facts["annual_investment"],
        invested_fen=effect.form["invested"],
        scheduled=scheduled,
        completed=completed,
        ratio=ratio,
        light=light,
        is_jump=jump,
    )
    facts["progress_light"] = light


def _check_month(month: str, before: list[RatingRow], plan_year: int, today: dt.date) -> None:
    if int(month[:4]) != plan_year:
        message = _("The plan in force is that of {year}.").format(year=plan_year)
        raise Invalid(
            message, remedy=_("Adopt the plan of the year first."), fields={"month": message}
        )
    if month > f"{today:%Y-%m}":
        message = _("This month has not begun.")
        raise Invalid(message, fields={"month": message})
    if before and month <= before[-1].month:
        message = _("{month} is the last month reported.").format(month=before[-1].month)
        raise MonthRatedBefore(
            message, remedy=_("Report the months in order, each once."), fields={"month": message}
        )


def _bounds(today: dt.date) -> LightBounds:
    return LightBounds(
        yellow_below=Decimal(_rule("light_yellow_below", today).as_decimal()),
        red_below=Decimal(_rule("light_red_below", today).as_decimal()),
        yellows_to_red=_rule("light_yellows_to_red", today).as_int(),
    )


def _rule(code: str, today: dt.date) -> RuleValue:
    return get_rule(f"projects.{code}", on=today, region=settings.HONGHU_REGION)
