"""The compiler of guards: CEL text to a typed closure. `guards` says which language and why."""

import ast
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

from honghu.kernel.registers.expressions import (
    BOOLEAN,
    COMPARISONS,
    DECIMAL,
    INTEGER,
    NULL,
    READERS,
    TEXT,
    Expression,
    binary,
    coerced,
    common_type,
    demand_boolean,
    demand_comparable,
    membership,
    null_test,
    reckoning,
    single,
    unsupported,
    wrong_type,
)
from honghu.kernel.registers.guards import Guard, GuardError, Run, Scope, Values, ValueType

MAX_LENGTH: Final = 1_000
MAX_DEPTH: Final = 40

_CONTEXT: Final = {"state": TEXT, "number": TEXT}
_BAD_ESCAPE: Final = re.compile(r"""(?<!\\)(?:\\\\)*\\[^abfnrtv"'\\xuU0-7]""")
_TEXT_METHODS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": operator.contains,
}


@dataclass(slots=True)
class _Compiler:
    """One compilation: collects the names read on the way down the syntax tree."""

    scope: Scope
    reads: dict[str, Run] = field(default_factory=dict)
    depth: int = 0

    def compile(self, node: Tree[Token]) -> Expression:
        """Compile a node; single-child chains of the grammar are skipped."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _too_long()
        while len(node.children) == 1 and node.data in _CHAINS:
            node = _child(node, 0)
        method = _METHODS.get(str(node.data))
        if method is None:
            raise unsupported(str(node.data).replace("_", " "))
        expression = method(self, node)
        self.depth -= 1
        return expression

    def conditional(self, node: Tree[Token]) -> Expression:
        """Compile `a ? b : c`."""
        test, then, other = (self.compile(_child(node, i)) for i in range(3))
        demand_boolean(test, "before ?")
        kind = common_type(then, other)
        ask, yes, no = test.run, then.run, other.run

        def run(values: Values) -> Any:
            answer = ask(values)
            return None if answer is None else (yes if answer else no)(values)

        return Expression(kind, run)

    def either(self, node: Tree[Token]) -> Expression:
        """Compile `a || b`: true if one is, unknown if one is unknown and none true."""
        first, second = self._logical(node, "||")

        def run(values: Values) -> Any:
            left = first(values)
            if left is True:
                return True
            right = second(values)
            return True if right is True else (None if left is None or right is None else False)

        return Expression(BOOLEAN, run)

    def both(self, node: Tree[Token]) -> Expression:
        """Compile `a && b`: false if one is, unknown if one is unknown and none false."""
        first, second = self._logical(node, "&&")

        def run(values: Values) -> Any:
            left = first(values)
            if left is False:
                return False
            right = second(values)
            return False if right is False else (None if left is None or right is None else True)

        return Expression(BOOLEAN, run)

    def _logical(self, node: Tree[Token], sign: str) -> tuple[Run, Run]:
        left, right = self.compile(_child(node, 0)), self.compile(_child(node, 1))
        demand_boolean(left, f"before {sign}")
        demand_boolean(right, f"after {sign}")
        return left.run, right.run

    def relation(self, node: Tree[Token]) -> Expression:
        """Compile a comparison or `in`."""
        sign = _child(node, 0)
        left = self.compile(_child(sign, 0))
        right = self.compile(_child(node, 1))
        if sign.data == "relation_in":
            return membership(left, right)
        if NULL in (left.type, right.type):
            return null_test(str(sign.data), left, right)
        left, right = coerced(left, right), coerced(right, left)
        demand_comparable(str(sign.data), left, right)
        return Expression(BOOLEAN, binary(COMPARISONS[str(sign.data)], left.run, right.run))

    def arithmetic(self, node: Tree[Token]) -> Expression:
        """Compile `+ - * / %` on numbers, and `+` on texts."""
        sign = _child(node, 0)
        left = self.compile(_child(sign, 0))
        right = self.compile(_child(node, 1))
        name = str(sign.data).rpartition("_")[2]
        if name == "add" and left.type.kind == right.type.kind == "text":
            return Expression(TEXT, binary(operator.add, left.run, right.run))
        if not (left.type.is_number and right.type.is_number):
            raise wrong_type(f"can't reckon with {left.type.kind} and {right.type.kind}")
        whole = left.type.kind == right.type.kind == "integer"
        run = binary(reckoning(name, whole=whole), left.run, right.run)
        return Expression(INTEGER if whole else DECIMAL, run)

    def unary(self, node: Tree[Token]) -> Expression:
        """Compile `!a` and `-a`."""
        sign, operand = _child(node, 0), self.compile(_child(node, 1))
        run = operand.run
        if sign.data == "unary_not":
            demand_boolean(operand, "after !")
            return Expression(BOOLEAN, single(operator.not_, run))
        if not operand.type.is_number:
            raise wrong_type(f"can't take the negative of {operand.type.kind}")
        return Expression(operand.type, single(operator.neg, run))

    def literal(self, node: Tree[Token]) -> Expression:
        """Compile a literal."""
        kind, value = _literal(node.children[0])
        return Expression(kind, lambda _values: value, value)

    def list_literal(self, node: Tree[Token]) -> Expression:
        """Compile `[a, b]`, a list of literals."""
        parts = [self.compile(_as_tree(child)) for child in _arguments(node, 0)]
        if any(part.constant is None for part in parts):
            raise unsupported("a list of anything but literals")
        items = tuple(part.constant for part in parts)
        return Expression(ValueType("list"), lambda _values: items, items)

    def named(self, node: Tree[Token]) -> Expression:
        """Compile `facts.x`, `form.x`, `context.x` and `context.counters.x`."""
        path = _path(node)
        name = ".".join(path)
        kind, run = self._look_up(path)
        self.reads[name] = run
        return Expression(kind, run)

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

    def call(self, node: Tree[Token]) -> Expression:
        """Compile `has(facts.x)` and `size(x)`."""
        function, arguments = str(node.children[0]), _arguments(node, 1)
        if function not in {"has", "size"} or len(arguments) != 1:
            raise unsupported(f"{function}() with {len(arguments)} arguments")
        operand = self.compile(_as_tree(arguments[0]))
        run = operand.run
        if function == "has":
            if str(operand.type.kind) == "null" or operand.constant is not None:
                raise unsupported("has() of a literal")
            return Expression(BOOLEAN, lambda values: run(values) is not None)
        if operand.type.kind not in {"text", "list"}:
            raise wrong_type(f"size() counts texts and lists, not {operand.type.kind}")
        return Expression(INTEGER, single(len, run))

    def method(self, node: Tree[Token]) -> Expression:
        """Compile `text.startsWith(text)` and its like."""
        subject = self.compile(_child(node, 0))
        name, arguments = str(node.children[1]), _arguments(node, 2)
        if name == "size" and not arguments and subject.type.kind in {"text", "list"}:
            return Expression(INTEGER, single(len, subject.run))
        if name not in _TEXT_METHODS or len(arguments) != 1:
            raise unsupported(f".{name}() with {len(arguments)} arguments")
        argument = self.compile(_as_tree(arguments[0]))
        if subject.type.kind != "text" or argument.type.kind != "text":
            raise wrong_type(f".{name}() needs two texts")
        return Expression(BOOLEAN, binary(_TEXT_METHODS[name], subject.run, argument.run))


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
_METHODS: Final[Mapping[str, Callable[[_Compiler, Tree[Token]], Expression]]] = {
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
    demand_boolean(expression, "as the guard's answer")
    return Guard(text, frozenset(compiler.reads), compiler.reads, expression.run)


def _as_tree(node: Any) -> Tree[Token]:
    if not isinstance(node, Tree):
        raise unsupported(str(node))
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
            raise unsupported("a name after a value")
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
    convert = READERS.get(types[name].kind)
    if convert is None:
        return lambda values: source(values).get(name)

    def run(values: Values) -> Any:
        value = source(values).get(name)
        return None if value is None else convert(value)

    return run


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
            raise unsupported(f"the literal {text}")


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


def _too_long() -> GuardError:
    return GuardError(
        "guard-too-long",
        f"the guard is longer than {MAX_LENGTH} characters or deeper than {MAX_DEPTH} levels",
        "split the action, or let a command decide",
    )
