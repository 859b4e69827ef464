"""A task on its way: drafted, signed for, fed back, extended, returned; and its subtasks."""

import datetime as dt
import uuid

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid
from honghu.domains.supervision.commands.minutes import CO_OWNERS, refuse_classified
from honghu.domains.supervision.queries import SUBTASKS, TASKS
from honghu.domains.supervision.rules import is_step_up
from honghu.kernel.cases.deadlines import working_time
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import children_of, find_case
from honghu.kernel.cases.wording import listed
from honghu.kernel.clocks.deadlines import due, last_day_of
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.rulesets.queries import get_rule

_SUBTASK_ENDED = frozenset({"accepted", "cancelled"})


class SlipOutOfOrder(Conflict):
    """Slips go up one step at a time; only an urgent task may begin higher."""

    code = "slip-out-of-order"


class UnableToExtendTask(Conflict):
    """The extension was asked for after the due day."""

    code = "extension-too-late"


class SubtasksOpen(Conflict):
    """A subtask is neither accepted nor dropped."""

    code = "subtasks-open"


def draft_task(effect: Effect) -> None:
    """Effect of `draft`, `register_verbal` and `revise`: title, co-owners, a day that is to come.

    A revised task starts its slips anew. Raises ClassifiedTopic, Invalid.
    """
    facts = effect.case.facts
    for field in ("subject", "decision", "deliverable"):
        refuse_classified(facts[field], field)
    if facts["due_on"] < localdate(effect.now).isoformat():
        message = _("This day has passed.")
        raise Invalid(message, fields={"due_on": message})
    if effect.action.code == "register_verbal":
        facts["origin"] = "verbal"
    effect.case.title = facts["subject"]
    facts["slip"] = None
    _set_co_owners(effect)


def _set_co_owners(effect: Effect) -> None:
    given = [effect.form[name] for name in CO_OWNERS if effect.form.get(name)]
    if effect.case.facts["lead"] in given or len(set(given)) < len(given):
        message = _("Each organisation takes part once: as lead or as co-owner.")
        raise Invalid(message, fields={CO_OWNERS[0]: message})
    effect.case.parties.pop("co_owner", None)
    effect.case.facts["co_owner"] = given[0] if given else None
    for organisation in given:
        effect.case.add_party("co_owner", uuid.UUID(organisation))


def sign_task(effect: Effect) -> None:
    """Effect of `sign`: the first feedback is due from the day of the signature."""
    effect.case.facts["next_feedback_on"] = _after(effect, "supervision.first_feedback")


def take_feedback(effect: Effect) -> None:
    """Effect of `feedback`: what is done so far, and when the next feedback is due."""
    facts = effect.case.facts
    facts["percent"] = effect.form["percent"]
    facts["next_feedback_on"] = _after(effect, f"supervision.feedback.{facts['cadence']}")


def _after(effect: Effect, rule: str) -> str:
    on = working_time(effect.now)
    value = get_rule(rule, on=localdate(effect.now), region=settings.HONGHU_REGION)
    found = due(effect.now, value.as_duration(), on.calendar, on.office_hours, on.tz)
    return last_day_of(found.at, on.tz).isoformat()


def issue_slip(effect: Effect) -> None:
    """Effect of `remind` and `send_slip`: one step up the ladder, more for what is urgent.

    A reminder of a missing feedback is blue and leaves a slip of another colour as it is.
    Raises SlipOutOfOrder.
    """
    facts, colour = effect.case.facts, effect.form["colour"]
    if effect.form.get("cause") == "feedback":
        facts["reminded_for"] = facts.get("next_feedback_on")
        facts["slip"] = facts.get("slip") or colour
        return
    if not is_step_up(facts.get("slip"), colour, urgent=facts.get("urgent") is True):
        message = _("Slips go from blue to orange to red; only an urgent task begins higher.")
        raise SlipOutOfOrder(message, fields={"colour": message})
    facts["slip"] = colour


def ask_extension(effect: Effect) -> None:
    """Effect of `ask_extension`: asked for by the due day, for a later day.

    Raises UnableToExtendTask, Invalid.
    """
    facts = effect.case.facts
    if localdate(effect.now).isoformat() > facts["due_on"]:
        message = _("The extension was not asked for before the due time.")
        raise UnableToExtendTask(message, remedy=_("Ask before the time is over."))
    if facts["asked_due_on"] <= facts["due_on"]:
        message = _("This is no later day.")
        raise Invalid(message, fields={"asked_due_on": message})


def decide_extension(effect: Effect) -> None:
    """Effect of `decide_extension`: granted, the new day holds and the slips begin anew."""
    if effect.result == "granted":
        effect.case.facts["due_on"] = effect.case.facts["asked_due_on"]
        effect.case.facts["slip"] = None


def count_return(effect: Effect) -> None:
    """Effect of `review` and `close`: what failed is a return; cards count them."""
    if effect.result == "failed":
        effect.case.counters["returns"] = effect.case.counters.get("returns", 0) + 1
    elif effect.action.code == "close":
        effect.case.facts["percent"] = 100


def check_subtasks(effect: Effect) -> None:
    """Effect of `report`: every subtask is accepted or dropped. Raises SubtasksOpen."""
    still = [
        row.number
        for row in children_of(effect.case.id, register=SUBTASKS, now=effect.now)
        if row.state not in _SUBTASK_ENDED
    ]
    if still:
        message = _("Still open: {numbers}.").format(numbers=listed(still))
        raise SubtasksOpen(message, remedy=_("Accept or drop the subtasks first."))


def assign_subtask(effect: Effect) -> None:
    """Effect of `assign`: the lead of a task under way hands a part on, within its own time.

    Raises Invalid without a task, for another organisation than the lead, a later day, or itself.
    """
    if effect.case.parent_id is None:
        message = _("A subtask belongs to a task.")
        raise Invalid(message, remedy=_("Open it from the page of the task."))
    task = find_case(effect.case.parent_id, actor=SYSTEM, now=effect.now)
    facts = effect.case.facts
    if task.register != TASKS or task.state != "doing":
        message = _("The task is not under way.")
        raise Conflict(message)
    if str(effect.actor.organisation_id) != task.facts["lead"]:
        message = _("Only the leading organisation hands work on.")
        raise Invalid(message)
    if facts["assignee"] == task.facts["lead"]:
        message = _("The leading organisation is no assignee of its own.")
        raise Invalid(message, fields={"assignee": message})
    if dt.date.fromisoformat(facts["due_on"]) > dt.date.fromisoformat(task.facts["due_on"]):
        message = _("The subtask ends after its task.")
        raise Invalid(message, fields={"due_on": message})
    facts["lead"] = task.facts["lead"]
    effect.case.add_party("lead", uuid.UUID(task.facts["lead"]))
    effect.case.title = f"{task.title}：{facts['content'][:60]}"


def name_bulletin(effect: Effect) -> None:
    """Effect of `draft` and `redraft` of a bulletin. Raises ClassifiedTopic."""
    refuse_classified(effect.case.facts["text"], "text")
    effect.case.title = effect.case.facts["subject"]
