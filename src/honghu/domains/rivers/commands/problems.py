"""Problems until they are noticed: found, handed over, merged, listed, issued; suspended later."""

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid
from honghu.domains.rivers.commands.papers import issue_notice as issue_notice_paper
from honghu.domains.rivers.models import Listing
from honghu.domains.rivers.queries import (
    PATROLS,
    PROBLEMS,
    SECTIONS,
    find_by_code,
    find_by_number,
    rule,
)
from honghu.domains.rivers.rules.problems import (
    ON_WATER,
    Bands,
    Severity,
    is_in_season,
    is_milder,
    least_severity,
    term_of,
)
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.models import Case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.parties.queries import find_organisation, get_organisation, organisation_names

_LEVEL_OF_KIND = {"office": "city", "township": "town"}
_OFFICIALS = ("river_officer", "river_supervisor")


class UnableToOpenProblem(Conflict):
    """A finding that contradicts what is known of the water or of the earlier case."""

    code = "river-problem-refused"


class UnableToList(Conflict):
    """A listing that the level, the severity bands or the state of the other case forbids."""

    code = "river-listing-refused"


class UnableToSuspend(Conflict):
    """A suspension whose ground does not hold."""

    code = "river-suspension-refused"


def open_problem(effect: Effect) -> None:
    """Effect of `open`: join the finding to section, town and issuing office; link a rebound.

    Plants that drift back open a new case with `rebound_of`; a struck-off case never changes.
    Raises Invalid for unknown codes, UnableToOpenProblem for a water-surface kind on a dry
    channel, and for an earlier case that is not struck off or lies on another water.
    """
    facts, now = effect.case.facts, effect.now
    section = find_by_code(SECTIONS, facts["section_code"], field="section_code", now=now)
    if section.facts.get("dry_since") and facts["category"] in ON_WATER:
        message = _("The section is dry since {day}: it has no water surface.").format(
            day=section.facts["dry_since"]
        )
        raise UnableToOpenProblem(message, remedy=_("List it as bank or as silt."))
    if facts.get("patrol_number"):
        find_by_number(PATROLS, facts["patrol_number"], field="patrol_number", now=now)
    if facts["found_on"] > localdate(now).isoformat():
        message = _("This day has not come.")
        raise Invalid(message, remedy=_("Correct the date."), fields={"found_on": message})
    facts["water_body"] = section.facts["water_body"]
    facts["water_body_name"] = section.facts["water_body_name"]
    facts["section"] = str(section.id)
    facts["is_rebound"] = _link_rebound(effect)
    _join_parties(effect, section)
    category = effect.case.register.fields["category"].options[facts["category"]].zh
    effect.case.title = f"{facts['water_body_name']} {facts['location']} {category}"


def _link_rebound(effect: Effect) -> bool:
    """Whether the case came back; then both its fact and its link name the earlier one."""
    facts, case = effect.case.facts, effect.case
    linked = Case.objects.select_related("rebound_of").get(pk=case.id).rebound_of
    number = facts.get("earlier") or (linked.number if linked is not None else None)
    if number is None:
        return False
    earlier = find_by_number(PROBLEMS, number, field="earlier", now=effect.now)
    other_link = linked is not None and linked.id != earlier.id
    if other_link or earlier.state != "struck_off":
        message = _("The case {number} is not struck off, so nothing came back.").format(
            number=earlier.number
        )
        raise UnableToOpenProblem(message, remedy=_("Act on that case."))
    if earlier.facts["water_body"] != facts["water_body"]:
        message = _("The case {number} lies on another water.").format(number=earlier.number)
        raise UnableToOpenProblem(message, remedy=_("Open it without an earlier case."))
    facts["earlier"] = earlier.number
    # The row was inserted in this transaction; the form knows the number, the link the id.
    Case.objects.filter(pk=case.id, rebound_of=None).update(rebound_of_id=earlier.id)
    return True


def _join_parties(effect: Effect, section: CaseRow) -> None:
    facts, case, actor = effect.case.facts, effect.case, effect.actor
    town = section.facts["town"]
    for code in ("town", "chief_unit"):
        facts[code] = town
        case.parties[code] = [town]
    if actor.organisation_id is not None:
        facts["reporter"] = str(actor.organisation_id)
        case.add_party("reporter", actor.organisation_id)
    issuer = _issuer(effect, town)
    facts["issuer"] = issuer
    case.parties["issuer"] = [issuer]


def _issuer(effect: Effect, town: str) -> str:
    """An official's own office; of a chief of the county its river office; else the lead town's."""
    actor = effect.actor
    if actor.organisation_id is None:
        return town
    if any(actor.holds(role) for role in _OFFICIALS):
        return str(actor.organisation_id)
    if get_organisation(actor.organisation_id).kind != "office":
        return town
    name = rule("city_office", localdate(effect.now)).as_text()
    office = find_organisation(name=name)
    if office is None:
        message = _("There is no organisation {name}.").format(name=name)
        raise UnableToOpenProblem(
            message, remedy=_("Enter it, or set the rule rivers.city_office.")
        )
    return str(office.id)


def hand_over(effect: Effect) -> None:
    """Effect of `hand_over`: only the office of the county or the lead town may judge it.

    Raises Invalid for another kind of organisation.
    """
    facts = effect.case.facts
    kind = _issuer_kind(effect)
    if kind not in _LEVEL_OF_KIND or (kind == "township" and facts["issuer"] != facts["town"]):
        message = _("Only the county's office or the lead town can judge it.")
        raise Invalid(message, remedy=_("Choose one of the two."), fields={"issuer": message})


def _issuer_kind(effect: Effect) -> str:
    return get_organisation(uuid.UUID(effect.case.facts["issuer"])).kind


def merge_problem(effect: Effect) -> None:
    """Effect of `merge`: into another problem that is still open. Raises Invalid, UnableToList."""
    original = find_by_number(PROBLEMS, effect.form["original"], field="original", now=effect.now)
    if original.id == effect.case.id or original.ended:
        message = _("Nothing can be merged into {number}.").format(number=original.number)
        raise UnableToList(message, remedy=_("Name another problem that is open."))


def list_problem(effect: Effect) -> None:
    """Effect of `list`: level, least severity, term and the helpers of other towns are settled.

    The level is the issuing office's; the severity may not be milder than its band (办河湖〔2018〕
    245号). What is listed is written once. Raises UnableToList.
    """
    facts, now = effect.case.facts, effect.now
    kind = _issuer_kind(effect)
    if _LEVEL_OF_KIND.get(kind) != facts["level"]:
        message = _("The issuing office keeps no list of this level.")
        raise UnableToList(message, remedy=_("Choose its own level, or hand the problem over."))
    least = least_severity(
        facts["category"],
        Decimal(facts["quantity"]) if facts.get("quantity") else None,
        facts.get("quantity_unit"),
        _bands(effect),
    )
    severity = cast("Severity", facts["severity"])
    if is_milder(severity, least):
        message = _("By its quantity the problem is at least {severity}.").format(
            severity=effect.case.register.fields["severity"].options[least].zh
        )
        raise UnableToList(message, remedy=_("Choose that severity or a graver one."))
    facts["term"] = term_of(facts["category"], severity)
    section = find_by_code(SECTIONS, facts["section_code"], field="section_code", now=now)
    _join_helpers(effect, section.facts)
    Listing.objects.create(
        case_id=effect.case.id,
        step_id=effect.step_id,
        water_body_id=facts["water_body"],
        water_body_name=facts["water_body_name"],
        section_id=facts["section"],
        level=facts["level"],
        category=facts["category"],
        severity=severity,
        source=facts["source"],
        town_id=facts["town"],
        region=section.facts.get("region"),
        rebound_of=Case.objects.get(pk=effect.case.id).rebound_of_id,
        listed_at=now,
    )


def _bands(effect: Effect) -> Bands:
    on = localdate(effect.now)
    return Bands(
        rule("severity_serious_from_m2", on).as_int(),
        rule("severity_major_above_m2", on).as_int(),
        rule("severity_serious_above_m3", on).as_int(),
    )


def _join_helpers(effect: Effect, section: Mapping[str, Any]) -> None:
    """The other towns of a section that crosses towns help; each books its own inputs."""
    facts, case = effect.case.facts, effect.case
    for town in (section.get("co_town_one"), section.get("co_town_two")):
        if town is not None:
            case.add_party("helper", uuid.UUID(town))
    helpers = [uuid.UUID(each) for each in case.parties.get("helper", ())]
    names = organisation_names(helpers)
    facts["helper_names"] = "、".join(names[each] for each in helpers) or None


def issue_notice(effect: Effect) -> None:
    """Effect of `issue`: the term begins, the notice takes its number (整改通知).

    Raises NotFound where the office has no series for notices.
    """
    effect.case.facts["issued_at"] = effect.now.isoformat()
    effect.case.facts["notice_number"] = issue_notice_paper(effect)


def suspend_problem(effect: Effect) -> None:
    """Effect of `suspend`: the ground flood season holds in flood season only.

    Raises UnableToSuspend.
    """
    if effect.form["ground"] != "flood_season":
        return
    day = localdate(effect.now)
    first = rule("flood_season_first", day).as_text()
    last = rule("flood_season_last", day).as_text()
    if not is_in_season(day, first=first, last=last):
        message = _("The flood season is from {first} to {last}.").format(first=first, last=last)
        raise UnableToSuspend(message, remedy=_("Give the true ground."))
