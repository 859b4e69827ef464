from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.base.money import (
    MoneyError,
    allocate,
    apply_rate,
    format_yuan,
    parse_yuan,
)

fens = st.integers(-(10**18), 10**18)
rates = st.decimals(-10, 10, places=8)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1,234.5", 123_450),
        ("1234.50", 123_450),
        (" ¥1,234,567.89元 ", 123_456_789),
        ("￥１２３．４５", 12_345),  # noqa: RUF001 - full-width digits are what it tests
        ("人民币 119789.00 元", 11_978_900),
        ("12.345万元", 12_345_000),
        ("0.3亿元", 3_000_000_000),
        ("-5", -500),
        ("0", 0),
        ("1.500", 150),
        (Decimal("99.99"), 9_999),
        (Decimal("1E+3"), 100_000),
    ],
)
def test_reads_yuan(text, fen):
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "no number"),
        ("元", "no number"),
        ("1.005", "fraction of a fen"),
        ("1,23.00", "character 1"),
        ("1,2345", "character 1"),
        ("12元整", "character 4"),
        ("12-15", "character 3"),
        ("1.2.3", "character 4"),
        ("12万", "character 3"),
        ("3%", "character 2"),
        (".", "character 1"),
        (".5", "character 1"),
        ("  1,23 ", "character 3"),
        (Decimal("NaN"), "not a number"),
        (Decimal("0.001"), "fraction of a fen"),
        ("9" * 101, "too many digits"),
    ],
)
def test_names_the_place_of_what_it_cannot_read(text, place):
    with pytest.raises(MoneyError, match=place) as caught:
        parse_yuan(text)
    assert caught.value.remedy


@given(fens)
def test_written_yuan_reads_back(fen):
    assert parse_yuan(format_yuan(fen)) == fen


@pytest.mark.parametrize(
    ("fen", "yuan"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (-5, "-0.05"),
        (123_456_789, "1,234,567.89"),
        (-123_450, "-1,234.50"),
        (10**15, "10,000,000,000,000.00"),
    ],
)
def test_shows_yuan(fen, yuan):
    assert format_yuan(fen) == yuan


@given(fens, rates)
def test_a_rate_is_off_by_at_most_half_a_fen(fen, rate):
    exact = fen * Fraction(rate)
    assert abs(apply_rate(fen, rate) - exact) <= Fraction(1, 2)
    assert abs(apply_rate(fen, rate, ROUND_DOWN)) <= abs(exact)


def test_the_rounding_mode_decides_ties():
    assert apply_rate(50, Decimal("0.05")) == 3
    assert apply_rate(50, Decimal("0.05"), ROUND_HALF_EVEN) == 2
    assert apply_rate(-50, Decimal("0.05")) == -3
    with pytest.raises(MoneyError, match="not a number"):
        apply_rate(1, Decimal("Infinity"))


@given(fens, weights)
def test_parts_sum_to_the_whole_and_stay_within_a_fen_of_their_share(fen, weights):
    parts = allocate(fen, weights)
    assert sum(parts) == fen
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(fen * weight, sum(weights))) < 1


@pytest.mark.parametrize(
    ("fen", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (10, [0, 1], [0, 10]),
        (5, [Decimal("0.5"), Decimal("0.3"), Decimal("0.2")], [3, 1, 1]),
        (0, [2, 3], [0, 0]),
    ],
)
def test_allocations(fen, weights, parts):
    assert allocate(fen, weights) == parts


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [2, -1]])
def test_weights_that_give_no_shares_are_refused(weights):
    with pytest.raises(MoneyError, match="weights"):
        allocate(100, weights)
