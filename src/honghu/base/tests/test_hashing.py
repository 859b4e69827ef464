import datetime as dt
import enum
import json
import random
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from hypothesis import given
from hypothesis import strategies as st

from honghu.base.hashing import HashingError, canonical_json, hasher, sha256, sm3, to_jsonable

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=30,
)


def test_sha256_of_the_standard():
    # FIPS 180-2 appendix B.1
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256(b"abc").hex() == digest
    assert hasher("sha256")(b"abc").hex() == digest


SM3_VECTORS = [
    # GB/T 32905-2016 appendix A
    (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
]


@pytest.mark.parametrize(("data", "digest"), SM3_VECTORS)
def test_sm3_of_the_standard(data, digest):
    assert sm3(data).hex() == digest
    assert hasher("sm3")(data).hex() == digest


def without_sm3(*args):
    raise UnsupportedAlgorithm("no SM3")


@pytest.mark.parametrize(("data", "digest"), SM3_VECTORS)
def test_sm3_falls_back_to_hashlib(monkeypatch, data, digest):
    monkeypatch.setattr("honghu.base.hashing.hashes.Hash", without_sm3)
    assert sm3(data).hex() == digest


def test_sm3_that_is_nowhere_is_a_clear_error(monkeypatch):
    def new(name, data):
        raise ValueError(f"unsupported hash type {name}")

    monkeypatch.setattr("honghu.base.hashing.hashes.Hash", without_sm3)
    monkeypatch.setattr("honghu.base.hashing.hashlib.new", new)
    with pytest.raises(HashingError, match="SM3") as caught:
        sm3(b"abc")
    assert "sha256" in caught.value.remedy


def test_unknown_digests_are_refused():
    with pytest.raises(HashingError, match="md5") as caught:
        hasher("md5")
    assert "sha256, sm3" in caught.value.remedy


def test_keys_are_ordered_as_in_rfc_8785():
    # RFC 8785 section 3.2.3: by UTF-16 code units, so the emoji comes before U+FB33.
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(canonical_json(value)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


def test_text_is_escaped_as_in_rfc_8785():
    # RFC 8785 section 3.2.2.2
    text = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\u005c\u0022\u002f"
    assert canonical_json(text) == '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'.encode()


def test_bytes_of_a_whole_value():
    value = {"b": [1, True, None, {"z": -1, "a": "洪湖"}], "a": ""}
    assert canonical_json(value) == '{"a":"","b":[1,true,null,{"a":"洪湖","z":-1}]}'.encode()


@given(json_values)
def test_canonical_json_reads_back(value):
    assert json.loads(canonical_json(value)) == value


@given(json_values)
def test_a_value_has_the_same_bytes_wherever_it_stands(value):
    # A key that is not ASCII takes the way on which keys are ordered one by one.
    assert canonical_json({"键": value}) == '{"键":'.encode() + canonical_json(value) + b"}"


@given(st.dictionaries(texts, json_values, max_size=8), st.randoms())
def test_the_order_of_keys_does_not_matter(value, rng: random.Random):
    items = list(value.items())
    rng.shuffle(items)
    assert canonical_json(dict(items)) == canonical_json(value)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (1.5, r"^\$: float"),
        ({"loan": {"rate": Decimal("0.0385")}}, r"^\$\.loan\.rate: Decimal"),
        (
            {"steps": [{"at": dt.datetime(2026, 8, 4, tzinfo=dt.UTC)}]},
            r"^\$\.steps\[0\]\.at: datetime",
        ),
        ([0, (1, 2)], r"^\$\[1\]: tuple"),
        ({"a": {1: "x"}}, r"^\$\.a: the key 1"),
        ([2**53], r"^\$\[0\]: 9007199254740992"),
        ([b"x"], r"^\$\[0\]: bytes"),
        (["\ud800"], r"^\$\[0\]: half"),
        ({"\udfff": 1}, r"^\$: half"),
    ],
)
def test_other_values_are_refused_by_path(value, path):
    with pytest.raises(HashingError, match=path) as caught:
        canonical_json(value)
    assert caught.value.remedy


class Colour(enum.Enum):
    RED = "red"


def test_exact_types_become_json():
    shanghai = dt.datetime(2026, 8, 4, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    value = {
        "rate": Decimal("0.0380"),
        "large": Decimal("1E+3"),
        "at": shanghai,
        "on": dt.date(2026, 8, 4),
        "id": uuid.UUID(int=1),
        "kind": Colour.RED,
        Colour.RED: (1, None),
        dt.date(2026, 8, 5): True,
    }
    assert to_jsonable(value) == {
        "rate": "0.0380",
        "large": "1000",
        "at": "2026-08-04T01:30:00.000000Z",
        "on": "2026-08-04",
        "id": "00000000-0000-0000-0000-000000000001",
        "kind": "red",
        "red": [1, None],
        "2026-08-05": True,
    }
    assert canonical_json(to_jsonable(value))


@given(json_values)
def test_json_stays_as_it_is(value):
    assert to_jsonable(value) == value


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"at": dt.datetime(2026, 8, 4)}, r"^\$\.at: an instant without"),  # noqa: DTZ001
        ([Decimal("NaN")], r"^\$\[0\]: NaN"),
        ({"x": 1.0}, r"^\$\.x: float"),
        ({"x": {1, 2}}, r"^\$\.x: set"),
        ({"x": {1: 2}}, r"^\$\.x: the key 1"),
    ],
)
def test_inexact_types_are_refused_by_path(value, path):
    with pytest.raises(HashingError, match=path) as caught:
        to_jsonable(value)
    assert caught.value.remedy
