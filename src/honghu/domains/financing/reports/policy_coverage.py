"""R8: how many notices print the channel of contract financing (Hubei scheme), by month."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from honghu.domains.financing.queries.coverage import state_of_notice
from honghu.domains.financing.reports.declaration import (
    Behind,
    Question,
    Report,
    ReportRow,
    count_column,
    share,
    share_column,
    text_column,
)
from honghu.domains.procurement.queries import notices_published
from honghu.domains.procurement.queries.published import cases_of_notices
from honghu.kernel.registers.model import Text

_STATES: Final = ("value", "review", "absent", "unreadable")
_Read = tuple[str, dt.date, str]


def rows(question: Question) -> list[ReportRow]:
    """A row for each month in which award notices were published, then their sum."""
    read: list[_Read] = [
        (notice.sha256, notice.published_date, state_of_notice(notice.sha256))
        for notice in notices_published(
            from_date=question.from_date, to_date=question.to_date, kind="award"
        )
    ]
    if not read:
        return []
    months: dict[str, list[_Read]] = defaultdict(list)
    for each in read:
        months[f"{each[1]:%Y-%m}"].append(each)
    cases = cases_of_notices(digest for digest, _day, _state in read)
    found = [_row(month, month, months[month], cases) for month in sorted(months)]
    return [*found, _row("all", _("Sum"), read, cases)]


def _row(key: str, month: str, read: list[_Read], cases: Mapping[str, uuid.UUID]) -> ReportRow:
    counts = {state: sum(each[2] == state for each in read) for state in _STATES}
    said = {
        "value": _("printed"),
        "review": _("in doubt"),
        "absent": _("absent"),
        "unreadable": _("unreadable"),
    }
    return ReportRow(
        key=key,
        values={
            "month": month,
            "printed": counts["value"],
            "notices": len(read),
            "share": share(counts["value"], len(read)),
            "review": counts["review"],
            "absent": counts["absent"],
            "unreadable": counts["unreadable"],
        },
        behind=tuple(
            Behind(case_id=cases.get(digest), at=day, note=said[state])
            for digest, day, state in read
        ),
    )


REPORT: Final = Report(
    code="r8",
    title=Text("公告载明政采贷政策情况", "Policy coverage of notices"),
    definition=Text(
        "期间内公告的中标（成交）结果公告，重新读取原文，统计载明合同融资渠道的份数；存疑的不算载明，"
        "分母为全部公告。",
        "Award notices published in the period, read again from their bytes: how many print the channel"
        " of contract financing. What is in doubt does not count as printed; the denominator is all.",
    ),
    columns=(
        text_column("month", "月份", "Month"),
        count_column("printed", "载明（分子）", "Printed (numerator)"),
        count_column("notices", "公告份数（分母）", "Notices (denominator)"),
        share_column("share", "载明率", "Share"),
        count_column("review", "存疑", "In doubt"),
        count_column("absent", "未载明", "Absent"),
        count_column("unreadable", "无法读取", "Unreadable"),
    ),
    rows=rows,
)
