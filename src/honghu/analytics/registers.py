"""The figures that register files declare under `figures:`, as figures like any other.

A register's file counts its cases, or adds up a number field, over the cases that were opened in
the scope and (with `states`) stand in one of these states at its end. Facts are taken as they were
typed until then; what a command put into the case without anybody typing it is not seen.
"""

import functools
import json
from collections.abc import Iterator
from typing import Any, Final

from django.db import connection

from honghu.analytics.figure import Aggregate, Figure, Relation, Scope, Unit
from honghu.kernel.registers.model import FieldType, Register, Text
from honghu.kernel.registers.model import Figure as RegisterFigure
from honghu.kernel.registers.queries import latest_registers

_ROWS: Final = """
SELECT key, case_id, step_id, NULL::uuid AS transfer_id, subject, numerator,
  NULL::numeric AS denominator, at
FROM (
  SELECT DISTINCT ON (s.case_id) s.id::text AS key, s.case_id, s.id AS step_id, s.to_state, s.at,
    {subject} AS subject, {numerator} AS numerator
  FROM cases_step s
  JOIN cases_step o ON o.case_id = s.case_id AND o.sequence = 1
  WHERE s.register = %(register)s AND s.at < %(end)s
    AND (%(start)s::timestamptz IS NULL OR o.at >= %(start)s)
  ORDER BY s.case_id, s.sequence DESC
) latest
WHERE (%(states)s::text[] = '{{}}' OR to_state = ANY(%(states)s))
  AND (%(chosen)s::uuid[] IS NULL OR case_id = ANY(%(chosen)s::uuid[]))
"""
_TYPED: Final = """(
  SELECT f.form ->> %({name})s FROM cases_step x JOIN cases_stepform f ON f.step_id = x.id
  WHERE x.case_id = s.case_id AND x.at < %(end)s AND jsonb_exists(f.form, %({name})s)
  ORDER BY x.sequence DESC LIMIT 1
)"""
_FACTS: Final = """
SELECT s.case_id, jsonb_object_agg(e.key, e.value ORDER BY s.sequence),
  (array_agg(s.to_state ORDER BY s.sequence DESC))[1]
FROM cases_step s
JOIN cases_stepform f ON f.step_id = s.id
LEFT JOIN LATERAL jsonb_each(f.form) e ON true
WHERE s.register = %(register)s AND s.at < %(end)s AND e.key IS NOT NULL
GROUP BY s.case_id
"""


def register_figures() -> Iterator[Figure]:
    """The figures of the latest version of every register; their codes are `register.figure`."""
    for register in latest_registers():
        for declared in register.figures.values():
            yield _figure(register, declared)


def _figure(register: Register, declared: RegisterFigure) -> Figure:
    money = (
        declared.sum is not None and register.fields[declared.sum].type is FieldType.MONEY
    )  # fmt: skip
    unit = Unit.FEN if money else Unit.CASES if declared.sum is None else Unit.COUNT
    where = declared.where.text if declared.where is not None else ""
    states = [register.states[code].title for code in declared.states]
    return Figure(
        code=f"{register.code}.{declared.code}",
        title=declared.title,
        unit=unit,
        unit_words=declared.unit,
        definition=Text(
            _definition(register.title.zh, [each.zh for each in states], where, "zh"),
            _definition(register.title.en, [each.en for each in states], where, "en"),
        ),
        relation=functools.partial(_relation, register, declared),
        aggregate=Aggregate.COUNT if declared.sum is None else Aggregate.SUM,
        confidential=money,
    )


def _definition(title: str, states: list[str], where: str, language: str) -> str:
    if language == "zh":
        parts = [f"《{title}》中期间内登记的事项"]
        parts += [f"期末状态为{'、'.join(states)}"] if states else []
        parts += [f"条件：{where}"] if where else []
        return "；".join(parts) + "。"
    parts = [f"Cases of “{title}” opened in the period"]
    parts += [f"standing at its end in: {', '.join(states)}"] if states else []
    parts += [f"condition: {where}"] if where else []
    return "; ".join(parts) + "."


def _relation(register: Register, declared: RegisterFigure, scope: Scope) -> Relation:
    numerator = f"{_TYPED.format(name='sum')}::numeric" if declared.sum else "1::numeric"
    subject = _TYPED.format(name="by") if declared.by else "NULL::text"
    values = {
        "register": register.code, "start": scope.start, "end": scope.end,
        "states": list(declared.states), "sum": declared.sum, "by": declared.by,
        "chosen": _chosen(register, declared, scope),
    }  # fmt: skip
    return Relation(_ROWS.format(subject=subject, numerator=numerator), values)


def _chosen(
    register: Register, declared: RegisterFigure, scope: Scope
) -> list[Any] | None:  # fmt: skip
    """The cases for which the figure's condition holds; null where it has none."""
    if declared.where is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"register": register.code, "end": scope.end})
        found = cursor.fetchall()
    return [
        case_id
        for case_id, facts, state in found
        if declared.where.evaluate(
            facts if isinstance(facts, dict) else json.loads(facts), {}, {"state": state}
        )
    ]
