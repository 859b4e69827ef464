"""Typed reading of nodes. Each wrong value becomes a fault with its line, and reading goes on."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar

from rapidfuzz import process

from honghu.kernel.lifecycles.model import Text
from honghu.kernel.registers.faults import Fault
from honghu.kernel.registers.nodes import Entry, Node, Scalar, Sequence, Table

MAX_CODE: Final = 63
_CODE: Final = re.compile(r"[a-z][a-z0-9_]*")
_DASHED_CODE: Final = re.compile(r"[a-z][a-z0-9_-]*")
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_NO_TEXT: Final = Text("?", "?")

Option = TypeVar("Option", bound=str)


def suggest(name: str, known: Iterable[str]) -> str:
    """Return a remedy for an unknown name: the nearest known one, or the list of them."""
    names = sorted(known)
    near = process.extractOne(name, names, score_cutoff=60)
    if near:
        return f"did you mean {near[0]}?"
    return f"known are: {', '.join(names)}" if names else "none is declared"


def _remedy(key: str, entry: Entry, keys: Collection[str]) -> str:
    """Inside {…} a comma ends a text, and what follows it looks like a key without a value."""
    if " " in key and isinstance(entry.value, Scalar) and entry.value.is_null:
        return "quote the text before it: inside {…} a comma ends it"
    return suggest(key, keys)


@dataclass(slots=True)
class Reader:
    """One reading of one file; collects the faults."""

    file: str
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int, code: str, message: str, remedy: str) -> None:
        """Record a fault."""
        self.faults.append(Fault(self.file, line, code, message, remedy))

    def wrong_type(self, node: Node, what: str, wanted: str) -> None:
        """Record that a value is of another type than its key asks for."""
        if isinstance(node, Scalar):
            found = repr(node.text[:40])
        else:
            found = "a list" if isinstance(node, Sequence) else "a mapping"
        self.fault(node.line, "wrong-type", f"{what} is {found}", f"write {wanted}")

    def part(self, node: Node, what: str, keys: Collection[str]) -> "Part":
        """Read a mapping of known keys; anything else gives an empty part and a fault."""
        if not isinstance(node, Table):
            self.wrong_type(node, what, f"a mapping with {', '.join(sorted(keys))}")
            return Part(self, Table(node.line), what)
        for key, entry in node.entries.items():
            if key not in keys:
                self.fault(
                    entry.line, "unknown-key", f"{what} has no key {key}", _remedy(key, entry, keys)
                )
        return Part(self, node, what)

    def check_code(self, code: str, line: int, what: str, *, dashes: bool = False) -> bool:
        """Tell whether the code is well formed, with a fault if not."""
        pattern = _DASHED_CODE if dashes else _CODE
        if pattern.fullmatch(code) and len(code) <= MAX_CODE:
            return True
        allowed = "lower-case letters, digits, _" + (" and -" if dashes else "")
        self.fault(
            line,
            "bad-code",
            f"{what} {code[:80]!r} is no code",
            f"use {allowed}, a letter first, at most {MAX_CODE} characters",
        )
        return False

    def check_known(self, name: str, line: int, what: str, known: Iterable[str]) -> bool:
        """Tell whether the name is among the known, with a fault `unknown-<what>` if not."""
        names = frozenset(known)
        if name in names:
            return True
        self.fault(
            line,
            f"unknown-{what.replace(' ', '-')}",
            f"there is no {what} {name}",
            suggest(name, names),
        )
        return False

    def text(self, node: Node, what: str) -> Text:
        """Read a text in both languages."""
        part = self.part(node, what, {"zh", "en"})
        if not isinstance(node, Table):
            return _NO_TEXT
        found = {}
        for language in ("zh", "en"):
            found[language] = (part.string(language) or "").strip()
            if not found[language]:
                self.fault(
                    node.line,
                    "missing-translation",
                    f"{what} has no text in {language}",
                    "give it in both languages: {zh: …, en: …}",
                )
        return Text(found["zh"], found["en"])

    def string(self, node: Node, what: str) -> str | None:
        """Read a single value as text."""
        if not isinstance(node, Scalar):
            self.wrong_type(node, what, "a single value")
            return None
        return node.text

    def strings(self, node: Node, what: str) -> list[tuple[str, int]]:
        """Read one value or a list of values, each with its line; twice the same is a fault."""
        items = node.items if isinstance(node, Sequence) else [node]
        found: list[tuple[str, int]] = []
        for item in items:
            text = self.string(item, what)
            if text is None:
                continue
            if any(text == earlier for earlier, _line in found):
                self.fault(item.line, "duplicate-item", f"{what} has {text} twice", "keep one")
            found.append((text, item.line))
        return found


@dataclass(slots=True)
class Part:
    """A mapping of known keys while it is read. Null counts as not given."""

    reader: Reader
    table: Table
    what: str

    @property
    def line(self) -> int:
        """Return the line where the mapping starts."""
        return self.table.line

    def node(self, key: str) -> Node | None:
        """Return the value of a key, or None if it is not given or null."""
        entry = self.table.entries.get(key)
        if entry is None or (isinstance(entry.value, Scalar) and entry.value.is_null):
            return None
        return entry.value

    def line_of(self, key: str) -> int:
        """Return the line of a key, or of the whole mapping if it is not given."""
        entry = self.table.entries.get(key)
        return self.line if entry is None else entry.line

    def require(self, *keys: str) -> None:
        """Record a fault for each of these keys that is not given."""
        for key in keys:
            if self.node(key) is None:
                self.reader.fault(
                    self.line_of(key),
                    "missing-key",
                    f"{self.what} has no {key}",
                    f"add `{key}:`",
                )

    def text(self, key: str) -> Text | None:
        """Read a text in both languages."""
        node = self.node(key)
        return None if node is None else self.reader.text(node, f"{key} of {self.what}")

    def title(self) -> Text:
        """Read the `title` that every declared thing has."""
        self.require("title")
        return self.text("title") or _NO_TEXT

    def string(self, key: str) -> str | None:
        """Read a single value as text; an empty one is a fault."""
        node = self.node(key)
        if node is None:
            return None
        text = self.reader.string(node, f"{key} of {self.what}")
        if text is not None and not text.strip():
            self.reader.fault(node.line, "empty-value", f"{key} of {self.what} is empty", "fill it")
        return text

    def strings(self, key: str) -> list[tuple[str, int]]:
        """Read one value or a list of values, each with its line."""
        node = self.node(key)
        return [] if node is None else self.reader.strings(node, f"{key} of {self.what}")

    def known(self, key: str, what: str, known: Iterable[str]) -> frozenset[str]:
        """Read one name or a list of names that must be known; unknown ones become faults."""
        names = frozenset(known)
        found = self.strings(key)
        return frozenset(
            name for name, line in found if self.reader.check_known(name, line, what, names)
        )

    def one_known(self, key: str, what: str, known: Iterable[str]) -> str | None:
        """Read one name that must be known."""
        name = self.string(key)
        node = self.node(key)
        if name is None or node is None:
            return None
        return name if self.reader.check_known(name, node.line, what, known) else None

    def choice(self, key: str, options: Collection[Option]) -> Option | None:
        """Read one of the options."""
        name = self.string(key)
        node = self.node(key)
        if name is None or node is None:
            return None
        for option in options:
            if option == name:
                return option
        self.reader.fault(
            node.line,
            "bad-value",
            f"{key} of {self.what} can't be {name!r}",
            suggest(name, options),
        )
        return None

    def boolean(self, key: str) -> bool | None:
        """Read true or false."""
        node = self.node(key)
        if node is None:
            return None
        if isinstance(node, Scalar) and node.plain and node.text in {"true", "false"}:
            return node.text == "true"
        self.reader.wrong_type(node, f"{key} of {self.what}", "true or false")
        return None

    def flag(self, key: str) -> bool:
        """Read true or false; not given is false."""
        return self.boolean(key) is True

    def integer(self, key: str, *, least: int, most: int | None = None) -> int | None:
        """Read a whole number of at least `least`, and of at most `most` where that is given."""
        node = self.node(key)
        if node is None:
            return None
        digits = isinstance(node, Scalar) and node.plain and _INTEGER.fullmatch(node.text)
        if not (isinstance(node, Scalar) and digits and len(node.text) < MAX_CODE):
            self.reader.wrong_type(node, f"{key} of {self.what}", "a whole number")
            return None
        value = int(node.text)
        if value < least:
            self.reader.fault(
                node.line,
                "out-of-range",
                f"{key} of {self.what} is {value}",
                f"write {least} or more",
            )
            return None
        if most is not None and value > most:
            self.reader.fault(
                node.line,
                "out-of-range",
                f"{key} of {self.what} is {value}",
                f"write at most {most}",
            )
            return None
        return value

    def decimal(self, key: str) -> Decimal | None:
        """Read a number, exactly as written."""
        node = self.node(key)
        if node is None:
            return None
        try:
            value = Decimal(node.text) if isinstance(node, Scalar) else None
        except InvalidOperation:
            value = None
        if value is None or not value.is_finite():
            self.reader.wrong_type(node, f"{key} of {self.what}", "a number")
            return None
        return value

    def entries(self, key: str, *, dashes: bool = False) -> Iterator[tuple[str, Entry]]:
        """Yield the entries of a mapping by code; badly named ones become faults and are left out."""
        node = self.node(key)
        if node is None:
            return
        if not isinstance(node, Table):
            self.reader.wrong_type(node, f"{key} of {self.what}", "a mapping by code")
            return
        for code, entry in node.entries.items():
            if self.reader.check_code(code, entry.line, f"{key}:", dashes=dashes):
                yield code, entry

    def codes(self, key: str) -> Mapping[str, int]:
        """Return the codes of a mapping with their lines, without judging them."""
        node = self.node(key)
        if not isinstance(node, Table):
            return {}
        return {code: entry.line for code, entry in node.entries.items()}
