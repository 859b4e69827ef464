"""Supervised enterprises by their code, and their risk points."""

import uuid
from decimal import Decimal

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid
from honghu.domains.safety.rules import RiskBounds, risk_colour, risk_score
from honghu.kernel.cases.effects import Effect
from honghu.kernel.parties.commands import add_organisation
from honghu.kernel.parties.queries import find_organisation, get_organisation
from honghu.kernel.rulesets.queries import get_rule


class UnableToRegisterEnterprise(Conflict):
    """Name and code do not belong together in what is known already."""

    code = "enterprise-conflict"


def name_enterprise(effect: Effect) -> None:
    """Effect of `enter`. Raises UnableToRegisterEnterprise if the code is another's."""
    effect.case.title = effect.case.facts["name"]
    _known(effect.case.facts["name"], effect.case.facts["uscc"])


def _known(name: str, uscc: str) -> uuid.UUID | None:
    found = find_organisation(uscc=uscc)
    if found is None:
        return None
    if found.name != name:
        message = _("The code is registered for {name}.").format(name=found.name)
        raise UnableToRegisterEnterprise(message, remedy=_("Compare it with the licence."))
    return found.id


def register_enterprise(effect: Effect) -> None:
    """Effect of `verify`: the enterprise is an organisation from now on."""
    if effect.result != "passed":
        return
    facts = effect.case.facts
    known = _known(facts["name"], facts["uscc"])
    if known is None:
        known = add_organisation(
            name=facts["name"],
            kind="enterprise",
            uscc=facts["uscc"],
            region=facts["region"],
            now=effect.now,
        ).id
    facts["enterprise"] = str(known)
    effect.case.add_party("enterprise", known)


def assess_risk(effect: Effect) -> None:
    """Effect of `assess`: a risk point of the actor's own organisation. Raises Invalid."""
    own = effect.actor.organisation_id
    if own is None:
        message = _("A risk point belongs to an organisation.")
        raise Invalid(message)
    effect.case.facts["enterprise"] = str(own)
    effect.case.add_party("enterprise", own)
    effect.case.title = f"{get_organisation(own).name} · {effect.case.facts['point']}"
    reassess_risk(effect)


def reassess_risk(effect: Effect) -> None:
    """Effect of `reassess`: score and colour by LEC."""
    facts, today, region = effect.case.facts, localdate(effect.now), settings.HONGHU_REGION

    def least(colour: str) -> int:
        return get_rule(f"safety.lec_{colour}_min", on=today, region=region).as_int()

    score = risk_score(
        Decimal(facts["likelihood"]), Decimal(facts["exposure"]), Decimal(facts["consequence"])
    )
    facts["score"] = str(score)
    facts["colour"] = risk_colour(score, RiskBounds(least("red"), least("orange"), least("yellow")))
