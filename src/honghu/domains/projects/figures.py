"""Figures of key projects: each a query over steps and what was typed in them.

A project counts from the step that entered it until it is split, merged or taken off the list.
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings

from honghu.analytics.figure import Aggregate, Figure, Relation, Scope, Unit
from honghu.analytics.relations import steps_done, within
from honghu.kernel.registers.model import Text

_GONE: Final = ["divided", "joined", "withdrawn"]
_REPORTED: Final = """
SELECT DISTINCT ON (s.case_id) s.id::text AS key, s.case_id, s.id AS step_id,
  NULL::uuid AS transfer_id, opened.form->>'name' AS subject, 1::numeric AS numerator,
  NULL::numeric AS denominator, s.at
FROM cases_step s
JOIN cases_step o ON o.case_id = s.case_id AND o.action IN ('enter', 'enter_part')
JOIN cases_stepform opened ON opened.step_id = o.id
WHERE s.register = 'key-project' AND s.action = 'progress'
  AND (%(start)s::timestamptz IS NULL OR s.at >= %(start)s) AND s.at < %(end)s
ORDER BY s.case_id, s.sequence
"""
_STAGE: Final = """
SELECT o.id::text AS key, o.case_id, o.id AS step_id, NULL::uuid AS transfer_id,
  f.form->>'name' AS subject,
  (EXISTS (SELECT 1 FROM cases_step r WHERE r.case_id = o.case_id AND r.at < %(end)s
           AND r.to_state = ANY(%(reached)s)))::int::numeric AS numerator,
  1::numeric AS denominator, o.at
FROM cases_step o JOIN cases_stepform f ON f.step_id = o.id
WHERE o.register = 'key-project' AND o.action IN ('enter', 'enter_part') AND o.at < %(end)s
  AND (f.form->>%(planned)s)::date < (%(end)s::timestamptz AT TIME ZONE %(zone)s)::date
  AND NOT EXISTS (SELECT 1 FROM cases_step g WHERE g.case_id = o.case_id AND g.at < %(end)s
                  AND g.to_state = ANY(%(gone)s))
"""
_INVESTED: Final = """
WITH years AS (
  SELECT DISTINCT ON (s.case_id) s.case_id, (f.form->>'plan_year')::int AS year
  FROM cases_step s JOIN cases_stepform f ON f.step_id = s.id
  WHERE s.register = 'key-project' AND s.action IN ('enter', 'enter_part', 'adopt_plan')
    AND s.at < %(end)s
  ORDER BY s.case_id, s.sequence DESC
), plans AS (
  SELECT DISTINCT ON (s.case_id) s.case_id, s.id, s.sequence, s.at,
    (f.form->>'annual_investment')::numeric AS annual
  FROM cases_step s JOIN cases_stepform f ON f.step_id = s.id
  WHERE s.register = 'key-project' AND s.at < %(end)s
    AND s.action IN ('enter', 'enter_part', 'adopt_plan', 'rebase_plan')
  ORDER BY s.case_id, s.sequence DESC
), added AS (
  SELECT p.case_id, sum((f.form->>'annual')::numeric) AS annual
  FROM plans p JOIN cases_step s ON s.case_id = p.case_id AND s.action = 'absorb'
    AND s.sequence > p.sequence AND s.at < %(end)s
  JOIN cases_stepform f ON f.step_id = s.id
  GROUP BY p.case_id
), invested AS (
  SELECT s.case_id, sum((f.form->>'invested')::numeric) AS fen
  FROM cases_step s JOIN cases_stepform f ON f.step_id = s.id
  WHERE s.register = 'key-project' AND s.action = 'progress' AND s.at < %(end)s
    AND left(f.form->>'month', 4) = %(year)s::text
  GROUP BY s.case_id
)
SELECT p.id::text AS key, p.case_id, p.id AS step_id, NULL::uuid AS transfer_id,
  NULL::text AS subject, coalesce(i.fen, 0) AS numerator,
  (p.annual + coalesce(a.annual, 0)) * %(elapsed)s::numeric AS denominator, p.at
FROM plans p
JOIN years y ON y.case_id = p.case_id AND y.year = %(year)s
LEFT JOIN added a ON a.case_id = p.case_id
LEFT JOIN invested i ON i.case_id = p.case_id
WHERE p.annual + coalesce(a.annual, 0) > 0
  AND NOT EXISTS (SELECT 1 FROM cases_step g WHERE g.case_id = p.case_id AND g.at < %(end)s
                  AND g.to_state = ANY(%(gone)s))
"""
_ISSUES: Final = """
SELECT o.id::text AS key, o.case_id, o.id AS step_id, NULL::uuid AS transfer_id,
  f.form->>'title' AS subject, {numerator} AS numerator, 1::numeric AS denominator, o.at
FROM cases_step o
JOIN cases_stepform f ON f.step_id = o.id
{agreed} JOIN LATERAL (
  SELECT s.at FROM cases_step s WHERE s.case_id = o.case_id AND s.to_state = %(state)s
    AND s.at < %(end)s ORDER BY s.sequence LIMIT 1
) reached ON true
WHERE o.register = 'project-issue' AND o.action IN ('collect', 'collect_missing')
  AND (%(start)s::timestamptz IS NULL OR o.at >= %(start)s) AND o.at < %(end)s {where}
"""
_DAYS: Final = "((reached.at AT TIME ZONE %(zone)s)::date - (o.at AT TIME ZONE %(zone)s)::date)"
_VISITS: Final = """
SELECT o.id::text AS key, o.case_id, o.id AS step_id, NULL::uuid AS transfer_id,
  f.form->>'name' AS subject,
  (SELECT count(*) FROM cases_step v WHERE v.case_id = o.case_id AND v.action = 'visit'
   AND (%(start)s::timestamptz IS NULL OR v.at >= %(start)s) AND v.at < %(end)s)::numeric
    AS numerator,
  NULL::numeric AS denominator, o.at
FROM cases_step o JOIN cases_stepform f ON f.step_id = o.id
WHERE o.register = 'key-project' AND o.action IN ('enter', 'enter_part') AND o.at < %(end)s
"""


def _reported(scope: Scope) -> Relation:
    return within(_REPORTED, scope)


def _visits(scope: Scope) -> Relation:
    return within(_VISITS, scope)


def _stage(planned: str, *reached: str) -> Callable[[Scope], Relation]:
    def relation(scope: Scope) -> Relation:
        return within(_STAGE, scope, planned=planned, reached=list(reached), gone=_GONE)

    return relation


def _last_day(scope: Scope) -> dt.date:
    """The last day within the scope, here."""
    end = scope.end.astimezone(ZoneInfo(settings.TIME_ZONE))
    return (end - dt.timedelta(microseconds=1)).date()


def _invested(scope: Scope) -> Relation:
    year = _last_day(scope).year
    return within(_INVESTED, scope, year=year, elapsed=Decimal(1), gone=_GONE)


def _against_time(scope: Scope) -> Relation:
    day = _last_day(scope)
    of_year = dt.date(day.year, 12, 31).timetuple().tm_yday
    elapsed = Decimal(day.timetuple().tm_yday) / Decimal(of_year)
    return within(_INVESTED, scope, year=day.year, elapsed=elapsed, gone=_GONE)


def _issues(
    state: str, numerator: str, *, reached_only: bool, where: str = ""
) -> Callable[[Scope], Relation]:
    sql = _ISSUES.format(
        numerator=numerator, agreed="CROSS" if reached_only else "LEFT", where=where
    ).replace(") reached ON true", ") reached" if reached_only else ") reached ON true")

    def relation(scope: Scope) -> Relation:
        return within(sql, scope, state=state)

    return relation


def _satisfied(scope: Scope) -> Relation:
    return steps_done(
        "project-issue",
        ["confirm"],
        scope,
        numerator="(f.form->>'satisfaction' IN ('satisfied', 'fair'))::int::numeric",
        denominator="1::numeric",
    )


def _rate(
    code: str, title: Text, definition: Text, relation: Callable[[Scope], Relation]
) -> Figure:
    return Figure(
        code=f"projects.{code}",
        title=title,
        unit=Unit.RATIO,
        definition=definition,
        relation=relation,
        aggregate=Aggregate.SHARE,
    )


FIGURES: Final = (
    Figure(
        code="projects.reported",
        title=Text("在报重点项目", "Key projects that report"),
        unit=Unit.CASES,
        definition=Text(
            "期内填报过月度进度的重点项目，每个项目计一次。",
            "Key projects that reported monthly progress in the period, each counted once.",
        ),
        relation=_reported,
        aggregate=Aggregate.COUNT,
    ),
    _rate(
        "start_rate",
        Text("开工率", "Start rate"),
        Text(
            "计划开工日已到的项目中已确认开工的比例；拆分、合并、退出的不计。",
            "Of projects whose planned start has come, those confirmed as started; not those split, merged or taken off.",
        ),
        _stage("planned_start", "started", "building", "completed", "proving", "production"),
    ),
    _rate(
        "completion_rate",
        Text("竣工率", "Rate of completion"),
        Text(
            "计划竣工日已到的项目中已确认竣工的比例。",
            "Of projects whose planned completion has come, those confirmed as completed.",
        ),
        _stage("planned_completion", "completed", "proving", "production"),
    ),
    _rate(
        "production_rate",
        Text("投产率", "Rate of production"),
        Text(
            "计划投产日已到的项目中已核验投产的比例。",
            "Of projects whose planned production has come, those verified as producing.",
        ),
        _stage("planned_production", "production"),
    ),
    _rate(
        "investment_rate",
        Text("投资完成率", "Investment against the plan of the year"),
        Text(
            "本年度已上报完成投资除以本年度计划投资；年度计划为零的项目不计。",
            "Investment reported for the year over the plan of the year; projects whose plan is zero are left out.",
        ),
        _invested,
    ),
    _rate(
        "schedule_ratio",
        Text("序时比", "Investment against elapsed time"),
        Text(
            "投资完成率除以本年已过时间的比例；大于1为快于序时。",
            "The investment rate over the share of the year that has passed; above one is ahead of time.",
        ),
        _against_time,
    ),
    _rate(
        "issue_closure_rate",
        Text("问题办结率", "Issues concluded"),
        Text(
            "期内收集的问题中经企业确认并办结的比例。",
            "Of the issues collected in the period, those confirmed by the enterprise and concluded.",
        ),
        _issues("closed", "(reached.at IS NOT NULL)::int::numeric", reached_only=False),
    ),
    _rate(
        "same_day_rate",
        Text("当天议定率", "Plans agreed the same day"),
        Text(
            "期内收集且已议定方案的问题中，当天议定的比例。",
            "Of the issues collected in the period whose plan is agreed, those agreed on the day of collection.",
        ),
        _issues("agreed", f"({_DAYS} = 0)::int::numeric", reached_only=True),
    ),
    Figure(
        code="projects.days_to_agreement.gate",
        title=Text("缺件问题议定天数", "Days to a plan for missing artefacts"),
        unit=Unit.DAYS,
        definition=Text(
            "由要件缺失引起的问题，从收集到议定方案相隔的日历天数的平均值；当天为零。",
            "Mean calendar days from collection to an agreed plan, for issues that arose from a missing artefact; zero is the same day.",
        ),
        relation=_issues(
            "agreed",
            f"{_DAYS}::numeric",
            reached_only=True,
            where="AND f.form->>'source' = 'gate'",
        ),
        aggregate=Aggregate.MEAN,
    ),
    Figure(
        code="projects.minutes_to_agreement",
        title=Text("平均议定用时", "Mean time to a plan"),
        unit=Unit.MINUTES,
        definition=Text(
            "问题从收集到议定方案的平均分钟数（自然时间）。",
            "Mean minutes from collection to an agreed plan, by the clock on the wall.",
        ),
        relation=_issues(
            "agreed", "round(extract(epoch FROM reached.at - o.at) / 60)", reached_only=True
        ),
        aggregate=Aggregate.MEAN,
    ),
    _rate(
        "satisfaction",
        Text("企业满意度", "Satisfaction of enterprises"),
        Text(
            "企业确认时评价为满意或基本满意的比例。",
            "Confirmations in which the enterprise was satisfied or fairly satisfied.",
        ),
        _satisfied,
    ),
    Figure(
        code="projects.visits_per_project",
        title=Text("项目平均走访次数", "Visits per project"),
        unit=Unit.COUNT,
        unit_words=Text("次", "visits"),
        definition=Text(
            "期内走访次数除以在库项目数。", "Visits in the period over the projects entered."
        ),
        relation=_visits,
        aggregate=Aggregate.MEAN,
    ),
)
