"""The roll: waters, sections, billboards."""

import datetime as dt

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict
from honghu.domains.rivers.queries import SECTIONS, WATERS, find_by_code
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import cases_with_fact


class CodeTaken(Conflict):
    """Another water or section on the roll has the code."""

    code = "river-code-taken"


def enter_water_body(effect: Effect) -> None:
    """Effect of `enter`: name the water; its code is its own. Raises CodeTaken, Invalid."""
    facts = effect.case.facts
    _check_code(WATERS, facts["code"], effect.now)
    if facts.get("flows_into"):
        find_by_code(WATERS, facts["flows_into"], field="flows_into", now=effect.now)
    effect.case.title = facts["name"]


def enter_section(effect: Effect) -> None:
    """Effect of `enter`: join the section to its water. Raises CodeTaken, Invalid."""
    facts = effect.case.facts
    _check_code(SECTIONS, facts["code"], effect.now)
    water = find_by_code(WATERS, facts["water_body_code"], field="water_body_code", now=effect.now)
    facts["water_body"] = str(water.id)
    facts["water_body_name"] = water.facts["name"]
    effect.case.title = f"{water.facts['name']} {facts['begins']}—{facts['ends']}"


def mark_dry(effect: Effect) -> None:
    """Effect of `mark_dry`: the day is today where none was given."""
    effect.case.facts["dry_since"] = (
        effect.case.facts.get("dry_since") or localdate(effect.now).isoformat()
    )


def mark_wet(effect: Effect) -> None:
    """Effect of `mark_wet`: the channel has water again."""
    effect.case.facts["dry_since"] = None


def put_up_billboard(effect: Effect) -> None:
    """Effect of `put_up`: join the billboard to its section; the QR code leads to its own case."""
    facts = effect.case.facts
    section = find_by_code(SECTIONS, facts["section_code"], field="section_code", now=effect.now)
    facts["water_body_name"] = section.facts["water_body_name"]
    facts["town"] = section.facts["town"]
    facts["qr_address"] = settings.PUBLIC_ADDRESS.rstrip("/") + reverse(
        "case-by-number", args=[effect.case.number]
    )
    effect.case.parties["town"] = [section.facts["town"]]
    effect.case.title = f"{facts['water_body_name']} {facts['ends_text']}"


def _check_code(register: str, code: str, now: dt.datetime) -> None:
    taken = cases_with_fact(register, fact="code", value=code, now=now)
    if any(not row.ended for row in taken):
        message = _("The code {code} is taken.").format(code=code)
        raise CodeTaken(message, remedy=_("Use another code."), fields={"code": message})
