"""The proofs that a lifecycle is sound. Each failed proof is a finding with its remedy."""

from collections.abc import Iterator

from honghu.kernel.lifecycles import graph
from honghu.kernel.lifecycles.findings import Finding, describe_way
from honghu.kernel.lifecycles.model import START, Lifecycle, State
from honghu.kernel.lifecycles.separation import closings, verifications


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
        verifications,
        closings,
        _loops,
    )
    return tuple(finding for check in checks for finding in check(lifecycle))


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
