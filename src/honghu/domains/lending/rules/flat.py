"""The fold's state as the columns of a loan's row, its claims and its plan; and which dues a step made."""

import collections
import datetime as dt
from collections.abc import Iterable
from typing import Any

from honghu.domains.lending.rules import units
from honghu.domains.lending.rules.allocation import Bucket, Claim
from honghu.domains.lending.rules.postings import Step
from honghu.domains.lending.rules.servicing import LoanState

ClaimKey = tuple[dt.date, Bucket]


def flatten(state: LoanState) -> dict[str, Any]:
    """The columns of `lending_loan` that the fold determines."""
    contract, rate = state.contract, state.rate
    overdue = units.overdue_rate(contract.penalty, rate, is_misused=state.is_misused)
    interest, compound, penalty = units.to_units(state.accrued, contract)
    return {
        "served_to": state.as_of,
        "lent_fen": state.lent_fen,
        "principal_fen": state.principal_fen,
        "due_principal_fen": state.claimed(Bucket.PRINCIPAL),
        "due_interest_fen": state.claimed(Bucket.INTEREST),
        "due_compound_fen": state.claimed(Bucket.COMPOUND),
        "due_penalty_fen": state.claimed(Bucket.PENALTY),
        "due_costs_fen": state.claimed(Bucket.COSTS),
        "written_off_fen": state.written_off_fen,
        "oldest_due_date": min((claim.due_date for claim in state.claims), default=None),
        "next_due_date": state.next_due_date,
        "maturity_date": contract.maturity,
        "rate": rate,
        "rate_units": units.rate_units(rate),
        "overdue_units": units.rate_units(overdue),
        "misuse_units": units.rate_units(contract.penalty.misuse_rate(rate)),
        "day_base": units.day_base(contract.day_count),
        "denominator": units.denominator(contract.day_count),
        "is_half_up": contract.half_up,
        "is_compounding": contract.penalty.is_compounding,
        "is_misused": state.is_misused,
        "is_nonaccrual": state.is_nonaccrual,
        "is_principal_first": state.is_principal_first,
        "interest_units": interest,
        "compound_units": compound,
        "penalty_units": penalty,
    }


def open_claims(claims: Iterable[Claim]) -> dict[ClaimKey, int]:
    """What is unpaid by day and bucket."""
    found: dict[ClaimKey, int] = collections.defaultdict(int)
    for claim in claims:
        found[claim.due_date, claim.bucket] += claim.amount_fen
    return dict(found)


def fallen_due(step: Step) -> dict[ClaimKey, int]:
    """What became a claim in a step, by day and bucket."""
    found: dict[ClaimKey, int] = collections.defaultdict(int)
    for earlier, later in ((step.before, step.advanced), (step.advanced, step.after)):
        before = open_claims(earlier.claims)
        for key, fen in open_claims(later.claims).items():
            found[key] += max(fen - before.get(key, 0), 0)
    return {key: fen for key, fen in found.items() if fen}


def claim_rows(
    steps: Iterable[Step], known: dict[ClaimKey, tuple[int, int]]
) -> dict[ClaimKey, tuple[int, int]]:
    """Claims as (what fell due, what is open) after further steps.

    `known` are the rows before. Claims that are paid stay, with nothing open.
    """
    amounts = {key: amount for key, (amount, _open) in known.items()}
    still_open: dict[ClaimKey, int] = {key: left for key, (_, left) in known.items() if left}
    for step in steps:
        for key, fen in fallen_due(step).items():
            amounts[key] = amounts.get(key, 0) + fen
        still_open = open_claims(step.after.claims)
    return {key: (amount, still_open.get(key, 0)) for key, amount in amounts.items()}


def planned_by_day(state: LoanState) -> dict[dt.date, int]:
    """What the plan still asks for."""
    return {part.date: part.amount_fen for part in state.planned}
