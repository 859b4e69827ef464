"""Guards: conditions in CEL, typed against the register's fields and evaluated exactly.

cel-python supplies the grammar and its parser. It is not used to evaluate, for three reasons: its
doubles make `0.8 * 4.35` other than `3.48`, which a rule about interest may not do; a null fact is
an error there, and here an answer (unknown); and it takes half a millisecond where a guard has 50
microseconds. So the syntax tree is typed once, when a register is read, and turned into closures.
Nothing is ever passed to `eval`.

The language is CEL's (https://github.com/google/cel-spec) without macros, maps, objects, bytes and
regular expressions: `facts.x`, `form.x`, `context.state`, `context.number`,
`context.counters.x`, literals, `! - * / % + < <= > >= == != in && || ?:`, lists, `has()`,
`size()`, `startsWith()`, `endsWith()`, `contains()`. Decimals (rates, quantities, `0.8`) are exact
to 28 digits and mix with integers. Dates compare with dates and with text such as "2026-01-31".

An unknown (null or missing) fact makes a comparison unknown; `unknown && false` is false and
`unknown || true` is true, as CEL absorbs errors. A guard that stays unknown does not hold.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

Kind: TypeAlias = Literal[
    "text", "integer", "decimal", "boolean", "date", "instant", "list", "id", "opaque", "null"
]
NUMBERS: Final = frozenset({"integer", "decimal"})


@dataclass(frozen=True, slots=True)
class ValueType:
    """The type of a value in a guard; `options` are the only texts that a choice can hold."""

    kind: Kind
    options: frozenset[str] | None = None

    @property
    def is_number(self) -> bool:
        """Tell whether the value can be reckoned with."""
        return self.kind in NUMBERS


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a guard may use, with their types."""

    facts: Mapping[str, ValueType] = field(default_factory=dict)
    form: Mapping[str, ValueType] = field(default_factory=dict)
    counters: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Values:
    """The values that a guard is evaluated on."""

    facts: Mapping[str, Any]
    form: Mapping[str, Any]
    context: Mapping[str, Any]


Run: TypeAlias = Callable[[Values], Any]
"""A compiled expression: returns its value, or None while that is unknown."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A compiled guard. Equal texts over equal scopes behave alike; it holds no state."""

    text: str
    names: frozenset[str]
    reads: Mapping[str, Run] = field(repr=False, compare=False)
    run: Run = field(repr=False, compare=False)

    def evaluate(
        self,
        facts: Mapping[str, Any],
        form: Mapping[str, Any],
        context: Mapping[str, Any] | None = None,
    ) -> bool:
        """Tell whether the guard holds; what is unknown does not hold.

        `facts` and `form` are JSON values as `forms.validate_form` makes them; `context` has
        `state`, `number` and `counters`.
        """
        return self.run(Values(facts, form, context or {})) is True

    def unknown(
        self,
        facts: Mapping[str, Any],
        form: Mapping[str, Any],
        context: Mapping[str, Any] | None = None,
    ) -> tuple[str, ...]:
        """Return the names that keep the guard from an answer; empty if it has one."""
        values = Values(facts, form, context or {})
        if self.run(values) is not None:
            return ()
        return tuple(sorted(name for name, read in self.reads.items() if read(values) is None))


class GuardError(ValueError):
    """A guard that cannot be compiled: `code`, what is wrong and what to do about it."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
