"""The interest of one period, as a whole or in the parts that changes cut it into."""

import datetime as dt
import itertools
from collections.abc import Sequence
from fractions import Fraction

from honghu.domains.lending.rules.daycount import RATE_DENOMINATOR
from honghu.domains.lending.rules.plan import Plan
from honghu.domains.lending.rules.run import Move
from honghu.domains.lending.rules.terms import InterestUntil


def whole_interest(plan: Plan, index: int, balance_fen: int, rate: int) -> int:
    """The interest of a period in which nothing changes."""
    factors = plan.factors
    return plan.terms.rounding.money(
        balance_fen * rate * factors.whole[index], RATE_DENOMINATOR * factors.bases[index]
    )


def has_rate_change_within(plan: Plan, index: int) -> bool:
    """Whether a rate begins after the first day of the period."""
    start = plan.factors.periods[index].start
    return index in plan.rate_turns and any(start < day < plan.ends[index] for day, _ in plan.rates)


def interest_in_parts(plan: Plan, index: int, opening_fen: int, moves: Sequence[Move]) -> int:
    """The interest of a period whose balance or rate changes, or that a payoff cuts short.

    Rounded once or, if the contract says so, part by part.
    """
    rounding = plan.terms.rounding
    parts = _parts(plan, index, opening_fen, moves)
    if rounding.each_part:
        return sum(rounding.money(numerator, denominator) for numerator, denominator in parts)
    total = sum((Fraction(*part) for part in parts), Fraction())
    return rounding.money(total.numerator, total.denominator)


def exact_interest(plan: Plan, index: int, opening_fen: int, moves: Sequence[Move]) -> Fraction:
    """The interest of a period before any rounding."""
    parts = _parts(plan, index, opening_fen, moves)
    return sum((Fraction(*part) for part in parts), Fraction())


def exact_factor(plan: Plan, index: int) -> tuple[int, int]:
    """Rate times year fraction of a whole period in which the rate may change."""
    factor = exact_interest(plan, index, 1, ())
    return factor.numerator, factor.denominator


def _parts(
    plan: Plan, index: int, opening_fen: int, moves: Sequence[Move]
) -> list[tuple[int, int]]:
    """Numerator and denominator of the interest of each part of the period."""
    start, end, _ = plan.factors.periods[index]
    end = _interest_end(plan, start, end)
    changes = {move.date for move in moves if move.amount_fen and start < move.date < end}
    changes.update(day for day, _ in plan.rates if start < day < end)
    days = [start, *sorted(changes), end]
    found = []
    for first, last in itertools.pairwise(days):
        if last <= first:
            continue
        balance = opening_fen + sum(move.amount_fen for move in moves if move.date <= first)
        numerator, denominator = plan.factors.part(index, first, last)
        found.append((balance * plan.rate_on(first) * numerator, RATE_DENOMINATOR * denominator))
    return found


def _interest_end(plan: Plan, start: dt.date, end: dt.date) -> dt.date:
    """The end of interest in a period: its own, or a payoff's."""
    payoff = plan.terms.payoff
    if payoff is None or payoff.date > end:
        return end
    if payoff.date <= start:
        return start
    return end if payoff.interest_until is InterestUntil.DUE_DATE else payoff.date
