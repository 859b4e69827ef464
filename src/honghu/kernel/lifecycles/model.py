"""The values a lifecycle is made of. All are frozen; a lifecycle never changes once it is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

START: Final = "start"
"""The pseudo-state from which an opening action leads; no case is ever in it."""

SYSTEM: Final = "system"
"""The built-in role of the platform itself (expiry, import, reactions between modules)."""

PASSED: Final = "passed"
"""The result of a verification that lets the case go on; `passed_…` counts as well."""

EndKind: TypeAlias = Literal["closed", "cancelled", "rejected", "merged"]
ActionKind: TypeAlias = Literal[
    "work", "verification", "decision", "return", "extension", "note", "system"
]
Language: TypeAlias = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages of the platform."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the English text for any English tag ("en", "en-gb"), else the Chinese one."""
        return self.en if language.lower().startswith("en") else self.zh


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How long a case may stay in a state.

    Exactly one of `rule`, `duration` and `due` is given. `rule` is the code of a dated rule-set
    row; with `by`, the row's code is the rule, a dot and the value of that choice field. A literal
    `duration` ("1 working_days") carries its `source`. `due` names a date or instant field of the
    case that holds the due day itself. `starts` is "entry" or the name of a date or instant field.
    """

    code: str
    rule: str | None = None
    by: str | None = None
    duration: str | None = None
    source: str | None = None
    due: str | None = None
    starts: str = "entry"

    def rule_code(self, facts: Mapping[str, object]) -> str | None:
        """Return the code of the rule-set row for these facts; None when it can't be known."""
        if self.rule is None or self.by is None:
            return self.rule
        value = facts.get(self.by)
        return None if value is None else f"{self.rule}.{value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state of a lifecycle. `end` is None while the case is open.

    A state that says why it has no clock and names nobody whom it waits for is at rest: an entry of
    a roll, a filing in force. Things can be done with such a case, but nobody is asked to.
    """

    code: str
    title: Text
    start: bool = False
    end: EndKind | None = None
    waits_for: tuple[str, ...] = ()
    clock: Clock | None = None
    no_clock: Text | None = None
    suspended: bool = False

    @property
    def closes(self) -> bool:
        """Tell whether the state says that the problem is solved (and so must be proved)."""
        return self.end == "closed"

    @property
    def rests(self) -> bool:
        """Tell whether an open case stands here without asking anything of anybody."""
        return self.end is None and self.no_clock is not None and not self.waits_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What may be done in a lifecycle, as far as the graph and the separation of duties go.

    `targets` maps the result (None when the action has no results) to the next state; it is empty
    when the case stays where it is. `origins` is {"start"} for an action that opens a case.
    """

    code: str
    title: Text
    origins: frozenset[str]
    targets: Mapping[str | None, str]
    roles: frozenset[str]
    kind: ActionKind = "work"
    verifies: frozenset[str] = frozenset()
    differs_person: bool = False
    differs_organisation: bool = False
    differs_reason: Text | None = None
    not_by: frozenset[str] = frozenset()
    demands_evidence: bool = False
    counts: str | None = None

    @property
    def opens_case(self) -> bool:
        """Tell whether the action opens a case rather than moving one."""
        return START in self.origins

    @property
    def stays(self) -> bool:
        """Tell whether the case stays in its state (a note, a progress report)."""
        return not self.targets

    def target(self, origin: str, result: str | None = None) -> str:
        """Return the state after the action; `origin` itself when the case stays.

        Raises KeyError for a result that the action does not declare.
        """
        return origin if self.stays else self.targets[result]

    def passes_with(self, result: str | None) -> bool:
        """Tell whether this result of a verification lets the case go on towards a closed end."""
        return result is None or result == PASSED or result.startswith(f"{PASSED}_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One way from a state to the next: an action with one of its results."""

    origin: str
    target: str
    action: Action
    result: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """A graph of states and actions, both by code, in the order of their declaration."""

    states: Mapping[str, State]
    actions: Mapping[str, Action]
    local_roles: Mapping[str, str] = field(default_factory=dict)
    """Role code to the organisation field that alone holds it (`of`); other roles are absent."""

    def edges(self) -> Iterator[Edge]:
        """Yield every edge, a staying action as a loop on each of its origins."""
        for action in self.actions.values():
            for origin in sorted(action.origins):
                ways = action.targets.items() or (("", origin),)
                for result, target in ways:
                    yield Edge(origin=origin, target=target, action=action, result=result or None)

    @property
    def ends(self) -> tuple[State, ...]:
        """Return the end states in declared order."""
        return tuple(state for state in self.states.values() if state.end is not None)
