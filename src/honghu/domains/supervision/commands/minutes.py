"""From minutes to tasks: proposals by the system, each confirmed or left out by a person."""

import uuid
from typing import Any, Final

from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid, NotFound
from honghu.domains.supervision.models import ProposedTask
from honghu.domains.supervision.queries import TASKS
from honghu.domains.supervision.rules import Proposal, is_classified, take_apart
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import children_of, find_case_by_number
from honghu.kernel.cases.wording import listed
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.queries import find_organisation

CO_OWNERS: Final = ("co_owner_one", "co_owner_two", "co_owner_three")
_TASK_FACTS: Final = (
    "subject", "deliverable", "measure", "lead", "due_on", "cadence", "programme", "urgent",
)  # fmt: skip
_ENDED: Final = frozenset({"closed", "cancelled", "denied"})


class ClassifiedTopic(Invalid):
    """The text bears a secrecy mark; the system is not rated for state secrets."""

    code = "topic-classified"


class ProposalSettled(Conflict):
    """The proposal has been confirmed or left out already."""

    code = "proposal-settled"


class NotDecomposed(Conflict):
    """Something of the minutes, or of the minutes before, is not settled."""

    code = "not-decomposed"


class TasksOpen(Conflict):
    """The meeting still has open tasks."""

    code = "tasks-open"


def refuse_classified(text: str, field: str) -> None:
    """Raise ClassifiedTopic for a text that bears a secrecy mark."""
    if is_classified(text):
        message = _("This bears a secrecy mark.")
        raise ClassifiedTopic(
            message,
            remedy=_("Handle it outside this system, which is not rated for state secrets."),
            fields={field: message},
        )


def name_meeting(effect: Effect) -> None:
    """Effect of `call`: the meeting is known by its name. Raises ClassifiedTopic."""
    refuse_classified(effect.case.facts["subject"], "subject")
    effect.case.title = effect.case.facts["subject"]


def propose_tasks(effect: Effect) -> None:
    """Effect of `take_minutes` and `amend_minutes`: take the text apart into proposals.

    What stands word for word in the minutes before is carried with its task; all else is open.
    Raises ClassifiedTopic, Invalid where nothing can be proposed.
    """
    text = effect.form["text"]
    refuse_classified(text, "text")
    found = take_apart(text)
    if not found:
        message = _("No decision can be read from this text.")
        raise Invalid(message, remedy=_("Number the decisions."), fields={"text": message})
    earlier = list(
        ProposedTask.objects.filter(meeting_id=effect.case.id).order_by("version", "ordinal")
    )
    version = 1 + max((row.version for row in earlier), default=0)
    settled = {row.text: row for row in earlier if row.state != ProposedTask.State.OPEN}
    ProposedTask.objects.bulk_create(
        _row(effect, version, each, settled.get(each.text)) for each in found
    )


def _row(
    effect: Effect, version: int, proposal: Proposal, same: ProposedTask | None
) -> ProposedTask:
    lead = find_organisation(name=proposal.lead) if proposal.lead else None
    return ProposedTask(
        meeting_id=effect.case.id,
        step_id=effect.step_id,
        version=version,
        ordinal=proposal.ordinal,
        text=proposal.text,
        start=proposal.start,
        end=proposal.end,
        lead_name=proposal.lead,
        lead_id=lead.id if lead else None,
        co_owner_names=list(proposal.co_owners),
        due_text=proposal.due_text,
        due_on=proposal.due_on,
        state=ProposedTask.State.CARRIED if same else ProposedTask.State.OPEN,
        task_id=same.task_id if same else None,
    )


def confirm_task(effect: Effect) -> None:
    """Effect of `confirm_task`: the proposal becomes a task, or a new version of an earlier one.

    The words of the decision go with it. Raises NotFound, ProposalSettled, Invalid.
    """
    proposal = _open_proposal(effect)
    form = {name: effect.form.get(name) for name in _TASK_FACTS}
    form |= {name: effect.form.get(name) for name in CO_OWNERS}
    form["decision"] = proposal.text
    revised = effect.form.get("revises")

    def work() -> None:
        if revised:
            proposal.task_id = _revise(effect, revised, form)
        else:
            facts = effect.case.facts
            more = {"origin": "meeting", "instructor": facts["instructor"]}
            proposal.task_id = open_case(
                TASKS,
                action="draft",
                actor=SYSTEM,
                now=effect.now,
                idempotency_key=f"{effect.step_id}:task",
                parent_id=effect.case.id,
                form=form | more,
            ).case_id
        _settle(effect, proposal, ProposedTask.State.CONFIRMED)

    effect.then(work)


def _revise(effect: Effect, number: str, form: dict[str, Any]) -> uuid.UUID:
    task = find_case_by_number(number, actor=SYSTEM, now=effect.now)
    mine = {row.id for row in children_of(effect.case.id, register=TASKS, now=effect.now)}
    if task.id not in mine:
        message = _("{number} is no task of this meeting.").format(number=number)
        raise Invalid(message, fields={"revises": message})
    perform(
        task.id,
        "revise",
        actor=SYSTEM,
        now=effect.now,
        idempotency_key=f"{effect.step_id}:revise",
        form=form,
    )
    return task.id


def drop_task(effect: Effect) -> None:
    """Effect of `drop_task`: the proposal is no task. Raises NotFound, ProposalSettled."""
    _settle(effect, _open_proposal(effect), ProposedTask.State.DROPPED)


def check_decomposed(effect: Effect) -> None:
    """Effect of `approve`: every proposal is settled, and no earlier task is left without words.

    After an amendment each task of the minutes before is carried, revised or cancelled.
    Raises NotDecomposed naming what is open.
    """
    if effect.result != "passed":
        return
    rows = list(ProposedTask.objects.filter(meeting_id=effect.case.id).order_by("ordinal"))
    latest = max(row.version for row in rows)
    open_now = [row for row in rows if row.version == latest and row.state == "open"]
    if open_now:
        names = listed(str(row.ordinal) for row in open_now)
        message = _("Not settled yet: {numbers}.").format(numbers=names)
        raise NotDecomposed(message, remedy=_("Confirm each proposal, or leave it out."))
    kept = {row.task_id for row in rows if row.version == latest}
    orphans = [
        row.number
        for row in children_of(effect.case.id, register=TASKS, now=effect.now)
        if row.id not in kept and row.state not in _ENDED
    ]
    if orphans:
        message = _("The minutes no longer speak of {numbers}.").format(numbers=listed(orphans))
        raise NotDecomposed(message, remedy=_("Revise these tasks, or cancel them."))


def close_meeting(effect: Effect) -> None:
    """Effect of `close`: all tasks have ended. Raises TasksOpen naming those that have not."""
    still = [
        row.number
        for row in children_of(effect.case.id, register=TASKS, now=effect.now)
        if row.state not in _ENDED
    ]
    if still:
        message = _("Still open: {numbers}.").format(numbers=listed(still))
        raise TasksOpen(message, remedy=_("Conclude or cancel them first."))


def _open_proposal(effect: Effect) -> ProposedTask:
    """The proposal of the latest minutes with this number, locked. Raises NotFound."""
    ordinal = effect.form["proposal"]
    row = (
        ProposedTask.objects.select_for_update()
        .filter(meeting_id=effect.case.id, ordinal=ordinal)
        .order_by("-version")
        .first()
    )
    latest = (
        ProposedTask.objects.filter(meeting_id=effect.case.id)
        .order_by("-version")
        .values_list("version", flat=True)
        .first()
    )
    if row is None or row.version != latest:
        message = _("The minutes have no proposal {number}.").format(number=ordinal)
        raise NotFound(message, fields={"proposal": message})
    if row.state != ProposedTask.State.OPEN:
        message = _("The proposal {number} is settled.").format(number=ordinal)
        raise ProposalSettled(message, fields={"proposal": message})
    return row


def _settle(effect: Effect, row: ProposedTask, state: ProposedTask.State) -> None:
    row.state = state
    row.settled_step_id = effect.step_id
    row.save(update_fields=["state", "settled_step_id", "task_id"])
