"""Chiefs' posts and their plans: how many patrols are due, and what a change of chief does to it."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import cast

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid
from honghu.domains.rivers.commands.papers import issue_paper
from honghu.domains.rivers.models import PatrolQuota
from honghu.domains.rivers.queries import (
    PLANS,
    POSTS,
    SECTIONS,
    find_by_code,
    find_by_number,
    patrols_between,
    rule,
)
from honghu.domains.rivers.rules.patrols import Frequency, Period, required_patrols
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import cases_with_fact
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.documents.rendering import chinese_date
from honghu.kernel.parties.actor import SYSTEM

_REASONS = {
    "too_short_in_time": "时长不足",
    "too_short_in_way": "里程不足",
    "too_soon": "间隔过近",
    "not_own": "非本人",
}


class UnableToPlan(Conflict):
    """A plan that does not fit the post or another plan."""

    code = "patrol-plan-refused"


def appoint_chief(effect: Effect) -> None:
    """Effect of `appoint`: join the post to its section. Raises Invalid for an unknown code."""
    facts = effect.case.facts
    section = find_by_code(SECTIONS, facts["section_code"], field="section_code", now=effect.now)
    facts["section"] = str(section.id)
    facts["water_body_name"] = section.facts["water_body_name"]
    effect.case.title = f"{facts['duty']} {facts['chief_name']} · {section.title}"


def take_up_post(effect: Effect) -> None:
    """Effect of `take_up`: the person who confirms is the chief; only own patrols will count."""
    effect.case.facts["chief"] = str(effect.actor.person_id)


def leave_post(effect: Effect) -> None:
    """Effect of `leave`: running plans of the post end with it, and owe patrols by the days served.

    Raises Invalid for a day before the post began.
    """
    facts = effect.case.facts
    if facts["to_on"] < facts["from_on"]:
        message = _("The post began only on {day}.").format(day=facts["from_on"])
        raise Invalid(message, remedy=_("Correct the date."), fields={"to_on": message})
    running = [
        plan
        for plan in cases_with_fact(PLANS, fact="post", value=str(effect.case.id), now=effect.now)
        if plan.state == "running" and plan.facts["to_on"] > facts["to_on"]
    ]

    def cut() -> None:
        for plan in running:
            last = max(facts["to_on"], plan.facts["from_on"])
            perform(
                plan.id,
                "cut",
                actor=SYSTEM,
                now=effect.now,
                idempotency_key=f"{effect.step_id}:{plan.id}",
                form={"to_on": last},
            )

    effect.then(cut)


def plan_patrols(effect: Effect) -> None:
    """Effect of `plan`: the patrols due follow from the level's frequency and the days.

    Raises Invalid for an unknown post or crossed dates, UnableToPlan where the post is not held
    or has a plan for these days.
    """
    facts = effect.case.facts
    post = find_by_number(POSTS, facts["post_number"], field="post_number", now=effect.now)
    if facts["to_on"] < facts["from_on"]:
        message = _("The plan ends before it begins.")
        raise Invalid(message, remedy=_("Correct the date."), fields={"to_on": message})
    if post.state != "in_post" or facts["from_on"] < post.facts["from_on"]:
        message = _("The post {number} is not held on these days.").format(number=post.number)
        raise UnableToPlan(message, remedy=_("Let the chief take up the post first."))
    for other in cases_with_fact(PLANS, fact="post", value=str(post.id), now=effect.now):
        theirs = other.facts
        ended = other.state == "dropped"
        if (
            not ended
            and theirs["from_on"] <= facts["to_on"]
            and facts["from_on"] <= theirs["to_on"]
        ):
            message = _("The plan {number} covers some of these days.").format(number=other.number)
            raise UnableToPlan(message, remedy=_("Cut that plan short, or choose other days."))
    facts["post"] = str(post.id)
    facts["chief_name"] = post.facts["chief_name"]
    facts["organisation"] = post.facts["organisation"]
    effect.case.parties["organisation"] = [post.facts["organisation"]]
    effect.case.title = f"{post.facts['chief_name']} {facts['from_on']}—{facts['to_on']}"
    _set_quota(effect, post)


def cut_plan(effect: Effect) -> None:
    """Effect of `cut`: fewer days, fewer patrols. Raises Invalid for a day before the plan."""
    facts = effect.case.facts
    if facts["to_on"] < facts["from_on"]:
        message = _("The plan ends before it begins.")
        raise Invalid(message, remedy=_("Correct the date."), fields={"to_on": message})
    post = find_by_number(POSTS, facts["post_number"], field="post_number", now=effect.now)
    _set_quota(effect, post)


def _set_quota(effect: Effect, post: CaseRow) -> None:
    facts = effect.case.facts
    first = dt.date.fromisoformat(facts["from_on"])
    last = dt.date.fromisoformat(facts["to_on"])
    due = required_patrols(first, last, frequency_of(post.facts["level"], first))
    PatrolQuota.objects.create(
        plan_id=effect.case.id,
        step_id=effect.step_id,
        post_id=post.id,
        level=post.facts["level"],
        from_date=first,
        to_date=last,
        required=due,
        set_at=effect.now,
    )
    facts["patrols_due"] = f"{due.normalize():f}"


def frequency_of(level: str, on: dt.date) -> Frequency:
    """How often chiefs of a level patrol, by the rules of a day. Raises RuleMissingError."""
    period = rule(f"patrol_period.{level}", on).as_text()
    return Frequency(rule(f"patrol_count.{level}", on).as_int(), cast("Period", period))


def report_patrols(effect: Effect) -> None:
    """Effect of `report`: the log (巡查日志) of the plan's patrols, each with its verdict."""
    facts = effect.case.facts
    records = patrols_between(
        uuid.UUID(facts["post"]),
        dt.date.fromisoformat(facts["from_on"]),
        dt.date.fromisoformat(facts["to_on"]),
    )
    facts["patrols_valid"] = sum(record.valid for record in records)
    lines = []
    for index, record in enumerate(records, 1):
        why = "、".join(_REASONS[reason] for reason in record.reasons)
        verdict = "有效" if record.valid else f"无效（{why}）"
        day = chinese_date(localdate(record.started_at))
        lines.append(f"{index}、{day}，{record.minutes}分钟，{record.metres}米，{verdict}。")
    issue_paper(
        effect,
        series="巡查日志",
        template="form.patrol-log.docx",
        title=f"{facts['chief_name']}巡查日志",
        body=lines or ["本期未巡查。"],
        facts=[
            ("计划期", f"{_printed(facts['from_on'])}至{_printed(facts['to_on'])}"),
            ("应巡次数", str(facts["patrols_due"])),
            ("有效次数", str(facts["patrols_valid"])),
            ("完成率", _rate(facts["patrols_valid"], Decimal(facts["patrols_due"]))),
        ],
    )


def _printed(day: str) -> str:
    return chinese_date(dt.date.fromisoformat(day))


def _rate(valid: int, due: Decimal) -> str:
    return "—" if due == 0 else f"{min(Decimal(valid) / due, Decimal(1)):.1%}"
