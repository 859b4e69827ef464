"""What a payment settles first."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.domains.lending.rules.allocation import (
    CIVIL_CODE_561,
    PROCUREMENT_FINANCING,
    Bucket,
    Claim,
    allocate_payment,
)
from honghu.domains.lending.rules.problems import LoanTermsError
from honghu.domains.lending.tests.builders import day

_JANUARY, _FEBRUARY = day("2024-01-21"), day("2024-02-21")
_CLAIMS = [
    Claim(Bucket.PRINCIPAL, _JANUARY, 1000),
    Claim(Bucket.INTEREST, _FEBRUARY, 30),
    Claim(Bucket.INTEREST, _JANUARY, 50),
    Claim(Bucket.COSTS, _FEBRUARY, 7),
]


def test_costs_then_interest_then_principal():
    allocation = allocate_payment(100, _CLAIMS, CIVIL_CODE_561)
    assert allocation.paid == (
        Claim(Bucket.COSTS, _FEBRUARY, 7),
        Claim(Bucket.INTEREST, _JANUARY, 50),
        Claim(Bucket.INTEREST, _FEBRUARY, 30),
        Claim(Bucket.PRINCIPAL, _JANUARY, 13),
    )
    assert allocation.left == (Claim(Bucket.PRINCIPAL, _JANUARY, 987),)
    assert allocation.released_fen == 0
    assert allocation.total(Bucket.INTEREST, Bucket.COSTS) == 87


def test_day_by_day():
    allocation = allocate_payment(1060, _CLAIMS, CIVIL_CODE_561, oldest_first=True)
    assert [(claim.bucket, claim.amount_fen) for claim in allocation.paid] == [
        (Bucket.INTEREST, 50),
        (Bucket.PRINCIPAL, 1000),
        (Bucket.COSTS, 7),
        (Bucket.INTEREST, 3),
    ]


def test_financing_releases_the_rest_and_leaves_costs_alone():
    allocation = allocate_payment(2000, _CLAIMS, PROCUREMENT_FINANCING)
    assert allocation.released_fen == 2000 - 1080
    assert allocation.left == (Claim(Bucket.COSTS, _FEBRUARY, 7),)


def test_refusals():
    with pytest.raises(LoanTermsError, match="above zero"):
        allocate_payment(0, _CLAIMS)
    with pytest.raises(LoanTermsError, match="twice"):
        allocate_payment(1, _CLAIMS, (Bucket.COSTS, Bucket.COSTS))


@given(
    st.integers(1, 5000),
    st.lists(
        st.builds(
            Claim,
            st.sampled_from(Bucket),
            st.dates(dt.date(2024, 1, 1), dt.date(2024, 6, 30)),
            st.integers(1, 900),
        )
    ),
    st.permutations(list(Bucket)),
    st.booleans(),
)
def test_nothing_is_lost(amount: int, claims: list[Claim], order: list[Bucket], by_day: bool):
    allocation = allocate_payment(amount, claims, order, oldest_first=by_day)
    paid = sum(claim.amount_fen for claim in allocation.paid)
    left = sum(claim.amount_fen for claim in allocation.left)
    assert paid + allocation.released_fen == amount
    assert paid + left == sum(claim.amount_fen for claim in claims)
    assert allocation.released_fen == 0 or not allocation.left
