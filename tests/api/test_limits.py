"""Rate limits: refused with the time to wait, by key and by address, refilled."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.api import limits
from honghu.api.limits import Buckets
from tests.machine import Machine


@dataclasses.dataclass
class Hands:
    """A clock moved by hand, in seconds."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Hands:
    settings.HONGHU_API_PER_MINUTE, settings.HONGHU_PROCESSES = 8, 2
    found = Hands()
    monkeypatch.setattr(limits, "_buckets", Buckets(found))
    return found


def test_too_many_requests_are_told_when_to_come_back(
    hands: Hands, machines: Callable[[str | None], Machine]
) -> None:
    office, clerk, nobody = machines("office"), machines("clerk"), machines(None)
    first = office.get("/registers")
    assert first.header("RateLimit-Policy") == '"minute";q=4;w=60'
    assert first.header("RateLimit") == '"minute";r=3;t=15'
    assert [office.get("/registers").status for _ in range(4)] == [200, 200, 200, 429]
    refused = office.get("/registers")
    assert refused.body["code"] == "rate-limited"
    assert refused.header("Retry-After") == "15"
    # Another machine behind the same address goes on.
    assert clerk.get("/registers").status == 200
    hands.at += 15
    assert [office.get("/registers").status for _ in range(2)] == [200, 429]
    assert [nobody.get("/checkpoint").status for _ in range(5)][-2:] == [404, 429]


def test_who_guesses_tokens_is_slowed_down_by_address(
    hands: Hands, machines: Callable[[str | None], Machine]
) -> None:
    tries = [Machine(f"honghu_{number:043}").get("/registers").status for number in range(6)]
    assert tries == [401, 401, 401, 401, 429, 429]


@given(waits=st.lists(st.floats(0, 30), min_size=1, max_size=60), quota=st.integers(1, 50))
def test_no_window_lets_more_through_than_a_full_bucket_and_its_refill(
    waits: list[float], quota: int
) -> None:
    hands = Hands()
    buckets = Buckets(hands)
    passed: list[float] = []
    for wait in waits:
        hands.at += wait
        if buckets.take(b"key", quota).is_allowed:
            passed.append(hands.at)
    for begin in passed:
        inside = sum(begin <= at <= begin + 60 for at in passed)
        assert inside <= 2 * quota + 1
