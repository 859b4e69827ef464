"""Public figures of work safety: each a query over steps and what was typed at them."""

from typing import Final

from django.conf import settings
from django.utils.timezone import localdate

from honghu.analytics.figure import Aggregate, Figure, Relation, Scope, Unit
from honghu.analytics.relations import steps_done, within
from honghu.kernel.registers.model import Text
from honghu.kernel.registers.queries import get_register
from honghu.kernel.rulesets.queries import get_rule

HAZARDS: Final = "safety-hazard"
ACTIVITIES: Final = "safety-activity"

# Merged and unfounded are ends, so a step into one of them settles it for all time.
_COUNTED = """AND NOT EXISTS (SELECT 1 FROM cases_step x WHERE x.case_id = s.case_id
  AND x.at < %(end)s AND x.to_state IN ('merged', 'unfounded'))"""
_MAJOR = """(SELECT x.action FROM cases_step x WHERE x.case_id = s.case_id AND x.at < %(end)s
  AND (x.action = 'downgrade' OR (x.action = 'confirm_major' AND x.to_state = 'graded'))
  ORDER BY x.sequence DESC LIMIT 1) = 'confirm_major'"""
_RECTIFIED = """EXISTS (SELECT 1 FROM cases_step x WHERE x.case_id = s.case_id AND x.at < %(end)s
  AND x.to_state IN ('accepted', 'closed'))"""
_LISTED = """EXISTS (SELECT 1 FROM cases_step x WHERE x.case_id = s.case_id AND x.at < %(end)s
  AND x.action = 'list')"""
_ENDED = """EXISTS (SELECT 1 FROM cases_step x WHERE x.case_id = s.case_id AND x.at < %(end)s
  AND x.to_state IN ('closed', 'merged', 'unfounded', 'terminated'))"""

_FOUND: Final = """
SELECT s.id::text AS key, s.case_id, s.id AS step_id, NULL::uuid AS transfer_id,
  s.organisation_id::text AS subject, {numerator} AS numerator, 1::numeric AS denominator, s.at
FROM cases_step s LEFT JOIN cases_stepform f ON f.step_id = s.id
WHERE s.register = 'safety-hazard' AND s.action IN ('open', 'open_self')
  AND (%(start)s::timestamptz IS NULL OR s.at >= %(start)s) AND s.at < %(end)s {where}
"""
_ON_TIME: Final = """
SELECT DISTINCT ON (d.case_id) d.id::text AS key, d.case_id, NULL::uuid AS step_id,
  NULL::uuid AS transfer_id, NULL::text AS subject,
  (d.status = 'met')::int::numeric AS numerator, 1::numeric AS denominator, d.ended_at AS at
FROM cases_deadline d
JOIN cases_step s ON s.case_id = d.case_id AND s.register = 'safety-hazard'
  AND s.action = 'rectify' AND s.at = d.ended_at
WHERE d.code = 'rectification' AND d.status IN ('met', 'missed') AND d.ended_at < %(end)s
  AND (%(start)s::timestamptz IS NULL OR d.ended_at >= %(start)s) AND {major}
ORDER BY d.case_id, d.ended_at DESC
"""
_FIVE: Final = """
SELECT s.id::text AS key, s.case_id, s.id AS step_id, NULL::uuid AS transfer_id,
  NULL::text AS subject, coalesce((
    SELECT ((f.form->>'five_responsibility')::boolean AND (f.form->>'five_measures')::boolean
      AND (f.form->>'five_funds')::boolean AND (f.form->>'five_deadline')::boolean
      AND (f.form->>'five_plan')::boolean)::int
    FROM cases_step x JOIN cases_stepform f ON f.step_id = x.id
    WHERE x.case_id = s.case_id AND x.action = 'check_five' AND x.at < %(end)s
    ORDER BY x.sequence DESC LIMIT 1), 0)::numeric AS numerator, 1::numeric AS denominator, s.at
FROM cases_step s
WHERE s.register = 'safety-hazard' AND s.action IN ('open', 'open_self') AND s.at < %(end)s
  AND {major} AND NOT {ended}
"""
_FIRST_VISIT: Final = """
SELECT * FROM (
  SELECT DISTINCT ON (s.case_id) s.id::text AS key, s.case_id, s.id AS step_id,
    NULL::uuid AS transfer_id, NULL::text AS subject,
    (f.form->>'result' = 'passed')::int::numeric AS numerator, 1::numeric AS denominator, s.at
  FROM cases_step s JOIN cases_stepform f ON f.step_id = s.id
  WHERE s.register = 'safety-hazard' AND s.action IN ('recheck', 'accept') AND s.at < %(end)s
  ORDER BY s.case_id, s.sequence
) visits WHERE %(start)s::timestamptz IS NULL OR at >= %(start)s
"""
_DAYS: Final = """
SELECT * FROM (
  SELECT DISTINCT ON (s.case_id) s.id::text AS key, s.case_id, s.id AS step_id,
    NULL::uuid AS transfer_id, NULL::text AS subject, (
      SELECT EXTRACT(epoch FROM s.at - min(x.at))::numeric / 86400 FROM cases_step x
      WHERE x.case_id = s.case_id AND x.action IN ('order', 'order_major')) AS numerator,
    NULL::numeric AS denominator, s.at
  FROM cases_step s
  WHERE s.register = 'safety-hazard' AND s.to_state IN ('accepted', 'closed') AND s.at < %(end)s
  ORDER BY s.case_id, s.sequence
) closings WHERE %(start)s::timestamptz IS NULL OR at >= %(start)s
"""
# Two departments that found one hazard are each credited once, however often they wrote it down.
_CREDITS: Final = """
SELECT DISTINCT ON (hazard, s.organisation_id) s.id::text AS key, s.case_id, s.id AS step_id,
  NULL::uuid AS transfer_id, s.organisation_id::text AS subject, 1::numeric AS numerator,
  NULL::numeric AS denominator, s.at
FROM cases_step s
LEFT JOIN cases_step m ON m.case_id = s.case_id AND m.action = 'merge' AND m.at < %(end)s
LEFT JOIN cases_stepform f ON f.step_id = m.id
CROSS JOIN LATERAL (SELECT coalesce(f.form->>'duplicate_of', s.case_id::text) AS hazard) found
WHERE s.register = 'safety-hazard' AND s.action IN ('open', 'open_self')
  AND (%(start)s::timestamptz IS NULL OR s.at >= %(start)s) AND s.at < %(end)s
  AND NOT EXISTS (SELECT 1 FROM cases_step x WHERE x.case_id = s.case_id AND x.at < %(end)s
    AND x.to_state = 'unfounded')
ORDER BY hazard, s.organisation_id, s.at
"""
_SUPERVISED: Final = """
SELECT s.case_id, s.id AS step_id, s.at, c.facts->>'enterprise' AS enterprise
FROM cases_step s JOIN cases_case c ON c.id = s.case_id
JOIN cases_step e ON e.case_id = s.case_id AND e.action = 'enter'
JOIN cases_stepform f ON f.step_id = e.id
WHERE s.register = 'safety-enterprise' AND s.to_state = 'supervised' AND s.at < %(end)s
  AND NOT EXISTS (SELECT 1 FROM cases_step x WHERE x.case_id = s.case_id AND x.at < %(end)s
    AND x.to_state = 'gone') {where}
"""
_HELD: Final = """
SELECT l.organisation_id::text AS enterprise, f.form->>'kind' AS kind,
  date_trunc('month', (f.form->>'held_on')::timestamp) AS month
FROM cases_step l JOIN cases_stepform f ON f.step_id = l.id
WHERE l.register = 'safety-activity' AND l.action = 'log' AND l.at < %(end)s
  AND EXISTS (SELECT 1 FROM cases_step x WHERE x.case_id = l.case_id AND x.at < %(end)s
    AND x.to_state = 'confirmed')
"""
_ROUTINES: Final = """
SELECT concat_ws('|', e.enterprise, kind, month::date) AS key, e.case_id, e.step_id,
  NULL::uuid AS transfer_id, e.enterprise AS subject,
  ((SELECT count(*) FROM ({held}) held WHERE held.enterprise = e.enterprise
    AND held.kind = kinds.kind AND held.month = months.month) >= %(least)s)::int::numeric
    AS numerator,
  1::numeric AS denominator, e.at
FROM ({supervised}) e
CROSS JOIN unnest(%(kinds)s::text[]) AS kinds(kind)
CROSS JOIN LATERAL generate_series(
  date_trunc('month', greatest(e.at, %(start)s::timestamptz) AT TIME ZONE %(zone)s),
  (%(end)s::timestamptz - interval '1 microsecond') AT TIME ZONE %(zone)s, interval '1 month'
) AS months(month)
"""
_DRILLS: Final = """
SELECT e.case_id::text AS key, e.case_id, e.step_id, NULL::uuid AS transfer_id,
  e.enterprise AS subject, EXISTS (SELECT 1 FROM ({held}) held
    WHERE held.enterprise = e.enterprise AND held.kind = 'drill'
      AND (%(start)s::timestamptz IS NULL
        OR held.month >= date_trunc('month', %(start)s::timestamptz AT TIME ZONE %(zone)s))
  )::int::numeric AS numerator, 1::numeric AS denominator, e.at
FROM ({supervised}) e
"""


def _found(scope: Scope, *, numerator: str = "1::numeric", where: str = "") -> Relation:
    """Hazards found within the scope, once each: not merged, not found to be none."""
    return within(_FOUND.format(numerator=numerator, where=f"{_COUNTED} {where}"), scope)


def _yes(condition: str) -> str:
    return f"({condition})::int::numeric"


def _cell(scope: Scope, condition: str) -> Relation:
    """Major hazards of campaigns that fulfil the condition: one cell of the campaign's table."""
    where = f"AND f.form->>'campaign' IS NOT NULL AND {_MAJOR} AND {condition}"
    return _found(scope, where=where)


def _confirmed(register: str, action: str, reached: str, scope: Scope) -> Relation:
    """Opening steps of cases that were confirmed, with the kind as their subject."""
    where = """AND EXISTS (SELECT 1 FROM cases_step x WHERE x.case_id = s.case_id
      AND x.at < %(end)s AND x.to_state = %(reached)s)"""
    subject = "f.form->>'kind'"
    return steps_done(register, [action], scope, subject=subject, where=where, reached=reached)


def _routines(scope: Scope) -> Relation:
    on, region = localdate(scope.end), settings.HONGHU_REGION
    return within(
        _ROUTINES.format(held=_HELD, supervised=_SUPERVISED.format(where="")),
        scope,
        least=get_rule("safety.activity_month_min", on=on, region=region).as_int(),
        kinds=list(get_register(ACTIVITIES).fields["kind"].options),
        zone=settings.TIME_ZONE,
    )


def _drills(scope: Scope) -> Relation:
    supervised = _SUPERVISED.format(where="AND (f.form->>'drill_due')::boolean")
    return within(_DRILLS.format(held=_HELD, supervised=supervised), scope, zone=settings.TIME_ZONE)


def _cell_figure(code: str, zh: str, en: str, condition: str) -> Figure:
    return Figure(
        code=f"safety.campaign_{code}",
        title=Text(f"专项行动：{zh}", f"Campaign: {en}"),
        unit=Unit.CASES,
        definition=Text(
            "纳入专项行动、经两人判定的重大事故隐患；并案、降级和不构成隐患的不计。挂牌数包含在发现数内，不与发现数相加。",
            "Major hazards of a campaign, graded by two; merged, downgraded and unfounded ones are not"
            " counted. Listed ones are among those found and are not added to them.",
        ),
        relation=lambda scope: _cell(scope, condition),
        aggregate=Aggregate.COUNT,
    )


CELLS: Final = (
    _cell_figure("department_found", "部门检查发现", "found by departments", "s.action = 'open'"),
    _cell_figure(
        "department_rectified",
        "部门检查发现已整改",
        "found by departments and rectified",
        f"s.action = 'open' AND {_RECTIFIED}",
    ),
    _cell_figure("self_found", "企业自查发现", "found by enterprises", "s.action = 'open_self'"),
    _cell_figure(
        "self_rectified",
        "企业自查发现已整改",
        "found by enterprises and rectified",
        f"s.action = 'open_self' AND {_RECTIFIED}",
    ),
    _cell_figure("listed", "政府挂牌", "listed by the government", _LISTED),
    _cell_figure(
        "listed_rectified",
        "政府挂牌已整改",
        "listed and rectified",
        f"{_LISTED} AND {_RECTIFIED}",
    ),
)

PROGRAMMES: Final = (
    Figure(
        code="safety.month_edition",
        title=Text("安全生产月届次", "Number of the safety month"),
        unit=Unit.ORDINAL,
        unit_words=Text("届", ""),
        definition=Text(
            "已部署的安全生产月中最大的届次。",
            "The greatest number of a safety month that was begun.",
        ),
        relation=lambda scope: steps_done(
            "safety-campaign",
            ["open"],
            scope,
            numerator="(f.form->>'edition')::numeric",
            where="AND f.form->>'kind' = 'safety_month'",
        ),
        aggregate=Aggregate.LAST,
    ),
    Figure(
        code="safety.work_items",
        title=Text("“1234”工作事项", "“1234” work items"),
        unit=Unit.COUNT,
        unit_words=Text("项", "items"),
        definition=Text(
            "期间内设立的事项数；标题尚未载明的也计入。",
            "Items set up in the period, also those whose title is not known.",
        ),
        relation=lambda scope: steps_done("safety-work-item", ["plan"], scope),
        aggregate=Aggregate.COUNT,
    ),
    Figure(
        code="safety.six_routines",
        title=Text("六常：已开展的种类", "Routines: kinds held"),
        unit=Unit.COUNT,
        unit_words=Text("种", "routines"),
        definition=Text(
            "已核实的六常活动涉及的种类数，不是活动次数。",
            "Kinds among the confirmed routines, not how often they were held.",
        ),
        relation=lambda scope: _confirmed(ACTIVITIES, "log", "confirmed", scope),
        aggregate=Aggregate.DISTINCT,
    ),
    Figure(
        code="safety.five_provisions",
        title=Text("五有：已落实的种类", "Provisions: kinds in place"),
        unit=Unit.COUNT,
        unit_words=Text("种", "provisions"),
        definition=Text("已核实的五有保障涉及的种类数。", "Kinds among the confirmed provisions."),
        relation=lambda scope: _confirmed("safety-readiness", "claim", "confirmed", scope),
        aggregate=Aggregate.DISTINCT,
    ),
    Figure(
        code="safety.two_lists",
        title=Text("两个清单：已公布的种类", "Duty lists: kinds published"),
        unit=Unit.COUNT,
        unit_words=Text("份", "lists"),
        definition=Text(
            "经签字复核公布的职责清单种类数。",
            "Kinds of duty lists signed, verified and published.",
        ),
        relation=lambda scope: _confirmed("safety-duty-list", "draft", "closed", scope),
        aggregate=Aggregate.DISTINCT,
    ),
    Figure(
        code="safety.routine_completion",
        title=Text("六常完成率", "Routines held as often as required"),
        unit=Unit.RATIO,
        definition=Text(
            "在管单位按月、按项应开展的六常中，已核实次数达到规定的比例。",
            "Of all routines due by month and supervised organisation, those confirmed often enough.",
        ),
        relation=_routines,
        aggregate=Aggregate.SHARE,
    ),
    Figure(
        code="safety.drill_coverage",
        title=Text("应急演练覆盖率", "Drill coverage"),
        unit=Unit.RATIO,
        definition=Text(
            "应开展演练的在管单位中，期间内有已核实演练的比例；演练不是检查，不计入隐患指标。",
            "Of supervised organisations that owe drills, those with a confirmed one in the period;"
            " a drill is no inspection and counts in no figure of hazards.",
        ),
        relation=_drills,
        aggregate=Aggregate.SHARE,
    ),
)

RATES: Final = (
    Figure(
        code="safety.hazards_found",
        title=Text("发现隐患", "Hazards found"),
        unit=Unit.CASES,
        definition=Text(
            "期间内发现的隐患；并案的只计一次，不构成隐患的不计。",
            "Hazards found in the period; merged ones count once, unfounded ones not at all.",
        ),
        relation=_found,
        aggregate=Aggregate.COUNT,
    ),
    Figure(
        code="safety.rectification_rate",
        title=Text("隐患整改率", "Share of hazards rectified"),
        unit=Unit.RATIO,
        definition=Text(
            "期间内发现的隐患中已复查闭环或验收合格的比例。",
            "Of the hazards found in the period, those re-checked and closed, or accepted.",
        ),
        relation=lambda scope: _found(scope, numerator=_yes(_RECTIFIED)),
        aggregate=Aggregate.SHARE,
    ),
    Figure(
        code="safety.major_on_time_rate",
        title=Text("重大隐患按期整改率", "Share of major hazards rectified on time"),
        unit=Unit.RATIO,
        definition=Text(
            "期间内完成整改的重大隐患中，在责令或批准延期的期限内完成的比例；退回的按最后一次计。",
            "Of major hazards reported as rectified in the period, those within the ordered or"
            " extended term; after a return the last report counts.",
        ),
        relation=lambda scope: within(_ON_TIME.format(major=_MAJOR), scope),
        aggregate=Aggregate.SHARE,
    ),
    Figure(
        code="safety.five_complete_rate",
        title=Text("五落实完备率", "Share of open major hazards with all five implementations"),
        unit=Unit.RATIO,
        definition=Text(
            "未闭环的重大隐患中，最近一次核查五项全部落实的比例；未核查的视为未落实。",
            "Of open major hazards, those whose latest check found all five; unchecked counts as not.",
        ),
        relation=lambda scope: within(_FIVE.format(major=_MAJOR, ended=_ENDED), scope),
        aggregate=Aggregate.SHARE,
    ),
    Figure(
        code="safety.self_found_share",
        title=Text("自查发现占比", "Share of hazards found by self-checks"),
        unit=Unit.RATIO,
        definition=Text(
            "期间内发现的隐患中由单位自查发现的比例。",
            "Of the hazards found in the period, those found by the organisation itself.",
        ),
        relation=lambda scope: _found(scope, numerator=_yes("s.action = 'open_self'")),
        aggregate=Aggregate.SHARE,
    ),
    Figure(
        code="safety.first_visit_rate",
        title=Text("一次复查合格率", "Share passed at the first re-check"),
        unit=Unit.RATIO,
        definition=Text(
            "首次复查或验收在期间内的隐患中，首次即合格的比例。",
            "Of hazards whose first re-check or acceptance fell in the period, those that passed it.",
        ),
        relation=lambda scope: within(_FIRST_VISIT, scope),
        aggregate=Aggregate.SHARE,
    ),
    Figure(
        code="safety.rectification_days",
        title=Text("平均整改天数", "Mean days to rectify"),
        unit=Unit.DAYS,
        definition=Text(
            "自首次责令整改到复查闭环或验收合格的天数的平均数。",
            "Mean of the days from the first order to the closing re-check or acceptance.",
        ),
        relation=lambda scope: within(_DAYS, scope),
        aggregate=Aggregate.MEAN,
    ),
    Figure(
        code="safety.listing_rate",
        title=Text("重大隐患挂牌率", "Share of major hazards listed"),
        unit=Unit.RATIO,
        definition=Text(
            "期间内发现的重大隐患中已挂牌督办的比例。",
            "Of the major hazards found in the period, those listed.",
        ),
        relation=lambda scope: _found(scope, numerator=_yes(_LISTED), where=f"AND {_MAJOR}"),
        aggregate=Aggregate.SHARE,
    ),
    Figure(
        code="safety.finding_credits",
        title=Text("发现隐患单位计次", "Credits for hazards found"),
        unit=Unit.COUNT,
        unit_words=Text("次", "credits"),
        definition=Text(
            "按单位和隐患计的发现次数；两个部门发现同一隐患各计一次，同一部门重复登记只计一次。",
            "Findings by organisation and hazard: two departments that found one are credited once each,"
            " one that wrote it down twice is credited once.",
        ),
        relation=lambda scope: within(_CREDITS, scope),
        aggregate=Aggregate.COUNT,
    ),
    Figure(
        code="safety.reward_paid",
        title=Text("已发放举报奖励", "Rewards paid for reports"),
        unit=Unit.FEN,
        definition=Text(
            "期间内已发放的举报奖励金额。", "Rewards paid in the period to those who reported."
        ),
        relation=lambda scope: steps_done(
            "safety-report", ["pay_reward"], scope, numerator="(f.form->>'reward')::numeric"
        ),
        aggregate=Aggregate.SUM,
    ),
)

FIGURES: tuple[Figure, ...] = PROGRAMMES + CELLS + RATES
