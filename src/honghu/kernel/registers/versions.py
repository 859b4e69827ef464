"""From one version of a register to another: the map of a case's state and facts, judged. Pure.

A map may not do what the checker forbids a register: bring a case to its end, or past the
verification that it still has before it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from honghu.kernel.lifecycles import graph
from honghu.kernel.registers.cel import compile_guard
from honghu.kernel.registers.fields import value_type
from honghu.kernel.registers.forms import read_value
from honghu.kernel.registers.guards import Guard, GuardError, Scope
from honghu.kernel.registers.model import Field, Register


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a map, or a case under it, is refused: a stable code and the place in words."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class VersionMap:
    """How cases of one version become cases of another.

    `states` maps each old state to the new one; what is not named is refused. `fields` maps old
    fields to new ones where the code changed, or to null where the fact is left behind (the steps
    keep it); others keep their code. `guard` is CEL over the new facts that must hold for a case to
    move.
    """

    states: Mapping[str, str]
    fields: Mapping[str, str | None] = field(default_factory=dict)
    guard: str | None = None

    def field(self, code: str) -> str | None:
        """The new code of an old field; null where it is left behind."""
        return self.fields.get(code, code)


def map_by_code(old: Register, new: Register) -> VersionMap:
    """The map under which states and fields keep their codes; for versions that only added some.

    A case in a state that the new version does not know, or ends, is refused.
    """
    before, after = (
        {code for code, state in register.states.items() if state.end is None}
        for register in (old, new)
    )
    return VersionMap({code: code for code in sorted(before & after)})


def judge_map(old: Register, new: Register, wanted: VersionMap) -> tuple[Reason, ...]:
    """What is wrong with a map for whichever case; empty if it may be used."""
    found = [*_wrong_states(old, new, wanted), *_wrong_fields(old, new, wanted)]
    try:
        guard_of(new, wanted)
    except GuardError as error:
        found.append(Reason(error.code, f"guard: {error.message} ({error.remedy})"))
    return tuple(found)


def guard_of(new: Register, wanted: VersionMap) -> Guard | None:
    """The map's guard, compiled over the new version's fields. Raises GuardError."""
    if wanted.guard is None:
        return None
    facts = {code: value_type(field) for code, field in new.fields.items()}
    counters = {each.counts for each in new.actions.values() if each.counts is not None}
    return compile_guard(wanted.guard, Scope(facts=facts, counters=frozenset(counters)))


def _wrong_states(old: Register, new: Register, wanted: VersionMap) -> Iterator[Reason]:
    for origin, target in wanted.states.items():
        if origin not in old.states or old.states[origin].end is not None:
            yield Reason("state-unknown", f"version {old.version} has no open state {origin}")
        elif target not in new.states:
            yield Reason("state-unknown", f"version {new.version} has no state {target}")
        elif new.states[target].end is not None:
            yield Reason("state-ends", f"{origin} → {target}: a map may not end a case")
        elif _is_past_verification(new, target) and not _is_past_verification(old, origin):
            yield Reason(
                "verification-passed-over",
                f"{origin} → {target}: from there the case can be closed without the"
                " verification that it still has before it",
            )


def _wrong_fields(old: Register, new: Register, wanted: VersionMap) -> Iterator[Reason]:
    for origin, target in wanted.fields.items():
        if origin not in old.fields:
            yield Reason("field-unknown", f"version {old.version} has no field {origin}")
        if target is not None and target not in new.fields:
            yield Reason("field-unknown", f"version {new.version} has no field {target}")
    targets = [target for code in old.fields if (target := wanted.field(code)) is not None]
    for code in sorted({each for each in targets if targets.count(each) > 1}):
        yield Reason("field-twice", f"two fields would become {code}")


def _is_past_verification(register: Register, state: str) -> bool:
    """Whether a closed end can be reached from the state around every full verification."""
    left = [
        edge
        for edge in register.lifecycle.edges()
        if not (
            edge.action.kind == "verification"
            and edge.action.demands_evidence
            and (edge.action.differs_organisation or edge.action.differs_reason is not None)
            and edge.action.passes_with(edge.result)
        )
    ]
    closed = [each.code for each in register.lifecycle.ends if each.closes]
    return graph.find_way(left, [state], closed) is not None


def lost_works(old: Register, new: Register) -> frozenset[str]:
    """Actions whose doers the old version keeps from checking, and the new one does not know.

    A case on which one was performed may not move: its doer could verify the own work.
    """
    return _checked_works(old) - _checked_works(new)


def _checked_works(register: Register) -> frozenset[str]:
    sets = [each.verifies | each.not_by for each in register.actions.values()]
    return frozenset().union(*sets)


def map_facts(
    old: Register, new: Register, wanted: VersionMap, facts: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Reason, ...]]:
    """The facts as the new version keeps them, and what of them it would not take.

    Unknown facts (null) stay unknown. What no version declares is a module's own and is kept.
    """
    found: dict[str, Any] = {}
    reasons: list[Reason] = []
    for code, value in facts.items():
        target = wanted.field(code)
        declared = old.fields.get(code)
        if target is None:
            continue
        if declared is None and target not in new.fields:
            found[target] = value
        elif target not in new.fields:
            if value is not None:
                reasons.append(
                    Reason("field-unknown", f"version {new.version} has no field {target}")
                )
        else:
            reasons += _unfit(declared, new.fields[target], value)
            found[target] = value
    return found, tuple(reasons)


def _unfit(declared: Field | None, target: Field, value: Any) -> Iterable[Reason]:
    """Why a value cannot stand in the new field."""
    if value is None:
        return
    if declared is not None and declared.type is not target.type:
        yield Reason("field-type", f"{target.code}: {declared.type} would become {target.type}")
        return
    if declared is not None and declared.personal and not target.personal:
        yield Reason("field-personal", f"{target.code}: a personal fact would no longer be one")
    try:
        read_value(target, value)
    except ValueError as fault:
        yield Reason("field-value", f"{target.code}: {fault}")


def map_parties(
    new: Register, old: Register, wanted: VersionMap, parties: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    """The recorded organisations under their new fields; those of dropped fields are gone."""
    found = {}
    for code, known in parties.items():
        target = wanted.field(code)
        if target is not None and (target in new.fields or code not in old.fields):
            found[target] = list(known)
    return found
