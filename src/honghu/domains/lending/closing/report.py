"""A closing day's report: counts, sums, what the ledger received, ageing, classes, what was skipped."""

import itertools
import json
import uuid
from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_noop as _

from honghu.domains.lending.closing.models import Closing, ClosingSkip, ClosingStep, Provision
from honghu.domains.lending.queries.books import ACCOUNT_KINDS, control_account_id
from honghu.domains.lending.queries.lpr import WAITS
from honghu.domains.lending.rules.postings import Part
from honghu.kernel.ledger.queries import balance, get_accounts
from honghu.kernel.ledger.records import PostedTransfer
from honghu.kernel.rulesets.queries import get_rule

SKIPS_SHOWN: Final = 100
_RECEIVABLES: Final = {
    kind: part
    for part, kind in ACCOUNT_KINDS.items()
    if part in {Part.INTEREST, Part.COMPOUND, Part.PENALTY}
}
_AGEING: Final = """
SELECT width_bucket(%(day)s::date - oldest_due_date, %(bands)s::int[]), count(*),
  sum(principal_fen + due_principal_fen)::bigint
FROM lending_loan
WHERE status = 'active' AND oldest_due_date < %(day)s GROUP BY 1 ORDER BY 1"""
_SHOWN_PARTS: Final = (
    Part.PRINCIPAL,
    Part.INTEREST,
    Part.COMPOUND,
    Part.PENALTY,
    Part.COSTS,
    Part.ALLOWANCE,
)
_REMEDIES: Final = {
    ClosingSkip.Reason.LOCKED: _("wait until the lock has ended; the next close serves the loan"),
    ClosingSkip.Reason.BUSY: _("close the day again; somebody held the loan"),
    ClosingSkip.Reason.FAULTY: _("correct the loan's data, then close the day again"),
}
_UNPRICED: Final = _("have the LPR entered (honghu lending lpr add); the next close takes it")


def remedy_of(reason: str, detail: str) -> str:
    """What to do about a loan that was passed over: English, translated where it is shown."""
    if detail.startswith(WAITS):
        return _UNPRICED
    return _REMEDIES[ClosingSkip.Reason(reason)]


def build_report(closing: Closing) -> dict[str, Any]:
    """The report of a day whose steps are all done. Amounts are fen."""
    day = closing.business_date
    counts: dict[str, dict[str, int]] = {}
    for step in ClosingStep.objects.filter(business_date=day):
        sums = counts.setdefault(step.step, {})
        for name, value in step.counts.items():
            sums[name] = sums.get(name, 0) + value
    return {
        "business_date": day.isoformat(),
        "counts": counts,
        "earned": _earned(counts.get("post", {})),
        "ledger": _ledger(closing),
        "ageing": _ageing(closing),
        "classes": [
            {
                "lender": str(row.lender_id),
                "product": row.product,
                "currency": row.currency,
                "risk_class": row.risk_class,
                "loans": row.loans,
                "balance": row.balance_fen,
                "required": row.required_fen,
            }
            for row in Provision.objects.filter(business_date=day).order_by("pk")
        ],
        "skipped": _skipped(closing),
    }


def _rows(statement: str, parameters: Any, names: tuple[str, ...]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def earned_by_books(posted: Iterable[PostedTransfer]) -> dict[str, int]:
    """Fen that transfers of accruals brought to the receivables, by part and books as one key."""
    moved: dict[uuid.UUID, int] = {}
    for transfer in posted:
        for entry in transfer.entries:
            moved[entry.account_id] = moved.get(entry.account_id, 0) + entry.amount_fen
    found = {}
    for account in get_accounts(moved).values():
        if account.kind in _RECEIVABLES:
            books = (str(account.owner_organisation_id), account.reference, account.currency)
            found[json.dumps([*books, _RECEIVABLES[account.kind]])] = moved[account.id]
    return found


def _earned(posted: dict[str, int]) -> list[dict[str, Any]]:
    """What the day's batches posted for each lender, product and currency, taken out of `posted`."""
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for key in sorted(name for name in posted if name.startswith("[")):
        lender, product, currency, part = json.loads(key)
        empty = {"lender": lender, "product": product, "currency": currency}
        empty |= dict.fromkeys(_RECEIVABLES.values(), 0)
        rows.setdefault((lender, product, currency), empty)[part] = posted.pop(key)
    return list(rows.values())


def _ledger(closing: Closing) -> list[dict[str, Any]]:
    """The balances of the control accounts once the day is closed, for each lender and product."""
    day = closing.business_date
    books = Provision.objects.filter(business_date=day).order_by("lender_id", "product", "currency")
    found = []
    for lender, product, currency in books.values_list(
        "lender_id", "product", "currency"
    ).distinct():
        balances = {
            part.value: balance(
                control_account_id(part, lender, product, currency), day
            ).balance_fen
            for part in _SHOWN_PARTS
        }
        found.append({"lender": str(lender), "product": product, "currency": currency, **balances})
    return found


def _ageing(closing: Closing) -> list[dict[str, Any]]:
    """Overdue loans by days, in the bands of the rule `ageing_bands`."""
    day = closing.business_date
    rule = get_rule("lending.ageing_bands", on=day, region=settings.HONGHU_REGION)
    tops = [int(top) for top in rule.as_text().split(",")]
    # width_bucket counts the band that begins at each number: the day after the top before it.
    bands = [top + 1 for top in tops]
    found = _rows(_AGEING, {"day": day, "bands": bands}, ("band", "loans", "balance"))
    names = [
        f"1-{tops[0]}",
        *(f"{low + 1}-{high}" for low, high in itertools.pairwise(tops)),
    ]
    names.append(f">{tops[-1]}")
    return [{**row, "band": names[row["band"]]} for row in found]


def _skipped(closing: Closing) -> dict[str, Any]:
    skips = ClosingSkip.objects.filter(
        business_date=closing.business_date, resolved_at__isnull=True
    ).order_by("loan_id")
    return {
        "count": skips.count(),
        "loans": [
            {
                "loan": str(skip.loan_id),
                "reason": skip.reason,
                "detail": skip.detail,
                "remedy": remedy_of(skip.reason, skip.detail),
            }
            for skip in skips[:SKIPS_SHOWN]
        ],
    }
