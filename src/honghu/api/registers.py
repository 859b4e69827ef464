"""Routes of registers: what there is, and what a register asks for."""

from ninja import Path, Router

from honghu.api.access import ApiRequest, Caller
from honghu.api.assembly import replies
from honghu.api.bodies import Reply
from honghu.api.values import Code, FieldReply, TextReply, field_reply, text_reply
from honghu.base.problems import NotFound
from honghu.kernel.cases.queries import visible_registers
from honghu.kernel.cases.visibility import sight_of
from honghu.kernel.registers.model import Action, Register
from honghu.kernel.registers.queries import get_register

router = Router(tags=["registers"])


class RegisterReply(Reply):
    """A register in its latest version."""

    code: str
    version: int
    title: TextReply
    description: TextReply | None
    parent: str | None


class RoleReply(Reply):
    """A role; `of` names the field whose organisation alone holds it for a case."""

    code: str
    title: TextReply
    of: str | None


class StateReply(Reply):
    """A state; `end` says how the case has ended, null while it is open."""

    code: str
    title: TextReply
    start: bool
    end: str | None
    waits_for: list[str]


class SlotReply(Reply):
    """The evidence that an action asks for under one heading."""

    code: str
    title: TextReply
    kind: str
    min: int
    max: int | None


class ItemReply(Reply):
    """A point to tick: its code belongs into the form's `checklist`."""

    code: str
    title: TextReply


class ActionReply(Reply):
    """An action: from where, by whom, and all that its form asks for."""

    code: str
    title: TextReply
    kind: str
    origins: list[str]
    targets: list[str]
    roles: list[str]
    fields: list[FieldReply]
    evidence: list[SlotReply]
    checklist: list[ItemReply]
    confirm: str | None


class RegisterDetailReply(RegisterReply):
    """A register with everything that a client needs to fill in its forms."""

    fields: list[FieldReply]
    roles: list[RoleReply]
    states: list[StateReply]
    actions: list[ActionReply]


def register_of(code: str, caller: Caller) -> Register:
    """The latest version of a register of which the caller may see anything. Raises NotFound."""
    register = get_register(code)
    if sight_of(register, caller.actor).nothing:
        message = f"there is no register {code}, or it is not yours to see"
        raise NotFound(message)
    return register


def action_reply(register: Register, action: Action) -> ActionReply:
    """An action with all the fields that its form asks for."""
    asked = [register.fields[code] for code in action.facts] + list(action.form.values())
    return ActionReply(
        code=action.code,
        title=text_reply(action.title),
        kind=action.kind,
        origins=sorted(action.origins),
        targets=sorted(set(action.targets.values())),
        roles=sorted(action.roles),
        fields=[field_reply(each) for each in asked],
        evidence=[
            SlotReply(
                code=each.code,
                title=text_reply(each.title),
                kind=each.kind,
                min=each.min,
                max=each.max,
            )
            for each in action.evidence.values()
        ],
        checklist=[ItemReply(code=i.code, title=text_reply(i.title)) for i in action.checklist],
        confirm=action.confirm,
    )


def _head(register: Register) -> dict[str, object]:
    described = register.description
    return {
        "code": register.code,
        "version": register.version,
        "title": text_reply(register.title),
        "description": text_reply(described) if described else None,
        "parent": register.parent,
    }


@router.get("/registers", response=replies({200: list[RegisterReply]}))
def list_registers(request: ApiRequest) -> list[RegisterReply]:
    """List the registers of which you may see anything."""
    return [
        RegisterReply.model_validate(_head(each)) for each in visible_registers(request.auth.actor)
    ]


@router.get("/registers/{code}", response=replies({200: RegisterDetailReply}, 404))
def read_register(request: ApiRequest, code: Path[Code]) -> RegisterDetailReply:
    """Read a register: its fields, roles, states, and actions with their forms."""
    register = register_of(code, request.auth)
    return RegisterDetailReply.model_validate(
        _head(register)
        | {
            "fields": [field_reply(each) for each in register.fields.values()],
            "roles": [
                RoleReply(code=each.code, title=text_reply(each.title), of=each.of)
                for each in register.roles.values()
            ],
            "states": [
                StateReply(
                    code=each.code,
                    title=text_reply(each.title),
                    start=each.start,
                    end=each.end,
                    waits_for=list(each.waits_for),
                )
                for each in register.states.values()
            ],
            "actions": [action_reply(register, each) for each in register.actions.values()],
        }
    )
