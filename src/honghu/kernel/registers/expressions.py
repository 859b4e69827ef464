"""The typed parts that a guard is compiled from, and what may be combined with what."""

import datetime as dt
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from honghu.kernel.registers.guards import GuardError, Kind, Run, Values, ValueType

TEXT: Final = ValueType("text")
INTEGER: Final = ValueType("integer")
DECIMAL: Final = ValueType("decimal")
BOOLEAN: Final = ValueType("boolean")
NULL: Final = ValueType("null")

COMPARISONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "relation_lt": operator.lt,
    "relation_le": operator.le,
    "relation_gt": operator.gt,
    "relation_ge": operator.ge,
    "relation_eq": operator.eq,
    "relation_ne": operator.ne,
}
_EQUALITIES: Final = frozenset({"relation_eq", "relation_ne"})
_ORDERED: Final = frozenset({"integer", "decimal", "text", "date", "instant"})
READERS: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    "decimal": Decimal,
    "date": dt.date.fromisoformat,
    "instant": dt.datetime.fromisoformat,
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A typed part of a guard; `constant` is its value when it is a literal."""

    type: ValueType
    run: Run
    constant: Any = None


def single(function: Callable[[Any], Any], operand: Run) -> Run:
    """Apply a function to a value; unknown stays unknown."""

    def run(values: Values) -> Any:
        value = operand(values)
        return None if value is None else function(value)

    return run


def binary(function: Callable[[Any, Any], Any], left: Run, right: Run) -> Run:
    """Apply a function to two values; unknown if one of them is."""

    def run(values: Values) -> Any:
        first = left(values)
        second = right(values)
        return None if first is None or second is None else function(first, second)

    return run


def reckoning(name: str, *, whole: bool) -> Callable[[Any, Any], Any]:
    """Return the arithmetic; division by zero is unknown, integers divide as CEL says."""
    if name == "div":
        return _quotient if whole else lambda a, b: a / b if b else None
    if name == "mod":
        return (
            (lambda a, b: a - b * _quotient(a, b) if b else None)
            if whole
            else (lambda a, b: a % b if b else None)
        )
    return {"add": operator.add, "sub": operator.sub, "mul": operator.mul}[name]


def _quotient(dividend: int, divisor: int) -> Any:
    """Divide towards zero, as CEL does (Python divides towards minus infinity)."""
    if divisor == 0:
        return None
    size = abs(dividend) // abs(divisor)
    return size if (dividend < 0) == (divisor < 0) else -size


def coerced(one: Expression, other: Expression) -> Expression:
    """Read a text literal as a date where it is compared with one; check it against a choice."""
    if one.constant is None or one.type.kind != "text":
        return one
    if other.type.options is not None and one.constant not in other.type.options:
        raise GuardError(
            "guard-unknown-option",
            f"{one.constant!r} is none of the options of what it is compared with",
            f"options are: {', '.join(sorted(other.type.options))}",
        )
    if other.type.kind not in {"date", "instant"}:
        return one
    try:
        value = READERS[other.type.kind](one.constant)
    except ValueError as error:
        raise wrong_type(f"{one.constant!r} is no {other.type.kind}") from error
    if other.type.kind == "instant" and value.tzinfo is None:
        raise wrong_type(f"{one.constant!r} has no offset from UTC")
    return Expression(other.type, lambda _values: value, value)


def demand_boolean(expression: Expression, place: str) -> None:
    """Raise GuardError unless the expression is true or false."""
    if expression.type != BOOLEAN:
        raise wrong_type(f"{place} stands {expression.type.kind}, not true or false")


def demand_comparable(sign: str, left: Expression, right: Expression) -> None:
    """Raise GuardError unless the two may be compared by this sign."""
    numbers = left.type.is_number and right.type.is_number
    alike = numbers or left.type.kind == right.type.kind
    orderable = left.type.kind in _ORDERED and left.type.options is None
    comparable = left.type.kind != "opaque" and (sign in _EQUALITIES or orderable)
    if not (alike and comparable):
        raise wrong_type(f"can't compare {left.type.kind} with {right.type.kind} this way")


def common_type(one: Expression, other: Expression) -> ValueType:
    """Return the type of either branch of a conditional. Raises GuardError if they differ."""
    if one.type.is_number and other.type.is_number:
        return INTEGER if one.type.kind == other.type.kind == "integer" else DECIMAL
    if one.type.kind != other.type.kind:
        raise wrong_type(f"? gives {one.type.kind} or {other.type.kind}")
    return ValueType(one.type.kind)


def null_test(sign: str, left: Expression, right: Expression) -> Expression:
    """Compile `x == null` and `x != null`, which always have an answer."""
    if sign not in _EQUALITIES:
        raise wrong_type("null is neither less nor more than anything")
    run = right.run if left.type == NULL else left.run
    if sign == "relation_eq":
        return Expression(BOOLEAN, lambda values: run(values) is None)
    return Expression(BOOLEAN, lambda values: run(values) is not None)


def membership(item: Expression, items: Expression) -> Expression:
    """Compile `item in items`."""
    if items.type.kind != "list":
        raise wrong_type(f"`in` needs a list, not {items.type.kind}")
    if items.constant is not None:
        for value in items.constant:
            _membership_literal(item, value)
    if item.constant is not None and items.type.options is not None:
        coerced(item, Expression(ValueType("text", items.type.options), items.run))

    def contains(value: Any, values: Any) -> bool:
        return value in values

    return Expression(BOOLEAN, binary(contains, item.run, items.run))


def _membership_literal(item: Expression, value: Any) -> None:
    kind = {str: TEXT, bool: BOOLEAN, int: INTEGER, Decimal: DECIMAL}[type(value)]
    literal = coerced(Expression(kind, item.run, value), item)
    if literal.type.kind in {"date", "instant"}:
        raise unsupported("a list of dates")
    demand_comparable("relation_eq", item, literal)


def wrong_type(message: str) -> GuardError:
    """Return the refusal of values of the wrong type."""
    return GuardError("guard-type", message, "compare values of one type; see the fields' types")


def unsupported(what: str) -> GuardError:
    """Return the refusal of a part of CEL that guards don't have."""
    return GuardError(
        "guard-unsupported",
        f"guards don't know {what}",
        "use the operators and functions listed in docs/howto/add-a-register.md",
    )
