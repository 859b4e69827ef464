"""Which actions of a register are done outside: with a camera, a track, a position."""

from collections.abc import Collection, Iterable

from honghu.kernel.registers.model import Action, FieldType, Register

_OUTSIDE = frozenset({"photo", "track"})
_FILES = frozenset({FieldType.FILE, FieldType.PHOTOS})


def is_outside(register: Register, action: Action) -> bool:
    """Whether the action asks for photographs, a track or a place.

    What must be confirmed by the case's number, or takes files among its fields, is for the desk.
    """
    fields = [*(register.fields[code] for code in action.facts), *action.form.values()]
    if action.confirm is not None or any(field.type in _FILES for field in fields):
        return False
    asks = any(slot.kind in _OUTSIDE for slot in action.evidence.values())
    return asks or any(field.type is FieldType.PLACE for field in fields)


def has_work_outside(registers: Iterable[Register], roles: Collection[str]) -> bool:
    """Whether somebody with these roles ever does anything of these registers outside."""
    held = set(roles)
    return any(
        held & set(action.roles) and is_outside(register, action)
        for register in registers
        for action in register.actions.values()
    )
