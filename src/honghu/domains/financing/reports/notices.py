"""Terms that notices show by their days: the invitation after an award, a contract's publication."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from django.conf import settings

from honghu.domains.financing.reports.declaration import Behind, Question, mean
from honghu.domains.financing.reports.funnel import Course, invited_after_days
from honghu.domains.financing.reports.terms import rule_text
from honghu.domains.procurement.queries.published import contracts_published
from honghu.kernel.registers.model import Text
from honghu.kernel.rulesets.queries import get_calendar, get_rule

_D2: Final = Text("评审报告、定标、发通知书", "Report, decision, award letter")
_D3: Final = Text("推送并邀请供应商", "Award passed on, supplier invited")
_D8: Final = Text("合同公告", "Contract published")


@dataclasses.dataclass(frozen=True, slots=True)
class NoticeTerm:
    """A term as notices show it. Without any judged notice nothing is known of it."""

    code: str
    title: Text
    limit: str | None
    in_time: int = 0
    late: int = 0
    days_mean: Decimal | None = None
    days_max: int | None = None
    behind: tuple[Behind, ...] = ()


def notice_terms(
    question: Question, courses: Sequence[Course], *, buyer: str = ""
) -> list[NoticeTerm]:
    """D2, of which notices say nothing; D3, award to invitation; D8, contract to publication."""
    on = question.today
    invited = [
        (Behind(case_id=one.application_id, at=one.award.published_date), days)
        for one, days in invited_after_days(list(courses))
    ]
    calendar = get_calendar()
    published = [
        (
            Behind(case_id=one.case_id, at=one.published_date),
            calendar.count_working_days(one.signed_date, one.published_date),
        )
        for one in contracts_published(from_date=question.from_date, to_date=question.to_date)
        if one.signed_date is not None and (not buyer or one.buyer_name == buyer)
    ]
    return [
        NoticeTerm("D2", _D2, None),
        _term("D3", _D3, "award_push_natural_days", on, invited),
        _term("D8", _D8, "contract_publication_working_days", on, published),
    ]


def _term(
    code: str, title: Text, rule: str, on: dt.date, taken: list[tuple[Behind, int]]
) -> NoticeTerm:
    found = get_rule(f"financing.{rule}", on=on, region=settings.HONGHU_REGION)
    limit = found.as_duration().value
    days = [each for _behind, each in taken]
    in_time = sum(each <= limit for each in days)
    return NoticeTerm(
        code,
        title,
        rule_text(rule, on),
        in_time,
        len(days) - in_time,
        mean(days, "0.1"),
        max(days, default=None),
        tuple(behind for behind, _days in taken),
    )
