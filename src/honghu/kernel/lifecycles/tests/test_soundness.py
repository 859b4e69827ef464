"""The proof of separation, against walking every path of random lifecycles."""

import itertools
from collections.abc import Iterator

from hypothesis import event, given
from hypothesis import strategies as st

from honghu.kernel.lifecycles.model import START, Action, Clock, Edge, Lifecycle, State, Text
from honghu.kernel.lifecycles.soundness import prove

TITLE = Text("名", "Name")
OPEN = ["a", "b", "c", "d"]
STATES = {
    **{code: State(code=code, title=TITLE, clock=Clock(code=code, rule="r")) for code in OPEN},
    "closed": State(code="closed", title=TITLE, end="closed"),
    "rejected": State(code="rejected", title=TITLE, end="rejected"),
}


def action(code: str, origin: str, target: str, kind: str, verifies: frozenset[str]) -> Action:
    verifying = kind == "verification"
    return Action(
        code=code,
        title=TITLE,
        origins=frozenset({origin}),
        targets={None: target},
        roles=frozenset({"office"}),
        kind=kind,  # type: ignore[arg-type]  # drawn from the kinds below
        verifies=verifies if verifying else frozenset(),
        differs_person=verifying,
        differs_organisation=verifying,
        demands_evidence=verifying,
        counts="rounds",
    )


@st.composite
def lifecycles(draw: st.DrawFn) -> Lifecycle:
    """Draw a lifecycle of a few actions between a few states, verified here and there."""
    works = [f"w{number}" for number in range(draw(st.integers(1, 4)))]
    actions = {"open": action("open", START, "a", "decision", frozenset())}
    for code in works:
        origin, target = draw(st.sampled_from(OPEN)), draw(st.sampled_from([*OPEN, "rejected"]))
        actions[code] = action(code, origin, target, "work", frozenset())
    for number in range(draw(st.integers(1, 4))):
        code = f"v{number}"
        kind = draw(st.sampled_from(["verification", "verification", "decision"]))
        verifies = frozenset(draw(st.sets(st.sampled_from(works), min_size=1)))
        origin, target = draw(st.sampled_from(OPEN)), draw(st.sampled_from([*OPEN, "closed"]))
        actions[code] = action(code, origin, target, kind, verifies)
    return Lifecycle(states=STATES, actions=actions)


def walks(lifecycle: Lifecycle, longest: int) -> Iterator[list[Edge]]:
    """Yield every walk from the start to a closed end, up to a length."""
    edges = list(lifecycle.edges())
    walking: list[list[Edge]] = [[edge] for edge in edges if edge.origin == START]
    for _ in range(longest):
        longer = []
        for walk in walking:
            if walk[-1].target == "closed":
                yield walk
            longer += [[*walk, edge] for edge in edges if edge.origin == walk[-1].target]
        walking = longer[:500]


def closes_badly(lifecycle: Lifecycle, walk: list[Edge]) -> bool:
    """Tell whether a walk closes with verifiable work that nobody verified afterwards."""
    actions = [edge.action for edge in walk]
    verifiable = {name for each in lifecycle.actions.values() for name in each.verifies}
    if not any(each.kind == "verification" for each in actions):
        return True
    return any(
        done.code in verifiable and not any(done.code in later.verifies for later in actions[at:])
        for at, done in enumerate(actions)
    )


@given(lifecycles())
def test_whatever_is_proved_holds_on_every_walk(lifecycle: Lifecycle) -> None:
    codes = {finding.code for finding in prove(lifecycle)}
    unverified = codes & {"closes-unverified", "closes-unverified-after"}
    bad = any(closes_badly(lifecycle, walk) for walk in walks(lifecycle, 8))
    event(f"unverified: {bool(unverified)}")
    assert bool(unverified) >= bad


@given(lifecycles())
def test_a_refusal_names_a_way_that_exists(lifecycle: Lifecycle) -> None:
    edges = {(e.origin, e.action.code, e.target) for e in lifecycle.edges()}
    for finding in prove(lifecycle):
        if finding.code != "closes-unverified":
            continue
        words = finding.message.partition(": ")[2].split(" ")
        states, steps = words[::2], [word[2:-3] for word in words[1::2]]
        assert states[0] == START
        assert states[-1] == "closed"
        for (one, two), step in zip(itertools.pairwise(states), steps, strict=True):
            assert (one, step, two) in edges
        assert all(lifecycle.actions[step].kind != "verification" for step in steps)


def test_loose_ends_are_told_alone() -> None:
    actions = {"open": action("open", START, "nowhere", "decision", frozenset())}
    findings = prove(Lifecycle(states=STATES, actions=actions))
    assert [finding.code for finding in findings] == ["unknown-state"]
