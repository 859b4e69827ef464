"""What happened in a case: steps with what was filled in, their evidence and their proof."""

import dataclasses
from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from honghu.base.earth import Point, metres_between
from honghu.desk.frame.facts import checked, form_facts
from honghu.kernel.cases.rows import CaseDetail, StepRow
from honghu.kernel.cases.wording import words
from honghu.kernel.evidence.queries import UseRow, uses_of_case
from honghu.kernel.registers.model import Action, Register
from honghu.kernel.registers.queries import get_register
from honghu.web.components import EvidencePair, EvidenceView, Fact, Moment, Tone

CHECKLIST = "checklist"


def evidence_of(detail: CaseDetail) -> list[UseRow]:
    """Every use of evidence in the case, in one query; in none where no step has any."""
    return uses_of_case(detail.row.id) if any(step.evidence for step in detail.steps) else []


def moments(detail: CaseDetail, uses: Sequence[UseRow] | None = None) -> tuple[Moment, ...]:
    """The timeline, newest first; one query for all evidence that is not handed in."""
    uses = evidence_of(detail) if uses is None else uses
    by_step: dict[object, list[UseRow]] = {}
    for use in uses:
        by_step.setdefault(use.step_id, []).append(use)
    before = next((use for use in uses if use.kind == "before"), None)
    return tuple(
        _moment(detail, step, by_step.get(step.id, ()), before) for step in reversed(detail.steps)
    )


def checked_moments(detail: CaseDetail, action: Action) -> tuple[Moment, ...]:
    """What an action checks: of each action that it verifies or follows by other hands, the latest.

    Whoever checks has before the eyes what was stated, and the files. One query, or none.
    """
    wanted = action.verifies | action.not_by
    latest = {step.action: step for step in detail.steps if step.action in wanted}
    if not latest:
        return ()
    return moments(dataclasses.replace(detail, steps=tuple(latest.values())))


def _moment(
    detail: CaseDetail, step: StepRow, uses: Sequence[UseRow], before: UseRow | None
) -> Moment:
    # What was done under an earlier version is told in that version's words.
    register = get_register(detail.register.code, step.register_version)
    action = register.actions.get(step.action)
    pair = _pair(uses, before, action)
    shown = {pair.before, pair.after} if pair else set()
    views = tuple(
        view for view in (evidence_view(use, action) for use in uses) if view not in shown
    )
    return Moment(
        title=step.action_title,
        at=step.at,
        claimed_at=step.claimed_at,
        actor=step.person,
        organisation=step.organisation,
        result=step.to_title if step.to_state != step.from_state else "",
        note=_("What was filled in has been erased by law.") if step.form is None else "",
        facts=_filled_in(register, action, step, detail.names),
        pair=pair,
        evidence=views,
        proof_url=reverse("step-proof", args=[detail.row.id, step.id]),
        tone=_tone(action, step),
    )


def _tone(action: Action | None, step: StepRow) -> Tone:
    if action is None:
        return "neutral"
    result = (step.form or {}).get("result")
    if action.kind == "return":
        return "red"
    if action.kind == "verification":
        return "green" if action.passes_with(result) else "red"
    return "neutral" if action.kind in {"system", "note"} else "lake"


def _filled_in(
    register: Register, action: Action | None, step: StepRow, names: Mapping[str, str]
) -> tuple[Fact, ...]:
    if action is None or step.form is None:
        return ()
    fields = {code: register.fields[code] for code in action.facts} | dict(action.form)
    found = form_facts(fields, step.form, names)
    ticked = step.form.get(CHECKLIST)
    if ticked:
        titles = {item.code: words(item.title) for item in action.checklist}
        found += (checked(ticked, titles),)
    return found


def evidence_view(use: UseRow, action: Action | None = None) -> EvidenceView:
    """A use of evidence as a figure: pictures with themselves as thumbnail."""
    slot = action.evidence.get(use.slot or "") if action else None
    label = words(slot.title) if slot else _("File")
    url = reverse("evidence", args=[use.sha256])
    return EvidenceView(
        label=label,
        url=url,
        thumbnail_url=url if use.media_type.startswith("image/") else "",
        description=use.filename or "",
        captured_at=use.captured_at,
        received_at=use.received_at,
        place=f"{use.place.latitude}, {use.place.longitude}" if use.place else "",
        digest=use.sha256,
        size_bytes=use.size_bytes,
        warning=_("Resembles a picture of another case.") if use.resembles else "",
    )


def _pair(
    uses: Sequence[UseRow], before: UseRow | None, action: Action | None
) -> EvidencePair | None:
    """The first picture after the work beside the case's picture from before."""
    after = next((use for use in uses if use.kind == "after" and _is_picture(use)), None)
    if after is None:
        return None
    interval = None
    if before and before.captured_at and after.captured_at:
        interval = after.captured_at - before.captured_at
    return EvidencePair(
        before=evidence_view(before) if before and _is_picture(before) else None,
        after=evidence_view(after, action),
        distance_m=distance_m(before.place if before else None, after.place),
        interval=interval,
    )


def _is_picture(use: UseRow) -> bool:
    return use.media_type.startswith("image/")


def distance_m(one: Point | None, other: Point | None) -> int | None:
    """Whole metres between two places; null while either is unknown."""
    return None if one is None or other is None else round(metres_between(one, other))
