"""R1: what each bank lent, at which rates and for how long; by bank, by size, by ownership.

In the shape of Sichuan's yearly table (2019: 592 loans, 912.9164 million yuan, 5.47 % on average).
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final

from django.utils.translation import gettext as _

from honghu.domains.financing.reports.declaration import (
    MONTHS,
    PERCENT,
    Question,
    Report,
    ReportRow,
    count_column,
    mean,
    money_column,
    number_column,
    text_column,
    weighted_mean,
)
from honghu.domains.financing.reports.loans import Lent, lent_in, loans_of
from honghu.kernel.cases.models import Case
from honghu.kernel.cases.wording import words
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.registers.model import Text
from honghu.kernel.registers.queries import get_register

REGISTRATIONS: Final = "supplier-registration"


def rows(question: Question) -> list[ReportRow]:
    """All, then by month if there are several, by bank, by the supplier's size and ownership."""
    lent = lent_in(question)
    if not lent:
        return []
    banks = organisation_names(each.bank_id for each in lent)
    found = [_row("all", _("All"), _("All loans"), lent)]
    if question.from_date.replace(day=1) != question.to_date.replace(day=1):
        found += _groups(lent, "month", _("By month"), lambda each: f"{each.date:%Y-%m}")
    found += _groups(lent, "bank", _("By bank"), lambda each: banks.get(each.bank_id))
    for field, title in (("size", _("By size")), ("ownership", _("By ownership"))):
        declared = _Declared(lent, field)
        found += _groups(lent, field, title, declared.when_lent, declared.order)
    return found


def _groups(
    lent: list[Lent],
    code: str,
    title: str,
    name: Callable[[Lent], str | None],
    order: Sequence[str] = (),
) -> list[ReportRow]:
    """A row for each name, in the order given, else its own; what has none is unknown, last."""
    groups: dict[str | None, list[Lent]] = defaultdict(list)
    for each in lent:
        groups[name(each)].append(each)
    place = {each: number for number, each in enumerate(order)}
    ordered = sorted(groups, key=lambda key: (key is None, place.get(key or "", 0), key or ""))
    return [
        _row(f"{code}:{number}", title, key or _("unknown"), groups[key])
        for number, key in enumerate(ordered, start=1)
    ]


def _row(key: str, group_by: str, group: str, lent: list[Lent]) -> ReportRow:
    loans = loans_of(lent)
    rates = [each.rate for each in loans.values() if each.rate is not None]
    tenors = [each.tenor_months for each in loans.values() if each.tenor_months is not None]
    weighed = [(each.rate, each.amount_fen) for each in lent if each.rate is not None]
    return ReportRow(
        key=key,
        values={
            "group_by": group_by,
            "group": group,
            "loans": len(loans),
            "lent": sum(each.amount_fen for each in lent),
            "rate_simple": mean(rates),
            "rate_weighted": weighted_mean(weighed),
            "rate_min": min(rates, default=None),
            "rate_max": max(rates, default=None),
            "tenor_mean": mean(tenors, "0.1"),
            "tenor_min": min(tenors, default=None),
            "tenor_max": max(tenors, default=None),
        },
        behind=tuple(each.behind for each in lent),
    )


class _Declared:
    """What suppliers said of themselves when they registered, by the days of their registrations.

    Whether an enterprise is small is judged when its contract is signed (国务院令第802号, art 3):
    a loan is counted under what was last declared by its day, not under what was said since.
    """

    def __init__(self, lent: Sequence[Lent], field: str) -> None:
        declared = get_register(REGISTRATIONS).fields.get(field)
        options = declared.options if declared is not None else {}
        self.order = tuple(words(text) for text in options.values())
        """The names of the options, as the register has them."""
        ids = sorted({str(each.supplier_id) for each in lent if each.supplier_id})
        known = Case.objects.filter(
            register=REGISTRATIONS, state="registered", facts__supplier__in=ids
        ).order_by("closed_at", "id")
        self._said: dict[uuid.UUID | None, list[tuple[dt.datetime | None, str]]] = defaultdict(list)
        for facts, at in known.values_list("facts", "closed_at"):
            if (option := options.get(facts.get(field) or "")) is not None:
                self._said[uuid.UUID(facts["supplier"])].append((at, words(option)))

    def when_lent(self, each: Lent) -> str | None:
        """What held on the day of the loan, else what was declared first; null if nothing was."""
        said = self._said.get(each.supplier_id)
        if not said:
            return None
        earlier = [name for at, name in said if at is not None and at <= each.at]
        return earlier[-1] if earlier else said[0][1]


REPORT: Final = Report(
    code="r1",
    title=Text("银行融资情况表", "Bank table"),
    definition=Text(
        "期间内记入账本的放款；贷款按笔计，分次放款的一笔只计一次。简单平均利率：每笔一份；"
        "加权平均利率：按放款金额加权。供应商规模和控股类型取放款日前最近一次登记所填，放款后才登记的取首次所填，没有填的列为未知。",
        "Disbursements posted in the period; a loan drawn in parts counts once. The simple mean rate"
        " gives each loan one vote, the weighted one weighs by yuan lent. Size and ownership are"
        " those of the supplier's last registration before the loan, or of the first after it; where"
        " none says so they are unknown.",
    ),
    columns=(
        text_column("group_by", "分组", "Grouped"),
        text_column("group", "项目", "Group"),
        count_column("loans", "笔数", "Loans"),
        money_column("lent", "放款金额", "Lent"),
        number_column("rate_simple", "平均利率（简单）", "Mean rate, simple", PERCENT),
        number_column("rate_weighted", "平均利率（按金额加权）", "Mean rate, weighted", PERCENT),
        number_column("rate_min", "最低利率", "Lowest rate", PERCENT),
        number_column("rate_max", "最高利率", "Highest rate", PERCENT),
        number_column("tenor_mean", "平均期限", "Mean tenor", MONTHS),
        number_column("tenor_min", "最短期限", "Shortest", MONTHS),
        number_column("tenor_max", "最长期限", "Longest", MONTHS),
    ),
    rows=rows,
    of_banks=True,
)
