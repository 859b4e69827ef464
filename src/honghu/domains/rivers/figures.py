"""Figures of the rivers: each an aggregate of listings, steps, lines of work and judged patrols.

All rest on tables that are written once and on steps, so that a scope that has passed always gives
the same rows. Levels of lists are never added up; plants and rubbish are measured apart.
"""

from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.utils.timezone import localdate

from honghu.analytics.figure import Aggregate, Figure, Relation, Scope, Unit
from honghu.analytics.relations import within
from honghu.domains.rivers.rules.problems import PLANTS
from honghu.kernel.registers.model import Text
from honghu.kernel.rulesets.queries import find_rule

_WITHIN: Final = "(%(start)s::timestamptz IS NULL OR {at} >= %(start)s) AND {at} < %(end)s"
_REGION: Final = "(%(region)s::text IS NULL OR starts_with(l.region, %(region)s))"
_LISTED: Final = f"""
SELECT l.case_id, l.water_body_id, l.water_body_name || ' ' || w.number AS water, s.id AS step_id,
  s.at, s.to_state
FROM rivers_listing l
JOIN cases_case w ON w.id = l.water_body_id
JOIN LATERAL (SELECT id, at, to_state FROM cases_step WHERE case_id = l.case_id AND at < %(end)s
  ORDER BY sequence DESC LIMIT 1) s ON true
WHERE {_WITHIN.format(at="l.listed_at")} AND {_REGION} AND s.to_state <> 'withdrawn'
  AND (%(level)s::text IS NULL OR l.level = %(level)s)
"""  # noqa: S608 constants of this file
_CLOSED: Final = f"""
SELECT l.case_id, l.water_body_name || ' ' || w.number AS water, l.category, l.level,
  s.id AS step_id, s.at,
  (SELECT at FROM cases_step i WHERE i.case_id = l.case_id AND i.action = 'issue') AS issued_at,
  (SELECT max(at) FROM cases_step i WHERE i.case_id = l.case_id AND i.action = 'submit') AS done_at,
  (SELECT max(due_at) FROM cases_deadline d WHERE d.case_id = l.case_id
    AND d.code IN ('rectify', 'rectify_on_plan')) AS due_at
FROM rivers_listing l
JOIN cases_case w ON w.id = l.water_body_id
JOIN cases_step s ON s.case_id = l.case_id AND s.to_state = 'struck_off'
WHERE {_WITHIN.format(at="s.at")} AND {_REGION}
"""  # noqa: S608
_COLUMNS: Final = """step_id::text AS key, case_id, step_id, NULL::uuid AS transfer_id,
  water AS subject"""
_RECTIFIED: Final = f"""
WITH listed AS ({_LISTED}), whole AS (
  SELECT water_body_id FROM listed GROUP BY water_body_id
  HAVING bool_and(to_state = 'struck_off'))
SELECT {_COLUMNS}, 1::numeric AS numerator, NULL::numeric AS denominator, at
FROM listed JOIN whole USING (water_body_id)
"""  # noqa: S608
_RECTIFICATION: Final = f"""
SELECT {_COLUMNS}, (to_state = 'struck_off')::int::numeric AS numerator, 1::numeric AS denominator,
  at FROM ({_LISTED}) listed
"""  # noqa: S608
_ON_TIME: Final = f"""
SELECT {_COLUMNS}, (done_at <= due_at)::int::numeric AS numerator, 1::numeric AS denominator, at
FROM ({_CLOSED}) closed
"""  # noqa: S608
_DAYS: Final = f"""
SELECT {_COLUMNS}, round(extract(epoch FROM at - issued_at) / 86400, 2) AS numerator,
  NULL::numeric AS denominator, at
FROM ({_CLOSED}) closed
"""  # noqa: S608
_CLEARING: Final = f"""
SELECT {_COLUMNS}, ((done_at AT TIME ZONE %(zone)s)::date
  - (issued_at AT TIME ZONE %(zone)s)::date)::numeric AS numerator, NULL::numeric AS denominator, at
FROM ({_CLOSED}) closed
WHERE category = ANY(%(categories)s) AND (%(level)s::text IS NULL OR level = %(level)s)
"""  # noqa: S608
_REBOUNDS: Final = f"""
SELECT {_COLUMNS}, CASE WHEN %(days)s::int IS NOT NULL THEN (EXISTS (
    SELECT 1 FROM rivers_listing b WHERE b.rebound_of = closed.case_id AND b.listed_at < %(end)s
      AND b.listed_at <= closed.at + make_interval(days => %(days)s::int)))::int END::numeric
    AS numerator, 1::numeric AS denominator, at
FROM ({_CLOSED}) closed
"""  # noqa: S608
_LINES: Final = f"""
SELECT w.id::text AS key, w.case_id, w.step_id, NULL::uuid AS transfer_id,
  l.water_body_name AS subject, w.quantity AS numerator, NULL::numeric AS denominator, w.at
FROM rivers_workline w JOIN rivers_listing l ON l.case_id = w.case_id
WHERE {_WITHIN.format(at="w.at")} AND {_REGION} AND w.side = %(side)s
  AND w.kind = ANY(%(kinds)s) AND w.measure = %(measure)s
"""  # noqa: S608
_NOT_VOIDED: Final = """NOT EXISTS (SELECT 1 FROM cases_step v WHERE v.case_id = p.case_id
  AND v.action = 'void' AND v.at < %(end)s)"""
_PATROLS: Final = f"""
SELECT p.step_id::text AS key, p.case_id, p.step_id, NULL::uuid AS transfer_id,
  p.post_id::text AS subject, 1::numeric AS numerator, NULL::numeric AS denominator, p.judged_at AS at
FROM rivers_patrolrecord p
WHERE p.valid AND {_WITHIN.format(at="p.judged_at")} AND {_NOT_VOIDED}
"""  # noqa: S608
_ATTENDANCE: Final = f"""
SELECT s.id::text AS key, s.case_id, s.id AS step_id, NULL::uuid AS transfer_id, c.number AS subject,
  (EXISTS (SELECT 1 FROM rivers_patrolrecord p WHERE p.post_id = s.case_id AND p.valid
    AND {_WITHIN.format(at="p.judged_at")} AND {_NOT_VOIDED}))::int::numeric AS numerator,
  1::numeric AS denominator, s.at
FROM cases_step s JOIN cases_case c ON c.id = s.case_id
WHERE s.register = 'chief-post' AND s.action = 'take_up' AND s.at < %(end)s AND NOT EXISTS (
  SELECT 1 FROM cases_step e WHERE e.case_id = s.case_id AND e.action = 'leave'
    AND e.at < coalesce(%(start)s::timestamptz, %(end)s))
"""  # noqa: S608
_COMPLETION: Final = f"""
SELECT q.id::text AS key, q.plan_id AS case_id, q.step_id, NULL::uuid AS transfer_id,
  q.post_id::text AS subject, least(q.required, (
    SELECT count(*) FROM rivers_patrolrecord p WHERE p.post_id = q.post_id AND p.valid
      AND p.judged_at < %(end)s AND {_NOT_VOIDED}
      AND (p.started_at AT TIME ZONE %(zone)s)::date BETWEEN q.from_date AND q.to_date)) AS numerator,
  q.required AS denominator, q.set_at AS at
FROM (SELECT DISTINCT ON (plan_id) * FROM rivers_patrolquota WHERE set_at < %(end)s
  ORDER BY plan_id, set_at DESC, id DESC) q
WHERE q.to_date < (%(end)s::timestamptz AT TIME ZONE %(zone)s)::date
  AND (%(start)s::timestamptz IS NULL
    OR q.from_date >= (%(start)s::timestamptz AT TIME ZONE %(zone)s)::date)
  AND NOT EXISTS (SELECT 1 FROM cases_step d WHERE d.case_id = q.plan_id AND d.action = 'drop'
    AND d.at < %(end)s)
"""  # noqa: S608


def _rebounds(scope: Scope) -> Relation:
    rule = find_rule("rivers.rebound_days", on=localdate(scope.end), region=settings.HONGHU_REGION)
    return within(_REBOUNDS, scope, days=rule.as_int() if rule is not None else None)


def _rectified(level: str, zh: str, en: str) -> Figure:
    return Figure(
        code=f"rivers.rectified_{level}",
        title=Text(f"{zh}整改到位河流", f"Waters rectified, {en} list"),
        unit=Unit.COUNT,
        unit_words=Text("条", "waters"),
        definition=Text(
            f"在{zh}清单中，期内列单的问题全部销号的不同河湖条数；市、镇两级分别统计，不相加。",
            f"Distinct waters whose problems on the {en} list in the period are all struck off; "
            "the levels of lists are never added up.",
        ),
        relation=lambda scope: within(_RECTIFIED, scope, level=level),
        aggregate=Aggregate.DISTINCT,
    )


def _lines(
    code: str,
    title: Text,
    unit: Unit,
    definition: Text,
    *,
    side: str,
    kinds: Sequence[str],
    measure: str,
) -> Figure:
    return Figure(
        code=f"rivers.{code}",
        title=title,
        unit=unit,
        definition=definition,
        relation=lambda scope: within(_LINES, scope, side=side, kinds=list(kinds), measure=measure),
        aggregate=Aggregate.SUM,
    )


def _input(kind: str, title: Text, unit: Unit, counted: Text) -> Figure:
    definition = Text(
        f"整改投入的{counted.zh}，按出勤日计，不是不同{title.zh}的数量；含冲销行。",
        f"{counted.en} brought, in days of presence and not distinct ones; with reversals.",
    )
    return _lines(kind, title, unit, definition, side="input", kinds=[kind], measure="times")


_PATROL_UNIT: Final = Text("次", "patrols")

FIGURES: tuple[Figure, ...] = (
    _rectified("city", "市级", "city"),
    _rectified("town", "镇级", "town"),
    _input("labour", Text("人工", "Labour"), Unit.PERSON_TIMES, Text("人次", "Person-days")),
    _input("machine", Text("机械", "Machines"), Unit.MACHINE_TIMES, Text("台次", "Machine-days")),
    _input("truck", Text("车辆", "Trucks"), Unit.VEHICLE_TIMES, Text("辆次", "Truck-days")),
    _input("boat", Text("船只", "Boats"), Unit.BOAT_TIMES, Text("艘次", "Boat-days")),
    _lines(
        "plants_cleared",
        Text("清理水葫芦、水花生面积", "Water hyacinth and alligator weed cleared"),
        Unit.SQUARE_METRES,
        Text(
            "只计水葫芦和水花生，不计其他植物和垃圾。",
            "These two plants only; neither others nor rubbish.",
        ),
        side="output",
        kinds=["water_hyacinth", "alligator_weed"],
        measure="m2",
    ),
    _lines(
        "rubbish_cleared",
        Text("清理垃圾重量", "Rubbish cleared"),
        Unit.KILOGRAMS,
        Text("只计垃圾，不计植物。", "Rubbish only; no plants."),
        side="output",
        kinds=["rubbish"],
        measure="kg",
    ),
    Figure(
        code="rivers.alligator_weed_days",
        title=Text("水花生清理最长用时", "Longest time to clear alligator weed"),
        unit=Unit.DAYS,
        definition=Text(
            "期内销号的水花生问题，从下达通知到申请销号的日历天数的最大值；当天为0。",
            "Of alligator weed struck off in the period, the most days from notice to application; "
            "the same day is 0.",
        ),
        relation=lambda scope: within(_CLEARING, scope, categories=["alligator_weed"], level=None),
        aggregate=Aggregate.LAST,
    ),
    Figure(
        code="rivers.weed_days",
        title=Text("镇级清单杂草清理最长用时", "Longest time to clear weeds, town list"),
        unit=Unit.DAYS,
        definition=Text(
            "镇级清单期内销号的漂浮植物和岸线杂草（不含水花生），从下达通知到申请销号天数的最大值。",
            "Of floating plants and weeds (no alligator weed) on town lists struck off in the period, "
            "the most days from notice to application.",
        ),
        relation=lambda scope: within(_CLEARING, scope, categories=sorted(PLANTS), level="town"),
        aggregate=Aggregate.LAST,
    ),
    Figure(
        code="rivers.weed_rivers",
        title=Text("清理杂草的河流", "Waters cleared of weeds, town list"),
        unit=Unit.COUNT,
        unit_words=Text("条", "waters"),
        definition=Text(
            "上一指标各行涉及的不同河湖。", "Distinct waters of the rows of the figure before."
        ),
        relation=lambda scope: within(_CLEARING, scope, categories=sorted(PLANTS), level="town"),
        aggregate=Aggregate.DISTINCT,
    ),
    Figure(
        code="rivers.rectification_rate",
        title=Text("整改率", "Share rectified"),
        unit=Unit.RATIO,
        definition=Text(
            "期内列单且未撤销的问题中已销号的比例。",
            "Of problems listed in the period and not withdrawn, the share struck off.",
        ),
        relation=lambda scope: within(_RECTIFICATION, scope, level=None),
        aggregate=Aggregate.SHARE,
        derived=True,
    ),
    Figure(
        code="rivers.on_time_rate",
        title=Text("按期率", "Share rectified on time"),
        unit=Unit.RATIO,
        definition=Text(
            "期内销号的问题中，最后一次申请销号不晚于整改时限的比例。",
            "Of problems struck off in the period, those whose last application was within the term.",
        ),
        relation=lambda scope: within(_ON_TIME, scope),
        aggregate=Aggregate.SHARE,
        derived=True,
    ),
    Figure(
        code="rivers.days_to_rectify",
        title=Text("平均整改天数", "Mean days to rectify"),
        unit=Unit.DAYS,
        definition=Text(
            "期内销号的问题从下达通知到销号的平均天数。",
            "Mean days from notice to striking off, of problems struck off in the period.",
        ),
        relation=lambda scope: within(_DAYS, scope),
        aggregate=Aggregate.MEAN,
        derived=True,
    ),
    Figure(
        code="rivers.rebound_rate",
        title=Text("反弹率", "Share that came back"),
        unit=Unit.RATIO,
        definition=Text(
            "期内销号的问题中，在规则规定天数内反弹并重新列单的比例。",
            "Of problems struck off in the period, those listed again within the days of the rule.",
        ),
        relation=_rebounds,
        aggregate=Aggregate.SHARE,
        derived=True,
    ),
    Figure(
        code="rivers.patrols",
        title=Text("有效巡查", "Patrols that count"),
        unit=Unit.COUNT,
        unit_words=_PATROL_UNIT,
        definition=Text(
            "期内认定有效且未作废的巡查；无见证签字的纸质巡查不计。",
            "Patrols judged to count in the period and not voided; no paper patrol without a witness.",
        ),
        relation=lambda scope: within(_PATROLS, scope),
        aggregate=Aggregate.COUNT,
    ),
    Figure(
        code="rivers.attendance_rate",
        title=Text("出征率", "Chiefs who patrolled"),
        unit=Unit.RATIO,
        definition=Text(
            "在任河湖长中，期内本人至少有一次有效巡查的比例。",
            "Of chiefs in post, those with at least one own patrol that counts in the period.",
        ),
        relation=lambda scope: within(_ATTENDANCE, scope),
        aggregate=Aggregate.SHARE,
        derived=True,
    ),
    Figure(
        code="rivers.patrol_completion",
        title=Text("巡查完成率", "Patrols done of those due"),
        unit=Unit.RATIO,
        definition=Text(
            "期内结束的巡查计划，有效次数与应巡次数之比；单个计划超额部分不计，换届按天数折算。",
            "Of plans ended in the period, patrols that count over patrols due; what one plan has "
            "too many does not make up for another, a change of chief is divided by days.",
        ),
        relation=lambda scope: within(_COMPLETION, scope),
        aggregate=Aggregate.SHARE,
        derived=True,
    ),
)
