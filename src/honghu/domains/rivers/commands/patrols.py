"""Patrols: read from the track, or kept on paper under two signatures; judged once."""

import datetime as dt
import uuid

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid
from honghu.domains.rivers.models import PatrolRecord
from honghu.domains.rivers.queries import (
    POSTS,
    SECTIONS,
    find_by_code,
    find_by_number,
    last_valid_patrol,
    rule,
)
from honghu.domains.rivers.readers import read_track
from honghu.domains.rivers.rules.patrols import Demand, Way, judge_patrol, way_of
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.models import Step
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.evidence.queries import open_content


class UnableToFilePatrol(Conflict):
    """A patrol of a post that is not held, or of a time that has not come."""

    code = "patrol-refused"


def file_track(effect: Effect) -> None:
    """Effect of `file_track`: time and way are the track's own; the verdict is final.

    Raises TrackUnreadable, Invalid, UnableToFilePatrol.
    """
    if effect.case.facts["mode"] == "paper":
        message = _("A paper patrol has no track.")
        raise Invalid(message, remedy=_("File it as a paper patrol."), fields={"mode": message})
    post = _join_post(effect)
    with open_content(effect.evidence["track"][0]) as file:
        way = way_of(read_track(file.read()))
    _set_way(effect, post, way)
    _judge(effect, post, way, person_id=effect.actor.person_id)


def file_paper(effect: Effect) -> None:
    """Effect of `file_paper`: kept as typed; judged when the witness has signed.

    Raises Invalid, UnableToFilePatrol.
    """
    facts = effect.case.facts
    facts["mode"] = "paper"
    post = _join_post(effect)
    way = _typed_way(effect)
    if way.ended_at <= way.started_at:
        message = _("The patrol ends before it begins.")
        raise Invalid(message, remedy=_("Correct the times."), fields={"ended_at": message})
    _set_way(effect, post, way)


def countersign_patrol(effect: Effect) -> None:
    """Effect of `countersign`: the second signature lets a paper patrol be judged."""
    facts = effect.case.facts
    post = find_by_number(POSTS, facts["post_number"], field="post_number", now=effect.now)
    filer = Step.objects.get(case_id=effect.case.id, action="file_paper").person_id
    _judge(effect, post, _typed_way(effect), person_id=filer)


def demand_on(post: CaseRow, on: dt.date, now: dt.datetime) -> Demand:
    """What a patrol of the post must be, by the rules of a day. Raises RuleMissingError."""
    level = post.facts["level"]
    section = find_by_code(SECTIONS, post.facts["section_code"], field="post_number", now=now)
    return Demand(
        minutes_min=rule(f"patrol_minutes.{level}", on).as_int(),
        metres_min=rule(f"patrol_metres.{level}", on).as_int(),
        gap_hours_min=rule(f"patrol_gap_hours.{level}", on).as_int(),
        section_metres=section.facts["length_m"],
    )


def _join_post(effect: Effect) -> CaseRow:
    facts = effect.case.facts
    post = find_by_number(POSTS, facts["post_number"], field="post_number", now=effect.now)
    if post.state != "in_post":
        message = _("The post {number} is not held.").format(number=post.number)
        raise UnableToFilePatrol(message, remedy=_("Let the chief take up the post first."))
    facts["post"] = str(post.id)
    facts["chief_name"] = post.facts["chief_name"]
    facts["water_body_name"] = post.facts["water_body_name"]
    facts["organisation"] = post.facts["organisation"]
    effect.case.parties["organisation"] = [post.facts["organisation"]]
    return post


def _typed_way(effect: Effect) -> Way:
    facts = effect.case.facts
    return Way(
        dt.datetime.fromisoformat(facts["started_at"]),
        dt.datetime.fromisoformat(facts["ended_at"]),
        facts["metres"],
    )


def _set_way(effect: Effect, post: CaseRow, way: Way) -> None:
    if way.ended_at > effect.now:
        message = _("The patrol ends at {at}, which has not come.").format(at=way.ended_at)
        raise UnableToFilePatrol(message, remedy=_("Correct the clock of the device."))
    facts = effect.case.facts
    facts["started_at"] = way.started_at.astimezone(dt.UTC).isoformat()
    facts["ended_at"] = way.ended_at.astimezone(dt.UTC).isoformat()
    facts["minutes"], facts["metres"] = way.minutes, way.metres
    day = localdate(way.started_at)
    effect.case.title = f"{post.facts['chief_name']} {post.facts['water_body_name']} {day}"


def _judge(effect: Effect, post: CaseRow, way: Way, *, person_id: uuid.UUID | None) -> None:
    facts, day = effect.case.facts, localdate(way.started_at)
    reasons = judge_patrol(
        way,
        demand_on(post, day, effect.now),
        last_ended_at=last_valid_patrol(post.id, way.ended_at),
        is_own=post.facts.get("chief") == str(person_id),
    )
    facts["is_valid"], facts["why_not_valid"] = not reasons, list(reasons)
    PatrolRecord.objects.create(
        case_id=effect.case.id,
        step_id=effect.step_id,
        post_id=post.id,
        person_id=person_id,
        started_at=way.started_at,
        ended_at=way.ended_at,
        judged_at=effect.now,
        metres=way.metres,
        minutes=way.minutes,
        mode=facts["mode"],
        valid=not reasons,
        reasons=list(reasons),
    )
