"""The compiler of guards: CEL text to a typed closure. `guards` says which language and why."""

import ast
import datetime as dt
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, Final

from celpy.celparser import CELParseError, CELParser
from lark import Token, Tree
from rapidfuzz import process

from honghu.kernel.registers.guards import Guard, GuardError, Kind, Run, Scope, Values, ValueType

MAX_LENGTH: Final = 1_000
MAX_DEPTH: Final = 40

TEXT: Final = ValueType("text")
INTEGER: Final = ValueType("integer")
DECIMAL: Final = ValueType("decimal")
BOOLEAN: Final = ValueType("boolean")
NULL: Final = ValueType("null")

_CONTEXT: Final = {"state": TEXT, "number": TEXT}
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "relation_lt": operator.lt,
    "relation_le": operator.le,
    "relation_gt": operator.gt,
    "relation_ge": operator.ge,
    "relation_eq": operator.eq,
    "relation_ne": operator.ne,
}
_EQUALITIES: Final = frozenset({"relation_eq", "relation_ne"})
_ORDERED: Final = frozenset({"integer", "decimal", "text", "date", "instant"})
_READERS: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    "decimal": Decimal,
    "date": dt.date.fromisoformat,
    "instant": dt.datetime.fromisoformat,
}
_BAD_ESCAPE: Final = re.compile(r"""(?<!\\)(?:\\\\)*\\[^abfnrtv"'\\xuU0-7]""")
_TEXT_METHODS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": operator.contains,
}


@dataclass(frozen=True, slots=True)
class _Expression:
    """A typed part of a guard; `constant` is its value when it is a literal."""

    type: ValueType
    run: Run
    constant: Any = None


@dataclass(slots=True)
class _Compiler:
    """One compilation: collects the names read on the way down the syntax tree."""

    scope: Scope
    reads: dict[str, Run] = field(default_factory=dict)
    depth: int = 0

    def compile(self, node: Tree[Token]) -> _Expression:
        """Compile a node; single-child chains of the grammar are skipped."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _too_long()
        while len(node.children) == 1 and node.data in _CHAINS:
            node = _child(node, 0)
        method = _METHODS.get(str(node.data))
        if method is None:
            raise _unsupported(str(node.data).replace("_", " "))
        expression = method(self, node)
        self.depth -= 1
        return expression

    def conditional(self, node: Tree[Token]) -> _Expression:
        """Compile `a ? b : c`."""
        test, then, other = (self.compile(_child(node, i)) for i in range(3))
        _demand_boolean(test, "before ?")
        kind = _common_type(then, other)
        ask, yes, no = test.run, then.run, other.run

        def run(values: Values) -> Any:
            answer = ask(values)
            return None if answer is None else (yes if answer else no)(values)

        return _Expression(kind, run)

    def either(self, node: Tree[Token]) -> _Expression:
        """Compile `a || b`: true if one is, unknown if one is unknown and none true."""
        first, second = self._logical(node, "||")

        def run(values: Values) -> Any:
            left = first(values)
            if left is True:
                return True
            right = second(values)
            return True if right is True else (None if left is None or right is None else False)

        return _Expression(BOOLEAN, run)

    def both(self, node: Tree[Token]) -> _Expression:
        """Compile `a && b`: false if one is, unknown if one is unknown and none false."""
        first, second = self._logical(node, "&&")

        def run(values: Values) -> Any:
            left = first(values)
            if left is False:
                return False
            right = second(values)
            return False if right is False else (None if left is None or right is None else True)

        return _Expression(BOOLEAN, run)

    def _logical(self, node: Tree[Token], sign: str) -> tuple[Run, Run]:
        left, right = self.compile(_child(node, 0)), self.compile(_child(node, 1))
        _demand_boolean(left, f"before {sign}")
        _demand_boolean(right, f"after {sign}")
        return left.run, right.run

    def relation(self, node: Tree[Token]) -> _Expression:
        """Compile a comparison or `in`."""
        sign = _child(node, 0)
        left = self.compile(_child(sign, 0))
        right = self.compile(_child(node, 1))
        if sign.data == "relation_in":
            return _membership(left, right)
        if NULL in (left.type, right.type):
            return _null_test(str(sign.data), left, right)
        left, right = _coerced(left, right), _coerced(right, left)
        _demand_comparable(str(sign.data), left, right)
        return _Expression(BOOLEAN, _binary(_COMPARISONS[str(sign.data)], left.run, right.run))

    def arithmetic(self, node: Tree[Token]) -> _Expression:
        """Compile `+ - * / %` on numbers, and `+` on texts."""
        sign = _child(node, 0)
        left = self.compile(_child(sign, 0))
        right = self.compile(_child(node, 1))
        name = str(sign.data).rpartition("_")[2]
        if name == "add" and left.type.kind == right.type.kind == "text":
            return _Expression(TEXT, _binary(operator.add, left.run, right.run))
        if not (left.type.is_number and right.type.is_number):
            raise _wrong_type(f"can't reckon with {left.type.kind} and {right.type.kind}")
        whole = left.type.kind == right.type.kind == "integer"
        run = _binary(_reckoning(name, whole=whole), left.run, right.run)
        return _Expression(INTEGER if whole else DECIMAL, run)

    def unary(self, node: Tree[Token]) -> _Expression:
        """Compile `!a` and `-a`."""
        sign, operand = _child(node, 0), self.compile(_child(node, 1))
        run = operand.run
        if sign.data == "unary_not":
            _demand_boolean(operand, "after !")
            return _Expression(BOOLEAN, _single(operator.not_, run))
        if not operand.type.is_number:
            raise _wrong_type(f"can't take the negative of {operand.type.kind}")
        return _Expression(operand.type, _single(operator.neg, run))

    def literal(self, node: Tree[Token]) -> _Expression:
        """Compile a literal."""
        kind, value = _literal(node.children[0])
        return _Expression(kind, lambda _values: value, value)

    def list_literal(self, node: Tree[Token]) -> _Expression:
        """Compile `[a, b]`, a list of literals."""
        parts = [self.compile(_as_tree(child)) for child in _arguments(node, 0)]
        if any(part.constant is None for part in parts):
            raise _unsupported("a list of anything but literals")
        items = tuple(part.constant for part in parts)
        return _Expression(ValueType("list"), lambda _values: items, items)

    def named(self, node: Tree[Token]) -> _Expression:
        """Compile `facts.x`, `form.x`, `context.x` and `context.counters.x`."""
        path = _path(node)
        name = ".".join(path)
        kind, run = self._look_up(path)
        self.reads[name] = run
        return _Expression(kind, run)

    def _look_up(self, path: tuple[str, ...]) -> tuple[ValueType, Run]:
        match path:
            case ("facts", str(name)):
                return _typed(self.scope.facts, name, "facts"), _reader("facts", name, self.scope)
            case ("form", str(name)):
                return _typed(self.scope.form, name, "form"), _reader("form", name, self.scope)
            case ("context", "counters", str(name)):
                _typed(dict.fromkeys(self.scope.counters, INTEGER), name, "context.counters")
                return INTEGER, lambda values: values.context.get("counters", {}).get(name, 0)
            case ("context", str(name)):
                return _typed(_CONTEXT, name, "context"), lambda values: values.context.get(name)
            case _:
                raise GuardError(
                    "guard-unknown-name",
                    f"the guard names {'.'.join(path)}, which does not exist",
                    "write facts.<field>, form.<field>, context.state or context.counters.<counter>",
                )

    def call(self, node: Tree[Token]) -> _Expression:
        """Compile `has(facts.x)` and `size(x)`."""
        function, arguments = str(node.children[0]), _arguments(node, 1)
        if function not in {"has", "size"} or len(arguments) != 1:
            raise _unsupported(f"{function}() with {len(arguments)} arguments")
        operand = self.compile(_as_tree(arguments[0]))
        run = operand.run
        if function == "has":
            if str(operand.type.kind) == "null" or operand.constant is not None:
                raise _unsupported("has() of a literal")
            return _Expression(BOOLEAN, lambda values: run(values) is not None)
        if operand.type.kind not in {"text", "list"}:
            raise _wrong_type(f"size() counts texts and lists, not {operand.type.kind}")
        return _Expression(INTEGER, _single(len, run))

    def method(self, node: Tree[Token]) -> _Expression:
        """Compile `text.startsWith(text)` and its like."""
        subject = self.compile(_child(node, 0))
        name, arguments = str(node.children[1]), _arguments(node, 2)
        if name == "size" and not arguments and subject.type.kind in {"text", "list"}:
            return _Expression(INTEGER, _single(len, subject.run))
        if name not in _TEXT_METHODS or len(arguments) != 1:
            raise _unsupported(f".{name}() with {len(arguments)} arguments")
        argument = self.compile(_as_tree(arguments[0]))
        if subject.type.kind != "text" or argument.type.kind != "text":
            raise _wrong_type(f".{name}() needs two texts")
        return _Expression(BOOLEAN, _binary(_TEXT_METHODS[name], subject.run, argument.run))


_CHAINS: Final = frozenset(
    {
        "expr",
        "conditionalor",
        "conditionaland",
        "relation",
        "addition",
        "multiplication",
        "unary",
        "member",
        "primary",
        "paren_expr",
    }
)
_METHODS: Final[Mapping[str, Callable[[_Compiler, Tree[Token]], _Expression]]] = {
    "expr": _Compiler.conditional,
    "conditionalor": _Compiler.either,
    "conditionaland": _Compiler.both,
    "relation": _Compiler.relation,
    "addition": _Compiler.arithmetic,
    "multiplication": _Compiler.arithmetic,
    "unary": _Compiler.unary,
    "literal": _Compiler.literal,
    "list_lit": _Compiler.list_literal,
    "ident": _Compiler.named,
    "member_dot": _Compiler.named,
    "ident_arg": _Compiler.call,
    "member_dot_arg": _Compiler.method,
}


@cache
def _parser() -> CELParser:
    return CELParser()


def compile_guard(text: str, scope: Scope) -> Guard:
    """Compile a guard over the names of `scope`.

    Raises GuardError: `guard-syntax`, `guard-unknown-name`, `guard-type`, `guard-unsupported`,
    `guard-unknown-option` or `guard-too-long`.
    """
    # The parser's own stack is bounded too: each bracket or sign adds levels to its tree.
    if len(text) > MAX_LENGTH or sum(map(text.count, "([!-")) > MAX_DEPTH:
        raise _too_long()
    try:
        tree = _parser().parse(text)
    except CELParseError as error:
        place = f" at column {error.column}" if error.column and error.column > 0 else ""
        raise GuardError(
            "guard-syntax",
            f"the guard is no CEL{place}",
            "see the guards in docs/howto/add-a-register.md; write spaces around - and +",
        ) from error
    compiler = _Compiler(scope)
    expression = compiler.compile(tree)
    _demand_boolean(expression, "as the guard's answer")
    return Guard(text, frozenset(compiler.reads), compiler.reads, expression.run)


def _as_tree(node: Any) -> Tree[Token]:
    if not isinstance(node, Tree):
        raise _unsupported(str(node))
    return node


def _child(node: Tree[Token], index: int) -> Tree[Token]:
    return _as_tree(node.children[index])


def _arguments(node: Tree[Token], index: int) -> list[Any]:
    return _child(node, index).children if len(node.children) > index else []


def _path(node: Tree[Token]) -> tuple[str, ...]:
    """Return the dotted name that the node spells."""
    names: list[str] = []
    while True:
        while node.data in _CHAINS and len(node.children) == 1:
            node = _child(node, 0)
        if node.data not in {"ident", "member_dot"}:
            raise _unsupported("a name after a value")
        names.append(str(node.children[-1]))
        if node.data == "ident":
            return tuple(reversed(names))
        node = _child(node, 0)


def _typed(names: Mapping[str, ValueType], name: str, root: str) -> ValueType:
    if name in names:
        return names[name]
    near = process.extractOne(name, names.keys(), score_cutoff=60)
    raise GuardError(
        "guard-unknown-name",
        f"the guard names {root}.{name}, which does not exist",
        f"did you mean {root}.{near[0]}?" if near else f"known are: {', '.join(names) or 'none'}",
    )


def _reader(root: str, name: str, scope: Scope) -> Run:
    """Return what reads a fact or form value in its own type."""
    source = operator.attrgetter(root)
    types: Mapping[str, ValueType] = source(scope)
    convert = _READERS.get(types[name].kind)
    if convert is None:
        return lambda values: source(values).get(name)

    def run(values: Values) -> Any:
        value = source(values).get(name)
        return None if value is None else convert(value)

    return run


def _single(function: Callable[[Any], Any], operand: Run) -> Run:
    def run(values: Values) -> Any:
        value = operand(values)
        return None if value is None else function(value)

    return run


def _binary(function: Callable[[Any, Any], Any], left: Run, right: Run) -> Run:
    def run(values: Values) -> Any:
        first = left(values)
        second = right(values)
        return None if first is None or second is None else function(first, second)

    return run


def _reckoning(name: str, *, whole: bool) -> Callable[[Any, Any], Any]:
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


def _literal(token: Any) -> tuple[ValueType, Any]:
    text = str(token)
    match token.type:
        case "INT_LIT":
            return INTEGER, int(text, 0) if "x" in text else int(text)
        case "FLOAT_LIT":
            return DECIMAL, Decimal(text)
        case "BOOL_LIT":
            return BOOLEAN, text == "true"
        case "NULL_LIT":
            return NULL, None
        case "STRING_LIT" | "MLSTRING_LIT":
            return TEXT, _unquoted(text)
        case _:
            raise _unsupported(f"the literal {text}")


def _unquoted(text: str) -> str:
    raw = text[0] in "rR"
    if not raw and _BAD_ESCAPE.search(text):
        raise GuardError(
            "guard-syntax", f"{text} has an unknown escape", r"write \\ for a backslash"
        )
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        value = None
    if not isinstance(value, str):
        raise GuardError("guard-syntax", f"{text} is no text", "check its quotes and backslashes")
    return value


def _coerced(one: _Expression, other: _Expression) -> _Expression:
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
        value = _READERS[other.type.kind](one.constant)
    except ValueError as error:
        raise _wrong_type(f"{one.constant!r} is no {other.type.kind}") from error
    if other.type.kind == "instant" and value.tzinfo is None:
        raise _wrong_type(f"{one.constant!r} has no offset from UTC")
    return _Expression(other.type, lambda _values: value, value)


def _demand_boolean(expression: _Expression, place: str) -> None:
    if expression.type != BOOLEAN:
        raise _wrong_type(f"{place} stands {expression.type.kind}, not true or false")


def _demand_comparable(sign: str, left: _Expression, right: _Expression) -> None:
    numbers = left.type.is_number and right.type.is_number
    alike = numbers or left.type.kind == right.type.kind
    orderable = left.type.kind in _ORDERED and left.type.options is None
    comparable = left.type.kind != "opaque" and (sign in _EQUALITIES or orderable)
    if not (alike and comparable):
        raise _wrong_type(f"can't compare {left.type.kind} with {right.type.kind} this way")


def _common_type(one: _Expression, other: _Expression) -> ValueType:
    if one.type.is_number and other.type.is_number:
        return INTEGER if one.type.kind == other.type.kind == "integer" else DECIMAL
    if one.type.kind != other.type.kind:
        raise _wrong_type(f"? gives {one.type.kind} or {other.type.kind}")
    return ValueType(one.type.kind)


def _null_test(sign: str, left: _Expression, right: _Expression) -> _Expression:
    if sign not in _EQUALITIES:
        raise _wrong_type("null is neither less nor more than anything")
    run = right.run if left.type == NULL else left.run
    if sign == "relation_eq":
        return _Expression(BOOLEAN, lambda values: run(values) is None)
    return _Expression(BOOLEAN, lambda values: run(values) is not None)


def _membership(item: _Expression, items: _Expression) -> _Expression:
    if items.type.kind != "list":
        raise _wrong_type(f"`in` needs a list, not {items.type.kind}")
    if items.constant is not None:
        for value in items.constant:
            _membership_literal(item, value)
    if item.constant is not None and items.type.options is not None:
        _coerced(item, _Expression(ValueType("text", items.type.options), items.run))

    def contains(value: Any, values: Any) -> bool:
        return value in values

    return _Expression(BOOLEAN, _binary(contains, item.run, items.run))


def _membership_literal(item: _Expression, value: Any) -> None:
    kind = {str: TEXT, bool: BOOLEAN, int: INTEGER, Decimal: DECIMAL}[type(value)]
    literal = _coerced(_Expression(kind, item.run, value), item)
    if literal.type.kind in {"date", "instant"}:
        raise _unsupported("a list of dates")
    _demand_comparable("relation_eq", item, literal)


def _wrong_type(message: str) -> GuardError:
    return GuardError("guard-type", message, "compare values of one type; see the fields' types")


def _unsupported(what: str) -> GuardError:
    return GuardError(
        "guard-unsupported",
        f"guards don't know {what}",
        "use the operators and functions listed in docs/howto/add-a-register.md",
    )


def _too_long() -> GuardError:
    return GuardError(
        "guard-too-long",
        f"the guard is longer than {MAX_LENGTH} characters or deeper than {MAX_DEPTH} levels",
        "split the action, or let a command decide",
    )
