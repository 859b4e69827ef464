"""The equal instalment (等额本息) as an exact quotient of integers.

With period rates f_k the instalment is P * prod(1 + f_k) / sum_j prod_{k>j}(1 + f_k); with one rate
i for all periods that is P * i * (1 + i)**n / ((1 + i)**n - 1). Integers keep it exact, so that the
only rounding is the contract's.
"""

import math
from collections.abc import Sequence


def level_annuity(principal: int, numerator: int, denominator: int, count: int) -> tuple[int, int]:
    """The instalment for `count` periods at the rate `numerator` / `denominator` each, unrounded."""
    if numerator == 0:
        return principal, count
    common = math.gcd(numerator, denominator)
    numerator, denominator = numerator // common, denominator // common
    grown = (denominator + numerator) ** count
    return principal * numerator * grown, denominator * (grown - denominator**count)


def exact_annuity(
    principal: int, numerators: Sequence[int], denominators: Sequence[int]
) -> tuple[int, int]:
    """The instalment for periods with the rates numerators[k] / denominators[k], unrounded."""
    first, denominator = numerators[0], denominators[0]
    if all(n == first for n in numerators) and all(d == denominator for d in denominators):
        return level_annuity(principal, first, denominator, len(numerators))
    # weight / scale is sum_j prod_{k>j}(1 + f_k) over the periods seen so far.
    weight = scale = 1
    growth = denominator + first
    for numerator, base in zip(numerators[1:], denominators[1:], strict=True):
        grown = base + numerator
        growth *= grown
        scale *= base
        weight = weight * grown + scale
    return principal * growth, denominator * weight
