"""R3: how much was lent against what was procured (Jingshan: 20 %)."""

import datetime as dt
from collections import defaultdict
from typing import Final

from django.utils.translation import gettext as _

from honghu.domains.financing.reports.declaration import (
    Behind,
    Question,
    Report,
    ReportRow,
    count_column,
    money_column,
    share,
    share_column,
    text_column,
)
from honghu.domains.financing.reports.loans import Lent, lent_in
from honghu.domains.procurement.queries.published import AwardOnDay, awards_published
from honghu.kernel.registers.model import Text


def rows(question: Question) -> list[ReportRow]:
    """A row for each month in which something was awarded or lent, then their sum."""
    lent, awards = lent_in(question), _awards(question)
    months: dict[str, tuple[list[Lent], list[AwardOnDay]]] = defaultdict(lambda: ([], []))
    for each in lent:
        months[_month(each.date)][0].append(each)
    for award in awards:
        months[_month(award.published_date)][1].append(award)
    found = [_row(month, *months[month]) for month in sorted(months)]
    return [*found, _row(_("Sum"), lent, awards, key="all")] if found else []


def _awards(question: Question) -> list[AwardOnDay]:
    return awards_published(from_date=question.from_date, to_date=question.to_date)


def _month(day: dt.date) -> str:
    return f"{day:%Y-%m}"


def _row(month: str, lent: list[Lent], awards: list[AwardOnDay], *, key: str = "") -> ReportRow:
    priced = [each.amount_fen for each in awards if each.amount_fen is not None]
    procured = sum(priced) if priced else None
    lent_fen = sum(each.amount_fen for each in lent)
    return ReportRow(
        key=key or month,
        values={
            "month": month,
            "loans": len({each.loan_id for each in lent}),
            "lent": lent_fen,
            "awards": len(awards),
            "unpriced": len(awards) - len(priced),
            "procured": procured,
            "share": share(lent_fen, procured),
        },
        behind=(*(each.behind for each in lent), *map(_behind, awards)),
    )


def _behind(award: AwardOnDay) -> Behind:
    return Behind(
        case_id=award.case_id,
        at=award.published_date,
        amount_fen=award.amount_fen,
        note=_("award"),
    )


REPORT: Final = Report(
    code="r3",
    title=Text("融资占采购规模比", "Loans and procurement"),
    definition=Text(
        "分子为期间内放款本金，分母为期间内公告且有效的中标（成交）金额之和。按费率或单价中标的没有金额，"
        "不计入分母，另列个数；没有任何有价中标的月份，比例未知。",
        "Numerator: principal lent in the period. Denominator: the stated amounts of standing awards"
        " published in it. Awards at a rate or at unit prices have no amount: they are counted apart"
        " and are not in the denominator. In a month without any priced award the share is unknown.",
    ),
    columns=(
        text_column("month", "月份", "Month"),
        count_column("loans", "贷款笔数", "Loans"),
        money_column("lent", "放款金额（分子）", "Lent (numerator)"),
        count_column("awards", "中标个数", "Awards"),
        count_column("unpriced", "其中无金额", "Of them without an amount"),
        money_column("procured", "中标金额（分母）", "Awarded (denominator)"),
        share_column("share", "占比", "Share"),
    ),
    rows=rows,
)
