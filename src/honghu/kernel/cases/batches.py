"""One action on many cases: each in a transaction of its own, with a result for each."""

import dataclasses
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from honghu.base.problems import HonghuError, Invalid, NotFound
from honghu.kernel.cases import writing
from honghu.kernel.cases.asked import Request, read_request
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.permissions import check_role
from honghu.kernel.cases.writing import Done
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import SYSTEM, Action, FieldType, Register

BATCH_KEY_MAX: Final = 120
"""The longest key of a batch: with a case's identifier it must still be an idempotency key."""
_FILES: Final = frozenset({FieldType.FILE, FieldType.PHOTOS})


class BatchTooLarge(Invalid):
    """More cases at once than the setting HONGHU_BATCH_MAX allows."""

    code = "batch-too-large"


class NotForMany(Invalid):
    """An action that asks for a look at each case: a verification, evidence, a confirmation."""

    code = "not-for-many"


@dataclasses.dataclass(frozen=True, slots=True)
class Chosen:
    """A case of a batch; `version` is the one that the actor saw, null if that does not matter."""

    id: uuid.UUID
    version: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case: `done`, or the refusal. Exactly one of both is there."""

    id: uuid.UUID
    done: Done | None
    refusal: HonghuError | None


def batch_max() -> int:
    """How many cases may be chosen at once: the setting HONGHU_BATCH_MAX."""
    return int(settings.HONGHU_BATCH_MAX)


def is_for_many(action: Action) -> bool:
    """Whether one form can do for many cases.

    Never a verification, and nothing that needs files of its own or the case's number typed:
    those are promises about one case that somebody has looked at.
    """
    fields_hold_files = any(field.type in _FILES for field in action.form.values())
    return not (
        action.opens_case
        or action.roles <= {SYSTEM}
        or action.kind in {"verification", "system"}
        or action.confirm is not None
        or fields_hold_files
        or any(slot.min for slot in action.evidence.values())
        or any(item.evidence is not None for item in action.checklist)
    )


def actions_for_many(register: Register, actor: Actor) -> list[Action]:
    """The actions that the actor holds a role for and that may be done to many cases at once."""
    found = []
    for action in register.actions.values():
        if not is_for_many(action) or any(register.fields[f].type in _FILES for f in action.facts):
            continue
        try:
            check_role(register, action, actor, None)
        except HonghuError:
            continue
        found.append(action)
    return found


def check_batch(
    register: Register, action: str, cases: Sequence[Chosen], request: Request
) -> Action:
    """What is wrong with a batch before any case is touched; the action if nothing is.

    Raises NotFound for an unknown action, NotForMany, BatchTooLarge, FormInvalid.
    """
    declared = register.actions.get(action)
    if declared is None:
        message = _("{register} has no action {action}.").format(
            register=register.code, action=action
        )
        raise NotFound(message)
    if not is_for_many(declared):
        message = _("This action is done case by case.")
        raise NotForMany(message, remedy=_("Open each case and do it there."))
    if len(cases) > batch_max():
        message = _("At most {max} cases at once; these are {count}.").format(
            max=batch_max(), count=len(cases)
        )
        raise BatchTooLarge(message, remedy=_("Do it in several parts."))
    read_request(register, declared, request)
    return declared


def perform_many(
    register: Register, cases: Sequence[Chosen], request: Request, *, batch: str
) -> Iterator[Outcome]:
    """Perform one action on each case in turn; a refusal stops none of the others.

    The idempotency key of a case follows from `batch`: the same batch again does nothing twice, and
    tries anew what was refused. Whoever stops reading stops after the present case. Raises Invalid
    for a key of the wrong length.
    """
    if not 0 < len(batch) <= BATCH_KEY_MAX:
        message = _("A batch's key has 1 to {max} characters.").format(max=BATCH_KEY_MAX)
        raise Invalid(message)
    with connection.cursor() as cursor:
        known = writing.registers_of(cursor, [case.id for case in cases])
    for case in cases:
        try:
            if known.get(case.id) != register.code:
                message = _("There is no case {id}.").format(id=case.id)
                raise NotFound(message)
            done = perform(
                case.id,
                request.action,
                actor=request.actor,
                now=request.now,
                idempotency_key=f"batch:{batch}:{case.id}",
                expected_version=case.version,
                form=request.form,
            )
        except HonghuError as refusal:
            yield Outcome(case.id, None, refusal)
        else:
            yield Outcome(case.id, done, None)


def told(refusal: HonghuError) -> Mapping[str, Any]:
    """A refusal as JSON values: `code`, `detail`, `remedy`, `errors` by field."""
    return {
        "code": refusal.code,
        "detail": _(refusal.message),
        "remedy": _(refusal.remedy) if refusal.remedy else "",
        "errors": dict(refusal.fields),
    }
