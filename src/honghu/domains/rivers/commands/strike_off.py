"""Striking off: the application with its photographs, the checks, the acceptance."""

import datetime as dt

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict
from honghu.domains.rivers.commands.papers import issue_acceptance
from honghu.domains.rivers.queries import (
    lines_of_case,
    picture_of,
    rule,
    shots_before,
    uploaded_shots,
)
from honghu.domains.rivers.rules.places import pair_pictures
from honghu.kernel.cases.effects import Effect


class UnableToSubmit(Conflict):
    """An application to strike off whose photographs or lines do not prove the work."""

    code = "strike-off-application-refused"
    status = 422


def submit_problem(effect: Effect) -> None:
    """Effect of `submit`: photographs newer than the notice, each place shown before and after.

    A photograph of the finished work must be taken and received after the notice; every one from
    before is answered within the rule's metres. Where places are unknown the reason is asked for,
    and the reviewer sees it. At least one line says what was brought or cleared.
    Raises UnableToSubmit.
    """
    issued = dt.datetime.fromisoformat(effect.case.facts["issued_at"])
    after = uploaded_shots(effect.evidence.get("after", []), effect.actor)
    older = [shot for shot in after if shot.earliest <= issued]
    if older:
        message = _("Picture {ordinal} of these is older than the notice.").format(
            ordinal=after.index(older[0]) + 1
        )
        raise _refusal(message, _("Take a picture of the finished work."), "after")
    if not lines_of_case(effect.case.id):
        message = _("No line says what was brought or cleared.")
        raise _refusal(message, _("Record inputs and what was cleared first."), "summary")
    before = [picture_of(shot) for shot in shots_before(effect.case.id)]
    pairs = pair_pictures(
        before,
        [picture_of(shot) for shot in after],
        metres_max=rule("photo_pair_metres", localdate(effect.now)).as_int(),
    )
    apart = next((pair for pair in pairs if pair.verdict == "apart"), None)
    if apart is not None:
        ordinal = [each.sha256 for each in before].index(apart.before) + 1
        message = _("The nearest picture lies {metres} m from picture {ordinal} before.").format(
            metres=apart.metres, ordinal=ordinal
        )
        raise _refusal(message, _("Take one at the same place."), "after")
    unknown = any(pair.verdict == "unknown" for pair in pairs)
    if unknown and not effect.form.get("unplaced_reason"):
        message = _("Some photographs do not say where they were taken.")
        remedy = _("Switch the location on and take them again, or say why there is none.")
        raise _refusal(message, remedy, "unplaced_reason")


def _refusal(message: str, remedy: str, field: str) -> UnableToSubmit:
    return UnableToSubmit(message, remedy=remedy, fields={field: message})


def check_problem(effect: Effect) -> None:
    """Effect of `first_check`: the list says who checked; a return is counted."""
    effect.case.facts["first_checker"] = effect.actor.name
    _count_return(effect)


def review_problem(effect: Effect) -> None:
    """Effect of `review` and `review_major`: passed, the acceptance is made (验收单).

    Raises NotFound where the office has no series for acceptances.
    """
    facts = effect.case.facts
    second = effect.form.get("second_reviewer")
    facts["reviewer"] = f"{effect.actor.name}、{second}" if second else effect.actor.name
    _count_return(effect)
    if effect.result == "passed":
        issue_acceptance(effect)
        if effect.action.code == "review":
            facts["struck_off_on"] = localdate(effect.now).isoformat()


def countersign_problem(effect: Effect) -> None:
    """Effect of `countersign`: a major problem is struck off by the chief's signature."""
    _count_return(effect)
    if effect.result == "passed":
        effect.case.facts["struck_off_on"] = localdate(effect.now).isoformat()


def _count_return(effect: Effect) -> None:
    if effect.result == "failed":
        counters = effect.case.counters
        counters["returns"] = counters.get("returns", 0) + 1
