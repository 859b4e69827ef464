"""The way ahead of a case: along the path of its register, and none for what rests."""

from itertools import pairwise
from pathlib import Path

import pytest

import honghu
from honghu.desk.cases.stages import fork, way_ahead
from honghu.kernel.registers.checker import load_register
from honghu.kernel.registers.model import Register

DOMAINS = Path(honghu.__file__).parent / "domains"


def register(code: str) -> Register:
    (path,) = DOMAINS.glob(f"*/registers/{code}.yaml")
    return load_register(path)


@pytest.mark.parametrize(
    ("code", "state", "ahead"),
    [
        ("supplier-sanction", "flagged", ["frozen", "investigated", "sanctioned", "lifted"]),
        ("supplier-sanction", "frozen", ["investigated", "sanctioned", "lifted"]),
        ("award-challenge", "pending", ["answered"]),
        ("award-challenge", "answered", []),
        ("serving-bank", "applied", ["filed"]),
        ("serving-bank", "filed", []),
        # From beside the path, from which no good way leads back: the shortest to an end.
        ("serving-bank", "withdrawing", ["withdrawn"]),
    ],
)
def test_the_way_ahead_is_the_path_of_the_register(code: str, state: str, ahead: list[str]) -> None:
    assert way_ahead(register(code), state) == ahead


def test_where_a_path_stops_before_the_end_all_of_its_ends_are_named() -> None:
    challenge = register("award-challenge")
    assert fork(challenge, "answered") == ["dismissed", "upheld"]
    assert fork(challenge, "pending") == []
    assert fork(register("supplier-sanction"), "sanctioned") == ["lifted"]
    assert fork(register("serving-bank"), "filed") == []


def test_a_case_that_rests_is_in_nobodys_work_and_every_way_can_be_gone() -> None:
    resting = set()
    for path in DOMAINS.glob("*/registers/*.yaml"):
        one = load_register(path)
        edges = {(edge.origin, edge.target) for edge in one.lifecycle.edges()}
        for state in one.states.values():
            assert edges >= set(pairwise([state.code, *way_ahead(one, state.code)]))
            if state.rests:
                resting.add((one.code, state.code))
                assert way_ahead(one, state.code) == []
    assert {("serving-bank", "filed"), ("bank-product", "live")} < resting
    assert ("financing-scheme", "in_force") in resting
