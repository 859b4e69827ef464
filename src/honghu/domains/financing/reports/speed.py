"""R4: from acceptance to disbursal, in working days, against the scheme's 5 and 3."""

import dataclasses
import datetime as dt
import uuid
from collections import defaultdict
from typing import Final

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.domains.financing.reports.declaration import (
    WORKING_DAYS,
    Behind,
    Question,
    Report,
    ReportRow,
    count_column,
    mean,
    number_column,
    share,
    share_column,
    text_column,
)
from honghu.domains.financing.reports.loans import Lent, lent_in, loans_of
from honghu.kernel.cases.models import Deadline, Step
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.registers.model import Text
from honghu.kernel.rulesets.queries import get_calendar

CLOCK: Final = "disbursal"
"""The clock from the published contract, all else being accepted, to the money."""
_MISSED: Final = Deadline.Status.MISSED


@dataclasses.dataclass(frozen=True, slots=True)
class Paid:
    """A loan that was paid out: how long it took in working days, and whether it was in time.

    `days` counts from the start of the clock, `accepted_days` from the bank's acceptance of the
    intent; either is null where its start was not recorded.
    """

    lent: Lent
    days: int | None
    accepted_days: int | None
    is_late: bool | None


def rows(question: Question) -> list[ReportRow]:
    """A row for all, then for each bank and kind of loan (first, repeat)."""
    paid = _paid(question)
    if not paid:
        return []
    names = organisation_names(each.lent.bank_id for each in paid)
    groups: dict[tuple[str, str], list[Paid]] = defaultdict(list)
    for each in paid:
        kind = _kinds().get(each.lent.kind or "", _("unknown"))
        groups[names.get(each.lent.bank_id, ""), kind].append(each)
    found = [
        _row(f"{number}", bank, kind, groups[bank, kind])
        for number, (bank, kind) in enumerate(sorted(groups), start=1)
    ]
    return [_row("all", _("All"), "", paid), *found]


def _kinds() -> dict[str, str]:
    return {"first": _("First loan"), "repeat": _("Repeat loan")}


def _paid(question: Question) -> list[Paid]:
    loans = loans_of(lent_in(question))
    clocks = {
        each.case_id: each
        for each in Deadline.objects.filter(case_id__in=loans, code=CLOCK).order_by("started_at")
    }
    accepted = _accepted(loans)
    calendar = get_calendar()

    def days(since: dt.datetime | None, until: dt.date) -> int | None:
        return None if since is None else calendar.count_working_days(localdate(since), until)

    return [
        Paid(
            lent,
            days(clocks[loan].started_at if loan in clocks else None, lent.date),
            days(accepted.get((lent.application_id, lent.bank_id)), lent.date),
            clocks[loan].status == _MISSED if loan in clocks else None,
        )
        for loan, lent in loans.items()
    ]


def _accepted(
    loans: dict[uuid.UUID, Lent],
) -> dict[tuple[uuid.UUID | None, uuid.UUID | None], dt.datetime]:
    """When a bank accepted the intent of an application, by both: an offered quote accepts, too."""
    steps = Step.objects.filter(
        register="financing-intent",
        action="accept",
        case__parent_id__in={each.application_id for each in loans.values()},
    ).order_by("at")
    found = steps.values_list("case__parent_id", "case__facts__bank", "at")
    return {(parent, uuid.UUID(bank)): at for parent, bank, at in found}


def _row(key: str, bank: str, kind: str, paid: list[Paid]) -> ReportRow:
    days = [each.days for each in paid if each.days is not None]
    accepted = [each.accepted_days for each in paid if each.accepted_days is not None]
    judged = [each for each in paid if each.is_late is not None]
    in_time = sum(not each.is_late for each in judged)
    return ReportRow(
        key=key,
        values={
            "bank": bank,
            "kind": kind,
            "loans": len(paid),
            "judged": len(judged),
            "in_time": in_time,
            "share": share(in_time, len(judged)),
            "days_mean": mean(days, "0.1"),
            "days_max": max(days, default=None),
            "accepted_mean": mean(accepted, "0.1"),
            "accepted_max": max(accepted, default=None),
        },
        behind=tuple(_behind(each) for each in paid),
    )


def _behind(paid: Paid) -> Behind:
    said = _("unknown") if paid.days is None else _("%(days)d working days") % {"days": paid.days}
    if paid.is_late:
        said = f"{said} · {_('late')}"
    return dataclasses.replace(paid.lent.behind, note=said)


REPORT: Final = Report(
    code="r4",
    title=Text("受理至放款时效", "Acceptance to disbursal"),
    definition=Text(
        "期间内首次放款的贷款。时限首贷5个、续贷3个工作日（见制度库），自受理材料齐备、合同公告核对一致"
        "之时起；另列自银行受理意向起的天数。按时率的分母为有时限记录的贷款。",
        "Loans first paid out in the period. The term (first loans 5, repeat loans 3 working days, see"
        " the rule book) runs from when the published contract agrees and all is accepted; days from"
        " the bank's acceptance of the intent stand beside it. The denominator of the share in time is"
        " the loans whose term was recorded.",
    ),
    columns=(
        text_column("bank", "银行", "Bank"),
        text_column("kind", "类别", "Kind"),
        count_column("loans", "贷款笔数", "Loans"),
        count_column("judged", "有时限的（分母）", "With a term (denominator)"),
        count_column("in_time", "按时放款（分子）", "In time (numerator)"),
        share_column("share", "按时率", "In time"),
        number_column("days_mean", "平均用时", "Mean", WORKING_DAYS),
        number_column("days_max", "最长用时", "Longest", WORKING_DAYS),
        number_column("accepted_mean", "自受理平均", "Mean from acceptance", WORKING_DAYS),
        number_column("accepted_max", "自受理最长", "Longest from acceptance", WORKING_DAYS),
    ),
    rows=rows,
    of_banks=True,
)
