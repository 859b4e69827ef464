"""The funnel: what became of the awards of a period, step by step, with counts and yuan."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db import connection
from django.utils.timezone import localdate

from honghu.domains.financing.reports.declaration import Behind, Question
from honghu.domains.financing.reports.standing import Stand
from honghu.domains.procurement.queries.published import AwardOnDay, awards_published
from honghu.kernel.registers.model import Text

# The bank narrows the steps from consent on: an award and an invitation are nobody's yet.
_APPLICATIONS: Final = """
SELECT a.id, (a.facts ->> 'award')::uuid, a.opened_at,
  EXISTS (SELECT FROM cases_step s WHERE s.case_id = a.id
    AND s.action IN ('authorise', 'authorise_all')),
  a.facts ->> 'applied_at' IS NOT NULL, (a.facts ->> 'amount')::bigint,
  q.quoted_fen, l.id, l.state, (l.facts ->> 'amount')::bigint,
  EXISTS (SELECT FROM cases_step s WHERE s.case_id = l.id AND s.action = 'approve'
    AND s.to_state = 'awaiting_contract')
FROM cases_case a
LEFT JOIN LATERAL (
  SELECT max((q.facts ->> 'amount')::bigint) AS quoted_fen FROM cases_case q
  WHERE q.parent_id = a.id AND q.register = 'financing-quote'
    AND (%(bank)s::uuid IS NULL OR q.facts ->> 'bank' = %(bank)s::text)
    AND EXISTS (SELECT FROM cases_step s WHERE s.case_id = q.id AND s.to_state = 'offered')
) q ON true
LEFT JOIN cases_case l ON l.parent_id = a.id AND l.register = 'financing-loan'
  AND (%(bank)s::uuid IS NULL OR l.facts ->> 'bank' = %(bank)s::text)
WHERE a.register = 'financing-application' AND a.facts ->> 'award' = ANY(%(awards)s)
  AND (%(bank)s::uuid IS NULL OR %(bank)s = ANY(a.party_ids))
ORDER BY a.opened_at, a.id
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Course:
    """How far one award's financing came. Amounts in fen; null where the step was not reached."""

    award: AwardOnDay
    application_id: uuid.UUID | None = None
    opened_at: dt.datetime | None = None
    has_consented: bool = False
    has_applied: bool = False
    applied_fen: int | None = None
    quoted_fen: int | None = None
    loan_id: uuid.UUID | None = None
    loan_state: str | None = None
    chosen_fen: int | None = None
    is_approved: bool = False
    lent_fen: int | None = None
    is_repaid: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
    """A step of the funnel: who reached it, what it is worth there, and which case shows it."""

    code: str
    title: Text
    reached: Callable[[Course], bool]
    fen: Callable[[Course], int | None]
    case: Callable[[Course], uuid.UUID | None]


def _award_fen(course: Course) -> int | None:
    return course.award.amount_fen


def _application(course: Course) -> uuid.UUID | None:
    return course.application_id


def _loan(course: Course) -> uuid.UUID | None:
    return course.loan_id


STAGES: Final = (
    Stage("award", Text("中标", "Awarded"), lambda _one: True, _award_fen,
          lambda one: one.award.case_id),
    Stage("invited", Text("已邀请", "Invited"), lambda one: one.application_id is not None,
          _award_fen, _application),
    Stage("consented", Text("已授权", "Consented"), lambda one: one.has_consented, _award_fen,
          _application),
    Stage("applied", Text("已申请", "Applied"), lambda one: one.has_applied,
          lambda one: one.applied_fen, _application),
    Stage("quoted", Text("已报价", "Quoted"), lambda one: one.quoted_fen is not None,
          lambda one: one.quoted_fen, _application),
    Stage("chosen", Text("已选定", "Chosen"), lambda one: one.loan_id is not None,
          lambda one: one.chosen_fen, _loan),
    Stage("approved", Text("已审批", "Approved"), lambda one: one.is_approved,
          lambda one: one.chosen_fen, _loan),
    Stage("drawn", Text("已放款", "Drawn"), lambda one: one.lent_fen is not None,
          lambda one: one.lent_fen, _loan),
    Stage("repaid", Text("已还清", "Repaid"), lambda one: one.is_repaid,
          lambda one: one.lent_fen, _loan),
    Stage("settled", Text("已结清", "Settled"), lambda one: one.loan_state == "settled",
          lambda one: one.lent_fen, _loan),
)  # fmt: skip
"""The steps in their order, each counted by who came that far."""


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """A step as counted. `fen` is null where no amount is known; `unpriced` lack one."""

    stage: Stage
    count: int
    fen: int | None
    unpriced: int


def courses_of(
    question: Question, loans: Mapping[uuid.UUID, Stand], *, buyer: str = ""
) -> list[Course]:
    """The awards published in the period, of one buyer if one is named, each with its course."""
    awards = {
        each.id: each
        for each in awards_published(from_date=question.from_date, to_date=question.to_date)
        if not buyer or each.buyer_name == buyer
    }
    with connection.cursor() as cursor:
        bank = question.bank_id
        cursor.execute(_APPLICATIONS, {"awards": [str(each) for each in awards], "bank": bank})
        rows = cursor.fetchall()
    found = [_course(awards[row[1]], row, loans) for row in rows]
    if question.bank_id is not None:
        return found
    with_application = {each.award.id for each in found}
    return [
        *found,
        *(Course(award) for key, award in awards.items() if key not in with_application),
    ]


def _course(award: AwardOnDay, row: tuple[Any, ...], loans: Mapping[uuid.UUID, Stand]) -> Course:
    stand = loans.get(row[7])
    lent = stand.lent_fen if stand is not None and stand.lent_fen else None
    repaid = stand is not None and lent is not None and stand.is_repaid
    # Beside the award's id the columns of the statement are the fields of a course, in their order.
    reached: tuple[Any, ...] = (row[0], *row[2:], lent, repaid)
    return Course(award, *reached)


def steps_of(courses: list[Course]) -> list[Step]:
    """Each step with how many came so far and what they come to."""
    found = []
    for stage in STAGES:
        reached = [each for each in courses if stage.reached(each)]
        known = [fen for each in reached if (fen := stage.fen(each)) is not None]
        total = sum(known) if known else None
        found.append(Step(stage, len(reached), total, len(reached) - len(known)))
    return found


def behind_stage(courses: list[Course], code: str) -> list[Behind]:
    """The cases behind a step of the funnel; none for a step that there is not."""
    stage = next((each for each in STAGES if each.code == code), None)
    if stage is None:
        return []
    return [
        Behind(
            case_id=stage.case(each),
            at=each.award.published_date,
            amount_fen=stage.fen(each),
            note=each.award.buyer_name,
        )
        for each in courses
        if stage.reached(each)
    ]


def invited_after_days(courses: list[Course]) -> list[tuple[Course, int]]:
    """How many days after its publication each award's supplier was invited (D3)."""
    return [
        (each, (localdate(each.opened_at) - each.award.published_date).days)
        for each in courses
        if each.opened_at is not None
    ]
