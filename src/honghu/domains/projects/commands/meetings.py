"""Meetings of a project: the minutes made of what was resolved, and what goes on to supervision."""

import datetime as dt
import uuid

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict
from honghu.domains.projects.queries import RESOLUTIONS
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.papers import printed_values, sign_paper
from honghu.kernel.cases.queries import children_of, find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.documents.content import Content
from honghu.kernel.documents.rendering import chinese_date
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.queries import organisation_names

_TITLE_MAX = 80
_SUBJECT_MAX = 200
_DELIVERABLE_MAX = 500


class NothingToMinute(Conflict):
    """A meeting of which neither a course nor a resolution is on record."""

    code = "nothing-to-minute"


class UnableToSupervise(Conflict):
    """A resolution whose day has passed."""

    code = "resolution-not-supervised"


def issue_minutes(effect: Effect) -> None:
    """Effect of `file`: the minutes (会议纪要) of the meeting and its resolutions, with their number.

    What was resolved with the wish that it be supervised becomes a task of the supervision office.
    Raises NothingToMinute, NotFound where the office has no series for minutes.
    """
    told, now = printed_values(effect), effect.now
    standing = [
        row
        for row in children_of(effect.case.id, register=RESOLUTIONS, now=now)
        if row.state != "cancelled"
    ]
    if not standing and "discussion" not in told:
        message = _("There is nothing to write into the minutes.")
        remedy = _("Issue the resolutions from this page first, or say how the meeting went.")
        raise NothingToMinute(message, remedy=remedy)
    effect.case.facts["minutes_number"] = sign_paper(
        effect,
        series="会议纪要",
        template="minutes.project-meeting.docx",
        content=_content(told, standing),
    )
    asked = [row for row in standing if _is_to_be_supervised(row, now)]

    def work() -> None:
        for row in asked:
            perform(
                row.id,
                "ask_supervision",
                actor=SYSTEM,
                now=now,
                idempotency_key=f"{effect.step_id}:{row.id}",
            )

    effect.then(work)


def _content(told: dict[str, str], resolutions: list[CaseRow]) -> Content:
    """The minutes in official Chinese: who met, how it went, what was resolved, by whom, until when."""
    names = organisation_names([uuid.UUID(row.facts["responsible"]) for row in resolutions])
    opening = f"{told['held_on']}，{told['host']}主持召开会议，研究{told['subject']}。"
    lines = [
        f"{number}. {row.facts['resolution'].rstrip('。')}。"
        f"（责任单位：{names[uuid.UUID(row.facts['responsible'])]}；"
        f"办结期限：{chinese_date(dt.date.fromisoformat(row.facts['due_on']))}）"
        for number, row in enumerate(resolutions, start=1)
    ]
    resolved = ["会议议定以下事项：", *lines] if lines else []
    discussion = [told["discussion"]] if "discussion" in told else []
    return Content(
        title="项目协调会议纪要",
        body=[opening, *discussion, *resolved],
        facts=[("主持", told["host"]), ("参会单位", told["attendees"])],
    )


def _is_to_be_supervised(row: CaseRow, now: dt.datetime) -> bool:
    """Whether that was asked for and not done yet, while it is open and its day to come."""
    facts = row.facts
    is_open = row.state == "issued" and facts["due_on"] >= localdate(now).isoformat()
    return is_open and facts.get("supervised") is True and facts.get("task") is None


def name_resolution(effect: Effect) -> None:
    """Effect of `issue`: the resolution is known by its first words."""
    effect.case.title = effect.case.facts["resolution"][:_TITLE_MAX]


def supervise_resolution(effect: Effect) -> None:
    """Effect of `ask_supervision`: the resolution becomes a task of the supervision office.

    The office sets the task up like any other; the resolution names it and goes on beside it.
    Raises UnableToSupervise.
    """
    facts, now = effect.case.facts, effect.now
    if facts["due_on"] < localdate(now).isoformat():
        message = _("The day of this resolution has passed.")
        raise UnableToSupervise(message, remedy=_("Drop it, and issue it anew with a day to come."))
    host = "" if effect.case.parent_id is None else _host(effect.case.parent_id, now)
    facts["task"] = str(
        open_case(
            effect.action.opens[0],
            action="draft",
            actor=SYSTEM,
            now=now,
            idempotency_key=f"{effect.step_id}:task",
            form={
                "subject": facts["resolution"][:_SUBJECT_MAX],
                "origin": "meeting",
                "decision": facts["resolution"],
                "instructor": host or effect.actor.name,
                "lead": facts["responsible"],
                "deliverable": facts["resolution"][:_DELIVERABLE_MAX],
                "due_on": facts["due_on"],
                "cadence": "weekly",
            },
        ).case_id
    )


def _host(meeting_id: uuid.UUID, now: dt.datetime) -> str:
    """Who chaired the meeting, and so gave the task."""
    found: str | None = find_case(meeting_id, actor=SYSTEM, now=now).facts.get("host")
    return found or ""
