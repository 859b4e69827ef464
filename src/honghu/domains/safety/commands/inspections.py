"""Inspections and the checklists on which they go; each inspection keeps the version of its day."""

import uuid

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid
from honghu.domains.safety.commands.hazards import refuse_future
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.queries import get_organisation
from honghu.kernel.rulesets.queries import get_rule

CHECKLISTS = "safety-checklist"
SELF = "self"


class ChecklistNotInForce(Conflict):
    """The checklist is not verified, is replaced, or begins later."""

    code = "checklist-not-in-force"


def name_checklist(effect: Effect) -> None:
    """Effect of `draft` of a checklist."""
    effect.case.title = f"{effect.case.facts['name']} {effect.case.facts['edition']}"


def begin_inspection(effect: Effect) -> None:
    """Effect of `open`: officials come in twos, with a checklist in force.

    Raises Invalid, ChecklistNotInForce (行政处罚法 art. 42).
    """
    facts, region = effect.case.facts, settings.HONGHU_REGION
    if facts["kind"] == SELF:
        message = _("A self-check is begun by the enterprise.")
        raise Invalid(message, fields={"kind": message})
    least = get_rule("safety.team_min", on=localdate(effect.now), region=region).as_int()
    if facts["team"] < least:
        message = _("An inspection needs at least {least} officials.").format(least=least)
        raise Invalid(message, fields={"team": message})
    _begin(effect, get_organisation(uuid.UUID(facts["enterprise"])).name)


def begin_self_check(effect: Effect) -> None:
    """Effect of `open_self`: the enterprise checks itself. Raises Invalid, ChecklistNotInForce."""
    own = effect.actor.organisation_id
    if own is None:
        message = _("A self-check is made by an organisation.")
        raise Invalid(message)
    effect.case.facts.update(kind=SELF, enterprise=str(own))
    effect.case.add_party("enterprise", own)
    _begin(effect, effect.actor.organisation_name)


def _begin(effect: Effect, name: str) -> None:
    facts = effect.case.facts
    refuse_future(facts["inspected_on"], "inspected_on", effect.now)
    checklist = _checklist(effect)
    if checklist.state != "live" or checklist.facts["effective_from"] > facts["inspected_on"]:
        message = _("The checklist was not in force on {day}.").format(day=facts["inspected_on"])
        raise ChecklistNotInForce(message, remedy=_("Choose the version of that day."))
    facts["checklist_version"] = str(checklist.facts["edition"])
    office = effect.actor.organisation_id
    if office is not None:
        facts["organisation"] = str(office)
        effect.case.add_party("organisation", office)
    effect.case.title = f"{name} · {checklist.facts['name']}"


def _checklist(effect: Effect) -> CaseRow:
    found = find_case(uuid.UUID(effect.case.facts["checklist"]), actor=SYSTEM, now=effect.now)
    if found.register != CHECKLISTS:
        message = _("This is no checklist.")
        raise Invalid(message, fields={"checklist": message})
    return found


def record_inspection(effect: Effect) -> None:
    """Effect of `record` and `record_self`: no more points than the checklist has. Raises Invalid."""
    lines = _checklist(effect).facts["points"].splitlines()
    count = sum(1 for line in lines if line.strip())
    if effect.case.facts["points_checked"] > count:
        message = _("The checklist has {count} points.").format(count=count)
        raise Invalid(message, fields={"points_checked": message})
