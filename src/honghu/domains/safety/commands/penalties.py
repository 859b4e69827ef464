"""Penalties, the rolling count over them, and the request to close that it triggers."""

import datetime as dt
import uuid

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Invalid
from honghu.domains.safety.commands.hazards import HAZARDS, refuse_future
from honghu.domains.safety.queries import has_open_closure, penalties_for_major
from honghu.domains.safety.rules import RollingTerms, continued_fine_fen, count_penalties
from honghu.kernel.cases.commands import open_case
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import find_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.queries import get_organisation
from honghu.kernel.rulesets.queries import get_rule

CLOSURES = "safety-closure"


def decide_penalty(effect: Effect) -> None:
    """Effect of `decide`: count the penalties for major hazards; enough of them ask for a closure.

    Raises Invalid for a day to come, and for a penalty for a major hazard that names none.
    """
    case, facts = effect.case, effect.case.facts
    refuse_future(facts["decided_on"], "decided_on", effect.now)
    enterprise = uuid.UUID(facts["enterprise"])
    case.title = get_organisation(enterprise).name
    facts["closure_due"] = False
    if not facts["for_major"]:
        return
    _check_hazard(effect)
    terms, on = rolling_terms(localdate(effect.now)), dt.date.fromisoformat(facts["decided_on"])
    days = [*penalties_for_major(enterprise, now=effect.now), on]
    count = count_penalties(days, on, terms)
    facts.update(in_days=count.in_days, in_year=count.in_year, closure_due=count.closure_due(terms))
    if facts["closure_due"] and not has_open_closure(enterprise, now=effect.now):
        _trigger(effect, enterprise, count.in_days, count.in_year)


def rolling_terms(on: dt.date) -> RollingTerms:
    """The terms of 安全生产法 art. 113 as they hold on a day. Raises RuleMissingError."""

    def held(name: str) -> int:
        return get_rule(f"safety.{name}", on=on, region=settings.HONGHU_REGION).as_int()

    return RollingTerms(
        held("penalty_window_days"),
        held("penalties_in_days_min"),
        held("penalty_window_year"),
        held("penalties_in_year_min"),
    )


def _check_hazard(effect: Effect) -> None:
    facts = effect.case.facts
    if facts.get("hazard") is None:
        message = _("Name the major hazard for which it is penalised.")
        raise Invalid(message, fields={"hazard": message})
    hazard = find_case(uuid.UUID(facts["hazard"]), actor=SYSTEM, now=effect.now)
    same = hazard.facts.get("responsible") == facts["enterprise"]
    if hazard.register != HAZARDS or hazard.facts.get("level") != "major" or not same:
        message = _("This is no major hazard of the organisation.")
        raise Invalid(message, fields={"hazard": message})


def _trigger(effect: Effect, enterprise: uuid.UUID, in_days: int, in_year: int) -> None:
    case_id, key, now = effect.case.id, f"closure:{effect.step_id}", effect.now

    def work() -> None:
        open_case(
            CLOSURES,
            action="trigger",
            actor=SYSTEM,
            now=now,
            idempotency_key=key,
            parent_id=case_id,
            form={"enterprise": str(enterprise), "in_days": in_days, "in_year": in_year},
        )

    effect.then(work)


def continue_fine(effect: Effect) -> None:
    """Effect of `continue_fine`: the fine once more for each day on which the order was refused.

    The days run from the day after the order to the day on which it was found refused (安全生产法
    art. 112); said again, they take the place of those before. Raises Invalid for a day to come,
    and for one that is not after the order.
    """
    facts = effect.case.facts
    refuse_future(facts["refused_on"], "refused_on", effect.now)
    ordered, refused = (dt.date.fromisoformat(facts[n]) for n in ("ordered_on", "refused_on"))
    if refused <= ordered:
        message = _("The order begins to be refused on the day after it.")
        raise Invalid(message, fields={"refused_on": message})
    days = (refused - ordered).days
    facts["continued_days"] = days
    facts["continued_amount"] = continued_fine_fen(facts["amount"], days)


def name_closure(effect: Effect) -> None:
    """Effect of `trigger`."""
    effect.case.title = get_organisation(uuid.UUID(effect.case.facts["enterprise"])).name


def register_report(effect: Effect) -> None:
    """Effect of `register` of a report: its title tells neither who reported nor what.

    Raises Invalid for a day to come.
    """
    facts = effect.case.facts
    refuse_future(facts["received_on"], "received_on", effect.now)
    effect.case.title = facts["subject"]
