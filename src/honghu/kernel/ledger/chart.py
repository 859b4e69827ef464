"""The chart of accounts: read from YAML, checked, and brought into the database."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml
from django.db import connection

from honghu.base.problems import Conflict, Invalid

CHART_FILE: Final = Path(__file__).with_name("chart.yaml")
_KIND: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CODE: Final = re.compile(r"\d{4}(\.\d{2})*")
_TYPES: Final = ("asset", "liability", "equity", "income", "expense", "memo")
_SIDES: Final = ("debit", "credit")
_KEYS: Final = frozenset({"kind", "code", "type", "normal_side", "zh", "en"})

_LOAD_SQL = """
INSERT INTO ledger_chartline (kind, code, type, normal_side, name_zh, name_en)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
ON CONFLICT (kind) DO UPDATE SET code = excluded.code, name_zh = excluded.name_zh,
  name_en = excluded.name_en
WHERE (ledger_chartline.code, ledger_chartline.name_zh, ledger_chartline.name_en)
  <> (excluded.code, excluded.name_zh, excluded.name_en)
"""
_CHANGED_SQL = """
SELECT kind FROM ledger_chartline
JOIN unnest(%s::text[], %s::text[], %s::text[]) AS n (kind, type, normal_side) USING (kind)
WHERE (ledger_chartline.type, ledger_chartline.normal_side) <> (n.type, n.normal_side)
"""


class ChartError(Invalid):
    """A chart of accounts that cannot be used; the message names the line."""

    code = "ledger_chart"


class ChartConflict(Conflict):
    """A chart that would turn accounts which are open already."""

    code = "ledger_chart_conflict"


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A line of the chart as `ChartLine` keeps it."""

    kind: str
    code: str
    type: str
    normal_side: str
    name_zh: str
    name_en: str


def read_chart(text: str) -> list[Line]:
    """The lines of a chart in YAML. Raises ChartError naming the line of the file."""
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ChartError(f"the chart is not YAML: {error}", remedy="correct the file") from error
    rows = _entries(root).get("lines")
    if not isinstance(rows, yaml.SequenceNode) or not rows.value:
        raise ChartError("the chart has no list `lines`", remedy="see chart.yaml of the ledger")
    lines = [_line(_entries(row), row.start_mark.line + 1) for row in rows.value]
    for key in ("kind", "code"):
        values = [getattr(line, key) for line in lines]
        for value in {each for each in values if values.count(each) > 1}:
            raise ChartError(f"{key} {value} stands twice in the chart", remedy="keep one")
    return lines


def _entries(node: yaml.Node | None) -> dict[str, yaml.Node]:
    return (
        {key.value: value for key, value in node.value}
        if isinstance(node, yaml.MappingNode)
        else {}
    )


def _line(row: Mapping[str, yaml.Node], number: int) -> Line:
    if set(row) != _KEYS:
        raise ChartError(
            f"line {number}: not the keys of a line", remedy=f"give {', '.join(sorted(_KEYS))}"
        )
    line = Line(
        *(str(row[key].value) for key in ("kind", "code", "type", "normal_side", "zh", "en"))
    )
    for good, key in (
        (_KIND.fullmatch(line.kind), "kind"),
        (_CODE.fullmatch(line.code), "code"),
        (line.type in _TYPES, "type"),
        (line.normal_side in _SIDES, "normal_side"),
        (line.name_zh.strip() and line.name_en.strip(), "zh and en"),
    ):
        if not good:
            raise ChartError(f"line {number}: bad {key} of {line.kind}", remedy="correct the file")
    return line


def load_chart(lines: Sequence[Line] | None = None) -> int:
    """Bring the chart (of the package if null) into the database; how many lines were written.

    Names and codes may change; a kind's type and normal side may not: ChartConflict. Lines that
    the file no longer has stay, because accounts may stand under them.
    """
    lines = read_chart(CHART_FILE.read_text(encoding="utf-8")) if lines is None else lines
    columns = [list(column) for column in zip(*map(dataclasses.astuple, lines), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED_SQL, [columns[0], columns[2], columns[3]])
        changed = [row[0] for row in cursor.fetchall()]
        if changed:
            raise ChartConflict(
                f"the chart turns {', '.join(changed)} to another type or side",
                remedy="add a new kind instead",
            )
        cursor.execute(_LOAD_SQL, columns)
        return int(cursor.rowcount)
