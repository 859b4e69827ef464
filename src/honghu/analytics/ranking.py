"""Ranking by a share: equal shares share a rank, and few cases give none. Pure."""

from bisect import bisect_right
from collections.abc import Hashable, Mapping
from fractions import Fraction
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def rank(shares: Mapping[Key, tuple[int, int]], *, least: int) -> dict[Key, int]:
    """The rank of each share (numerator, denominator), the greatest first; ranks count from 1.

    Shares are compared exactly, not as they are rounded for the page. Equal ones have the same
    rank, and the rank after them counts all before it (1, 1, 3). What has a denominator below
    `least` has no rank: one case more would turn it upside down. Raises ValueError for a
    numerator above its denominator.
    """
    exact = {}
    for key, (numerator, denominator) in shares.items():
        if not 0 <= numerator <= denominator:
            raise ValueError(f"{numerator} of {denominator}")
        if denominator >= max(least, 1):
            exact[key] = Fraction(numerator, denominator)
    ordered = sorted(exact.values())
    return {key: 1 + len(ordered) - bisect_right(ordered, share) for key, share in exact.items()}
