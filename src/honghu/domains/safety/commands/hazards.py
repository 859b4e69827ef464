"""Hazards: found, graded by two where they are major, merged, ordered, listed, downgraded."""

import datetime as dt
import uuid

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid, NotAllowed
from honghu.domains.safety.queries import self_checks_of
from honghu.domains.safety.rules import months_before, zero_streak
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import find_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.queries import get_organisation
from honghu.kernel.rulesets.queries import find_rule, get_rule

HAZARDS = "safety-hazard"
TOWNSHIP = "township"


class UnableToGradeHazard(Conflict):
    """No judgement standard of the sector was in force when the hazard was found."""

    code = "standard-missing"


class UnableToDowngradeHazard(NotAllowed):
    """Another authority than the one that graded the hazard wants to downgrade it."""

    code = "downgrade-by-another"


class UnableToMergeHazard(Conflict):
    """The two are not the same hazard, or the other is closed."""

    code = "merge-refused"


def find_hazard(effect: Effect) -> None:
    """Effect of `open`: a department found it.

    Raises Invalid for a day to come, for a lease without both sides, and where nobody is known to
    own the thing unless the town is responsible.
    """
    facts = effect.case.facts
    _check_found(effect)
    responsible = get_organisation(uuid.UUID(facts["responsible"]))
    if facts.get("ownership") == "none" and responsible.kind != TOWNSHIP:
        message = _("Where no owner can be found the town is responsible.")
        raise Invalid(message, fields={"responsible": message})
    _record_finder(effect, "department")
    effect.case.title = f"{responsible.name} · {facts['summary']}"


def find_own_hazard(effect: Effect) -> None:
    """Effect of `open_self`: the actor's organisation found it and answers for it. Raises Invalid."""
    own = effect.actor.organisation_id
    if own is None:
        message = _("A self-check is made by an organisation.")
        raise Invalid(message)
    _check_found(effect)
    effect.case.facts["responsible"] = str(own)
    effect.case.add_party("responsible", own)
    _record_finder(effect, "self")
    effect.case.title = f"{effect.actor.organisation_name} · {effect.case.facts['summary']}"


def _record_finder(effect: Effect, source: str) -> None:
    effect.case.facts["source"] = source
    finder = effect.actor.organisation_id
    if finder is not None:
        effect.case.facts["finder"] = str(finder)
        effect.case.add_party("finder", finder)


def _check_found(effect: Effect) -> None:
    facts = effect.case.facts
    refuse_future(facts["found_on"], "found_on", effect.now)
    if facts.get("ownership") == "leased" and not (facts.get("owner") and facts.get("tenant")):
        message = _("Of leased premises both lessor and tenant are recorded.")
        raise Invalid(message, fields={"owner": message, "tenant": message})


def refuse_future(day: str, field: str, now: dt.datetime) -> None:
    """Raise Invalid naming the field if the day lies ahead."""
    if day > localdate(now).isoformat():
        message = _("The day lies in the future.")
        raise Invalid(message, fields={field: message})


def grade_ordinary(effect: Effect) -> None:
    """Effect of `grade_ordinary`."""
    effect.case.facts["level"] = "ordinary"


def propose_major(effect: Effect) -> None:
    """Effect of `grade_major`: the standard is the one of the day on which the hazard was found.

    A standard that changed since then does not count. Raises UnableToGradeHazard.
    """
    facts = effect.case.facts
    found_on = dt.date.fromisoformat(facts["found_on"])
    rule = find_rule(
        f"safety.standard.{facts['sector']}", on=found_on, region=settings.HONGHU_REGION
    )
    if rule is None:
        message = _("No judgement standard of this sector was in force on {day}.").format(
            day=found_on
        )
        raise UnableToGradeHazard(message, remedy=_("Add the standard to the rule book."))
    facts["standard"] = rule.as_text()


def confirm_major(effect: Effect) -> None:
    """Effect of `confirm_major`: the level holds, and self-checks that saw nothing are flagged."""
    if effect.result != "confirmed":
        return
    facts, office = effect.case.facts, effect.actor.organisation_id
    facts["level"] = "major"
    if office is not None:
        facts["graded_by"] = str(office)
        effect.case.add_party("graded_by", office)
    found_on = dt.date.fromisoformat(facts["found_on"])
    checks = self_checks_of(uuid.UUID(facts["responsible"]), now=effect.now)
    streak = zero_streak(checks, found_on)
    least = get_rule(
        "safety.zero_streak_min", on=localdate(effect.now), region=settings.HONGHU_REGION
    ).as_int()
    facts["zero_streak"], facts["zero_streak_flag"] = streak, streak >= least


def downgrade_hazard(effect: Effect) -> None:
    """Effect of `downgrade`: by the authority that graded it. Raises UnableToDowngradeHazard."""
    if effect.case.organisation("graded_by") != effect.actor.organisation_id:
        message = _("Only the authority that graded the hazard may downgrade it.")
        raise UnableToDowngradeHazard(message, remedy=_("Send it your reasons."))
    effect.case.facts["level"] = "ordinary"


def order_rectification(effect: Effect) -> None:
    """Effect of `order` and `order_major`: by a day that has not passed. Raises Invalid.

    What is to be rectified at once is due today.
    """
    facts, today = effect.case.facts, localdate(effect.now).isoformat()
    if facts["order_mode"] == "immediate" and facts["due_on"] != today:
        message = _("What is to be rectified at once is due today.")
        raise Invalid(message, fields={"due_on": message})
    if facts["due_on"] < today:
        message = _("The day has passed.")
        raise Invalid(message, fields={"due_on": message})


def list_hazard(effect: Effect) -> None:
    """Effect of `list`: the term keeps within the longest allowed. Raises Invalid."""
    facts, today = effect.case.facts, localdate(effect.now)
    due = dt.date.fromisoformat(facts["due_on"])
    months = get_rule("safety.listing_limit", on=today, region=settings.HONGHU_REGION)
    if due < today or months_before(due, months.as_int()) > today:
        message = _("The term of a listed hazard is at most {months} months from today.").format(
            months=months.as_int()
        )
        raise Invalid(message, fields={"due_on": message})
    refuse_future(facts["listed_on"], "listed_on", effect.now)


def merge_hazard(effect: Effect) -> None:
    """Effect of `merge`: the finder is credited on the case that goes on. Raises UnableToMergeHazard."""
    case, now = effect.case, effect.now
    other = find_case(uuid.UUID(case.facts["duplicate_of"]), actor=SYSTEM, now=now)
    same = other.facts.get("responsible") == case.facts["responsible"]
    if other.register != HAZARDS or other.id == case.id or other.ended or not same:
        message = _("It can be merged only into an open hazard of the same organisation.")
        raise UnableToMergeHazard(message, remedy=_("Choose the case that was registered first."))
    finder, key, number = case.facts.get("finder"), f"credit:{effect.step_id}", case.number

    def work() -> None:
        perform(
            other.id,
            "credit",
            actor=SYSTEM,
            now=now,
            idempotency_key=key,
            form={"co_finder": finder, "found_as": number},
        )

    effect.then(work)


def approve_resumption(effect: Effect) -> None:
    """Effect of `approve_resume`: nothing is stopped any more. Raises Invalid if it stays stopped."""
    if effect.case.facts["stop_use"]:
        message = _("With the approval nothing is stopped any more.")
        raise Invalid(message, fields={"stop_use": message})
