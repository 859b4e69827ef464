"""The registers that are shipped are sound; spoilt in each of many ways, each is refused with reason."""

import dataclasses
import functools
from pathlib import Path

import networkx as nx  # type: ignore[import-untyped]
import pytest

from honghu.kernel.lifecycles.model import START, Lifecycle
from honghu.kernel.lifecycles.soundness import prove
from honghu.kernel.modules.commands import known_outside
from honghu.kernel.modules.registry import modules
from honghu.kernel.modules.tests.spoiling import KINDS, Sheet
from honghu.kernel.registers.checker import load_register
from honghu.kernel.registers.faults import RegisterFaults
from honghu.kernel.registers.parsing import Known

FILES = [path for module in modules() for path in module.register_files]


@functools.cache
def outside() -> Known:
    return known_outside()


@functools.cache
def sheet(path: Path) -> Sheet:
    text = path.read_text("utf-8")
    return Sheet(text, load_register(text, outside()))


@pytest.mark.parametrize("kind", KINDS)
def test_each_register_spoilt_is_refused_where_it_is_spoilt(kind: str) -> None:
    code, spoil = KINDS[kind]
    applied = 0
    for path in FILES:
        spoilt = spoil(sheet(path))
        if spoilt is None:
            continue
        applied += 1
        with pytest.raises(RegisterFaults) as refusal:
            load_register(spoilt.text, outside())
        faults = [fault for fault in refusal.value.faults if fault.code == code]
        assert faults, f"{path.name}: {[str(fault) for fault in refusal.value.faults]}"
        assert all(fault.remedy for fault in faults)
        assert {fault.line for fault in faults} & spoilt.lines, f"{path.name}: {faults[0]}"
    assert applied, "no register that is shipped has such a place"


def test_many_kinds_and_all_registers() -> None:
    assert len(KINDS) >= 60
    assert len(FILES) >= 50


def _without(lifecycle: Lifecycle, code: str) -> Lifecycle:
    """The lifecycle without one action, and without anybody who speaks of it."""
    rest = {
        name: dataclasses.replace(
            action, verifies=action.verifies - {code}, not_by=action.not_by - {code}
        )
        for name, action in lifecycle.actions.items()
        if name != code
    }
    return dataclasses.replace(lifecycle, actions=rest)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_networkx_agrees_on_what_is_reached_when_an_action_is_taken_away(path: Path) -> None:
    """Two programs, one answer: for every action of every register."""
    whole = sheet(path).register.lifecycle
    for code in ("", *whole.actions):
        lifecycle = _without(whole, code)
        graph = nx.DiGraph((edge.origin, edge.target) for edge in lifecycle.edges())
        graph.add_nodes_from([START, *lifecycle.states])
        reached = nx.descendants(graph, START)
        ends = [state.code for state in lifecycle.ends]
        ending = set(ends).union(*(nx.ancestors(graph, end) for end in ends))
        told = {
            (finding.code, finding.name)
            for finding in prove(lifecycle)
            if finding.code in {"unreachable-state", "dead-end"}
        }
        expected = {("unreachable-state", s) for s in lifecycle.states if s not in reached}
        expected |= {("dead-end", s) for s in lifecycle.states if s not in ending}
        assert told == expected, code
