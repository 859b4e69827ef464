"""Finding the instalment or the share of principal, at the start and whenever the plan turns."""

from collections.abc import Sequence
from fractions import Fraction

from honghu.domains.lending.rules.accrual import (
    exact_factor,
    exact_interest,
    has_rate_change_within,
    interest_in_parts,
    whole_interest,
)
from honghu.domains.lending.rules.daycount import RATE_DENOMINATOR
from honghu.domains.lending.rules.factors import annuity_rate
from honghu.domains.lending.rules.instalments import exact_annuity, level_annuity
from honghu.domains.lending.rules.run import Move, Run
from honghu.domains.lending.rules.terms import EmiRule, Engine, Method


def amortise(run: Run, index: int, opening_fen: int, moves: Sequence[Move]) -> None:
    """Set instalment or share for the periods from `index` on.

    `opening_fen` and `moves` are the balance of the period without anything overdue: what was lent
    up to its start, and the tranches within it. Later events are not known yet.
    """
    terms = run.plan.terms
    remaining = run.plan.count - max(index, terms.grace_principal)
    if terms.method is Method.EQUAL_INSTALMENT:
        _set_instalment(run, index, opening_fen, moves)
    elif terms.method is Method.FIXED_PRINCIPAL:
        percent = Fraction(terms.fixed_principal_pct or 0) * run.lent_fen / 100
        run.share_fen = terms.rounding.money(percent.numerator, percent.denominator)
    elif terms.method is not Method.BULLET:
        run.share_fen = terms.rounding.money(run.balance_fen, remaining)
    if terms.method is Method.FLAT:
        _set_flat_interest(run, index, moves, remaining)


def _set_instalment(run: Run, index: int, opening_fen: int, moves: Sequence[Move]) -> None:
    terms = run.plan.terms
    base = run.balance_fen
    if terms.instalment_base_fen is not None:
        if index == 0:
            base = terms.instalment_base_fen - down_payment(run, terms.instalment_base_fen)
        elif index in run.plan.tranches and index not in run.plan.rate_turns:
            return  # the instalment was found on the whole amount from the start
    run.instalment_fen = terms.rounding.instalment(*_annuity(run, index, base))
    if terms.emi_smoothing:
        _smooth(run, index, opening_fen, moves)


def down_payment(run: Run, amount_fen: int) -> int:
    """The part of a tranche that is due on the day it is lent."""
    percent = run.plan.terms.down_payment_pct
    if percent is None:
        return 0
    share = Fraction(percent) * amount_fen / 100
    return run.plan.terms.rounding.instalment(share.numerator, share.denominator)


def _annuity(run: Run, index: int, base_fen: int) -> tuple[int, int]:
    """The instalment before rounding, with the rates known in period `index`."""
    plan = run.plan
    first = max(index, plan.terms.grace_principal)
    rate = _rate_known(run, index)
    if plan.terms.emi_rule is not EmiRule.EXACT_FACTORS:
        numerator, denominator = annuity_rate(plan.terms)
        return level_annuity(
            base_fen, numerator * rate, denominator * RATE_DENOMINATOR, plan.count - first
        )
    numerators = [rate * whole for whole in plan.factors.whole[first:]]
    denominators = [RATE_DENOMINATOR * base for base in plan.factors.bases[first:]]
    if first == index and has_rate_change_within(plan, index):
        numerators[0], denominators[0] = exact_factor(plan, index)
    return exact_annuity(base_fen, numerators, denominators)


def _rate_known(run: Run, index: int) -> int:
    """The last rate that begins before the period ends."""
    end = run.plan.ends[index]
    known = [rate for day, rate in run.plan.rates if day < end]
    return known[-1]


def _smooth(run: Run, index: int, opening_fen: int, moves: Sequence[Move]) -> None:
    """Try to bring the last instalment closer to the others by changing them all.

    It is worth it if they differ by more fen than half the number of instalments, and only if the
    last instalment does come closer.
    """
    plan = run.plan
    count = plan.count - max(index, plan.terms.grace_principal)
    if count < 2:  # noqa: PLR2004 - one instalment has no other to be like
        return
    is_plain = not moves and not has_rate_change_within(plan, index)
    first_interest = None if is_plain else interest_in_parts(plan, index, opening_fen, moves)
    rounding = plan.terms.rounding
    tried = run.instalment_fen
    difference = _last_instalment(run, index, tried, first_interest) - tried
    if abs(difference) <= count // 2:
        return
    adjusted = rounding.instalment(tried + rounding.money(difference, count), 1)
    if abs(_last_instalment(run, index, adjusted, first_interest) - adjusted) < abs(difference):
        run.instalment_fen = adjusted


def _last_instalment(
    run: Run, index: int, instalment_fen: int, first_interest_fen: int | None
) -> int:
    """What the last due date would ask for, were nothing to change after this period."""
    plan, balance = run.plan, run.balance_fen
    first, rate = max(index, plan.terms.grace_principal), _rate_known(run, index)
    for period in range(first, plan.count - 1):
        if period == index and first_interest_fen is not None:
            interest = first_interest_fen
        else:
            interest = whole_interest(plan, period, balance, rate)
        balance -= min(max(instalment_fen - interest, 0), balance)
    return balance + whole_interest(plan, plan.count - 1, balance, rate)


def _set_flat_interest(run: Run, index: int, moves: Sequence[Move], remaining: int) -> None:
    """Interest on everything lent: evenly over the rows, or (progressive) as each period accrues.

    The last row takes what rounding leaves over.
    """
    plan, rounding = run.plan, run.plan.terms.rounding
    opening = run.lent_fen - sum(move.amount_fen for move in moves)
    exact = [exact_interest(plan, index, opening, moves)]
    for period in range(index + 1, plan.count):
        factors, rate = plan.factors, _rate_known(run, index)
        exact.append(
            Fraction(
                run.lent_fen * rate * factors.whole[period],
                RATE_DENOMINATOR * factors.bases[period],
            )
        )
    if plan.terms.engine is Engine.PROGRESSIVE:
        rows = [rounding.money(each.numerator, each.denominator) for each in exact]
        run.instalment_fen = rounding.instalment(run.balance_fen + sum(rows), remaining)
    else:
        total = sum(exact, Fraction())
        total_fen = rounding.money(total.numerator, total.denominator)
        each_fen = rounding.money(total_fen, len(exact))
        left = [max(total_fen - each_fen * row, 0) for row in range(len(exact))]
        rows = [*(min(each_fen, fen) for fen in left[:-1]), left[-1]]
    run.flat_fen[index:] = rows
