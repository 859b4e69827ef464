"""Guards: CEL's answers where CEL has them, exact decimals, and unknown where a fact is missing."""

import time
from decimal import Decimal
from typing import Any

import celpy
import pytest
from celpy.adapter import json_to_cel
from celpy.evaluation import CELEvalError
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from honghu.kernel.registers.cel import compile_guard
from honghu.kernel.registers.guards import GuardError, Scope, ValueType

SCOPE = Scope(
    facts={
        "amount": ValueType("integer"),
        "other": ValueType("integer"),
        "rate": ValueType("decimal"),
        "reference": ValueType("decimal"),
        "kind": ValueType("text", frozenset({"a", "b"})),
        "kinds": ValueType("list", frozenset({"x", "y"})),
        "name": ValueType("text"),
        "day": ValueType("date"),
        "at": ValueType("instant"),
        "done": ValueType("boolean"),
        "bank": ValueType("id"),
        "buyer": ValueType("id"),
        "identity": ValueType("opaque"),
    },
    form={"rate": ValueType("decimal")},
    counters=frozenset({"returns"}),
)
FACTS: dict[str, Any] = {
    "amount": 500,
    "other": -7,
    "rate": "3.48",
    "reference": "4.35",
    "kind": "a",
    "kinds": ["x"],
    "name": "洪湖",
    "day": "2026-01-02",
    "at": "2026-01-01T16:00:00+00:00",
    "bank": "0190",
}
CONTEXT = {"state": "issued", "number": "洪1", "counters": {"returns": 2}}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("facts.amount > 0", True),
        ("facts.amount - 1 == 499 && -facts.other == 7", True),
        ("facts.amount + facts.other * 2 == 486", True),
        ("facts.other / 2 == -3 && facts.other % 2 == -1", True),
        ("facts.rate <= 0.8 * facts.reference", True),
        ("facts.rate < 0.8 * facts.reference", False),
        ("facts.rate + 0.1 == 3.58", True),
        ("facts.rate == form.rate", True),
        ("facts.amount in [1, 500] || false", True),
        ("facts.kind == 'a' && facts.kind != 'b'", True),
        ("facts.kind in ['b']", False),
        ("'x' in facts.kinds && !('y' in facts.kinds)", True),
        ("size(facts.kinds) == 1 && facts.name.size() == 2", True),
        ("facts.name.startsWith('洪') && facts.name.endsWith('湖')", True),
        ("facts.name.contains('x')", False),
        ("facts.name + '!' == \"洪湖!\"", True),
        ("facts.day > '2025-12-31' && facts.day == '2026-01-02'", True),
        ("facts.at == '2026-01-02T00:00:00+08:00'", True),
        ("facts.amount > 1000 ? false : true", True),
        ("context.state == 'issued' && context.number != ''", True),
        ("context.counters.returns < 3", True),
        ("has(facts.day) && !has(facts.done)", True),
        ("facts.done == null && facts.day != null", True),
        ("facts.amount / 0 == 1", False),
        ("facts.amount % 0 == 1 || true", True),
        ("0x10 == 16", True),
    ],
)
def test_answers(text: str, answer: bool) -> None:
    assert compile_guard(text, SCOPE).evaluate(FACTS, {"rate": "3.480"}, CONTEXT) is answer


@pytest.mark.parametrize(
    ("text", "answer", "unknown"),
    [
        ("facts.done", False, ("facts.done",)),
        ("!facts.done", False, ("facts.done",)),
        ("facts.done && facts.amount > 0", False, ("facts.done",)),
        ("facts.done && facts.amount < 0", False, ()),
        ("facts.done || facts.amount > 0", True, ()),
        ("facts.done ? true : true", False, ("facts.done",)),
        ("form.rate > 0.0", False, ("form.rate",)),
        ("facts.buyer == facts.bank", False, ("facts.buyer",)),
        ("facts.buyer != facts.bank", False, ("facts.buyer",)),
        ("context.state == 'issued'", False, ("context.state",)),
        ("context.counters.returns == 0", True, ()),
    ],
)
def test_what_is_unknown_does_not_hold(text: str, answer: bool, unknown: tuple[str, ...]) -> None:
    guard = compile_guard(text, SCOPE)
    assert guard.evaluate(FACTS, {}, {}) is answer
    assert guard.unknown(FACTS, {}, {}) == unknown


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "guard-syntax"),
        ("facts.amount = 5", "guard-syntax"),
        ("facts.amount >", "guard-syntax"),
        ("import os", "guard-syntax"),
        ("'\\q' == 'a'", "guard-syntax"),
        ("facts.nothing == 1", "guard-unknown-name"),
        ("form.amount == 1", "guard-unknown-name"),
        ("facts", "guard-unknown-name"),
        ("amount == 1", "guard-unknown-name"),
        ("facts.name.x == 1", "guard-unknown-name"),
        ("context.counters.visits < 3", "guard-unknown-name"),
        ("__class__ == 1", "guard-unknown-name"),
        ("facts.amount", "guard-type"),
        ("1", "guard-type"),
        ("null", "guard-type"),
        ("facts.amount == '500'", "guard-type"),
        ("facts.amount && true", "guard-type"),
        ("!facts.amount", "guard-type"),
        ("-facts.name == 'x'", "guard-type"),
        ("facts.day > facts.at", "guard-type"),
        ("facts.day > 'tomorrow'", "guard-type"),
        ("facts.at > '2026-01-01T00:00:00'", "guard-type"),
        ("facts.kind < facts.kind", "guard-type"),
        ("facts.bank < facts.buyer", "guard-type"),
        ("facts.identity == facts.identity", "guard-type"),
        ("facts.done < true", "guard-type"),
        ("facts.amount < null", "guard-type"),
        ("facts.amount in facts.name", "guard-type"),
        ("size(facts.amount) == 1", "guard-type"),
        ("facts.name.startsWith(1)", "guard-type"),
        ("true ? 1 : 'a'", "guard-type"),
        ("facts.kind == 'c'", "guard-unknown-option"),
        ("facts.kind in ['a', 'c']", "guard-unknown-option"),
        ("'z' in facts.kinds", "guard-unknown-option"),
        ("facts.name.matches('a*')", "guard-unsupported"),
        ("[1].all(x, x > 0)", "guard-unsupported"),
        ("{'a': 1}.a == 1", "guard-unsupported"),
        ("facts['amount'] == 1", "guard-unsupported"),
        ("b'a' == b'a'", "guard-unsupported"),
        ("1u == 1u", "guard-unsupported"),
        ("has(1)", "guard-unsupported"),
        ("size(1, 2) == 1", "guard-unsupported"),
        ("eval('1')", "guard-unsupported"),
        ("(" * 60 + "true" + ")" * 60, "guard-too-long"),
        ("true || " * 200 + "true", "guard-too-long"),
        ("true || " * 60 + "true", "guard-too-long"),
    ],
)
def test_refusals(text: str, code: str) -> None:
    with pytest.raises(GuardError) as refusal:
        compile_guard(text, SCOPE)
    assert refusal.value.code == code
    assert refusal.value.remedy


def test_names_are_those_that_are_read() -> None:
    guard = compile_guard("facts.amount > 0 && form.rate < facts.rate", SCOPE)
    assert guard.names == {"facts.amount", "facts.rate", "form.rate"}


INTEGERS = st.integers(-50, 50)
TERMS: st.SearchStrategy[str] = st.deferred(
    lambda: (
        st.sampled_from(["facts.amount", "facts.other"])
        | INTEGERS.filter(lambda value: value >= 0).map(str)
        | st.builds("({} {} {})".format, TERMS, st.sampled_from(["+", "-", "*", "/", "%"]), TERMS)
    )
)
CONDITIONS: st.SearchStrategy[str] = st.deferred(
    lambda: (
        st.builds(
            "{} {} {}".format, TERMS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), TERMS
        )
        | st.builds("({} {} {})".format, CONDITIONS, st.sampled_from(["&&", "||"]), CONDITIONS)
        | st.builds("!({})".format, CONDITIONS)
    )
)
_ENVIRONMENT = celpy.Environment()


@given(CONDITIONS, INTEGERS, INTEGERS)
@settings(deadline=None)
def test_integers_and_logic_agree_with_the_library(text: str, amount: int, other: int) -> None:
    """cel-python is the oracle; its evaluation error (division by zero) is our unknown."""
    facts = {"amount": amount, "other": other}
    assume(text.count("(") + text.count("-") + text.count("!") <= 20)
    guard = compile_guard(text, SCOPE)
    program = _ENVIRONMENT.program(_ENVIRONMENT.compile(text))
    try:
        expected: bool | None = bool(program.evaluate({"facts": json_to_cel(facts)}))
    except CELEvalError:
        expected = None
    assert guard.evaluate(facts, {}) is (expected is True)
    assert (guard.unknown(facts, {}) == ()) or expected is None


@given(
    st.decimals(min_value=0, max_value=1000, places=4),
    st.decimals(min_value=0, max_value=1000, places=4),
)
def test_decimals_are_exact(rate: Decimal, reference: Decimal) -> None:
    guard = compile_guard("facts.rate <= 0.8 * facts.reference", SCOPE)
    facts = {"rate": str(rate), "reference": str(reference)}
    assert guard.evaluate(facts, {}) is (rate * 10 <= reference * 8)


def test_a_guard_takes_less_than_fifty_microseconds() -> None:
    guard = compile_guard(
        "facts.amount > 0 && facts.rate <= 0.8 * facts.reference && facts.kind in ['a', 'b'] "
        "&& facts.day >= '2026-01-01'",
        SCOPE,
    )
    times = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(1000):
            guard.evaluate(FACTS, {}, CONTEXT)
        times.append(time.perf_counter() - start)
    assert min(times) / 1000 < 50e-6
