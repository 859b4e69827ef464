"""R6: every change of a repayment account, with the four conditions of rule 10 and who met them."""

import datetime as dt
import uuid
from collections import defaultdict
from typing import Any, Final

from django.utils.timezone import localdate

from honghu.domains.financing.models import AccountLock
from honghu.domains.financing.reports.declaration import (
    Behind,
    Question,
    Report,
    ReportRow,
    day_column,
    text_column,
)
from honghu.kernel.cases.models import Case
from honghu.kernel.cases.wording import words
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.registers.model import Text
from honghu.kernel.registers.queries import get_register

CHANGES: Final = "account-change"
_CASE: Final = ("id", "number", "state", "register_version", "facts", "parent_id")


def rows(question: Question) -> list[ReportRow]:
    """A row for each change that was asked for in the period, the earliest first."""
    scope = question.scope
    found = list(
        Case.objects.filter(register=CHANGES, opened_at__gte=scope.start, opened_at__lt=scope.end)
        .order_by("opened_at", "id")
        .values_list("opened_at", "closed_at", *_CASE)
    )
    parties = {
        uuid.UUID(facts[field])
        for *_rest, facts, _parent in found
        for field in ("bank", "supplier", "buyer")
        if facts.get(field)
    }
    names = {str(key): name for key, name in organisation_names(parties).items()}
    locks = _locks({row[-1] for row in found})
    return [_row(row, names, locks) for row in found]


def _locks(loans: set[uuid.UUID]) -> dict[uuid.UUID, list[AccountLock]]:
    found: dict[uuid.UUID, list[AccountLock]] = defaultdict(list)
    for lock in AccountLock.objects.filter(loan_id__in=loans).order_by("version"):
        found[lock.loan_id].append(lock)
    return found


def _row(
    row: tuple[Any, ...], names: dict[str, str], locks: dict[uuid.UUID, list[AccountLock]]
) -> ReportRow:
    opened, closed, case_id, number, state, version, facts, loan = row
    before, after = _accounts(locks.get(loan, []), opened, closed if state == "changed" else None)
    return ReportRow(
        key=number,
        values={
            "number": number,
            "loan": facts.get("loan"),
            "bank": names.get(facts.get("bank") or ""),
            "supplier": names.get(facts.get("supplier") or ""),
            "buyer": names.get(facts.get("buyer") or ""),
            "before": before,
            "after": after,
            "requested": localdate(opened),
            "consented": _day(facts.get("consented_at")),
            "confirmed": _day(facts.get("confirmed_at")),
            "published": dt.date.fromisoformat(facts["published_on"])
            if facts.get("published_on")
            else None,
            "changed": localdate(closed) if closed and state == "changed" else None,
            "state": words(get_register(CHANGES, version).states[state].title),
        },
        behind=(Behind(case_id=case_id, at=localdate(opened)),),
    )


def _accounts(
    locks: list[AccountLock], opened: dt.datetime, changed: dt.datetime | None
) -> tuple[str | None, str | None]:
    """The masked account before and after; null after while nothing was changed."""
    earlier = [each for each in locks if each.locked_at is not None and each.locked_at <= opened]
    later = [each for each in locks if changed is not None and each.locked_at == changed]
    return (
        earlier[-1].account_masked if earlier else None,
        later[-1].account_masked if later else None,
    )


def _day(instant: str | None) -> dt.date | None:
    return localdate(dt.datetime.fromisoformat(instant)) if instant else None


REPORT: Final = Report(
    code="r6",
    title=Text("回款账户变更登记", "Account-change log"),
    definition=Text(
        "期间内申请的回款账户变更，供应商申请、银行同意、采购人确认、公告四项条件各列日期；账号仅显示末位。",
        "Changes of a repayment account asked for in the period, with the days of the four conditions:"
        " request, consent, confirmation, publication. Of account numbers the last digits only.",
    ),
    columns=(
        text_column("number", "编号", "Number"),
        text_column("loan", "贷款", "Loan"),
        text_column("bank", "银行", "Bank"),
        text_column("supplier", "供应商", "Supplier"),
        text_column("buyer", "采购人", "Buyer"),
        text_column("before", "原账户", "From account"),
        text_column("after", "新账户", "To account"),
        day_column("requested", "申请", "Requested"),
        day_column("consented", "银行同意", "Bank consented"),
        day_column("confirmed", "采购人确认", "Buyer confirmed"),
        day_column("published", "公告", "Published"),
        day_column("changed", "变更生效", "Changed"),
        text_column("state", "状态", "State"),
    ),
    rows=rows,
)
