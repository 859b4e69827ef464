"""What can be done outside: openings and actions that ask for photographs, a track or a place."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from honghu.desk.cases.action_form import (
    CHECKLIST,
    ActionForm,
    Drawing,
    asked_fields,
    build_form,
    first_shown,
)
from honghu.desk.cases.offers import openings
from honghu.desk.frame.listing import heading
from honghu.desk.frame.visit import DeskRequest, Visit
from honghu.desk.registers.ways import stands_alone
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.cases.turns import my_work
from honghu.kernel.cases.wording import words
from honghu.kernel.registers.model import Action, FieldType, Register
from honghu.kernel.registers.outside import is_outside
from honghu.kernel.registers.queries import get_register

CASES_MAX = 30
"""So many of the cases that wait for somebody are taken along, the most urgent first."""


@dataclasses.dataclass(frozen=True, slots=True)
class Slot:
    """A place for files: what they are, how many, and what stands above."""

    code: str
    title: str
    kind: str
    min: int
    max: int | None
    help: str


def tasks(request: DeskRequest) -> list[dict[str, Any]]:
    """Everything that the actor may do outside, each with its form as it is drawn, as plain values.

    First what opens a case, then the cases that wait for the actor.
    """
    visit = request.visit
    found = [
        _task(request, register, action, None)
        for register in visit.registers
        if stands_alone(register)
        for action in openings(register, visit.actor)
        if is_outside(register, action)
    ]
    for row in my_work(actor=visit.actor, now=visit.now, limit=CASES_MAX):
        register = get_register(row.register, row.register_version)
        found += [
            _task(request, register, action, row) for action in _actions(register, row, visit)
        ]
    return found


def _actions(register: Register, row: CaseRow, visit: Visit) -> Sequence[Action]:
    return [
        action
        for action in register.actions.values()
        if row.state in action.origins
        and action.kind not in {"note", "system"}
        and any(visit.actor.holds(role) for role in action.roles)
        and is_outside(register, action)
    ]


def _task(
    request: DeskRequest, register: Register, action: Action, row: CaseRow | None
) -> dict[str, Any]:
    fields = asked_fields(register, action)
    facts: Mapping[str, Any] = row.facts if row else {}
    typed = first_shown(fields, facts)
    form = build_form(Drawing(register=register, action=action, typed=typed, visit=request.visit))
    kinds = {
        code: {FieldType.CHOICES: "choices", FieldType.PLACE: "place"}.get(field.type, "value")
        for code, field in fields.items()
    }
    if action.checklist:
        kinds[CHECKLIST] = "choices"
    return {
        "key": f"{row.id if row else register.code}/{action.code}",
        "register": register.code,
        "register_title": words(register.title),
        "action": action.code,
        "action_title": words(action.title),
        "case_id": str(row.id) if row else None,
        "version": row.version if row else None,
        "number": row.number if row else "",
        "title": heading(row) if row else "",
        "state": row.state_title if row else "",
        "due_at": row.due_at.isoformat() if row and row.due_at else None,
        "light": row.light.value if row else "none",
        "kinds": kinds,
        "slots": {code: {"kind": str(slot.kind)} for code, slot in action.evidence.items()},
        "html": _drawn(request, form, action),
    }


def _drawn(request: DeskRequest, form: ActionForm, action: Action) -> str:
    slots = [
        Slot(
            slot.code,
            words(slot.title),
            str(slot.kind),
            slot.min,
            slot.max,
            drawn.help,
        )
        for slot, drawn in zip(action.evidence.values(), form.slots, strict=True)
    ]
    return render_to_string("desk/field/form.html", {"form": form, "slots": slots}, request)


def texts() -> str:
    """What the page's script says, in the reader's language, as JSON."""
    return json.dumps(
        {
            "draft": _("being written"),
            "ready": _("waits for a connection"),
            "sending": _("is being sent"),
            "signin": _("waits until you sign in"),
            "refused": _("refused: correct it and send again"),
            "sent": _("sent"),
            "online": _("Connected"),
            "offline": _("No connection: what you write is kept on this device."),
            "signedOut": _("You are signed out. Drafts stay here until you sign in again."),
            "signIn": _("Sign in"),
            "others": _("{count} drafts of {name} wait on this device for their sign-in."),
            "edit": _("Open"),
            "send": _("Send"),
            "remove": _("Delete"),
            "removeSure": _("Press again to delete it with its photographs"),
            "dismiss": _("Take off the list"),
            "openCase": _("Open the case"),
            "photos": _("{count} photographs"),
            "nothing": _("No draft waits on this device."),
            "noTasks": _("Nothing waits for you outside."),
            "unknownTasks": _("Open this page once with a connection: then it works without."),
            "tasksOf": _("As of {time}"),
            "kept": _("Kept on this device at {time}."),
            "full": _("This device has no room left: send or delete drafts first."),
            "missingPhotos": _("At least {min} are needed here."),
            "tooMany": _("{max} at most fit here."),
            "withPlace": _("with place, ±{metres} m"),
            "noPlace": _("without place"),
            "chosen": _("chosen; its own time and place count"),
            "leaveOut": _("Leave out"),
            "accuracy": _("Position taken, exact to ±{metres} m."),
            "positionFailed": _(
                "The device does not know where it is. Allow the position, or type it."
            ),
            "clock": _(
                "This device's clock is {minutes} minutes off. Set it right before you send."
            ),
            "trackIdle": _("Nothing recorded yet."),
            "trackOn": _("Recording: {points} points, ±{metres} m."),
            "trackPaused": _("Paused: {points} points."),
            "trackDone": _(
                "Finished: {points} points. Metres and minutes are computed when it is received."
            ),
            "trackShort": _("A track needs at least two points."),
            "sendAnyway": _("Send although the case has changed"),
            "done": _("Received as {number}."),
        },
        ensure_ascii=False,
    )
