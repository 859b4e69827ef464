"""Banks' offers on one application, comparable: cost by the lending rules, days, conditions."""

import dataclasses
import datetime as dt
import statistics
import uuid
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings

from honghu.domains.financing.queries.ceilings import has_drawn_before
from honghu.domains.lending.queries.previews import PlannedRow, preview_schedule
from honghu.kernel.cases.models import Case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.rulesets.queries import get_rule

_FEN = Decimal(100)
_MONTHS = 12
_RECENT = 50
"""So many of a bank's latest loans say how fast it lends."""


@dataclasses.dataclass(frozen=True, slots=True)
class Offer:
    """A quote as the supplier compares it. Amounts in fen, rates in percent a year.

    `cost_fen` is the interest of the whole tenor if `amount_fen` is drawn today and repaid at the
    end, by the schedule that the loan would have; `year_fen` the same for a year. `days_measured`
    is the median of the bank's own recent loans, null where it has none.
    """

    quote: CaseRow
    bank: str
    amount_fen: int
    rate: Decimal
    ratio: Decimal
    tenor_months: int
    cost_fen: int
    year_fen: int
    repay_date: dt.date
    days_promised: int
    days_measured: int | None
    guarantee: str | None
    valid_until: dt.date
    is_open: bool


def compare_offers(
    quotes: Sequence[CaseRow], *, applied_fen: int, supplier_id: uuid.UUID, today: dt.date
) -> list[Offer]:
    """The quotes as offers, open ones first, then the cheapest. `applied_fen` bounds what is drawn.

    Raises RuleMissingError where the rule book names no day count or number of days.
    """
    banks = {uuid.UUID(each.facts["bank"]) for each in quotes}
    names, days = organisation_names(banks), _measured_days(banks)
    kind = "repeat" if has_drawn_before(supplier_id) else "first"
    region = settings.HONGHU_REGION
    promised = get_rule(f"financing.loan_days.{kind}", on=today, region=region).as_duration().value
    day_count = get_rule("financing.day_count", on=today).as_text()
    offers = []
    for quote in quotes:
        facts, bank_id = quote.facts, uuid.UUID(quote.facts["bank"])
        amount, months = min(facts["amount"], applied_fen), int(facts["tenor_months"])
        rate = Decimal(facts["rate"])
        last = loan_plan(amount, rate, start=today, months=months, day_count=day_count)[-1]
        offers.append(
            Offer(
                quote=quote,
                bank=names[bank_id],
                amount_fen=amount,
                rate=rate,
                ratio=Decimal(facts["ratio"]),
                tenor_months=months,
                cost_fen=last.interest_fen,
                year_fen=_per_year(last.interest_fen, months),
                repay_date=last.due_date,
                days_promised=promised,
                days_measured=days.get(bank_id),
                guarantee=facts.get("guarantee"),
                valid_until=dt.date.fromisoformat(facts["valid_until"]),
                is_open=quote.state == "offered" and facts["valid_until"] >= today.isoformat(),
            )
        )
    return sorted(offers, key=lambda each: (not each.is_open, each.year_fen, each.rate, each.bank))


def loan_plan(
    amount_fen: int, rate: Decimal, *, start: dt.date, months: int, day_count: str
) -> list[PlannedRow]:
    """The schedule of a contract loan: interest and principal together on its last day (利随本清)."""
    return preview_schedule(
        {
            "principal": str(Decimal(amount_fen) / _FEN),
            "annual_rate": str(rate),
            "start_date": start.isoformat(),
            "n": 1,
            "every": months,
            "unit": "months",
            "method": "bullet",
            "day_count": day_count,
        }
    )


def _per_year(cost_fen: int, months: int) -> int:
    """What the same costs for a year, in fen, half-up."""
    share = Decimal(cost_fen) * _MONTHS / Decimal(months)
    return int(share.to_integral_value(ROUND_HALF_UP))


def _measured_days(banks: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Calendar days from matched contract to money, by bank: the median of its latest loans."""
    rows = (
        Case.objects.filter(
            register="financing-loan",
            party_ids__overlap=list(banks),
            facts__has_keys=["drawn_on", "contract_matched_at"],
        )
        .exclude(facts__drawn_on=None)
        .exclude(facts__contract_matched_at=None)
        .order_by("-changed_at")
        .values_list("facts__bank", "facts__contract_matched_at", "facts__drawn_on")[:_RECENT]
    )
    found: dict[uuid.UUID, list[int]] = {}
    for bank, matched, drawn in rows:
        took = dt.date.fromisoformat(drawn) - dt.datetime.fromisoformat(matched).date()
        found.setdefault(uuid.UUID(bank), []).append(took.days)
    return {bank: round(statistics.median(days)) for bank, days in found.items()}
