"""The one who acts, as every command receives it."""

import dataclasses
import uuid

SYSTEM_ROLE = "system"


@dataclasses.dataclass(frozen=True, slots=True)
class Actor:
    """A person acting for one organisation, with the roles held there on that day.

    The system itself acts with `person_id` and `organisation_id` null and the role `system`.
    """

    person_id: uuid.UUID | None
    organisation_id: uuid.UUID | None
    roles: frozenset[str]
    name: str = ""
    organisation_name: str = ""

    @property
    def is_system(self) -> bool:
        """Whether the software acts by itself (a clock, an import)."""
        return self.person_id is None

    def holds(self, role: str) -> bool:
        """Whether the actor holds the role."""
        return role in self.roles


SYSTEM = Actor(None, None, frozenset({SYSTEM_ROLE}), "system", "")
