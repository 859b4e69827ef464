"""The repayment schedule that a loan's terms give, row by row, to the fen."""

import datetime as dt

from honghu.domains.lending.rules.accrual import (
    has_rate_change_within,
    interest_in_parts,
    whole_interest,
)
from honghu.domains.lending.rules.amortising import amortise, down_payment
from honghu.domains.lending.rules.daycount import RATE_DENOMINATOR
from honghu.domains.lending.rules.duedates import IsWorkingDay
from honghu.domains.lending.rules.lateness import (
    overdue_moves,
    pay_on_due_date,
    pay_within,
    record_lateness,
)
from honghu.domains.lending.rules.plan import Plan, make_plan
from honghu.domains.lending.rules.problems import UnableToSchedule
from honghu.domains.lending.rules.rounding import round_quotient
from honghu.domains.lending.rules.run import Move, Run, ScheduleRow
from honghu.domains.lending.rules.terms import Engine, Method, PrepayEffect, Terms


def build_schedule(terms: Terms, is_working_day: IsWorkingDay | None = None) -> list[ScheduleRow]:
    """The schedule of a loan: a row for each due date, and for each down payment.

    Principal sums to what was lent; the last row takes the rest of it. Rows end early when
    payments have cleared a cumulative loan. Conventions follow Apache Fineract's published examples
    and 人民币利率管理规定 arts. 20 and 21 for settlement days.

    Raises LoanTermsError for terms at odds with each other, and UnableToSchedule for an event
    outside the loan's life or a payment above what is owed.
    """
    plan = make_plan(terms, is_working_day)
    run = Run(plan, flat_fen=[0] * plan.count)
    is_cumulative = terms.engine is Engine.CUMULATIVE
    quiet_from = _quiet_from(plan)
    for index in range(plan.count):
        if index >= quiet_from and not (run.is_turn or run.overdue or run.reserve_fen):
            _run_quietly(run, index)
            break
        _run_period(run, index)
        if is_cumulative and run.balance_fen == 0 and not _lends_after(plan, index):
            _refuse_payments_after(run, index)
            break
    return run.rows


def _quiet_from(plan: Plan) -> int:
    """The first period from which on nothing happens but due dates; the count if there is none."""
    terms = plan.terms
    if not plan.is_punctual or terms.payoff is not None or terms.method is Method.FLAT:
        return plan.count
    eventful = [*plan.tranches, *plan.rate_turns, *plan.within, *plan.on_due]
    return max(max(eventful) + 1, terms.interest_deferred + 1)


def _run_quietly(run: Run, first: int) -> None:
    """Do what `_run_period` would do for all periods from `first` on, several times as fast.

    Nearly all rows of nearly all loans are made here.
    """
    plan, terms, rows = run.plan, run.plan.terms, run.rows
    factors, balance, last = plan.factors, run.balance_fen, plan.count - 1
    multiple, half_up = terms.rounding.multiple_fen, terms.rounding.half_up
    rate, scale = plan.rate_on(plan.ends[first]), RATE_DENOMINATOR * multiple
    instalment = run.instalment_fen if terms.method is Method.EQUAL_INSTALMENT else None
    share = 0 if terms.method is Method.BULLET else run.share_fen
    is_cumulative, grace = terms.engine is Engine.CUMULATIVE, terms.grace_principal
    for index in range(first, plan.count):
        numerator = balance * rate * factors.whole[index]
        interest = multiple * round_quotient(
            numerator, scale * factors.bases[index], half_up=half_up
        )
        if index == last:
            principal = balance
        elif index < grace:
            principal = 0
        else:
            planned = share if instalment is None else instalment - interest
            principal = min(max(planned, 0), balance)
        balance -= principal
        rows.append(ScheduleRow(factors.periods[index].due, principal, interest, balance))
        if is_cumulative and balance == 0:
            break
    run.balance_fen = balance


def _lends_after(plan: Plan, index: int) -> bool:
    return any(period > index for period in plan.tranches)


def _refuse_payments_after(run: Run, index: int) -> None:
    """A payment after the loan was cleared settles nothing, unless an instalment is still overdue."""
    later = [period for period in (*run.plan.within, *run.plan.on_due) if period > index]
    if later and not run.overdue:
        raise UnableToSchedule(
            f"the loan is cleared on {run.plan.ends[index]}, but payments come after that",
            remedy="leave them out, or correct the earlier ones",
        )


def _run_period(run: Run, index: int) -> None:
    plan = run.plan
    start, end, due = plan.factors.periods[index]
    opening = run.balance_fen
    moves: list[Move] = []
    if index in plan.tranches:
        opening, moves = _lend(run, index, start)
    if run.is_turn or index in plan.rate_turns:
        amortise(run, index, opening, moves)
        run.is_turn = False
    early = 0
    if run.overdue or index in plan.within:
        late_fen, late_moves = overdue_moves(run, end)
        early, paid_moves = pay_within(run, index)
        opening += late_fen
        moves = [*moves, *late_moves, *paid_moves]
    interest = _interest(run, index, opening, moves)
    principal = _principal(run, index, interest)
    if early > principal:
        _apply_prepayment(run, early - principal)
        principal = early
    due_interest = _due_interest(run, index, interest)
    run.balance_fen -= principal
    if not plan.is_punctual:
        record_lateness(run, index, principal - early, due_interest)
    if index in plan.on_due or run.surplus_fen:
        excess = pay_on_due_date(run, index, principal - early + due_interest)
        if excess:
            run.balance_fen -= excess
            principal += excess
            _apply_prepayment(run, excess)
    run.rows.append(
        ScheduleRow(due, principal, due_interest, run.balance_fen + _published(run, index, end))
    )


def _lend(run: Run, index: int, start: dt.date) -> tuple[int, list[Move]]:
    """Pay out the tranches of a period, with a row for each down payment.

    Gives the balance at the start of the period and the moves within it.
    """
    opening = run.balance_fen
    moves: list[Move] = []
    is_flat = run.plan.terms.method is Method.FLAT
    for tranche in run.plan.tranches[index]:
        down = down_payment(run, tranche.amount_fen)
        run.lent_fen += tranche.amount_fen
        run.balance_fen += tranche.amount_fen - down
        # Flat interest runs on the whole loan, the down payment included.
        bearing = tranche.amount_fen if is_flat else tranche.amount_fen - down
        if tranche.date <= start:
            opening += bearing
        else:
            moves.append(Move(tranche.date, bearing))
        if down:
            run.rows.append(ScheduleRow(tranche.date, down, 0, run.balance_fen))
    run.is_turn = True
    return opening, moves


def _interest(run: Run, index: int, opening: int, moves: list[Move]) -> int:
    plan = run.plan
    if plan.terms.method is Method.FLAT:
        return run.flat_fen[index]
    if moves or plan.terms.payoff is not None or has_rate_change_within(plan, index):
        return interest_in_parts(plan, index, opening, moves)
    return whole_interest(plan, index, opening, plan.rate_on(plan.factors.periods[index].start))


def _due_interest(run: Run, index: int, interest: int) -> int:
    """Interest of deferred periods is due with the first period after them."""
    deferred = run.plan.terms.interest_deferred
    if not deferred:
        return interest
    run.deferred_fen += interest
    if index < deferred and index < run.plan.count - 1:
        return 0
    interest, run.deferred_fen = run.deferred_fen, 0
    return interest


def _principal(run: Run, index: int, interest: int) -> int:
    terms = run.plan.terms
    if index == run.plan.count - 1:
        return run.balance_fen
    if index < terms.grace_principal:
        return 0
    planned = max(_planned_principal(run, interest), 0)
    if run.reserve_fen:
        used = min(planned, run.reserve_fen)
        run.reserve_fen -= used
        planned -= used
    return min(planned, run.balance_fen)


def _planned_principal(run: Run, interest: int) -> int:
    terms = run.plan.terms
    if terms.method is Method.EQUAL_INSTALMENT:
        return run.instalment_fen - interest
    if terms.method is Method.BULLET:
        return 0
    if terms.method is Method.FLAT:
        if terms.engine is Engine.PROGRESSIVE:
            return run.instalment_fen - interest
        rounding = terms.rounding
        if rounding.instalment_multiple_fen:
            # The total is the round figure; the interest stays exact, principal takes the rest.
            total = rounding.instalment(run.share_fen, 1) + rounding.instalment(interest, 1)
            return total - interest
    return run.share_fen


def _apply_prepayment(run: Run, excess_fen: int) -> None:
    """Let principal paid beyond the instalment change what follows, as the contract says."""
    effect = run.plan.terms.prepay_effect
    if effect is PrepayEffect.REDUCE_INSTALMENT:
        run.is_turn = True
    elif effect is PrepayEffect.DEFER_NEXT_INSTALMENTS:
        run.reserve_fen += excess_fen


def _published(run: Run, index: int, end: dt.date) -> int:
    """What is lent on the due date itself, if the printed balance shows it."""
    if not run.plan.terms.publish_same_day_disbursement:
        return 0
    lent = run.plan.tranches.get(index + 1, ())
    return sum(tranche.amount_fen for tranche in lent if tranche.date == end)
