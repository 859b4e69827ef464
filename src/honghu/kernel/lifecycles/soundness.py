"""The proofs that a lifecycle is sound. Each failed proof is a finding with its remedy.

The rule that carries the platform: a case is *closed* only after somebody else, of another
organisation, has verified the work and left evidence (domains.md 1.1). It is proved on the graph,
not trusted: take away the edges by which verifications pass, and no closed end may be reachable.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from honghu.kernel.lifecycles import graph
from honghu.kernel.lifecycles.model import START, SYSTEM, Action, Edge, Lifecycle, State

Subject: TypeAlias = Literal["lifecycle", "state", "action"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that makes a lifecycle unsound: where, what, and what to do about it."""

    code: str
    subject: Subject
    name: str
    message: str
    remedy: str


def prove(lifecycle: Lifecycle) -> tuple[Finding, ...]:
    """Return every reason why the lifecycle is unsound; empty means proved.

    Origins, targets and verified actions that don't exist are reported alone, because nothing can
    be proved about a graph with loose ends.
    """
    loose = tuple(_loose_ends(lifecycle))
    if loose:
        return loose
    checks = (
        _openings,
        _ends,
        _connections,
        _waiting,
        _rights,
        _verifications,
        _closings,
        _loops,
    )
    return tuple(finding for check in checks for finding in check(lifecycle))


def describe_way(way: Iterable[Edge]) -> str:
    """Spell a way out: "start --open--> registered --close(passed)--> closed"."""
    parts: list[str] = []
    for edge in way:
        label = edge.action.code + (f"({edge.result})" if edge.result else "")
        parts += [] if parts else [edge.origin]
        parts += [f"--{label}-->", edge.target]
    return " ".join(parts)


def _loose_ends(lifecycle: Lifecycle) -> Iterator[Finding]:
    for action in lifecycle.actions.values():
        states = (action.origins - {START}) | frozenset(action.targets.values())
        for name in sorted(states - lifecycle.states.keys()):
            yield Finding(
                "unknown-state",
                "action",
                action.code,
                f"action {action.code} names the state {name}, which is not declared",
                "declare the state under states: or correct the name",
            )
        for name in sorted((action.verifies | action.not_by) - lifecycle.actions.keys()):
            yield Finding(
                "unknown-action",
                "action",
                action.code,
                f"action {action.code} names the action {name}, which is not declared",
                "declare the action under actions: or correct the name",
            )


def _openings(lifecycle: Lifecycle) -> Iterator[Finding]:
    openings = [action for action in lifecycle.actions.values() if action.opens_case]
    if not openings:
        yield Finding(
            "no-opening",
            "lifecycle",
            "",
            "no action opens a case",
            "add an action with `from: start`",
        )
    opened = {target for action in openings for target in action.targets.values()}
    for action in openings:
        if action.origins != {START} or action.stays:
            yield Finding(
                "mixed-opening",
                "action",
                action.code,
                f"action {action.code} opens a case, so it starts from `start` alone "
                "and leads to a state",
                "write `from: start` and `to: <state>`; split off what is done to open cases",
            )
    for state in lifecycle.states.values():
        if state.start and openings and state.code not in opened:
            yield Finding(
                "start-not-opened",
                "state",
                state.code,
                f"state {state.code} is a start, but no opening action leads to it",
                f"add an action `from: start, to: {state.code}` or drop `start: true`",
            )


def _ends(lifecycle: Lifecycle) -> Iterator[Finding]:
    if not lifecycle.ends:
        yield Finding(
            "no-end",
            "lifecycle",
            "",
            "no state is an end",
            "add a state with `end: closed`",
        )
    ends = {state.code for state in lifecycle.ends}
    for action in lifecycle.actions.values():
        for name in sorted(action.origins & ends):
            yield Finding(
                "leaves-an-end",
                "action",
                action.code,
                f"action {action.code} starts from {name}, but an ended case never changes",
                "take the state out of `from:`; what comes back is a new case",
            )


def _connections(lifecycle: Lifecycle) -> Iterator[Finding]:
    edges = list(lifecycle.edges())
    reached = graph.reachable(edges, [START])
    ending = graph.co_reachable(edges, [state.code for state in lifecycle.ends])
    for name in lifecycle.states:
        if name not in reached:
            yield Finding(
                "unreachable-state",
                "state",
                name,
                f"no way leads from the start to {name}",
                f"add an action `to: {name}` or remove the state",
            )
        if name not in ending:
            yield Finding(
                "dead-end",
                "state",
                name,
                f"no way leads from {name} to an end: a case would stay there for ever",
                f"add an action `from: {name}` that leads on, or mark the state with `end:`",
            )


def _waiting(lifecycle: Lifecycle) -> Iterator[Finding]:
    for state in lifecycle.states.values():
        yield from _clock_of(state)


def _clock_of(state: State) -> Iterator[Finding]:
    if state.clock is not None and (state.end is not None or state.suspended):
        kind = "is suspended" if state.suspended else "is an end"
        yield Finding(
            "clock-must-stop",
            "state",
            state.code,
            f"state {state.code} {kind}, so no clock may run in it",
            "remove `clock:`",
        )
    if state.suspended and state.end is not None:
        yield Finding(
            "suspended-end",
            "state",
            state.code,
            f"state {state.code} is both an end and suspended",
            "keep one of the two",
        )
    running = state.end is None and not state.suspended
    if running and state.clock is None and state.no_clock is None:
        yield Finding(
            "no-clock",
            "state",
            state.code,
            f"cases wait in {state.code} without a clock",
            "add `clock: {rule: …}`, or say why not in `no_clock: {zh: …, en: …}`",
        )
    if state.clock is not None and state.no_clock is not None:
        yield Finding(
            "clock-and-no-clock",
            "state",
            state.code,
            f"state {state.code} has a clock and a reason for having none",
            "keep one of the two",
        )


def _rights(lifecycle: Lifecycle) -> Iterator[Finding]:
    for action in lifecycle.actions.values():
        if not action.roles:
            yield Finding(
                "nobody-may",
                "action",
                action.code,
                f"nobody may perform {action.code}",
                "name a role in `by:`",
            )
        claims = action.verifies or action.differs_person or action.differs_organisation
        if action.kind != "verification" and claims:
            yield Finding(
                "not-a-verification",
                "action",
                action.code,
                f"action {action.code} verifies or differs, but is not of the kind verification",
                "write `kind: verification`, or `not_by:` to keep one person out",
            )


def _verifications(lifecycle: Lifecycle) -> Iterator[Finding]:
    for action in lifecycle.actions.values():
        if action.kind == "verification":
            yield from _separation(action)
            yield from _verifier(lifecycle, action)
            yield from _verified_work(lifecycle, action)


def _separation(action: Action) -> Iterator[Finding]:
    if not action.verifies:
        yield Finding(
            "verifies-nothing",
            "action",
            action.code,
            f"verification {action.code} does not say which work it verifies",
            "list the work in `verifies: [...]`",
        )
    if action.code in action.verifies:
        yield Finding(
            "verifies-itself",
            "action",
            action.code,
            f"verification {action.code} verifies itself",
            "take it out of `verifies:`",
        )
    if not action.differs_person:
        yield Finding(
            "verifier-is-doer",
            "action",
            action.code,
            f"the verifier of {action.code} may be the person who did the work",
            "add `differs: {person: true, organisation: true}`",
        )
    results = [result for result in action.targets if result is not None]
    if results and not any(action.passes_with(result) for result in results):
        yield Finding(
            "verification-never-passes",
            "action",
            action.code,
            f"no result of {action.code} says that the work passed",
            "name the result `passed` (or `passed_…`)",
        )


def _verifier(lifecycle: Lifecycle, action: Action) -> Iterator[Finding]:
    if SYSTEM in action.roles:
        yield Finding(
            "verified-by-system",
            "action",
            action.code,
            f"verification {action.code} may be performed by the system",
            "let a person verify: take `system` out of `by:`",
        )
    verified = [lifecycle.actions[name] for name in sorted(action.verifies)]
    for work in verified:
        if work.kind in {"note", "system"} or work.roles == {SYSTEM}:
            yield Finding(
                "verifies-no-work",
                "action",
                action.code,
                f"{action.code} verifies {work.code}, which is no work of a person",
                "name what a person does to solve the problem in `verifies:`",
            )
    doers = {lifecycle.local_roles.get(role) for work in verified for role in work.roles}
    mine = {lifecycle.local_roles.get(role) for role in action.roles}
    if action.differs_organisation and mine == doers and len(mine) == 1 and None not in mine:
        yield Finding(
            "verifier-cannot-exist",
            "action",
            action.code,
            f"work and verification {action.code} both belong to the organisation in the "
            f"field {next(iter(mine))}, so nobody could ever verify",
            "let a role of another organisation verify",
        )


def _verified_work(lifecycle: Lifecycle, action: Action) -> Iterator[Finding]:
    edges = list(lifecycle.edges())
    without = [edge for edge in edges if edge.action.code not in action.verifies]
    way = graph.find_way(without, [START], action.origins)
    if action.verifies and way is not None:
        yield Finding(
            "verifies-work-not-done",
            "action",
            action.code,
            f"{action.code} can be reached without the work it verifies: {describe_way(way)}",
            "list every kind of work that leads there in `verifies:`",
        )
    skipped = {
        edge.action.code
        for edge in edges
        if edge.target in action.origins
        and edge.action.kind == "work"
        and not (edge.action.opens_case or edge.action.stays)
        and edge.action.code not in action.verifies
    }
    for name in sorted(skipped):
        yield Finding(
            "work-not-verified",
            "action",
            action.code,
            f"work {name} leads to {action.code}, which does not verify it",
            f"add {name} to `verifies:`, or give {name} another kind if it is no work",
        )


def _weaknesses(action: Action) -> Iterator[Finding]:
    """Yield why a verification is too weak to close a case on its own."""
    if not action.differs_organisation and action.differs_reason is None:
        yield Finding(
            "verifier-same-organisation",
            "action",
            action.code,
            f"the verifier of {action.code} may belong to the organisation that did the work",
            "add `organisation: true` to `differs:`, or declare the exemption with "
            "`differs: {person: true, organisation: false, reason: {zh: …, en: …}}`",
        )
    if not action.demands_evidence:
        yield Finding(
            "verification-without-evidence",
            "action",
            action.code,
            f"verification {action.code} demands no evidence",
            "add `evidence: {check: {kind: photo, min: 1}}`",
        )


def _closings(lifecycle: Lifecycle) -> Iterator[Finding]:
    """Prove that no closed end can be reached around a full verification.

    Where the way is barred only by weak verifications, they are what is wrong.
    """
    verifications = [each for each in lifecycle.actions.values() if each.kind == "verification"]
    weaknesses = {each.code: tuple(_weaknesses(each)) for each in verifications}
    full = frozenset(code for code, found in weaknesses.items() if not found)
    if not any(_unverified(lifecycle, full)):
        return
    around = tuple(_unverified(lifecycle, frozenset(weaknesses)))
    yield from around or (finding for found in weaknesses.values() for finding in found)


def _passes(edge: Edge, counted: Container[str]) -> bool:
    return edge.action.code in counted and edge.action.passes_with(edge.result)


def _unverified(lifecycle: Lifecycle, counted: frozenset[str]) -> Iterator[Finding]:
    """Yield the ways into closed ends on which none of the counted verifications passes."""
    edges = list(lifecycle.edges())
    closed = [state.code for state in lifecycle.ends if state.closes]
    way = graph.find_way([e for e in edges if not _passes(e, counted)], [START], closed)
    if way is not None:
        yield Finding(
            "closes-unverified",
            "state",
            way[-1].target,
            f"a case can be closed without a verification: {describe_way(way)}",
            "let the last step be an action of `kind: verification`",
        )
        return
    works = {name for action in lifecycle.actions.values() for name in action.verifies}
    for work in sorted(works):
        # Only a verification of this very work counts: who verifies another verification may
        # well be the person who did the work.
        proving = {code for code in counted if work in lifecycle.actions[code].verifies}
        rest = [edge for edge in edges if not _passes(edge, proving)]
        done = {edge.target for edge in edges if edge.action.code == work}
        redone = graph.find_way(rest, done, closed)
        if redone is not None:
            yield Finding(
                "closes-unverified-after",
                "action",
                work,
                f"after {work} a case can be closed without verifying it: "
                f"{describe_way(redone) or 'it leads into the end'}",
                f"let a verification of {work} stand on each way from it to a closed end",
            )


def _loops(lifecycle: Lifecycle) -> Iterator[Finding]:
    uncounted = [edge for edge in lifecycle.edges() if edge.action.counts is None]
    loop = graph.find_loop(uncounted)
    while loop is not None:
        back = loop[-1]
        yield Finding(
            "uncounted-loop",
            "action",
            back.action.code,
            f"a case can go round without being counted: {describe_way(loop)}",
            f"add `counts: <counter>` to {back.action.code} or to another action of the loop",
        )
        codes = {edge.action.code for edge in loop}
        uncounted = [edge for edge in uncounted if edge.action.code not in codes]
        loop = graph.find_loop(uncounted)
    for action in lifecycle.actions.values():
        if action.kind == "extension" and action.stays and action.counts is None:
            yield Finding(
                "uncounted-extension",
                "action",
                action.code,
                f"the extension {action.code} can be repeated without being counted",
                "add `counts: extensions`",
            )
