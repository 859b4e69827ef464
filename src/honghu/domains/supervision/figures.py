"""Figures of supervision: each a query over steps and what was typed in them."""

from collections.abc import Callable
from typing import Final

from honghu.analytics.figure import Aggregate, Figure, Relation, Scope, Unit
from honghu.analytics.relations import steps_done, within
from honghu.kernel.registers.model import Text

_HELD: Final = """
AND EXISTS (SELECT 1 FROM cases_step o JOIN cases_stepform m ON m.step_id = o.id
            WHERE o.case_id = s.case_id AND o.action = 'call' AND m.form->>'kind' = %(kind)s)
"""
_YEAR: Final = """
SELECT s.id::text AS key, s.case_id, s.id AS step_id, NULL::uuid AS transfer_id,
  o.form->>'subject' AS subject, left(o.form->>'held_on', 4)::numeric AS numerator,
  NULL::numeric AS denominator, s.at
FROM cases_step s
JOIN cases_step c ON c.case_id = s.case_id AND c.action = 'call'
JOIN cases_stepform o ON o.step_id = c.id
WHERE s.register = 'county-meeting' AND s.action = 'hold' AND o.form->>'kind' = %(kind)s
  AND (%(start)s::timestamptz IS NULL OR s.at >= %(start)s) AND s.at < %(end)s
"""
# The form by which a task is known at the scope's end: that of its draft, or its latest revision.
_TASKS: Final = """
WITH known AS (
  SELECT DISTINCT ON (s.case_id) s.case_id, s.id, s.at, f.form
  FROM cases_step s JOIN cases_stepform f ON f.step_id = s.id
  WHERE s.register = 'supervision-task' AND s.at < %(end)s
    AND s.action IN ('draft', 'register_verbal', 'revise')
  ORDER BY s.case_id, s.sequence DESC
), marks AS (
  SELECT s.case_id,
    min(s.at) FILTER (WHERE s.action = 'issue') AS issued_at,
    min(s.at) FILTER (WHERE s.action = 'sign') AS signed_at,
    max(s.at) FILTER (WHERE s.action = 'report') AS reported_at,
    max(s.at) FILTER (WHERE s.to_state = 'closed') AS closed_at,
    max(s.at) FILTER (WHERE s.to_state IN ('cancelled', 'denied')) AS gone_at,
    count(*) FILTER (WHERE s.action IN ('review', 'close') AND s.to_state = 'doing') AS returns
  FROM cases_step s WHERE s.register = 'supervision-task' AND s.at < %(end)s
  GROUP BY s.case_id
), extended AS (
  SELECT DISTINCT ON (d.case_id) d.case_id, d.at, f.form->>'asked_due_on' AS due_on
  FROM cases_step d
  JOIN cases_step a ON a.case_id = d.case_id AND a.action = 'ask_extension'
    AND a.sequence < d.sequence
  JOIN cases_stepform f ON f.step_id = a.id
  JOIN cases_stepform g ON g.step_id = d.id
  WHERE d.register = 'supervision-task' AND d.action = 'decide_extension' AND d.at < %(end)s
    AND g.form->>'result' = 'granted'
  ORDER BY d.case_id, d.sequence DESC, a.sequence DESC
), tasks AS (
  SELECT k.case_id, k.id, k.form, m.issued_at, m.signed_at, m.reported_at, m.closed_at, m.returns,
    (CASE WHEN e.at > k.at THEN e.due_on ELSE k.form->>'due_on' END)::date AS due_on
  FROM known k JOIN marks m USING (case_id) LEFT JOIN extended e USING (case_id)
  WHERE m.issued_at IS NOT NULL AND m.gone_at IS NULL
    AND (%(start)s::timestamptz IS NULL OR m.issued_at >= %(start)s)
)
SELECT t.id::text AS key, t.case_id, t.id AS step_id, NULL::uuid AS transfer_id,
  t.form->>'subject' AS subject, {numerator} AS numerator, {denominator} AS denominator,
  t.issued_at AS at
FROM tasks t WHERE true {where}
"""
_OF_KIND: Final = """
AND EXISTS (SELECT 1 FROM cases_case c JOIN cases_step o ON o.case_id = c.parent_id
            JOIN cases_stepform m ON m.step_id = o.id
            WHERE c.id = t.case_id AND o.action = 'call' AND m.form->>'kind' = %(kind)s)
"""
_ONE: Final = "1::numeric"


def _statements(kind: str, nature: str) -> Callable[[Scope], Relation]:
    def relation(scope: Scope) -> Relation:
        return steps_done(
            "county-meeting",
            ["record_statement"],
            scope,
            subject="f.form->>'speaker'",
            where=f"AND f.form->>'nature' = %(nature)s {_HELD}",
            kind=kind,
            nature=nature,
        )

    return relation


def _years(kind: str) -> Callable[[Scope], Relation]:
    def relation(scope: Scope) -> Relation:
        return within(_YEAR, scope, kind=kind)

    return relation


def _tasks(
    numerator: str, *, denominator: str = _ONE, where: str = "", **more: str
) -> Callable[[Scope], Relation]:
    sql = _TASKS.format(numerator=numerator, denominator=denominator, where=where)

    def relation(scope: Scope) -> Relation:
        return within(sql, scope, **more)

    return relation


def _rate(
    code: str, title: Text, definition: Text, relation: Callable[[Scope], Relation]
) -> Figure:
    return Figure(
        code=f"supervision.{code}",
        title=title,
        unit=Unit.RATIO,
        definition=definition,
        relation=relation,
        aggregate=Aggregate.SHARE,
    )


_CLOSED: Final = "(t.closed_at IS NOT NULL)::int::numeric"

FIGURES: Final = (
    Figure(
        code="supervision.campaign_year.antiporn",
        title=Text("扫黄打非行动年度", "Year of the campaign against illegal publications"),
        unit=Unit.ORDINAL,
        unit_words=Text("年", ""),
        definition=Text(
            "期内已召开的扫黄打非工作会议所属年度中最近的一年。",
            "The latest year of the meetings of the campaign that were held in the period.",
        ),
        relation=_years("antiporn"),
        aggregate=Aggregate.LAST,
    ),
    _rate(
        "done_rate.antiporn",
        Text("扫黄打非任务完成比例", "Tasks of the campaign done"),
        Text(
            "扫黄打非工作会议交办的督办事项中已办结的比例，用于检验时间过半、任务过半；撤销的不计。",
            "Of the tasks that the meetings of the campaign issued, those concluded: the test of half the time, half the work. Cancelled ones are left out.",
        ),
        _tasks(_CLOSED, where=_OF_KIND, kind="antiporn"),
    ),
    Figure(
        code="supervision.reports.agriculture",
        title=Text("农业农村工作会议汇报", "Reports at the agriculture meeting"),
        unit=Unit.COUNT,
        unit_words=Text("项", "reports"),
        definition=Text(
            "期内农业农村工作会议上登记的汇报，每项一条；表态和讲话不计。",
            "Reports recorded at meetings on agriculture and villages, one a row; pledges and speeches do not count.",
        ),
        relation=_statements("agriculture", "report"),
        aggregate=Aggregate.COUNT,
    ),
    Figure(
        code="supervision.pledges.antiporn",
        title=Text("扫黄打非表态发言单位", "Organisations that pledged at the campaign's meeting"),
        unit=Unit.ORGANISATIONS,
        definition=Text(
            "期内扫黄打非工作会议上作表态发言的单位，同一单位计一次。",
            "Organisations that made a pledge at the campaign's meetings, each counted once.",
        ),
        relation=_statements("antiporn", "pledge"),
        aggregate=Aggregate.DISTINCT,
    ),
    Figure(
        code="supervision.competitions",
        title=Text("六大竞赛事项", "Items of the six competitions"),
        unit=Unit.COUNT,
        unit_words=Text("项", "items"),
        definition=Text(
            "所属专项为六大竞赛的督办事项，已交办且未撤销。",
            "Tasks of the programme of the six competitions that were issued and not cancelled.",
        ),
        relation=_tasks(
            _ONE,
            denominator="NULL::numeric",
            where="AND t.form->>'programme' = %(programme)s",
            programme="六大竞赛",
        ),
        aggregate=Aggregate.COUNT,
    ),
    _rate(
        "done_rate",
        Text("办结率", "Tasks concluded"),
        Text(
            "期内交办的督办事项中已办结的比例。",
            "Of the tasks issued in the period, those concluded.",
        ),
        _tasks(_CLOSED),
    ),
    _rate(
        "on_time_rate",
        Text("按期率", "Tasks reported in time"),
        Text(
            "已办结事项中最后一次申请办结不晚于办结期限（含批准的延期）的比例。",
            "Of the tasks concluded, those whose last report came by the due day, extensions included.",
        ),
        _tasks(
            "((t.reported_at AT TIME ZONE %(zone)s)::date <= t.due_on)::int::numeric",
            where="AND t.closed_at IS NOT NULL",
        ),
    ),
    _rate(
        "sign_rate",
        Text("签收及时率", "Tasks signed for by the next day"),
        Text(
            "已交办事项中次日前签收的比例。",
            "Of the tasks issued, those signed for by the end of the next day.",
        ),
        _tasks(
            "coalesce((t.signed_at AT TIME ZONE %(zone)s)::date"
            " - (t.issued_at AT TIME ZONE %(zone)s)::date <= 1, false)::int::numeric"
        ),
    ),
    _rate(
        "return_rate",
        Text("退回率", "Tasks returned"),
        Text("已交办事项中被退回过的比例。", "Of the tasks issued, those returned at least once."),
        _tasks("(t.returns > 0)::int::numeric"),
    ),
    Figure(
        code="supervision.days_to_conclusion",
        title=Text("平均办结用时", "Mean time to the conclusion"),
        unit=Unit.DAYS,
        definition=Text(
            "已办结事项从首次交办到办结相隔的日历天数的平均值。",
            "Mean calendar days from the first issue to the conclusion of a task.",
        ),
        relation=_tasks(
            "((t.closed_at AT TIME ZONE %(zone)s)::date"
            " - (t.issued_at AT TIME ZONE %(zone)s)::date)::numeric",
            denominator="NULL::numeric",
            where="AND t.closed_at IS NOT NULL",
        ),
        aggregate=Aggregate.MEAN,
    ),
)
