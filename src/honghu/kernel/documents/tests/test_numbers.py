"""Document numbers as they are printed and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.kernel.documents.numbers import (
    DocumentNumberError,
    check_organ_mark,
    format_number,
    parse_number,
)

MARKS = st.text(alphabet="洪河办函督鄂财采发", min_size=1, max_size=8)


def test_brackets_are_hexagonal_and_nothing_is_padded():
    assert format_number("洪河办函", 2026, 7) == "洪河办函\u30142026\u30157号"


@given(MARKS, st.integers(1000, 9999), st.integers(1, 10**6))
def test_what_is_printed_is_read_again(mark, year, serial):
    assert parse_number(format_number(mark, year, serial)) == (mark, year, serial)


@pytest.mark.parametrize(
    "text",
    [
        "洪河办函[2026]7号",
        "洪河办函（2026）7号",
        "洪河办函【2026】7号",
        "洪河办函〔2026〕07号",
        "洪河办函〔2026〕第7号",
        "洪河办函〔26〕7号",
        "〔2026〕7号",
        "洪河办函〔2026〕7",
        "",
    ],
)
def test_other_forms_are_refused(text):
    with pytest.raises(DocumentNumberError):
        parse_number(text)


@pytest.mark.parametrize("mark", ["", " ", "洪〔河〕", "洪 河"])
def test_an_organ_mark_can_begin_a_number(mark):
    with pytest.raises(DocumentNumberError):
        check_organ_mark(mark)


def test_space_around_an_organ_mark_goes():
    assert check_organ_mark(" 洪河办函 ") == "洪河办函"
