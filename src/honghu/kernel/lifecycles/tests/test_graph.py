"""The questions about graphs, against networkx on random graphs."""

import itertools

import networkx as nx  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from honghu.kernel.lifecycles import graph
from honghu.kernel.lifecycles.model import Action, Edge, Text

ACTION = Action(
    code="go",
    title=Text("走", "Go"),
    origins=frozenset(),
    targets={},
    roles=frozenset({"anyone"}),
)
NODES = st.sampled_from("abcdefgh")
EDGES = st.lists(st.tuples(NODES, NODES), max_size=20).map(
    lambda pairs: [
        Edge(origin=origin, target=target, action=ACTION, result=None) for origin, target in pairs
    ]
)


def network(edges: list[Edge]) -> nx.DiGraph:
    found = nx.DiGraph((edge.origin, edge.target) for edge in edges)
    found.add_nodes_from("abcdefgh")
    return found


@given(EDGES, NODES)
def test_reachability(edges: list[Edge], node: str) -> None:
    net = network(edges)
    assert graph.reachable(edges, [node]) == nx.descendants(net, node) | {node}
    assert graph.co_reachable(edges, [node]) == nx.ancestors(net, node) | {node}


@given(EDGES, NODES, NODES)
def test_a_way_is_a_shortest_path(edges: list[Edge], source: str, goal: str) -> None:
    net = network(edges)
    way = graph.find_way(edges, [source], [goal])
    assert (way is not None) == nx.has_path(net, source, goal)
    if way is not None:
        assert len(way) == nx.shortest_path_length(net, source, goal)
        states = [source, *(edge.target for edge in way)]
        assert [edge.origin for edge in way] == states[:-1]
        assert states[-1] == goal


@given(EDGES)
def test_loops_are_the_strong_components(edges: list[Edge]) -> None:
    expected = {
        frozenset(c) for c in nx.strongly_connected_components(network(edges)) if len(c) > 1
    }
    assert set(graph.components(edges)) == expected


@given(EDGES)
def test_a_loop_is_found_if_there_is_one(edges: list[Edge]) -> None:
    loop = graph.find_loop(edges)
    assert (loop is not None) == bool(graph.components(edges))
    if loop is not None:
        assert loop[0].origin == loop[-1].target
        assert all(one.target == two.origin for one, two in itertools.pairwise(loop))
        assert len({edge.origin for edge in loop}) == len(loop) > 1


def test_a_long_chain_needs_no_deep_stack() -> None:
    names = [f"s{number}" for number in range(5000)]
    edges = [
        Edge(origin=one, target=two, action=ACTION, result=None)
        for one, two in zip(names, names[1:] + names[:1], strict=True)
    ]
    assert graph.components(edges) == [frozenset(names)]
