"""Rule files: YAML in which every value is kept as the exact text written, with its line.

domain: financing
rules:
  - code: report_working_days
    title: {zh: 代理机构报送评审报告, en: Agency reports to the buyer}
    unit: period            # see values.MEANINGS
    clock: working_day      # for periods only
    rows:
      - value: 2
        from: 2015-03-01
        to: 2030-12-31      # last day; leave out if open
        region: "420000"    # leave out if it holds everywhere
        revision: 1         # 2 and above correct a row of the same day
        source: 政府采购法实施条例第四十三条
        mark: L             # see models.SourceMark
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from honghu.base.identifiers import new_id
from honghu.base.problems import Invalid
from honghu.kernel.rulesets.values import MEANINGS, RuleValue, RuleValueError

MARKS: Final = frozenset("LPMBSNIVD")
# A rule that depends on a choice has one row for each option: loan_days.first, loan_days.repeat.
_DOMAIN: Final = re.compile(r"[a-z][a-z0-9_]*")
_CODE: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_REGION: Final = re.compile(r"\d{6}(\d{3}){0,2}")
_ROW_KEYS: Final = frozenset({"value", "from", "to", "region", "revision", "source", "mark"})


class RuleFileError(Invalid):
    """A rule file that cannot be read; the message begins with the file and the line."""

    code = "rule_file"


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row of a rule file and the place where it stands, as `file:line`."""

    place: str
    rule: RuleValue

    @property
    def key(self) -> tuple[str, str | None, dt.date, int]:
        """What names a row: the rule, the region, the first day, the revision."""
        rule = self.rule
        return rule.name, rule.region, rule.effective_from, rule.revision


def read_rule_file(source: Path | str) -> list[FileRow]:
    """The rows of a rule file, given as a path or as its text, checked as far as a file can be.

    Raises RuleFileError naming file and line: unreadable YAML, unknown or missing keys, a value
    that its unit cannot read, a date that is none, two rows under one key.
    """
    name = source.name if isinstance(source, Path) else "rules"
    text = source.read_text(encoding="utf-8") if isinstance(source, Path) else source
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        problem = error.problem if isinstance(error, yaml.MarkedYAMLError) else error
        line = mark.line + 1 if mark else 1
        raise RuleFileError(f"{name}:{line}: {problem}", remedy="correct the YAML") from error
    if root is None:
        raise RuleFileError(f"{name}:1: the file is empty", remedy="write domain and rules")
    return _Reader(name).file(root)


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    title_zh: str
    title_en: str
    unit: str
    clock: str | None


class _Reader:
    """Walks the composed nodes: they know their lines, and scalars are still the text written."""

    def __init__(self, name: str) -> None:
        self.name = name

    def file(self, root: Node) -> list[FileRow]:
        keys = self.mapping(root, required={"domain", "rules"})
        domain = self.code(keys["domain"], _DOMAIN)
        rows = [row for rule in self.sequence(keys["rules"]) for row in self.rule(rule, domain)]
        seen: dict[tuple[str, str | None, dt.date, int], str] = {}
        for row in rows:
            if row.key in seen:
                raise RuleFileError(
                    f"{row.place}: {row.rule.name} of this day, region and revision stands already"
                    f" at {seen[row.key]}",
                    remedy="remove one, or give it another day or revision",
                )
            seen[row.key] = row.place
        return rows

    def rule(self, node: Node, domain: str) -> Iterator[FileRow]:
        keys = self.mapping(node, required={"code", "title", "unit", "rows"}, optional={"clock"})
        titles = self.mapping(keys["title"], required={"zh", "en"})
        unit = self.text(keys["unit"])
        if unit not in MEANINGS:
            self.fail(keys["unit"], f"unknown unit {unit}", f"use one of {', '.join(MEANINGS)}")
        if (unit == "period") != ("clock" in keys):
            self.fail(node, "a clock goes with the unit period, and only with it", "correct one")
        rule = _Rule(
            f"{domain}.{self.code(keys['code'], _CODE)}",
            self.text(titles["zh"]),
            self.text(titles["en"]),
            unit,
            self.text(keys["clock"]) if "clock" in keys else None,
        )
        for row in self.sequence(keys["rows"]):
            yield self.row(row, rule)

    def row(self, node: Node, rule: _Rule) -> FileRow:
        required = {"value", "from", "source", "mark"}
        keys = self.mapping(node, required=required, optional=_ROW_KEYS - required)
        mark = self.text(keys["mark"])
        if mark not in MARKS:
            self.fail(keys["mark"], f"unknown mark {mark}", f"use one of {''.join(sorted(MARKS))}")
        value = RuleValue(
            id=new_id(),
            name=rule.name,
            value=self.text(keys["value"]),
            unit=rule.unit,
            clock=rule.clock,
            region=self.region(keys),
            title_zh=rule.title_zh,
            title_en=rule.title_en,
            effective_from=self.date(keys["from"]),
            effective_to=self.date(keys["to"]) if "to" in keys else None,
            revision=self.revision(keys),
            source=self.text(keys["source"]),
            source_mark=mark,
        )
        if value.effective_to is not None and value.effective_to < value.effective_from:
            self.fail(keys["to"], "the last day is before the first", "correct one of them")
        try:
            value.check()
        except RuleValueError as error:
            self.fail(keys["value"], error.message, "correct the value or the unit")
        return FileRow(f"{self.name}:{node.start_mark.line + 1}", value)

    def region(self, keys: Mapping[str, Node]) -> str | None:
        if "region" not in keys:
            return None
        region = self.text(keys["region"])
        if not _REGION.fullmatch(region):
            self.fail(keys["region"], f"{region} is no division code", "give 6, 9 or 12 digits")
        return region

    def revision(self, keys: Mapping[str, Node]) -> int:
        if "revision" not in keys:
            return 1
        text = self.text(keys["revision"])
        if not re.fullmatch(r"[1-9]\d{0,3}", text):
            self.fail(keys["revision"], f"{text} is no revision", "count 1, 2, 3…")
        return int(text)

    def date(self, node: Node) -> dt.date:
        text = self.text(node)
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            self.fail(node, f"{text} is no day", "write it as 2025-06-01")

    def code(self, node: Node, pattern: re.Pattern[str]) -> str:
        text = self.text(node)
        if not pattern.fullmatch(text):
            self.fail(node, f"{text!r} is no code", "use lower-case letters, digits and _")
        return text

    def text(self, node: Node) -> str:
        if not isinstance(node, ScalarNode) or not str(node.value).strip():
            self.fail(node, "one value is needed here", "write it after the colon")
        return str(node.value).strip()

    def sequence(self, node: Node) -> list[Node]:
        if not isinstance(node, SequenceNode) or not node.value:
            self.fail(node, "a list is needed here", "begin each item with '- '")
        items: list[Node] = node.value
        return items

    def mapping(
        self, node: Node, *, required: set[str], optional: frozenset[str] | set[str] = frozenset()
    ) -> dict[str, Node]:
        if not isinstance(node, MappingNode):
            self.fail(node, "keys are needed here", f"write {', '.join(sorted(required))}")
        keys: dict[str, Node] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in keys:
                self.fail(key_node, f"the key {key} stands twice", "remove one")
            if key not in required and key not in optional:
                known = ", ".join(sorted(required | optional))
                self.fail(key_node, f"unknown key {key}", f"the keys here are {known}")
            if not value_node.value:
                # An empty value is marked where the next thing begins; its key is the place.
                value_node.start_mark = key_node.start_mark
            keys[key] = value_node
        for key in sorted(required - keys.keys()):
            self.fail(node, f"the key {key} is missing", f"add {key}")
        return keys

    def fail(self, node: Node, problem: str, remedy: str) -> NoReturn:
        raise RuleFileError(f"{self.name}:{node.start_mark.line + 1}: {problem}", remedy=remedy)
