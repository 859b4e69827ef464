"""R5: do public buyers pay in time, and what they owed at the end of a year.

保障中小企业款项支付条例 (State Council Decree 802): arts 9 to 11 for the term, 17 for interest, 18 for
the list that is published by 31 March.
"""

import datetime as dt
import uuid
from collections import defaultdict
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from honghu.domains.financing.queries.claims import Claim, claims_due, daily_rate
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
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.registers.model import Text


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


def _row(key: str, buyer: str, claims: list[Claim], today: dt.date, rate: Decimal) -> ReportRow:
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
