"""Instalments paid late, in part or early: what they do to the balance that bears interest."""

import datetime as dt

from honghu.base.money import format_yuan
from honghu.domains.lending.rules.problems import UnableToSchedule
from honghu.domains.lending.rules.run import Move, Overdue, Run


def record_lateness(run: Run, index: int, principal_fen: int, interest_fen: int) -> None:
    """Keep what is left of the instalment just fallen due, if it is not paid on its due date."""
    plan, row = run.plan, index + 1
    due = plan.ends[index]
    parts = [part for part in plan.terms.lateness.part_paid if part.row == row]
    settled, is_late = _settlement(run, row, due, has_parts=bool(parts))
    if not is_late:
        return
    until = None if settled is None else plan.effective(settled)
    later: list[Move] = []
    overdue = Overdue(row, interest_fen, principal_fen, until, later)
    for part in parts:
        date = part.date or plan.terms.lateness.paid_date(row) or due
        if date <= due:
            overdue.settle(part.amount_fen)
        else:
            later.append(Move(plan.effective(date), part.amount_fen))
    later.sort()
    run.overdue.append(overdue)


def _settlement(
    run: Run, row: int, due: dt.date, *, has_parts: bool
) -> tuple[dt.date | None, bool]:
    """When the row counts as paid (None: not at all), and whether that is after its due date."""
    lateness = run.plan.terms.lateness
    paid = None if has_parts else lateness.paid_date(row)
    if paid is not None:
        settled = paid if lateness.as_of is None else min(paid, lateness.as_of)
        return settled, settled > due
    if lateness.unpaid is not None:
        is_unpaid = row in lateness.unpaid or has_parts
    else:
        is_unpaid = has_parts or (lateness.as_of is not None and due < lateness.as_of)
    if not is_unpaid:
        return due, False
    return lateness.as_of, lateness.as_of is None or lateness.as_of > due


def overdue_moves(run: Run, end: dt.date) -> tuple[int, list[Move]]:
    """The overdue principal at the start of a period, and what of it is settled until `end`."""
    opening = sum(each.principal_fen for each in run.overdue)
    moves: list[Move] = []
    kept = []
    for each in run.overdue:
        while each.parts and each.parts[0].date <= end:
            part = each.parts.pop(0)
            principal, _ = each.settle(part.amount_fen)
            moves.append(Move(part.date, -principal))
        if each.until is not None and each.until <= end:
            moves.append(Move(each.until, -each.principal_fen))
        else:
            kept.append(each)
    run.overdue = kept
    return opening, moves


def pay_within(run: Run, index: int) -> tuple[int, list[Move]]:
    """Apply the payments before a due date: overdue instalments first, then principal.

    Gives the principal paid early for this period and the moves of the bearing balance. What
    exceeds the loan's principal waits for the due date, where it may pay interest.
    """
    early = 0
    moves: list[Move] = []
    for payment in run.plan.within.get(index, ()):
        amount = payment.amount_fen
        for each in run.overdue:
            principal, amount = each.settle(amount)
            moves.append(Move(payment.date, -principal))
        prepaid = min(amount, run.balance_fen - early)
        early += prepaid
        moves.append(Move(payment.date, -prepaid))
        if amount > prepaid:
            run.surplus_fen += amount - prepaid
    run.overdue = [each for each in run.overdue if each.principal_fen or each.interest_fen]
    return early, moves


def pay_on_due_date(run: Run, index: int, remaining_fen: int) -> int:
    """Apply the payments on a due date; gives the excess that repays principal.

    Overdue instalments are settled first, then this row's `remaining_fen`, unless the row itself is
    recorded as unpaid and so among the overdue. Raises UnableToSchedule for more than is owed.
    """
    payments = run.plan.on_due.get(index, ())
    amount = run.surplus_fen + sum(payment.amount_fen for payment in payments)
    run.surplus_fen = 0
    for each in run.overdue:
        _, amount = each.settle(amount)
    is_recorded = bool(run.overdue) and run.overdue[-1].row == index + 1
    run.overdue = [each for each in run.overdue if each.principal_fen or each.interest_fen]
    if not is_recorded:
        amount -= remaining_fen
    if amount > run.balance_fen:
        raise UnableToSchedule(
            f"the payments up to {run.plan.ends[index]} exceed what is owed by "
            f"{format_yuan(amount - run.balance_fen)}",
            remedy="give at most the interest due and the principal left",
        )
    return max(amount, 0)
