import datetime as dt
import os
import signal
import threading
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.base.identifiers import (
    USCC_ALPHABET,
    IdentifierError,
    _Sequence,
    _sequence,
    check_resident_id,
    check_uscc,
    is_uscc,
    new_id,
    resident_id_check_digit,
    uscc_check_digit,
    uuid7,
)

# The second is made up: its weighted sum divides by 31, so its check character is 0.
VALID_USCC = ["91110000600037341L", "93421083MA00010250"]

first17 = st.builds(
    lambda head, region, tail: head + region + tail,
    st.text(USCC_ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(USCC_ALPHABET, min_size=9, max_size=9),
)


@pytest.mark.parametrize("code", VALID_USCC)
def test_valid_credit_codes(code):
    assert is_uscc(code)
    assert check_uscc(code) == code
    assert uscc_check_digit(code[:17]) == code[17]


def test_credit_code_is_normalised():
    assert check_uscc(" 9111 0000 6000 3734 1l ") == VALID_USCC[0]
    full_width = "".join(chr(ord(char) + 0xFEE0) for char in VALID_USCC[0])
    assert check_uscc(full_width) == VALID_USCC[0]
    assert not is_uscc("91110000600037341l")


def test_rural_collectives_may_begin_with_a_letter():
    head = "N2421083MF0000001"
    assert is_uscc(head + uscc_check_digit(head))


@pytest.mark.parametrize(
    ("code", "position", "words"),
    [
        ("9111000060003734", None, "16 characters"),
        ("9111O000600037341L", 5, "probably 0"),
        ("91110000600037341I", 18, "probably 1"),
        ("91110000-00037341L", 9, "alphabet"),
        ("9111000A600037341L", 8, "division"),
        ("91110000600037342L", 18, "check character"),
    ],
)
def test_wrong_credit_codes_name_position_and_remedy(code, position, words):
    with pytest.raises(IdentifierError, match=words) as caught:
        check_uscc(code)
    assert caught.value.position == position
    assert caught.value.remedy
    assert not is_uscc(code)


@given(first17, st.integers(0, 16), st.sampled_from(USCC_ALPHABET))
def test_every_single_wrong_character_is_found(head, index, other):
    code = head + uscc_check_digit(head)
    assert is_uscc(code)
    wrong = code[:index] + other + code[index + 1 :]
    assert is_uscc(wrong) == (wrong == code)


def test_check_digit_of_a_short_code_is_refused():
    with pytest.raises(IdentifierError, match="17"):
        uscc_check_digit("911")
    with pytest.raises(IdentifierError, match="17"):
        resident_id_check_digit("4210")


def made_up_resident_id(birth: str) -> str:
    head = f"421083{birth}001"
    return head + resident_id_check_digit(head)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 16), st.integers(0, 9))
def test_resident_numbers(birth, index, digit):
    code = made_up_resident_id(birth.strftime("%Y%m%d"))
    assert check_resident_id(code) == code
    wrong = code[:index] + str(digit) + code[index + 1 :]
    if wrong != code:
        with pytest.raises(IdentifierError):
            check_resident_id(wrong)


def test_resident_number_of_the_standard():
    # The example of GB 11643-1999.
    assert check_resident_id(" 11010519491231002x") == "11010519491231002X"


@pytest.mark.parametrize(
    ("code", "position"),
    [
        ("4210831990010100", None),
        ("42108319900230001X", 7),
        ("02108319900101001X", 1),
        ("4210831990O101001X", 11),
        ("421083199001010010", 18),
    ],
)
def test_wrong_resident_numbers_are_not_repeated_in_the_message(code, position):
    with pytest.raises(IdentifierError) as caught:
        check_resident_id(code)
    assert caught.value.position == position
    assert code[6:14] not in str(caught.value)
    assert caught.value.remedy


def test_uuid7_of_the_standard():
    # RFC 9562 appendix A.6: 2022-02-22 19:22:22 GMT.
    tail = 0xCC3 << 62 | 0x18C4DC0C0C07398F
    assert uuid7(0x017F22E279B0, tail) == uuid.UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**74 - 1))
def test_uuid7_carries_version_variant_and_time(unix_ms, tail):
    value = uuid7(unix_ms, tail)
    assert value.version == 7
    assert value.variant == uuid.RFC_4122
    assert value.int >> 80 == unix_ms


@pytest.mark.parametrize(("unix_ms", "tail"), [(-1, 0), (2**48, 0), (0, -1), (0, 2**74)])
def test_uuid7_refuses_what_does_not_fit(unix_ms, tail):
    with pytest.raises(ValueError, match="does not fit"):
        uuid7(unix_ms, tail)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=50))
def test_identifiers_increase_even_when_the_clock_is_set_back(times):
    sequence = _Sequence()
    values = [sequence.next(unix_ms) for unix_ms in times]
    assert values == sorted(set(values))


def test_identifiers_increase_when_a_millisecond_is_used_up():
    sequence = _Sequence()
    before = sequence.next(1)
    sequence._tail = 2**74 - 1
    after = sequence.next(1)
    assert after > before
    assert after.int >> 80 == 2


def test_threads_never_share_an_identifier():
    drawn: list[list[uuid.UUID]] = [[] for _ in range(4)]

    def draw(into: list[uuid.UUID]) -> None:
        into.extend(new_id() for _ in range(500))

    threads = [threading.Thread(target=draw, args=(into,)) for into in drawn]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({value for into in drawn for value in into}) == 2000
    assert all(into == sorted(into) for into in drawn)


def test_a_child_forked_while_the_parent_draws_neither_waits_nor_repeats():
    read, write = os.pipe()
    with _sequence._lock:
        child = os.fork()
        if child == 0:
            signal.alarm(5)
            os.write(write, new_id().bytes)
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    drawn = os.read(read, 16)
    os.close(read)
    assert len(drawn) == 16, "the child waited for a lock that nobody will release"
    assert uuid.UUID(bytes=drawn) != new_id()
