"""Issues of a project: collected by people, or by the system where an artefact is missing."""

import uuid

from django.conf import settings
from django.utils import translation
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Invalid
from honghu.domains.projects.commands.stages import project_of
from honghu.domains.projects.queries import ISSUES
from honghu.kernel.cases.commands import open_case
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import find_case
from honghu.kernel.parties.actor import SYSTEM

_FROM_PROJECT = {"enterprise": "owner", "task_force": "task_force"}


def collect_issue(effect: Effect) -> None:
    """Effect of `collect`: enterprise and task force are those of the project.

    Raises Invalid without a project, Conflict where it is no longer open.
    """
    project = project_of(effect.case.parent_id, now=effect.now)
    for field, source in _FROM_PROJECT.items():
        effect.case.facts[field] = project.facts[source]
        effect.case.add_party(field, uuid.UUID(project.facts[source]))
    effect.case.title = f"{project.title}：{effect.case.facts['title']}"


def agree_plan(effect: Effect) -> None:
    """Effect of `agree`: the plan is for an office to carry out.

    Raises Invalid where the enterprise that raised the issue would have to solve, and then to
    confirm, it itself; and for a day that has passed.
    """
    facts = effect.case.facts
    if facts["responsible"] == facts["enterprise"]:
        message = _("The enterprise that raised the issue cannot be the one to solve it.")
        raise Invalid(message, fields={"responsible": message})
    if facts["due_on"] < localdate(effect.now).isoformat():
        message = _("This day has passed.")
        raise Invalid(message, fields={"due_on": message})


def raise_missing(effect: Effect) -> None:
    """Effect of `raise_issue`: the missing artefact becomes an issue of its project, once.

    The issue's number stands in the artefact's facts afterwards.
    """
    artefact = effect.case.facts
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Not uploaded: {artefact}").format(artefact=artefact["artefact"])
        description = _("Needed by {day}; without it the stage may not be entered.").format(
            day=artefact["gate_on"]
        )
    done = open_case(
        ISSUES,
        action="collect_missing",
        actor=SYSTEM,
        now=effect.now,
        idempotency_key=f"missing:{effect.case.id}:{artefact['gate_on']}",
        parent_id=effect.case.parent_id,
        form={"title": title[:200], "description": description, "source": "gate"},
    )
    artefact["issue"] = find_case(done.case_id, actor=SYSTEM, now=effect.now).number
