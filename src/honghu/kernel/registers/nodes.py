"""YAML to nodes that know their line. A strict subset of YAML, safe for files of unknown origin.

Registers need mappings, lists and scalars. Anchors, aliases (and with them alias bombs), tags,
several documents, repeated keys and very large or deep files are refused. Scalars stay text: only
the reader of a key knows its type, so `no` is never false and 0.10 never loses its last digit.
"""

import re
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import yaml

from honghu.kernel.registers.faults import Fault

MAX_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 12
MAX_NODES: Final = 20_000


_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar as written; `plain` is false when it stands in quotes or in a block."""

    line: int
    text: str
    plain: bool = True

    @property
    def is_null(self) -> bool:
        """Tell whether the scalar is YAML's null."""
        return self.plain and self.text in {"", "~", "null"}


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    line: int
    items: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with the line it stands on, and its value."""

    line: int
    value: "Node"


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping by key, in the order of the file."""

    line: int
    entries: dict[str, Entry] = field(default_factory=dict)


Node: TypeAlias = Scalar | Sequence | Table


class UnreadableError(Exception):
    """The text is not of the subset; `fault` says where and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def read_nodes(text: str, file: str) -> tuple[Node, list[Fault]]:
    """Return the tree of a YAML document, with the faults that don't stop the reading.

    Raises UnreadableError where reading can't go on (codes `not-yaml`, `too-large`, `too-deep`,
    `alias`, `empty`).
    """
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise _unreadable(
            file, 1, "too-large", "the file is too large", f"keep it under {MAX_BYTES // 1024} KiB"
        )
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        problem = error.problem or "it can't be read"
        raise _unreadable(
            file,
            line,
            "not-yaml",
            f"this is no YAML: {problem}",
            "indent with spaces, and quote texts that contain `: ` or start with a sign",
        ) from error
    except yaml.YAMLError as error:
        raise _unreadable(
            file,
            _bad_line(text),
            "not-yaml",
            "the file has characters that no text has",
            "save it as UTF-8 text",
        ) from error
    if builder.root is None:
        raise _unreadable(
            file, 1, "empty", "the file is empty", "start with `register:`, `version:`, `title:`"
        )
    return builder.root, builder.faults


def _bad_line(text: str) -> int:
    """Return the line of the first control character, which libyaml reports without a line."""
    for number, line in enumerate(text.split("\n"), start=1):
        if any(ord(char) < ord(" ") and char not in "\t\r" for char in line):
            return number
    return 1


def _unreadable(file: str, line: int, code: str, message: str, remedy: str) -> UnreadableError:
    return UnreadableError(Fault(file, line, code, message, remedy))


class _Builder:
    """Builds the tree from parser events with an explicit stack, so that depth is bounded."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.root: Node | None = None
        self._open: list[Sequence | Table] = []
        self._keys: list[tuple[str, int] | None] = []
        self._count = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event of the parser."""
        line = event.start_mark.line + 1 if event.start_mark is not None else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._stop(
                line, "alias", "anchors and aliases are not read", "write the part out"
            )
        if isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            raise self._stop(
                line, "not-yaml", "a second document starts here", "one file holds one register"
            )
        match event:
            case yaml.ScalarEvent():
                self._tag(event.tag, line)
                self._characters(event.value, line)
                self._add(Scalar(line, event.value, plain=event.implicit[0]), line)
            case yaml.SequenceStartEvent():
                self._tag(event.tag, line)
                self._descend(Sequence(line))
            case yaml.MappingStartEvent():
                self._tag(event.tag, line)
                self._descend(Table(line))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._open.pop()
                self._keys.pop()
            case _:
                pass

    def _stop(self, line: int, code: str, message: str, remedy: str) -> UnreadableError:
        return _unreadable(self.file, line, code, message, remedy)

    def _tag(self, tag: str | None, line: int) -> None:
        if tag is not None and tag != "!":
            raise self._stop(line, "not-yaml", f"tags such as {tag} are not read", "drop the tag")

    def _characters(self, text: str, line: int) -> None:
        """Refuse what an escape such as "\\x01" can smuggle past the parser: no page can show it."""
        if _UNPRINTABLE.search(text):
            raise self._stop(
                line, "not-yaml", "a text has characters that can't be shown", "take them out"
            )

    def _descend(self, node: Sequence | Table) -> None:
        self._add(node, node.line)
        if len(self._open) == MAX_DEPTH:
            raise self._stop(
                node.line, "too-deep", "lists and mappings are nested too deep", "flatten them"
            )
        self._open.append(node)
        self._keys.append(None)

    def _add(self, node: Node, line: int) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            raise self._stop(line, "too-large", "the file has too many parts", "split the register")
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
            return
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = self._key(node)
            return
        self._keys[-1] = None
        self._enter(parent, key, node)

    def _key(self, node: Node) -> tuple[str, int]:
        if not isinstance(node, Scalar):
            raise self._stop(node.line, "not-yaml", "a key is no plain word", "write `key: value`")
        return node.text, node.line

    def _enter(self, parent: Table, key: tuple[str, int], node: Node) -> None:
        name, line = key
        if name in parent.entries:
            first = parent.entries[name].line
            self.faults.append(
                Fault(
                    self.file,
                    line,
                    "duplicate-key",
                    f"{name} is given twice, first on line {first}",
                    "keep one of the two",
                )
            )
            return
        parent.entries[name] = Entry(line, node)
