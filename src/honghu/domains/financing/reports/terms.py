"""How long each step takes against its term: the clocks D1 to D13 as the cases kept them."""

import dataclasses
import datetime as dt
import uuid
from typing import Any, Final, Literal

from django.conf import settings
from django.db import connection
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from honghu.domains.financing.reports.declaration import Behind, Question
from honghu.kernel.clocks.durations import format_duration
from honghu.kernel.registers.model import Text
from honghu.kernel.rulesets.queries import find_rule, get_calendar

Which = Literal["in_time", "late", "running", "overdue"]
_FIRST_DAY: Final = dt.date(2019, 12, 31)


@dataclasses.dataclass(frozen=True, slots=True)
class Term:
    """A step with a term: the clock `clock` of cases of a register; `rules` say how long it is."""

    code: str
    title: Text
    register: str
    clock: str
    rule: str
    kind: str = ""


TERMS: Final = (
    Term("D4a", Text("供应商答复邀请", "Supplier answers the invitation"),
         "financing-application", "invitation", "invitation_answer"),
    Term("D4b", Text("供应商提出意向", "Supplier applies"),
         "financing-application", "application", "application"),
    Term("D5", Text("银行受理答复", "Bank accepts or declines"),
         "financing-intent", "response", "invitation_response_working_days"),
    Term("D6", Text("银行报价", "Bank quotes"),
         "financing-application", "bank_response", "quote_working_days"),
    Term("D6a", Text("预授信调查", "Pre-credit review"),
         "financing-loan", "investigation", "investigation"),
    Term("D6b", Text("预授信审批", "Approval"), "financing-loan", "approval", "approval"),
    Term("D7", Text("签订并公告合同", "Contract signed"),
         "financing-loan", "contract", "contract_signing_natural_days"),
    Term("D8", Text("合同副本备案", "Copy of the contract filed"),
         "contract-filing", "copy", "contract_filing_working_days"),
    Term("D9a", Text("放款（首贷）", "Disbursal, first loan"),
         "financing-loan", "disbursal", "loan_days.first", "first"),
    Term("D9b", Text("放款（续贷）", "Disbursal, repeat loan"),
         "financing-loan", "disbursal", "loan_days.repeat", "repeat"),
    Term("D10", Text("应收账款确权", "Receivable confirmed"),
         "receivable-confirmation", "confirmation", "receivable_confirmation_natural_days"),
    Term("D11", Text("支付合同款", "Payment by the buyer"),
         "payment-due", "payment", "payment_natural_days"),
    Term("D12", Text("银行月报", "Monthly return of the bank"),
         "monthly-return", "return", "monthly_report_day"),
    Term("D13", Text("结清复核", "Settlement verified"),
         "financing-loan", "closure", "closure_working_days"),
)  # fmt: skip
"""The terms that cases keep. D1 is report R8; D2 lies before the notice; D3 is of notices; of D8 the
publication is too."""

_FROM: Final = """
FROM cases_deadline d JOIN cases_case c ON c.id = d.case_id
LEFT JOIN cases_case p ON p.id = c.parent_id
WHERE c.register = ANY(%(registers)s) AND d.code = ANY(%(clocks)s)
  AND (d.status = 'running' OR d.status IN ('met', 'missed')
    AND d.ended_at >= %(start)s AND d.ended_at < %(end)s)
  AND (%(bank)s::uuid IS NULL OR %(bank)s = ANY(c.party_ids))
  AND (%(buyer)s = '' OR c.facts ->> 'buyer_name' = %(buyer)s OR p.facts ->> 'buyer_name' = %(buyer)s
    OR EXISTS (SELECT FROM parties_organisation o
      WHERE o.name = %(buyer)s AND o.id = ANY(c.party_ids)))
"""
# Working days by counting marks: each day knows how many working days there were up to it.
_TERMS: Final = f"""
WITH marks AS (SELECT * FROM unnest(%(days)s::date[], %(marks)s::int[]) AS m (day, mark))
SELECT t.register, t.code, t.kind,
  count(*) FILTER (WHERE t.status = 'met'), count(*) FILTER (WHERE t.status = 'missed'),
  count(*) FILTER (WHERE t.status = 'running'),
  count(*) FILTER (WHERE t.status = 'running' AND t.due_at < %(now)s),
  count(*) FILTER (WHERE t.status = 'running' AND t.due_at >= %(now)s AND t.amber_at <= %(now)s),
  round(avg(e.mark - s.mark) FILTER (WHERE t.status <> 'running'), 1),
  max(e.mark - s.mark) FILTER (WHERE t.status <> 'running')
FROM (
  SELECT c.register, d.code, CASE WHEN d.code = 'disbursal' THEN c.facts ->> 'loan_kind' ELSE '' END
    AS kind, d.status, d.due_at, d.amber_at,
    (d.started_at AT TIME ZONE %(zone)s)::date AS begun,
    (d.ended_at AT TIME ZONE %(zone)s)::date AS done
  {_FROM}
) t LEFT JOIN marks s ON s.day = t.begun LEFT JOIN marks e ON e.day = t.done
GROUP BY 1, 2, 3
"""  # noqa: S608 - constants
_CASES: Final = f"""
SELECT c.id, d.due_at, d.ended_at, d.status {_FROM}
  AND (%(kind)s = '' OR c.facts ->> 'loan_kind' = %(kind)s)
  AND CASE %(which)s
    WHEN 'in_time' THEN d.status = 'met' WHEN 'late' THEN d.status = 'missed'
    WHEN 'running' THEN d.status = 'running'
    ELSE d.status = 'running' AND d.due_at < %(now)s END
ORDER BY d.due_at, c.id
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    """A term as it was kept: ended in the period, running now; days are working days."""

    term: Term
    in_time: int = 0
    late: int = 0
    running: int = 0
    overdue: int = 0
    near: int = 0
    days_mean: Any = None
    days_max: int | None = None
    limit: str | None = None

    @property
    def level(self) -> Literal["red", "amber", "green", "none"]:
        """The light: something overdue, something due soon, all in time, nothing at all."""
        if self.overdue:
            return "red"
        if self.near:
            return "amber"
        return "green" if self.in_time + self.late + self.running else "none"


def terms_taken(question: Question, *, buyer: str = "") -> list[Taken]:
    """Each term with what ended in the period and what runs now; one query."""
    days, marks = _marks(localdate(question.now) + dt.timedelta(days=1))
    asked = _asked(question, buyer) | {"days": days, "marks": marks}
    with connection.cursor() as cursor:
        cursor.execute(_TERMS, asked)
        rows = {row[:3]: row[3:] for row in cursor.fetchall()}
    found = [Taken(term, *rows.get((term.register, term.clock, term.kind), ())) for term in TERMS]
    return [
        dataclasses.replace(one, limit=rule_text(one.term.rule, question.today)) for one in found
    ]


def rule_text(code: str, on: dt.date) -> str | None:
    """How long a term is, as the rule book has it on a day; null where it says nothing."""
    rule = find_rule(f"financing.{code}", on=on, region=settings.HONGHU_REGION)
    if rule is None:
        return None
    if rule.unit != "period":
        return _("by the %(day)s. of the month") % {"day": rule.value}
    language = get_language() or "zh-hans"
    return format_duration(rule.as_duration(), "en" if language.startswith("en") else "zh-hans")


def _asked(question: Question, buyer: str) -> dict[str, Any]:
    return {
        "registers": sorted({term.register for term in TERMS}),
        "clocks": sorted({term.clock for term in TERMS}),
        "start": question.scope.start,
        "end": question.scope.end,
        "now": question.now,
        "bank": question.bank_id,
        "buyer": buyer,
        "zone": settings.TIME_ZONE,
    }


def _marks(until: dt.date) -> tuple[list[dt.date], list[int]]:
    """Every day since clocks are kept, and how many working days there were up to it."""
    calendar, days, marks, mark = get_calendar(), [], [], 0
    day = _FIRST_DAY
    while day <= until:
        mark += calendar.is_working_day(day)
        days.append(day)
        marks.append(mark)
        day += dt.timedelta(days=1)
    return days, marks


def behind_term(question: Question, term: Term, which: Which, *, buyer: str = "") -> list[Behind]:
    """The cases whose clocks are counted under a term; one query."""
    asked = _asked(question, buyer) | {"kind": term.kind, "which": which}
    asked |= {"registers": [term.register], "clocks": [term.clock]}
    with connection.cursor() as cursor:
        cursor.execute(_CASES, asked)
        rows: list[tuple[uuid.UUID, dt.datetime, dt.datetime | None, str]] = cursor.fetchall()
    return [Behind(case_id=case, at=localdate(ended or due)) for case, due, ended, _status in rows]
