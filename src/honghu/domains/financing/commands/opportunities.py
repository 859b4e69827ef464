"""Opportunities: every standing award as banks may look for it, kept beside its application."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.timezone import localdate

from honghu.domains.financing.commands.authorisations import REGISTER as INTENTS
from honghu.domains.financing.commands.quotes import end_quotes
from honghu.domains.financing.rules.bands import amount_band, ratio_band
from honghu.domains.procurement.queries import AwardRow
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.effects import Effect, EffectFunction
from honghu.kernel.cases.queries import children_of
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.models import Organisation
from honghu.kernel.rulesets.queries import get_rule

REGISTER = "financing-opportunity"
FOLLOWED = {
    "financing-application.apply": "note_application",
    "financing-application.withdraw": "note_application",
    "financing-application.freeze": "pause",
    "financing-application.resume": "resume",
    "financing-application.choose": "take",
    "financing-application.decline": "end",
    "financing-application.void": "end",
}
"""What an application's actions mean for its opportunity."""

_NOTED = frozenset({"note_application"})
_FROM = {
    "note_application": {"open"},
    "pause": {"open"},
    "resume": {"paused"},
    "take": {"open", "paused"},
    "end": {"open", "paused"},
}


def publish_opportunity(
    award: AwardRow, application_id: uuid.UUID, facts: Mapping[str, Any], *, now: dt.datetime
) -> None:
    """The award of an application is an opportunity for the banks from now on; twice is once."""
    open_case(
        REGISTER,
        action="offer",
        actor=SYSTEM,
        now=now,
        idempotency_key=f"opportunity:{application_id}",
        parent_id=application_id,
        form=_form(facts, award, now),
    )


def _form(facts: Mapping[str, Any], award: AwardRow, now: dt.datetime) -> dict[str, Any]:
    """What the notice publishes; the contract is to be signed within the days of the statute."""
    known = ("award", "project_name", "project_no", "lot", "buyer_name", "supplier_name")
    published = award.published_date or localdate(now)
    days = get_rule(
        "financing.contract_signing_natural_days", on=published, region=settings.HONGHU_REGION
    ).as_duration()
    signing = published + dt.timedelta(days=days.value)
    return {name: facts.get(name) for name in known} | {
        "award_amount": facts.get("award_amount"),
        "amount_band": amount_band(facts.get("award_amount")),
        "region": _region(award.plan_no, facts.get("buyer_name")),
        "published_on": published.isoformat(),
        "sign_by": signing.isoformat(),
    }


def _region(plan_no: str | None, buyer_name: str | None) -> str | None:
    """Whether the buyer is of this county, by its entry or the plan's number; null if unknown.

    Hubei's plan numbers begin with the division code (GB/T 2260).
    """
    known = Organisation.objects.filter(name=buyer_name).values_list("region", flat=True)
    region = next((each for each in known if each), None)
    if region is None and plan_no is not None and plan_no[:6].isdigit():
        region = plan_no[:6]
    if region is None:
        return None
    return "county" if region.startswith(settings.HONGHU_REGION) else "outside"


def name_opportunity(effect: Effect) -> None:
    """Effect of `offer`: name it after project and lot."""
    parts = [effect.case.facts.get("project_name"), effect.case.facts.get("lot")]
    effect.case.title = " · ".join(str(part) for part in parts if part)


def follow_application(effect: Effect) -> None:
    """Reaction to what happens to an application: its opportunity is told, paused or ends."""
    action = FOLLOWED.get(f"{effect.case.register.code}.{effect.action.code}", "")
    application_id, facts, now = effect.case.id, dict(effect.case.facts), effect.now
    key = f"{effect.step_id}:opportunity"

    def work() -> None:
        for row in children_of(application_id, register=REGISTER, now=now):
            if row.state in _FROM.get(action, ()):
                form = _noted(application_id, row, facts, now) if action in _NOTED else {}
                perform(row.id, action, actor=SYSTEM, now=now, idempotency_key=key, form=form)

    effect.then(work)


def stop_application(effect: Effect) -> None:
    """Reaction to an application that stops: its quotes end, and its opportunity follows."""
    end_quotes(effect)
    follow_application(effect)


def _noted(
    application_id: uuid.UUID, row: CaseRow, facts: Mapping[str, Any], now: dt.datetime
) -> dict[str, Any]:
    """The sector; amount and share of a public intent alone: a directed one is not for others."""
    intents = children_of(application_id, register=INTENTS, now=now)
    is_public = any(each.facts.get("mode") == "public" and not each.ended for each in intents)
    asked = facts.get("amount") if is_public else None
    return {
        "sector": facts.get("sector"),
        "asked_amount": asked,
        "ratio_band": ratio_band(asked, row.facts.get("award_amount")),
    }


STOPPED_BY = tuple(
    f"financing-application.{action}"
    for action in ("decline", "withdraw", "freeze", "void", "change_supplier")
)
"""The actions after which the quotes of an application have lost what they answered."""

REACTIONS: dict[str, EffectFunction] = {
    **dict.fromkeys(FOLLOWED, follow_application),
    **dict.fromkeys(STOPPED_BY, stop_application),
}
"""What follows from the actions of an application, besides their own effects."""
