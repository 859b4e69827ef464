"""What public buyers owe small firms, claim by claim, and the list of it that a year ends with.

保障中小企业款项支付条例 (State Council Decree 802): arts 9 to 11 for the term, 15 and 17 for interest,
18 for the list that is published by 31 March.
"""

import csv
import dataclasses
import datetime as dt
import io
import uuid
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.conf import settings

from honghu.base.money import format_yuan, parse_yuan
from honghu.domains.financing.rules import LateTerms, late_interest_fen
from honghu.kernel.cases.models import Case
from honghu.kernel.evidence.queries import open_content
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.rulesets.queries import get_rule

CLAIMS: Final = "payment-due"
LISTS: Final = "overdue-list"
_HEADS: Final = ("采购人", "合同笔数", "逾期金额（元）", "最长逾期天数", "逾期利息（元）")


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


@dataclasses.dataclass(frozen=True, slots=True)
class ListedBuyer:
    """A line of the list: what one buyer owes beyond its term. Amounts in fen, disputes left out."""

    buyer: str
    contracts: int
    amount_fen: int
    longest_days: int
    interest_fen: int


def overdue_claims(year: int) -> list[Claim]:
    """The claims overdue and unpaid at the end of a year, by buyer."""
    end = dt.date(year, 12, 31)
    return [each for each in claims_due(to_date=end) if each.is_overdue(end)]


def listed_buyers(year: int) -> list[ListedBuyer]:
    """The list of a year, the greatest amount first. A claim without a known buyer is left out."""
    end = dt.date(year, 12, 31)
    claims = [each for each in overdue_claims(year) if each.buyer_id is not None]
    rate = daily_rate(end) if claims else Decimal(0)
    groups: dict[uuid.UUID, list[Claim]] = defaultdict(list)
    for each in claims:
        if each.buyer_id is not None:
            groups[each.buyer_id].append(each)
    names = organisation_names(groups)
    found = [
        ListedBuyer(
            names[buyer],
            len(group),
            sum(each.undisputed_fen for each in group),
            max((end - each.due_date).days for each in group),
            sum(each.interest_fen(end, rate) for each in group),
        )
        for buyer, group in groups.items()
    ]
    return sorted(found, key=lambda each: (-each.amount_fen, each.buyer))


def list_file(year: int, rows: list[ListedBuyer]) -> bytes:
    """The list as the file that is kept as evidence: the same rows are the same bytes."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([f"{year}年末逾期尚未支付中小企业款项"])
    writer.writerow(_HEADS)
    for row in rows:
        amounts = format_yuan(row.amount_fen), format_yuan(row.interest_fen)
        writer.writerow([row.buyer, row.contracts, amounts[0], row.longest_days, amounts[1]])
    return target.getvalue().encode()


def read_list_file(digest: str) -> list[ListedBuyer]:
    """The rows of a list as it was kept. Raises NotFound, EvidenceErasedError, EvidenceLostError."""
    with open_content(digest) as file:
        lines = list(csv.reader(io.StringIO(file.read().decode())))
    return [
        ListedBuyer(buyer, int(count), parse_yuan(amount), int(days), parse_yuan(interest))
        for buyer, count, amount, days, interest in lines[2:]
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class KeptList:
    """A list that was prepared or published, and the digest of its file."""

    case_id: uuid.UUID
    number: str
    state: str
    digest: str
    published_date: dt.date | None
    due_date: dt.date | None


def kept_lists(year: int) -> list[KeptList]:
    """The lists of a year that were not dropped, the latest first."""
    rows = Case.objects.filter(register=LISTS, facts__year=year).exclude(state="dropped")
    found = rows.order_by("-opened_at").values_list("id", "number", "state", "facts")
    return [
        KeptList(
            case_id,
            number,
            state,
            facts["digest"],
            _date(facts.get("published_on")),
            _date(facts.get("publish_by")),
        )
        for case_id, number, state, facts in found
    ]


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
