"""Which cases of a register somebody may see."""

import dataclasses
import uuid
from collections.abc import Iterator, Mapping, Sequence

from honghu.kernel.cases.permissions import ruling_action
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import Register, Role
from honghu.kernel.registers.queries import ruling_version


@dataclasses.dataclass(frozen=True, slots=True)
class Sight:
    """What an actor sees of a register: everything, the cases of one organisation, or nothing."""

    everything: bool
    organisation_id: uuid.UUID | None

    @property
    def nothing(self) -> bool:
        """Whether the actor may see no case at all."""
        return not self.everything and self.organisation_id is None

    def covers(self, parties: Mapping[str, Sequence[str]]) -> bool:
        """Whether a case with these parties, by field, is in sight."""
        if self.everything or self.organisation_id is None:
            return self.everything
        return any(str(self.organisation_id) in known for known in parties.values())


def _roles(register: Register) -> Iterator[Role]:
    latest = ruling_version(register)
    yield from latest.roles.values()
    if latest is register or latest.version == register.version:
        return
    ruled = [ruling_action(register, action) for action in register.actions.values()]
    own = {code for by, action in ruled if by is register for code in action.roles}
    yield from (role for code, role in register.roles.items() if code in own)


def sight_of(register: Register, actor: Actor) -> Sight:
    """Office roles see the whole register; roles `of` a party see the cases of their organisation.

    Roles are those of the latest version, and of the given one those by which actions are still
    performed that the latest does not know. Somebody without any of them sees nothing: there is no
    default.
    """
    if actor.is_system:
        return Sight(everything=True, organisation_id=None)
    held = [role for role in _roles(register) if actor.holds(role.code)]
    if any(role.of is None for role in held):
        return Sight(everything=True, organisation_id=None)
    return Sight(everything=False, organisation_id=actor.organisation_id if held else None)
