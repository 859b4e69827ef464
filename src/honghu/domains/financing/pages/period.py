"""The days and the bank that a report's address asks for, and the form that asks for them."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping
from urllib.parse import urlencode

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.desk.frame.visit import DeskRequest
from honghu.domains.financing.reports.declaration import Question
from honghu.domains.financing.reports.registry import ReportSight
from honghu.kernel.parties.queries import list_organisations
from honghu.web.fields import Choice, FormField

_YEAR_MAX = 9000


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A question as an address puts it; `error` says why the days in it are none."""

    question: Question
    first: str
    last: str
    error: str = ""
    buyer: str = ""

    @property
    def query(self) -> str:
        """The question as an address carries it."""
        return urlencode(self.parameters())

    def parameters(self) -> Mapping[str, str]:
        """The question's parameters, those that narrow nothing left out."""
        asked, bank = self.question, self.question.bank_id
        days = {"from": asked.from_date.isoformat(), "to": asked.to_date.isoformat()}
        more = {"bank": str(bank or ""), "buyer": self.buyer}
        return days | {name: value for name, value in more.items() if value}


def read_asked(request: DeskRequest, sight: ReportSight) -> Asked:
    """What the address asks for: this year up to today unless it says otherwise.

    A bank is asked about itself, whatever its address says.
    """
    now = request.visit.now
    today = localdate(now)
    first = request.GET.get("from", "") or today.replace(month=1, day=1).isoformat()
    last = request.GET.get("to", "") or today.isoformat()
    bank = sight.bank_id or _id(request.GET.get("bank", ""))
    buyer = request.GET.get("buyer", "").strip()
    error = ""
    try:
        begins, ends = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    except ValueError:
        begins, ends, error = today.replace(month=1, day=1), today, _("Give days like 2026-03-31.")
    if ends < begins or ends.year > _YEAR_MAX:
        begins = ends = min(ends, today)
        error = _("The last day is before the first.")
    question = Question(from_date=begins, to_date=ends, now=now, bank_id=bank)
    return Asked(question, first, last, error, buyer)


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def period_fields(asked: Asked, sight: ReportSight, *, narrows: bool) -> tuple[FormField, ...]:
    """The days, and with `narrows` the bank, as fields of a filter."""
    errors = (asked.error,) if asked.error else ()
    fields = (
        FormField(name="from", label=_("From"), control="date", value=asked.first),
        FormField(name="to", label=_("To"), control="date", value=asked.last, errors=errors),
    )
    if not narrows or not sight.everything:
        return fields
    banks = tuple(
        Choice(value=str(one.id), label=one.name) for one in list_organisations(kind="bank")
    )
    bank = FormField(
        name="bank",
        label=_("Bank"),
        control="choice",
        value=str(asked.question.bank_id or ""),
        choices=banks,
        placeholder=_("All banks"),
        is_select=True,
    )
    return (*fields, bank)
