"""Stages of a project: entered one after another, and only through gates that are open."""

import datetime as dt
import itertools
import uuid

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid
from honghu.domains.projects.queries import PROJECTS, shut_gates
from honghu.domains.projects.rules import STAGES, gates_passed
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.cases.wording import listed
from honghu.kernel.parties.actor import SYSTEM

_PARTIES = ("owner", "task_force")
_DAYS = ("planned_start", "planned_completion", "planned_production")
_NAMES = ("title", "artefact", "item", "subject")
"""The facts by which the cases of a project are called, in the order of looking."""


class GateShut(Conflict):
    """An artefact without which the stage may not be entered is missing."""

    code = "gate-shut"


def enter_project(effect: Effect) -> None:
    """Effect of `enter`: the project is known by its name and stands in its first stage.

    Raises Invalid for a plan above the total, or days that do not follow one another.
    """
    facts = effect.case.facts
    if facts["annual_investment"] > facts["total_investment"]:
        message = _("The plan of a year cannot exceed the total.")
        raise Invalid(message, fields={"annual_investment": message})
    for earlier, later in itertools.pairwise(_DAYS):
        if facts[earlier] > facts[later]:
            message = _("Start, completion and production must follow one another.")
            raise Invalid(message, fields={later: message})
    effect.case.title = facts["name"]
    facts["stage"] = effect.result or STAGES[0]


def adopt_plan(effect: Effect) -> None:
    """Effect of `adopt_plan` and `rebase_plan`: the plan in force is the new one.

    Ratings of months before keep the ratio that they were given.
    """
    for name in ("plan_year", "annual_investment"):
        if name in effect.form:
            effect.case.facts[name] = effect.form[name]


def enter_stage(effect: Effect) -> None:
    """Effect of the confirmed stages: all gates on the way must be open, those skipped too.

    Raises GateShut naming the missing artefacts, Invalid for a day in the future.
    """
    target = effect.result or next(iter(effect.action.targets.values()))
    _check_gates(effect, target)
    effect.case.facts["stage"] = target


def check_gate(effect: Effect) -> None:
    """Effect of `report_production`: the last gate must be open. Raises GateShut, Invalid."""
    _check_gates(effect, STAGES[-1])


def record_production(effect: Effect) -> None:
    """Effect of `verify_production`: a project that passed is in production."""
    if effect.result == "passed":
        effect.case.facts["stage"] = STAGES[-1]


def join_project(effect: Effect) -> None:
    """Effect of what opens a case of a project: owner and task force are taken from the project.

    Raises Invalid without a project, Conflict where the project is no longer open.
    """
    project = project_of(effect.case.parent_id, now=effect.now)
    facts = effect.case.facts
    for field in _PARTIES:
        facts[field] = project.facts[field]
        effect.case.add_party(field, uuid.UUID(project.facts[field]))
    own = next(facts[name] for name in _NAMES if facts.get(name))
    effect.case.title = f"{project.title}：{own}"


def project_of(project_id: uuid.UUID | None, *, now: dt.datetime) -> CaseRow:
    """The open project to which a case belongs. Raises Invalid, Conflict."""
    if project_id is None:
        message = _("This belongs to a project.")
        raise Invalid(message, remedy=_("Open it from the page of the project."))
    project = find_case(project_id, actor=SYSTEM, now=now)
    if project.register != PROJECTS or project.ended:
        message = _("The project {number} is not open.").format(number=project.number)
        raise Conflict(message, remedy=_("Look for the project that took its place."))
    return project


def _check_gates(effect: Effect, target: str) -> None:
    happened = dt.date.fromisoformat(effect.form["happened_on"])
    if happened > localdate(effect.now):
        message = _("This day lies in the future.")
        raise Invalid(message, fields={"happened_on": message})
    stages = gates_passed(effect.case.facts["stage"], target)
    missing = shut_gates(effect.case.id, stages, now=effect.now)
    if missing:
        names = listed(row.facts["artefact"] for row in missing)
        message = _("Not accepted yet: {artefacts}.").format(artefacts=names)
        raise GateShut(message, remedy=_("Have them uploaded and accepted, or waived, first."))
