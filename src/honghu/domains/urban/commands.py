"""What actions of the urban registers set off: duplicates, dispatch, markings."""

import datetime as dt
import uuid
from decimal import Decimal

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.earth import Point
from honghu.base.problems import Conflict, Invalid
from honghu.domains.urban.queries import PROBLEMS, similar_problem
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import find_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.queries import get_organisation
from honghu.kernel.registers.patterns import PatternError, check_pattern, matches
from honghu.kernel.rulesets.queries import RuleValue, get_rule

STANDARDS = "urban-marking-standard"
TOWNSHIP = "township"


class UnableToMergeProblem(Conflict):
    """The other case is this one, no problem of the list, or was not filed itself."""

    code = "merge-refused"


class StandardNotInForce(Conflict):
    """The marking standard is not verified, is replaced, or begins later."""

    code = "standard-not-in-force"


def _rule(name: str, on: dt.date) -> RuleValue:
    return get_rule(f"urban.{name}", on=on, region=settings.HONGHU_REGION)


def _refuse_future(day: str, field: str, now: dt.datetime) -> None:
    if day > localdate(now).isoformat():
        message = _("The day lies in the future.")
        raise Invalid(message, fields={field: message})


def collect_problem(effect: Effect) -> None:
    """Effect of `open`: class by the table of the day, and a problem that may be the same.

    Raises Invalid for what was spotted in the future, and for a class of another kind.
    """
    facts, now = effect.case.facts, effect.now
    spotted_at = dt.datetime.fromisoformat(facts["spotted_at"])
    if spotted_at > now:
        message = _("The time lies in the future.")
        raise Invalid(message, fields={"spotted_at": message})
    today = localdate(now)
    kind, _space, number = _rule(f"class.{facts['category']}", today).as_text().partition(" ")
    if kind != facts["kind"]:
        message = _("This kind of problem belongs to the other class.")
        raise Invalid(message, fields={"kind": message})
    facts["class_code"] = number
    place = facts["place"]
    found = similar_problem(
        effect.case.id,
        category=facts["category"],
        place=Point(Decimal(place["lon"]), Decimal(place["lat"])),
        spotted_at=spotted_at,
        window=dt.timedelta(hours=_rule("duplicate_hours", today).as_int()),
        metres=_rule("duplicate_metres", today).as_int(),
    )
    facts["similar"] = None if found is None else str(found)
    effect.case.title = f"{facts['grid']} · {facts['problem']}"


def merge_problem(effect: Effect) -> None:
    """Effect of `merge`: into a problem that is kept itself. Raises UnableToMergeProblem."""
    case = effect.case
    other = find_case(uuid.UUID(case.facts["duplicate_of"]), actor=SYSTEM, now=effect.now)
    gone = {"refused", "voided", "merged"}
    if other.register != PROBLEMS or other.id == case.id or other.state in gone:
        message = _("It can be merged only into another problem that is kept.")
        raise UnableToMergeProblem(message, remedy=_("Choose the one that was reported first."))


def decide_on_site(effect: Effect) -> None:
    """Effect of `decide_on_site`: a decision names what is done. Raises Invalid without a measure."""
    facts = effect.case.facts
    if not facts.get("measure"):
        message = _("A decision on site names the measure.")
        raise Invalid(message, fields={"measure": message})
    facts["decided_on_site"] = True


def dispatch_problem(effect: Effect) -> None:
    """Effect of `dispatch`: where the owner is unclear the town leads. Raises Invalid."""
    facts = effect.case.facts
    unit = get_organisation(uuid.UUID(facts["responsible"]))
    if facts["ownership"] == "unclear" and unit.kind != TOWNSHIP:
        message = _("Where the owner is unclear the town leads.")
        raise Invalid(message, fields={"responsible": message})


def draft_standard(effect: Effect) -> None:
    """Effect of `draft` of a standard: its pattern can be read and fits its example. Raises Invalid."""
    facts = effect.case.facts
    try:
        check_pattern(facts["number_pattern"])
    except PatternError as error:
        message = _("This is no pattern.")
        raise Invalid(message, fields={"number_pattern": message}) from error
    if not matches(facts["number_pattern"], facts["number_example"]):
        message = _("The example does not fit the pattern.")
        raise Invalid(message, fields={"number_example": message})
    effect.case.title = facts["name"]


def register_vehicle(effect: Effect) -> None:
    """Effect of `register` of a vehicle. Raises Invalid for a day to come."""
    facts = effect.case.facts
    _refuse_future(facts["bought_on"], "bought_on", effect.now)
    effect.case.title = f"{facts['plate']} {facts['brand']}"


def mark_vehicle(effect: Effect) -> None:
    """Effect of `mark`: by a standard in force on that day, with a number of its form.

    Raises StandardNotInForce, Invalid.
    """
    facts = effect.case.facts
    _refuse_future(facts["marked_on"], "marked_on", effect.now)
    standard = find_case(uuid.UUID(facts["standard"]), actor=SYSTEM, now=effect.now)
    begins = standard.facts.get("effective_from")
    if (
        standard.register != STANDARDS
        or standard.state != "live"
        or begins is None
        or begins > facts["marked_on"]
    ):
        message = _("The standard was not in force on {day}.").format(day=facts["marked_on"])
        raise StandardNotInForce(message, remedy=_("Choose the one of that day."))
    if not matches(standard.facts["number_pattern"], facts["body_number"]):
        message = _("The standard writes numbers like {example}.").format(
            example=standard.facts["number_example"]
        )
        raise Invalid(message, fields={"body_number": message})


def log_use(effect: Effect) -> None:
    """Effect of `log` of a use: of a vehicle. Raises Invalid without one, and for a day to come."""
    facts = effect.case.facts
    if effect.case.parent_id is None:
        message = _("A use belongs to a vehicle.")
        raise Invalid(message, remedy=_("Open it from the vehicle."))
    _refuse_future(facts["dispatched_on"], "dispatched_on", effect.now)
    effect.case.title = f"{facts['dispatched_on']} {facts['task']}"


def log_activity(effect: Effect) -> None:
    """Effect of `log` of an activity. Raises Invalid for a day to come."""
    facts = effect.case.facts
    _refuse_future(facts["held_on"], "held_on", effect.now)
    # Titles are kept, and the record is Chinese, whatever the actor reads.
    kind = effect.case.register.fields["kind"].options[facts["kind"]].zh
    effect.case.title = f"{kind} {facts['held_on']}"


def name_legal_case(effect: Effect) -> None:
    """Effect of `file` of a penalty case: its title does not name the party."""
    effect.case.title = effect.case.facts["matter"]
