"""Who may perform which action on a case, and the words for why not.

Roles are those of the register's latest version, whatever the case's own: who may act is a matter
of today. Separation of duties, form and guard stay those under which the case was opened.
"""

import dataclasses
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from honghu.base.problems import NotAllowed
from honghu.kernel.cases.effects import Draft
from honghu.kernel.cases.wording import listed, words
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import START, SYSTEM, Action, Register
from honghu.kernel.registers.queries import ruling_version


@dataclasses.dataclass(frozen=True, slots=True)
class Doer:
    """Who performed an action of this case before."""

    action: str
    person_id: uuid.UUID | None
    organisation_id: uuid.UUID | None


class NotYourTurn(NotAllowed):
    """The actor holds no role that may perform the action."""

    code = "role-missing"


class SameHands(NotAllowed):
    """The actor, or the actor's organisation, did the work that this action must check."""

    code = "same-hands"


class GuardRefuses(NotAllowed):
    """The facts do not allow the action now."""

    code = "guard-refuses"
    status = 422


def holds_role(register: Register, role_code: str, actor: Actor, draft: Draft | None) -> bool:
    """Whether the actor holds the role for this case (`of` roles: as the recorded party)."""
    if role_code == SYSTEM:
        return actor.is_system
    if not actor.holds(role_code):
        return False
    role = register.roles[role_code]
    if role.of is None or draft is None:
        return True
    return draft.is_party(role.of, actor.organisation_id)


def ruling_action(register: Register, action: Action) -> tuple[Register, Action]:
    """The version whose roles decide about an action of a case of this version, and its action.

    That is the latest one, unless it has no such action, or asks for an organisation in a field
    that the case's version does not have: nobody could act then.
    """
    latest = ruling_version(register)
    declared = latest.actions.get(action.code)
    if declared is None:
        return register, action
    fields = {latest.roles[code].of for code in declared.roles if code in latest.roles}
    if not fields - {None} <= register.fields.keys():
        return register, action
    return latest, declared


def check_role(register: Register, action: Action, actor: Actor, draft: Draft | None) -> None:
    """Raise NotYourTurn unless the actor holds one of the action's roles for this case.

    `register` is the case's version; the roles are those of the latest (see `ruling_action`).
    """
    register, action = ruling_action(register, action)
    opening = None if START in action.origins else draft
    if any(holds_role(register, code, actor, opening) for code in action.roles):
        return
    titles = [
        words(register.roles[code].title) for code in sorted(action.roles) if code in register.roles
    ]
    message = _("This is for: {roles}").format(roles=listed(titles) or SYSTEM)
    raise NotYourTurn(message, remedy=_("Ask somebody who holds that role for this case."))


def check_separation(action: Action, actor: Actor, doers: Iterable[Doer]) -> None:
    """Raise SameHands if the actor checks own work (or that of the own organisation).

    The common idea of the product: a case closes only when somebody else has verified it.
    """
    for doer in doers:
        if doer.person_id is None:
            continue
        checked = doer.action in action.verifies
        same_person = doer.person_id == actor.person_id
        if same_person and (doer.action in action.not_by or (checked and action.differs_person)):
            message = _("You did the step that this action checks.")
            raise SameHands(message, remedy=_("Let another person do it."))
        if (
            checked
            and action.differs_organisation
            and doer.organisation_id == actor.organisation_id
        ):
            message = _("Your organisation did the work that this action checks.")
            raise SameHands(message, remedy=_("Let another organisation do it."))


def check_guard(action: Action, draft: Draft, form: Mapping[str, Any]) -> None:
    """Raise GuardRefuses if the action's guard does not hold for these facts and this form."""
    if action.guard is None:
        return
    context = {"state": draft.state, "number": draft.number, "counters": dict(draft.counters)}
    if action.guard.evaluate(draft.facts, form, context):
        return
    message = (
        words(action.why_not)
        if action.why_not is not None
        else _("The facts of the case do not allow this yet.")
    )
    raise GuardRefuses(message)
