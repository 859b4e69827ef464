"""What people type becomes typed JSON values, or a fault beside the field; all at once."""

import datetime as dt
import json
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from honghu.base.hashing import canonical_json
from honghu.kernel.registers.forms import FormInvalid, validate_form
from honghu.kernel.registers.model import Field, FieldType, Text

TITLE = Text("字段", "Field")
OPTIONS = {"a": Text("甲", "A"), "b": Text("乙", "B"), "c": Text("丙", "C")}
SOME_ID = uuid.UUID("01903a5e-1111-7000-8000-000000000001")


def field(kind: FieldType, **attributes: Any) -> Field:
    return Field(code="x", title=TITLE, type=kind, **attributes)


def read(given_field: Field, raw: Any) -> Any:
    return validate_form({"x": given_field}, {"x": raw})["x"]


@pytest.mark.parametrize(
    ("kind", "attributes", "raw", "value"),
    [
        ("text", {}, "  洪湖 ", "洪湖"),
        ("text", {"pattern": "[A-Z]{2}[0-9]+"}, "AB12", "AB12"),
        ("long_text", {}, "a\r\nb", "a\nb"),
        ("integer", {"min": Decimal(0)}, "\uff11\uff12", 12),
        ("integer", {}, -3, -3),
        ("decimal", {}, "007.50", "7.50"),
        ("decimal", {}, "-0.5", "-0.5"),
        ("decimal", {}, "-0", "0"),
        ("rate", {}, Decimal("3.85"), "3.85"),
        ("decimal", {}, 4, "4"),
        ("money", {}, "1,234.5", 123_450),
        ("money", {}, "12.3万元", 12_300_000),
        ("money", {}, 500, 500),
        ("date", {}, "2026年1月31日", "2026-01-31"),
        ("date", {}, dt.date(2026, 1, 31), "2026-01-31"),
        ("date", {}, dt.datetime(2026, 1, 31, tzinfo=dt.UTC), "2026-01-31"),
        ("instant", {}, "2026-01-31T08:30", "2026-01-31T00:30:00+00:00"),
        ("instant", {}, "2026-01-31T08:30:00Z", "2026-01-31T08:30:00+00:00"),
        ("boolean", {}, "on", True),
        ("boolean", {}, "否", False),
        ("boolean", {"required": True}, False, False),
        ("choice", {"options": OPTIONS}, "b", "b"),
        ("choices", {"options": OPTIONS}, ["c", "a"], ["a", "c"]),
        ("choices", {"options": OPTIONS}, "b", ["b"]),
        ("organisation", {}, str(SOME_ID), str(SOME_ID)),
        ("person", {}, SOME_ID, str(SOME_ID)),
        ("case", {}, str(SOME_ID).upper(), str(SOME_ID)),
        ("place", {}, "113.45, 29.81", {"lon": "113.45", "lat": "29.81"}),
        ("place", {}, {"lon": "113.45", "lat": "29.81"}, {"lon": "113.45", "lat": "29.81"}),
        ("place", {}, '{"lon": 113.45, "lat": 29.810}', {"lon": "113.45", "lat": "29.810"}),
        ("photos", {}, ["ab" * 32], ["ab" * 32]),
        ("file", {}, "cd" * 32, ["cd" * 32]),
        ("duration", {}, "5个工作日", "5 working_days"),
        ("uscc", {}, "93421083ma00010250", "93421083MA00010250"),
        ("phone", {}, "+86 138 0000 0000", "13800000000"),
        ("phone", {}, "0716-2422222", "0716-2422222"),
    ],
)
def test_readings(kind: str, attributes: dict[str, Any], raw: Any, value: Any) -> None:
    assert read(field(FieldType(kind), **attributes), raw) == value


@pytest.mark.parametrize(
    ("kind", "attributes", "raw"),
    [
        ("text", {}, 5),
        ("text", {}, "a\nb"),
        ("text", {}, "a\x00b"),
        ("text", {}, "a" * 501),
        ("text", {"max_length": 3}, "abcd"),
        ("text", {"pattern": "[A-Z]+"}, "ab"),
        ("integer", {}, "1.5"),
        ("integer", {}, True),
        ("integer", {}, 1.0),
        ("integer", {}, "1,200"),
        ("integer", {}, 2**53),
        ("integer", {"min": Decimal(0)}, -1),
        ("integer", {"max": Decimal(9)}, 10),
        ("decimal", {}, 0.1),
        ("decimal", {}, "1e999999"),
        ("decimal", {}, "NaN"),
        ("decimal", {}, "0." + "1" * 13),
        ("decimal", {}, True),
        ("money", {}, "1.005"),
        ("money", {}, "five"),
        ("money", {}, 1.5),
        ("money", {"min": Decimal(1)}, 0),
        ("date", {}, "2026-02-30"),
        ("date", {}, "01/02/03"),
        ("date", {}, dt.datetime(2026, 1, 31, 8, tzinfo=dt.UTC)),
        ("instant", {}, "yesterday"),
        ("instant", {}, 1_700_000_000),
        ("instant", {}, "0001-01-01T00:00"),
        ("date", {}, "0001-01-01"),
        ("date", {}, "9999-12-31"),
        ("boolean", {}, "perhaps"),
        ("boolean", {}, 1),
        ("choice", {"options": OPTIONS}, "d"),
        ("choice", {"options": OPTIONS}, ["a"]),
        ("choices", {"options": OPTIONS}, ["a", "a"]),
        ("choices", {"options": OPTIONS}, ["a", "z"]),
        ("choices", {"options": OPTIONS}, [1]),
        ("choices", {"options": OPTIONS, "max": Decimal(1)}, ["a", "b"]),
        ("organisation", {}, "town hall"),
        ("person", {}, 7),
        ("place", {}, "29.81"),
        ("place", {}, "29.81,113.45"),
        ("place", {}, {"lon": 113.45, "lat": "29.81"}),
        ("place", {}, '{"lon": {}, "lat": []}'),
        ("photos", {}, ["photo.jpg"]),
        ("duration", {}, "5 days"),
        ("uscc", {}, "93421083MA00010251"),
        ("uscc", {}, "9342"),
        ("resident_id", {}, "421083199001011234"),
        ("phone", {}, "12"),
        ("phone", {}, "138000000000"),
    ],
)
def test_refusals(kind: str, attributes: dict[str, Any], raw: Any) -> None:
    with pytest.raises(FormInvalid) as refusal:
        read(field(FieldType(kind), **attributes), raw)
    assert set(refusal.value.fields) == {"x"}


@pytest.mark.parametrize("raw", [None, "", "  ", [], ()])
def test_nothing_is_null_unless_required(raw: Any) -> None:
    assert read(field(FieldType.INTEGER), raw) is None
    with pytest.raises(FormInvalid):
        read(field(FieldType.INTEGER, required=True), raw)


def test_all_faults_are_told_at_once_and_unknown_fields_too() -> None:
    fields = {"a": field(FieldType.INTEGER), "b": field(FieldType.DATE), "c": field(FieldType.TEXT)}
    with pytest.raises(FormInvalid) as refusal:
        validate_form(fields, {"a": "x", "b": "y", "c": "fine", "d": "1"})
    assert set(refusal.value.fields) == {"a", "b", "d"}


def test_an_identity_number_is_never_repeated() -> None:
    with pytest.raises(FormInvalid) as refusal:
        read(field(FieldType.RESIDENT_ID), "421083199001011234")
    assert "421083" not in str(refusal.value) + str(dict(refusal.value.fields))


def test_every_type_has_a_reading() -> None:
    for kind in FieldType:
        assert read(field(kind, options=OPTIONS), None) is None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(list(FieldType)), ANYTHING)
def test_any_input_is_read_or_refused_in_words(kind: FieldType, raw: Any) -> None:
    """What is read is canonical JSON, and reads the same again."""
    given_field = field(kind, options=OPTIONS)
    try:
        value = read(given_field, raw)
    except FormInvalid as refusal:
        told = refusal.fields["x"]
    else:
        told = "read"
        canonical_json(value)
        assert read(given_field, json.loads(json.dumps(value))) == value
    assert told


def test_messages_speak_the_language_of_the_page() -> None:
    with translation.override("en"), pytest.raises(FormInvalid) as refusal:
        read(field(FieldType.DATE), "soon")
    assert refusal.value.fields["x"] == "Write a date, e.g. 2026-01-31."
