"""Ranks are fair: equal shares share one, and few cases give none."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.analytics.ranking import rank


@given(st.dictionaries(st.integers(), st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_ranks(drawn: dict[int, tuple[int, int]]) -> None:
    shares = {key: (min(pair), max(pair)) for key, pair in drawn.items()}
    ranks = rank(shares, least=3)
    assert ranks.keys() == {key for key, (_part, whole) in shares.items() if whole >= 3}
    for one, other in itertools.product(ranks, repeat=2):
        (a, b), (c, d) = shares[one], shares[other]
        assert (a * d > c * b) == (ranks[one] < ranks[other])
    for key, place in ranks.items():
        assert place == 1 + sum(ranks[other] < place for other in ranks), key


def test_a_part_above_its_whole_has_no_rank() -> None:
    with pytest.raises(ValueError, match="4 of 3"):
        rank({"a": (4, 3)}, least=1)
