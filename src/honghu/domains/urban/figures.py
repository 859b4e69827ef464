"""Public figures of urban management: each a query over steps and what was typed at them."""

from typing import Final

from honghu.analytics.figure import Aggregate, Figure, Relation, Scope, Unit
from honghu.analytics.relations import steps_done, within
from honghu.kernel.registers.model import Text

PROBLEMS: Final = "urban-problem"

_STEP: Final = """EXISTS (SELECT 1 FROM cases_step x WHERE x.case_id = s.case_id
  AND x.at < %(end)s AND {condition})"""
# Merged is an end: a duplicate is settled for all time and counts with the problem that is kept.
_KEPT: Final = "AND NOT " + _STEP.format(condition="x.to_state = 'merged'")
_VOIDED: Final = _STEP.format(condition="x.to_state = 'voided'")

_FILED: Final = """
SELECT s.id::text AS key, s.case_id, s.id AS step_id, NULL::uuid AS transfer_id,
  NULL::text AS subject, {numerator} AS numerator, 1::numeric AS denominator, s.at
FROM cases_step s
WHERE s.register = 'urban-problem' AND s.action = 'file'
  AND (%(start)s::timestamptz IS NULL OR s.at >= %(start)s) AND s.at < %(end)s {where}
"""
# Should be closed: dispatched, with a term that ended in the scope, or closed before it ended.
# Parked problems, and those whose extension was asked for and not decided, are left out: their
# clock does not count against the unit, and what is decided later must not change the figure.
_DUE: Final = """
SELECT s.id::text AS key, s.case_id, s.id AS step_id, NULL::uuid AS transfer_id,
  unit.organisation AS subject, {numerator} AS numerator, 1::numeric AS denominator, s.at
FROM (
  SELECT DISTINCT ON (case_id) * FROM cases_step
  WHERE register = 'urban-problem' AND at < %(end)s ORDER BY case_id, sequence DESC
) s
JOIN LATERAL (
  SELECT f.form->>'responsible' AS organisation FROM cases_step x
  JOIN cases_stepform f ON f.step_id = x.id
  WHERE x.case_id = s.case_id AND x.action = 'dispatch' AND x.at < %(end)s
  ORDER BY x.sequence DESC LIMIT 1
) unit ON true
JOIN LATERAL (
  SELECT d.due_at, d.ended_at, d.status FROM cases_deadline d
  WHERE d.case_id = s.case_id AND d.code = 'handling' AND d.started_at < %(end)s
  ORDER BY d.started_at DESC LIMIT 1
) term ON true
WHERE s.to_state IN ('handling', 'reported', 'checked', 'closed')
  AND CASE WHEN s.to_state = 'closed'
    THEN (%(start)s::timestamptz IS NULL OR s.at >= %(start)s)
    ELSE term.due_at < %(end)s
      AND (%(start)s::timestamptz IS NULL OR term.due_at >= %(start)s) END
  AND coalesce((SELECT x.action FROM cases_step x WHERE x.case_id = s.case_id AND x.at < %(end)s
    AND x.action IN ('ask_extension', 'grant_extension', 'finish') ORDER BY x.sequence DESC LIMIT 1
    ), '') <> 'ask_extension'
"""
_CLOSED: Final = "(s.to_state = 'closed')::int::numeric"
# On time: closed, and handled within its term the last time that it was handled.
_ON_TIME: Final = """(s.to_state = 'closed' AND term.status = 'met'
  AND term.ended_at < %(end)s)::int::numeric"""
_CHECKED: Final = """
SELECT s.id::text AS key, s.case_id, s.id AS step_id, NULL::uuid AS transfer_id,
  NULL::text AS subject, (f.form->>'result' = 'failed')::int::numeric AS numerator,
  1::numeric AS denominator, s.at
FROM cases_step s JOIN cases_stepform f ON f.step_id = s.id
WHERE s.register = 'urban-problem' AND s.action = 'check'
  AND (%(start)s::timestamptz IS NULL OR s.at >= %(start)s) AND s.at < %(end)s
"""
_SURVEYED: Final = """
SELECT DISTINCT ON (s.case_id) s.id::text AS key, s.case_id, s.id AS step_id,
  NULL::uuid AS transfer_id, NULL::text AS subject,
  (f.form->>'satisfaction' IN ('satisfied', 'fair'))::int::numeric AS numerator,
  1::numeric AS denominator, s.at
FROM cases_step s JOIN cases_stepform f ON f.step_id = s.id
WHERE s.register = 'urban-problem' AND s.action = 'survey'
  AND (%(start)s::timestamptz IS NULL OR s.at >= %(start)s) AND s.at < %(end)s
ORDER BY s.case_id, s.sequence DESC
"""
_VEHICLES: Final = """
SELECT s.id::text AS key, s.case_id, s.id AS step_id, NULL::uuid AS transfer_id,
  NULL::text AS subject, (s.to_state = 'marked')::int::numeric AS numerator,
  1::numeric AS denominator, s.at
FROM (
  SELECT DISTINCT ON (case_id) * FROM cases_step
  WHERE register = 'urban-vehicle' AND at < %(end)s ORDER BY case_id, sequence DESC
) s WHERE s.to_state IN ('in_service', 'painted', 'marked')
"""
_DEMARKED: Final = """
SELECT s.id::text AS key, s.case_id, s.id AS step_id, NULL::uuid AS transfer_id,
  NULL::text AS subject, (s.to_state = 'retired')::int::numeric AS numerator,
  1::numeric AS denominator, s.at
FROM (
  SELECT DISTINCT ON (case_id) * FROM cases_step
  WHERE register = 'urban-vehicle' AND at < %(end)s ORDER BY case_id, sequence DESC
) s WHERE s.to_state IN ('retiring', 'demarked', 'retired')
"""


def _filed(scope: Scope, *, condition: str | None = None, where: str = _KEPT) -> Relation:
    """Problems filed within the scope; the numerator tells whether a step of theirs fulfils this."""
    numerator = "1::numeric"
    if condition is not None:
        numerator = f"({_STEP.format(condition=condition)})::int::numeric"
    return within(_FILED.format(numerator=numerator, where=where), scope)


FIGURES: tuple[Figure, ...] = (
    Figure(
        code="urban.problems",
        title=Text("立案问题", "Problems filed"),
        unit=Unit.CASES,
        definition=Text(
            "期间内立案的城市管理问题；重复并案的不计，立案有误作废的不计。",
            "Urban problems filed in the period, without duplicates and filings made in error.",
        ),
        relation=lambda scope: _filed(scope, where=f"{_KEPT} AND NOT {_VOIDED}"),
        aggregate=Aggregate.COUNT,
    ),
    Figure(
        code="urban.closing_rate",
        title=Text("结案率", "Closing rate"),
        unit=Unit.RATIO,
        definition=Text(
            "结案数除以应结案数；应结案不含挂账中、未到期和延期待批的问题。",
            "Closed problems over those that should be closed, which leaves out what is parked, not yet"
            " due, or waits for an answer to an extension.",
        ),
        relation=lambda scope: within(_DUE.format(numerator=_CLOSED), scope),
        aggregate=Aggregate.SHARE,
    ),
    Figure(
        code="urban.on_time_rate",
        title=Text("按期结案率", "Share closed on time"),
        unit=Unit.RATIO,
        definition=Text(
            "已结案且在处置时限内完成的数量除以应结案数；返工的按最后一次计。",
            "Problems closed and handled within their term, over those that should be closed; after a"
            " return the last handling counts.",
        ),
        relation=lambda scope: within(_DUE.format(numerator=_ON_TIME), scope),
        aggregate=Aggregate.SHARE,
    ),
    Figure(
        code="urban.rework_rate",
        title=Text("返工率", "Share of checks that failed"),
        unit=Unit.RATIO,
        definition=Text(
            "期间内现场核查中结论为返工的比例。",
            "Of the checks on site in the period, those that failed.",
        ),
        relation=lambda scope: within(_CHECKED, scope),
        aggregate=Aggregate.SHARE,
    ),
    Figure(
        code="urban.extension_rate",
        title=Text("延期率", "Share extended"),
        unit=Unit.RATIO,
        definition=Text(
            "期间内立案的问题中获准延期的比例。",
            "Of the problems filed in the period, those whose term was extended.",
        ),
        relation=lambda scope: _filed(scope, condition="x.action = 'grant_extension'"),
        aggregate=Aggregate.SHARE,
    ),
    Figure(
        code="urban.filing_accuracy",
        title=Text("立案准确率", "Share filed correctly"),
        unit=Unit.RATIO,
        definition=Text(
            "期间内立案的问题中未因立案有误作废的比例。",
            "Of the problems filed in the period, those not voided as filed in error.",
        ),
        relation=lambda scope: within(
            _FILED.format(
                numerator=f"(NOT {_VOIDED})::int::numeric",
                where=_KEPT,
            ),
            scope,
        ),
        aggregate=Aggregate.SHARE,
    ),
    Figure(
        code="urban.wrong_dispatch_rate",
        title=Text("派遣退回率", "Share of dispatches returned"),
        unit=Unit.RATIO,
        definition=Text(
            "期间内立案的问题中曾因派遣有误被退回的比例。",
            "Of the problems filed in the period, those that came back as wrongly dispatched.",
        ),
        relation=lambda scope: _filed(scope, condition="x.action = 'return_dispatch'"),
        aggregate=Aggregate.SHARE,
    ),
    Figure(
        code="urban.on_site_share",
        title=Text("现场决定占比", "Share decided on site"),
        unit=Unit.RATIO,
        definition=Text(
            "期间内立案的问题中经现场会决定措施的比例。",
            "Of the problems filed in the period, those decided at a meeting on site.",
        ),
        relation=lambda scope: _filed(scope, condition="x.action = 'decide_on_site'"),
        aggregate=Aggregate.SHARE,
    ),
    Figure(
        code="urban.satisfaction_rate",
        title=Text("群众满意率", "Share satisfied"),
        unit=Unit.RATIO,
        definition=Text(
            "期间内回访的问题中满意和基本满意的比例，每件按最后一次回访计。",
            "Of the problems asked about in the period, those with a satisfied or fairly satisfied"
            " answer; the last answer of each counts.",
        ),
        relation=lambda scope: within(_SURVEYED, scope),
        aggregate=Aggregate.SHARE,
    ),
    Figure(
        code="urban.marking_rate",
        title=Text("执法车辆标识完成率", "Share of vehicles marked"),
        unit=Unit.RATIO,
        definition=Text(
            "在用执法车辆中已喷涂标识并经核验的比例；退役车辆不计。",
            "Of the enforcement vehicles in service, those marked and checked; retired ones are left out.",
        ),
        relation=lambda scope: within(_VEHICLES, scope),
        aggregate=Aggregate.SHARE,
    ),
    Figure(
        code="urban.demarking_rate",
        title=Text("退役车辆标识清除率", "Share of retired vehicles unmarked"),
        unit=Unit.RATIO,
        definition=Text(
            "已喷涂后退役的车辆中经核验清除标识的比例。",
            "Of the marked vehicles that were retired, those whose marking is proved to be gone.",
        ),
        relation=lambda scope: within(_DEMARKED, scope),
        aggregate=Aggregate.SHARE,
    ),
    Figure(
        code="urban.activities",
        title=Text("强转树活动次数", "Activities of the force"),
        unit=Unit.COUNT,
        unit_words=Text("次", "activities"),
        definition=Text(
            "期间内登记的强转树活动次数。", "Activities of the force logged in the period."
        ),
        relation=lambda scope: steps_done("urban-activity", ["log"], scope),
        aggregate=Aggregate.COUNT,
    ),
)
