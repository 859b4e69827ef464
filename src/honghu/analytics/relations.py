"""Relations that most figures are made of, over steps and what was typed in them.

All depend on steps only, so that they give the same rows whenever they are asked for one scope.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings

from honghu.analytics.figure import Relation, Scope

# The case and the form are joined from the left: where a figure does not use them, PostgreSQL leaves
# them out altogether.
_STEPS: Final = """
SELECT s.id::text AS key, s.case_id, s.id AS step_id, NULL::uuid AS transfer_id,
  {subject} AS subject, {numerator} AS numerator, {denominator} AS denominator, s.at
FROM cases_step s
LEFT JOIN cases_case c ON c.id = s.case_id
LEFT JOIN cases_stepform f ON f.step_id = s.id
WHERE s.register = %(register)s AND s.action = ANY(%(actions)s)
  AND (%(start)s::timestamptz IS NULL OR s.at >= %(start)s) AND s.at < %(end)s
  {where}
"""
_REACHED: Final = """
SELECT DISTINCT ON (s.case_id) s.id::text AS key, s.case_id, s.id AS step_id,
  NULL::uuid AS transfer_id, {subject} AS subject, {numerator} AS numerator,
  {denominator} AS denominator, s.at
FROM cases_step s
LEFT JOIN cases_case c ON c.id = s.case_id
LEFT JOIN cases_stepform f ON f.step_id = s.id
WHERE s.register = %(register)s AND s.to_state = ANY(%(states)s)
  AND (%(start)s::timestamptz IS NULL OR s.at >= %(start)s) AND s.at < %(end)s
  {where}
ORDER BY s.case_id, s.sequence
"""
_STANDING: Final = """
SELECT * FROM (
  SELECT DISTINCT ON (s.case_id) s.id::text AS key, s.case_id, s.id AS step_id,
    NULL::uuid AS transfer_id, {subject} AS subject, {numerator} AS numerator,
    {denominator} AS denominator, s.at, s.to_state
  FROM cases_step s
  LEFT JOIN cases_case c ON c.id = s.case_id
  LEFT JOIN cases_stepform f ON f.step_id = s.id
  WHERE s.register = %(register)s AND s.at < %(end)s {where}
  ORDER BY s.case_id, s.sequence DESC
) latest WHERE to_state = ANY(%(states)s)
"""


def steps_done(
    register: str,
    actions: Sequence[str],
    scope: Scope,
    *,
    numerator: str = "1::numeric",
    denominator: str = "NULL::numeric",
    subject: str = "NULL::text",
    where: str = "",
    **parameters: Any,
) -> Relation:
    """Steps of these actions within the scope.

    `numerator`, `denominator`, `subject` and `where` are SQL over `s` (the step), `f.form` (what
    was typed) and `c` (its case; use only what never changes, such as `c.number`); `where` begins
    with AND.
    """
    sql = _STEPS.format(numerator=numerator, denominator=denominator, subject=subject, where=where)
    return within(sql, scope, register=register, actions=list(actions), **parameters)


def cases_that_reached(
    register: str,
    states: Sequence[str],
    scope: Scope,
    *,
    numerator: str = "1::numeric",
    denominator: str = "NULL::numeric",
    subject: str = "NULL::text",
    where: str = "",
    **parameters: Any,
) -> Relation:
    """Cases that came into one of the states within the scope, each with its first such step."""
    sql = _REACHED.format(
        numerator=numerator, denominator=denominator, subject=subject, where=where
    )
    return within(sql, scope, register=register, states=list(states), **parameters)


def cases_that_stand(
    register: str,
    states: Sequence[str],
    scope: Scope,
    *,
    numerator: str = "1::numeric",
    denominator: str = "NULL::numeric",
    subject: str = "NULL::text",
    where: str = "",
    **parameters: Any,
) -> Relation:
    """Cases that stand in one of the states at the scope's end, each with its latest step."""
    sql = _STANDING.format(
        numerator=numerator, denominator=denominator, subject=subject, where=where
    )
    return within(sql, scope, register=register, states=list(states), **parameters)


def within(sql: str, scope: Scope, **parameters: Any) -> Relation:
    """A figure's own SQL as its relation; `start`, `end`, `region` and `zone` are those of the scope.

    `zone` is the time zone in which days begin.
    """
    fixed = {
        "start": scope.start,
        "end": scope.end,
        "region": scope.region,
        "zone": settings.TIME_ZONE,
    }
    return Relation(sql, fixed | parameters)
