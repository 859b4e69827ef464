"""Questions about a graph of edges: what is reachable, by which way, and where it turns back."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from honghu.kernel.lifecycles.model import Edge


def _successors(edges: Iterable[Edge]) -> Mapping[str, list[Edge]]:
    leaving: dict[str, list[Edge]] = {}
    for edge in edges:
        leaving.setdefault(edge.origin, []).append(edge)
    return leaving


def reachable(edges: Iterable[Edge], sources: Iterable[str]) -> frozenset[str]:
    """Return every state that a way of any length leads to, the sources among them."""
    leaving = _successors(edges)
    seen = set(sources)
    waiting = list(seen)
    while waiting:
        for edge in leaving.get(waiting.pop(), ()):
            if edge.target not in seen:
                seen.add(edge.target)
                waiting.append(edge.target)
    return frozenset(seen)


def co_reachable(edges: Iterable[Edge], goals: Iterable[str]) -> frozenset[str]:
    """Return every state from which a way leads to one of the goals, the goals among them."""
    entering: dict[str, list[str]] = {}
    for edge in edges:
        entering.setdefault(edge.target, []).append(edge.origin)
    seen = set(goals)
    waiting = list(seen)
    while waiting:
        for origin in entering.get(waiting.pop(), ()):
            if origin not in seen:
                seen.add(origin)
                waiting.append(origin)
    return frozenset(seen)


def find_way(
    edges: Iterable[Edge], sources: Iterable[str], goals: Iterable[str]
) -> tuple[Edge, ...] | None:
    """Return a shortest way from a source to a goal; empty if a source is a goal, None if none."""
    leaving = _successors(edges)
    wanted = frozenset(goals)
    came_by: dict[str, Edge | None] = dict.fromkeys(sources)
    waiting = deque(came_by)
    while waiting:
        state = waiting.popleft()
        if state in wanted:
            return _retrace(came_by, state)
        for edge in leaving.get(state, ()):
            if edge.target not in came_by:
                came_by[edge.target] = edge
                waiting.append(edge.target)
    return None


def _retrace(came_by: Mapping[str, Edge | None], state: str) -> tuple[Edge, ...]:
    way: list[Edge] = []
    edge = came_by[state]
    while edge is not None:
        way.append(edge)
        edge = came_by[edge.origin]
    return tuple(reversed(way))


def components(edges: Sequence[Edge]) -> list[frozenset[str]]:
    """Return the loops: sets of two or more states that all lead to one another.

    Tarjan's algorithm, without recursion so that a long chain cannot exhaust the stack. A state
    that leads only to itself is no loop.
    """
    leaving = _successors(edges)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[frozenset[str]] = []
    for root in leaving:
        if root in index:
            continue
        visits = [(root, 0)]
        while visits:
            state, position = visits.pop()
            if position == 0:
                index[state] = low[state] = len(index)
                stack.append(state)
                on_stack.add(state)
            below = leaving.get(state, [])
            if position > 0:
                low[state] = min(low[state], low[below[position - 1].target])
            descended = False
            for step in range(position, len(below)):
                target = below[step].target
                if target not in index:
                    visits += [(state, step + 1), (target, 0)]
                    descended = True
                    break
                if target in on_stack:
                    low[state] = min(low[state], index[target])
            if not descended and low[state] == index[state]:
                found.append(_pop_component(stack, on_stack, state))
    return [component for component in found if len(component) > 1]


def _pop_component(stack: list[str], on_stack: set[str], root: str) -> frozenset[str]:
    members = set()
    while True:
        member = stack.pop()
        on_stack.discard(member)
        members.add(member)
        if member == root:
            return frozenset(members)


def find_loop(edges: Sequence[Edge]) -> tuple[Edge, ...] | None:
    """Return a shortest round trip through two or more states, or None if there is none."""
    loops = components(edges)
    if not loops:
        return None
    inside = [edge for edge in edges if edge.origin != edge.target and edge.origin in loops[0]]
    first = next(edge for edge in inside if edge.target in loops[0])
    back = find_way(inside, [first.target], [first.origin])
    return (first, *(back or ()))
