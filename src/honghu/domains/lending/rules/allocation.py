"""In which order a payment settles what is owed. The order is data of the contract."""

import datetime as dt
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from honghu.domains.lending.rules.problems import LoanTermsError


class Bucket(StrEnum):
    """What a claim is for: costs 费用, interest 利息, compound interest 复利, penalty 罚息, principal."""

    COSTS = "costs"
    INTEREST = "interest"
    COMPOUND = "compound"
    PENALTY = "penalty"
    PRINCIPAL = "principal"


# 民法典 art. 561: costs of realising the claim, then interest, then the principal debt.
CIVIL_CODE_561: Final = (
    Bucket.COSTS,
    Bucket.INTEREST,
    Bucket.COMPOUND,
    Bucket.PENALTY,
    Bucket.PRINCIPAL,
)
# 金融企业会计制度（财会〔2001〕49号）: what a non-accrual loan brings in lowers its principal first.
PRINCIPAL_FIRST: Final = (
    Bucket.COSTS,
    Bucket.PRINCIPAL,
    Bucket.INTEREST,
    Bucket.COMPOUND,
    Bucket.PENALTY,
)
# Contract financing: due interest, then principal, then the rest is released to the supplier.
PROCUREMENT_FINANCING: Final = (
    Bucket.INTEREST,
    Bucket.COMPOUND,
    Bucket.PENALTY,
    Bucket.PRINCIPAL,
)


class Claim(NamedTuple):
    """An amount owed since a day."""

    bucket: Bucket
    due_date: dt.date
    amount_fen: int


class Allocation(NamedTuple):
    """What a payment settled, what it left, and what was released because nothing claimed it."""

    paid: tuple[Claim, ...]
    left: tuple[Claim, ...]
    released_fen: int

    def total(self, *buckets: Bucket) -> int:
        """Fen paid into these buckets."""
        return sum(claim.amount_fen for claim in self.paid if claim.bucket in buckets)


def allocate_payment(
    amount_fen: int,
    claims: Iterable[Claim],
    order: Sequence[Bucket] = CIVIL_CODE_561,
    *,
    oldest_first: bool = False,
) -> Allocation:
    """Settle claims bucket by bucket, in a bucket the oldest first; or (`oldest_first`) day by day.

    Claims in a bucket that `order` does not name stay as they are. Paid parts, left parts and the
    release sum to what came in. Raises LoanTermsError for a payment that is not above zero or an
    order that names a bucket twice.
    """
    if amount_fen <= 0:
        raise LoanTermsError(f"a payment of {amount_fen} fen", remedy="give an amount above zero")
    rank = {bucket: place for place, bucket in enumerate(order)}
    if len(rank) != len(order):
        raise LoanTermsError("the order names a bucket twice", remedy="name each bucket once")

    def place(claim: Claim) -> tuple[dt.date | int, dt.date | int]:
        by_bucket = rank.get(claim.bucket, len(rank))
        return (claim.due_date, by_bucket) if oldest_first else (by_bucket, claim.due_date)

    paid, left = [], []
    for claim in sorted(claims, key=place):
        part = min(claim.amount_fen, amount_fen) if claim.bucket in rank else 0
        amount_fen -= part
        if part:
            paid.append(claim._replace(amount_fen=part))
        if part < claim.amount_fen:
            left.append(claim._replace(amount_fen=claim.amount_fen - part))
    return Allocation(tuple(paid), tuple(left), amount_fen)
