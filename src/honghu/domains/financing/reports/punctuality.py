"""R5: do public buyers pay in time, and what they owed at the end of a year.

保障中小企业款项支付条例 (State Council Decree 802): arts 9 to 11 for the term, 17 for interest, 18 for
the list that is published by 31 March.
"""

import dataclasses
import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from honghu.domains.financing.queries.overdue import CLAIMS
from honghu.domains.financing.reports.declaration import (
    DAYS,
    Behind,
    Question,
    Report,
    ReportRow,
    count_column,
    mean,
    money_column,
    number_column,
    share,
    share_column,
    text_column,
)
from honghu.domains.financing.rules import LateTerms, late_interest_fen
from honghu.kernel.cases.models import Case
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.registers.model import Text
from honghu.kernel.rulesets.queries import get_rule


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """A payment due. `undisputed_fen` leaves out what the buyer disputes (art 15)."""

    case_id: uuid.UUID
    buyer_id: uuid.UUID | None
    project: str
    amount_fen: int
    undisputed_fen: int
    due_date: dt.date
    paid_date: dt.date | None
    agreed_rate: Decimal | None

    def is_overdue(self, on: dt.date) -> bool:
        """Whether the term was over at the end of a day and nothing had been paid by then."""
        return self.due_date < on and (self.paid_date is None or self.paid_date > on)

    def interest_fen(self, on: dt.date, daily_rate: Decimal) -> int:
        """Late-payment interest to a day, or to the payment (art 17)."""
        until = on if self.paid_date is None else min(on, self.paid_date)
        return late_interest_fen(
            amount_fen=self.amount_fen,
            disputed_fen=self.amount_fen - self.undisputed_fen,
            due=self.due_date,
            paid=until,
            terms=LateTerms(agreed_rate=self.agreed_rate, daily_rate=daily_rate),
        )


def claims_due(*, to_date: dt.date, from_date: dt.date | None = None) -> list[Claim]:
    """The claims whose term ends in a span of days, both included; withdrawn ones left out."""
    known = Case.objects.filter(register=CLAIMS).exclude(state="withdrawn")
    known = known.filter(facts__due_on__lte=to_date.isoformat())
    if from_date is not None:
        known = known.filter(facts__due_on__gte=from_date.isoformat())
    return [_claim(*row) for row in known.order_by("number").values_list("id", "facts")]


def _claim(case_id: uuid.UUID, facts: Mapping[str, Any]) -> Claim:
    paid, buyer, rate = facts.get("paid_on"), facts.get("buyer"), facts.get("agreed_rate")
    return Claim(
        case_id,
        uuid.UUID(buyer) if buyer else None,
        facts.get("project_name") or "",
        facts["amount"],
        max(facts["amount"] - (facts.get("disputed") or 0), 0),
        dt.date.fromisoformat(facts["due_on"]),
        dt.date.fromisoformat(paid) if paid else None,
        Decimal(rate) if rate else None,
    )


def daily_rate(on: dt.date) -> Decimal:
    """The rate of late-payment interest a day where none is agreed. Raises RuleMissingError."""
    code = "financing.late_interest_rate_per_day"
    return get_rule(code, on=on, region=settings.HONGHU_REGION).as_decimal()


def rows(question: Question) -> list[ReportRow]:
    """A row for all buyers, then for each, of the claims that fell due in the period."""
    claims = claims_due(from_date=question.from_date, to_date=question.to_date)
    if not claims:
        return []
    names = organisation_names(each.buyer_id for each in claims if each.buyer_id)
    buyers: dict[uuid.UUID | None, list[Claim]] = defaultdict(list)
    for each in claims:
        buyers[each.buyer_id].append(each)
    named = [(names.get(buyer, "") if buyer else "", buyer) for buyer in buyers]
    rate = daily_rate(question.today)
    found = [_row("all", _("All"), claims, question.today, rate)]
    return found + [
        _row(str(buyer), name or _("unknown"), buyers[buyer], question.today, rate)
        for name, buyer in sorted(named, key=lambda each: each[0])
    ]


def _row(
    key: str, buyer: str, claims: list[Claim], today: dt.date, rate: Decimal
) -> ReportRow:
    on_time = [each for each in claims if each.paid_date and each.paid_date <= each.due_date]
    late = [each for each in claims if each.paid_date and each.paid_date > each.due_date]
    overdue = [each for each in claims if each.is_overdue(today)]
    judged = len(on_time) + len(late) + len(overdue)
    days = [((each.paid_date or today) - each.due_date).days for each in (*late, *overdue)]
    return ReportRow(
        key=key,
        values={
            "buyer": buyer,
            "due": len(claims),
            "due_fen": sum(each.amount_fen for each in claims),
            "on_time": len(on_time),
            "judged": judged,
            "share": share(len(on_time), judged),
            "late": len(late),
            "overdue": len(overdue),
            "overdue_fen": sum(each.undisputed_fen for each in overdue),
            "days_mean": mean(days, "0.1"),
            "days_max": max(days, default=None),
            "interest": sum(each.interest_fen(today, rate) for each in (*late, *overdue)),
        },
        behind=tuple(_behind(each, today) for each in claims),
    )


def _behind(claim: Claim, today: dt.date) -> Behind:
    return Behind(
        case_id=claim.case_id,
        at=claim.due_date,
        amount_fen=claim.amount_fen,
        note=_standing(claim, today),
    )


def _standing(claim: Claim, today: dt.date) -> str:
    if claim.paid_date is not None:
        late = (claim.paid_date - claim.due_date).days
        return _("paid %(days)d days late") % {"days": late} if late > 0 else _("paid in time")
    late = (today - claim.due_date).days
    return _("overdue by %(days)d days") % {"days": late} if late > 0 else _("not yet due")


REPORT: Final = Report(
    code="r5",
    title=Text("中小企业款项支付情况", "Payment punctuality"),
    definition=Text(
        "付款期限在期间内届满的应付合同款。按期率的分子为按期付清的，分母为已付清和已逾期未付的；"
        "未到期的不计入分母。逾期金额不含有争议部分，逾期利息按约定利率或法定日利率计算。",
        "Payments whose term ended in the period. Share in time: paid in time over those paid or"
        " overdue; what is not yet due is in neither. Overdue amounts leave disputes out; interest"
        " at the agreed rate, else at the regulation's daily rate.",
    ),
    columns=(
        text_column("buyer", "采购人", "Buyer"),
        count_column("due", "到期笔数", "Fell due"),
        money_column("due_fen", "到期金额", "Amount due"),
        count_column("on_time", "按期付清（分子）", "Paid in time (numerator)"),
        count_column("judged", "已付清或逾期（分母）", "Paid or overdue (denominator)"),
        share_column("share", "按期率", "In time"),
        count_column("late", "逾期后付清", "Paid late"),
        count_column("overdue", "逾期未付", "Overdue"),
        money_column("overdue_fen", "逾期未付金额", "Amount overdue"),
        number_column("days_mean", "平均逾期", "Mean days late", DAYS),
        number_column("days_max", "最长逾期", "Longest", DAYS),
        money_column("interest", "逾期利息", "Late-payment interest"),
    ),
    rows=rows,
)
