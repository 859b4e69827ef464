"""Projects that are split into several or merged into another: no fen is lost on the way."""

import uuid

from django.utils.translation import gettext as _

from honghu.base.problems import Invalid
from honghu.domains.projects.commands.stages import project_of
from honghu.domains.projects.queries import PROJECTS
from honghu.domains.projects.rules import read_parts
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.parties.actor import SYSTEM

_INHERITED = (
    "owner", "owner_uscc", "industry", "tier", "category", "plan_year", "site", "leader",
    "task_force", "planned_start", "planned_completion", "planned_production",
)  # fmt: skip


def split_project(effect: Effect) -> None:
    """Effect of `split`: each part becomes a project in the same stage, with all else inherited.

    Raises PartsInvalid where the parts do not add up to the project.
    """
    facts, origin = effect.case.facts, effect.case.state
    parts = read_parts(
        effect.form["parts"],
        total_fen=facts["total_investment"],
        annual_fen=facts["annual_investment"],
    )
    inherited = {name: facts.get(name) for name in _INHERITED}

    def work() -> None:
        for index, part in enumerate(parts):
            open_case(
                PROJECTS,
                action="enter_part",
                actor=SYSTEM,
                now=effect.now,
                idempotency_key=f"{effect.step_id}:part:{index}",
                form=inherited
                | {
                    "name": part.name,
                    "total_investment": part.total_fen,
                    "annual_investment": part.annual_fen,
                    "result": origin,
                    "source": effect.case.number,
                },
            )

    effect.then(work)


def merge_project(effect: Effect) -> None:
    """Effect of `merge`: the other project takes this one's amounts in, as a rebased plan.

    Both plan the same year. Raises Invalid, Conflict for a project that is not open.
    """
    into = effect.case.facts.get("merged_into")
    target = project_of(uuid.UUID(into) if into else None, now=effect.now)
    if target.id == effect.case.id:
        message = _("A project cannot be merged into itself.")
        raise Invalid(message, fields={"merged_into": message})
    if target.facts["plan_year"] != effect.case.facts["plan_year"]:
        message = _("The plans are of different years.")
        raise Invalid(
            message, remedy=_("Adopt the plan of the year first."), fields={"merged_into": message}
        )
    form = {
        "source": effect.case.number,
        "total": effect.case.facts["total_investment"],
        "annual": effect.case.facts["annual_investment"],
    }
    effect.then(
        lambda: perform(
            target.id,
            "absorb",
            actor=SYSTEM,
            now=effect.now,
            idempotency_key=f"{effect.step_id}:absorb",
            form=form,
        )
    )


def absorb_project(effect: Effect) -> None:
    """Effect of `absorb`: the amounts are added; months rated before keep their ratio."""
    effect.case.facts["total_investment"] += effect.form["total"]
    effect.case.facts["annual_investment"] += effect.form["annual"]
