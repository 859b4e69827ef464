"""The rule that carries the platform, proved on the graph rather than trusted.

A case is *closed* only after somebody else, of another organisation, has verified the work and
left evidence: take away the edges by which verifications pass, and no closed end
may be reachable; and work that is done again must be verified again.
"""

from collections.abc import Container, Iterator

from honghu.kernel.lifecycles import graph
from honghu.kernel.lifecycles.findings import Finding, describe_way
from honghu.kernel.lifecycles.model import START, SYSTEM, Action, Edge, Lifecycle


def verifications(lifecycle: Lifecycle) -> Iterator[Finding]:
    """Yield what is wrong with each verification by itself."""
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


def closings(lifecycle: Lifecycle) -> Iterator[Finding]:
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
