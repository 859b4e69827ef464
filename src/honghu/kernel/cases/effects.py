"""What a module's command receives when an action calls it, inside the action's transaction."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final

from honghu.base.problems import HonghuError
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import Action, Register


class EffectMissingError(HonghuError):
    """A register names a command that no module has declared."""

    code = "effect-missing"
    status = 500


@dataclasses.dataclass(slots=True)
class Draft:
    """The case as it will be written: an effect may change facts, parties, title and counters."""

    id: uuid.UUID
    register: Register
    number: str
    title: str
    state: str
    version: int
    facts: MutableMapping[str, Any]
    parties: MutableMapping[str, list[str]]
    counters: MutableMapping[str, int]
    parent_id: uuid.UUID | None
    opened_at: dt.datetime

    def organisation(self, field: str) -> uuid.UUID | None:
        """The one organisation recorded in a field; null while none is."""
        value = self.facts.get(field)
        return uuid.UUID(value) if value else None

    def is_party(self, field: str, organisation_id: uuid.UUID | None) -> bool:
        """Whether the organisation is recorded as this party of the case."""
        return organisation_id is not None and str(organisation_id) in self.parties.get(field, ())

    def add_party(self, field: str, organisation_id: uuid.UUID) -> None:
        """Record one more organisation as a party: it then sees the case."""
        known = self.parties.setdefault(field, [])
        if str(organisation_id) not in known:
            known.append(str(organisation_id))


@dataclasses.dataclass(slots=True)
class Effect:
    """One action being performed. `then` queues work for after the step is written."""

    case: Draft
    action: Action
    form: Mapping[str, Any]
    evidence: Mapping[str, list[str]]
    actor: Actor
    now: dt.datetime
    step_id: uuid.UUID
    result: str | None
    followers: list[Callable[[], object]] = dataclasses.field(default_factory=list)

    def then(self, work: Callable[[], object]) -> None:
        """Do this after the step is written, in the same transaction."""
        self.followers.append(work)


EffectFunction = Callable[[Effect], None]

_effects: dict[str, EffectFunction] = {}
_reactions: dict[str, list[EffectFunction]] = {}


def register_effect(name: str, function: EffectFunction) -> None:
    """Declare the command `name` (as `module.verb_noun`) that registers may call."""
    _effects[name] = function


ANY: Final = "*"
"""The event of every action of every register."""


def register_reaction(event: str, function: EffectFunction) -> None:
    """Let a module react to `register.action` of another, or to ANY, in the same transaction."""
    _reactions.setdefault(event, []).append(function)


def known_effects() -> frozenset[str]:
    """Names of all declared commands: what the register checker compares with."""
    return frozenset(_effects)


def run_effects(effect: Effect) -> None:
    """Run the action's own command, then the reactions to it, in declared order.

    Raises EffectMissingError, and whatever a command raises to refuse the action.
    """
    name = effect.action.command
    if name is not None:
        function = _effects.get(name)
        if function is None:
            message = f"the command {name} of action {effect.action.code} is not declared"
            raise EffectMissingError(message, remedy="install the module or correct the register")
        function(effect)
    event = f"{effect.case.register.code}.{effect.action.code}"
    for reaction in (*_reactions.get(event, ()), *_reactions.get(ANY, ())):
        reaction(effect)
