"""What a list can be brought into: an opening action, and the fields that a cell can fill."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from honghu.base.problems import Invalid, NotFound
from honghu.kernel.cases.permissions import check_role
from honghu.kernel.cases.wording import words
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import Action, Field, FieldType, Register

_FILES: Final = frozenset({FieldType.FILE, FieldType.PHOTOS})


class ImportNotPossible(Invalid):
    """An opening that no table can fill: it asks for files, ticks, or another case."""

    code = "import-not-possible"


@dataclass(frozen=True, slots=True)
class Target:
    """An opening action of a register, with its fields in the order of the columns."""

    register: Register
    action: Action
    fields: Mapping[str, Field]


def import_target(register: Register, *, actor: Actor, action: str | None = None) -> Target:
    """The opening into which rows are brought: the named one, else the first that works.

    Raises NotFound for an unknown opening, NotYourTurn where the actor may not open cases,
    ImportNotPossible saying why no row can open one.
    """
    openings = [each for each in register.openings if action in {None, each.code}]
    if not openings:
        message = _("{register} has no opening {action}.").format(
            register=register.code, action=action or ""
        )
        raise NotFound(message)
    possible = [each for each in openings if not _hindrance(register, each)]
    chosen = possible[0] if possible else openings[0]
    check_role(register, chosen, actor, None)
    hindrance = _hindrance(register, chosen)
    if hindrance:
        raise ImportNotPossible(
            _("{register} cannot take a list: {reason}").format(
                register=words(register.title), reason=hindrance
            ),
            remedy=_("Open its cases one by one."),
        )
    declared = {code: register.fields[code] for code in chosen.facts} | dict(chosen.form)
    fields = {code: field for code, field in declared.items() if field.type not in _FILES}
    return Target(register, chosen, fields)


def takes_lists(register: Register, actor: Actor) -> bool:
    """Whether the actor can bring a list into the register: what the list page asks."""
    return any(
        not _hindrance(register, each) and any(actor.holds(role) for role in each.roles)
        for each in register.openings
    )


def _hindrance(register: Register, action: Action) -> str:
    """Why no row of a table can open a case by this action; empty if one can."""
    if register.parent is not None:
        return _("each case belongs to another case.")
    if action.checklist:
        return _("a checklist is ticked for each case.")
    fields = [register.fields[code] for code in action.facts] + list(action.form.values())
    asked = [slot.title for slot in action.evidence.values() if slot.min > 0]
    asked += [field.title for field in fields if field.required and field.type in _FILES]
    if asked:
        named = "、".join(words(title) for title in asked)
        return _("each case needs a file ({names}).").format(names=named)
    return ""
