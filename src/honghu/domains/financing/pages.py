"""Pages of financing: the public policy, the invitation with its QR code, panels of the case page."""

import dataclasses
import datetime as dt
import io
import uuid
from collections.abc import Mapping
from decimal import Decimal

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from honghu.domains.financing.queries import get_ceiling, list_encumbrances, payments_of_loan
from honghu.kernel.cases.queries import children_of
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.rulesets.queries import RuleValue, get_rule, reading_one_edition
from honghu.web.components import Column, Fact, Row, Table

_PERCENT = Decimal(100)
POLICY_RULES = (
    "rate_cap_of_reference",
    "fee_max",
    "loan_days.first",
    "loan_days.repeat",
    "quote_working_days",
    "receivable_confirmation_natural_days",
    "payment_natural_days",
)
"""The rules that the policy text quotes, each with its source."""


@dataclasses.dataclass(frozen=True, slots=True)
class Policy:
    """The policy in figures, as the rule book has it on a day."""

    rules: Mapping[str, RuleValue]

    @property
    def rate_share(self) -> str:
        """The highest share of the reference rate, in percent."""
        share = self.rules["rate_cap_of_reference"].as_decimal() * _PERCENT
        return f"{share.normalize():f} %"

    @property
    def first_days(self) -> int:
        """Working days from acceptance to a first loan."""
        return self.rules["loan_days.first"].as_duration().value

    @property
    def repeat_days(self) -> int:
        """Working days from acceptance to a repeat loan."""
        return self.rules["loan_days.repeat"].as_duration().value

    @property
    def sources(self) -> list[str]:
        """Where the figures come from, each once."""
        return list(dict.fromkeys(rule.source for rule in self.rules.values()))


def policy_on(day: dt.date) -> Policy:
    """The policy's figures on a day. Raises RuleMissingError naming the rule."""
    with reading_one_edition():
        return Policy(
            {
                name: get_rule(f"financing.{name}", on=day, region=settings.HONGHU_REGION)
                for name in POLICY_RULES
            }
        )


@require_safe
def policy_page(request: HttpRequest) -> HttpResponse:
    """The financing policy for everybody, without sign-in."""
    policy = policy_on(timezone.localdate(timezone.now()))
    return render(request, "financing/policy.html", {"policy": policy})


def invitation_address(number: str) -> str:
    """The address behind the QR code of an invitation: the supplier's own case."""
    return settings.PUBLIC_ADDRESS.rstrip("/") + reverse("case-by-number", args=[number])


@require_safe
def qr_image(_request: HttpRequest, number: str) -> HttpResponse:
    """The QR code of an invitation's address as SVG. It holds the case number and nothing else."""
    image = io.BytesIO()
    segno.make(invitation_address(number), error="m").save(
        image, kind="svg", scale=4, border=2, light="#fff", dark="#000"
    )
    return HttpResponse(image.getvalue(), content_type="image/svg+xml")


def invitation_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """Policy text and QR code, for the supplier who is invited and for the office that invites."""
    if detail.row.state not in {"unclaimed", "invited", "authorised"}:
        return None
    return {
        "policy": policy_on(timezone.localdate(timezone.now())),
        "number": detail.row.number,
        "address": invitation_address(detail.row.number),
    }


def quotes_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """The quotes that the reader may see, side by side: what they cost in yuan over the tenor."""
    visible = {row.id for row in detail.children}
    now = timezone.now()
    quotes = [
        quote
        for quote in children_of(detail.row.id, register="financing-quote", now=now)
        if quote.id in visible
    ]
    if not quotes:
        return None
    names = organisation_names(uuid.UUID(quote.facts["bank"]) for quote in quotes)
    rows = [
        Row(
            cells=(
                names[uuid.UUID(quote.facts["bank"])],
                quote.facts["amount"],
                Decimal(quote.facts["rate"]),
                _cost_fen(quote.facts),
                quote.state_title,
            ),
            url=reverse("case", args=[quote.id]),
        )
        for quote in sorted(quotes, key=lambda each: Decimal(each.facts["rate"]))
    ]
    columns = (
        Column(label=_("Bank"), role="title"),
        Column(label=_("Limit"), kind="money"),
        Column(label=_("Rate (% a year)"), kind="decimal"),
        Column(label=_("Interest over the tenor"), kind="money"),
        Column(label=_("State")),
    )
    return {
        "table": Table(
            caption=_("Quotes side by side"),
            columns=columns,
            rows=tuple(rows),
            is_caption_hidden=True,
        )
    }


def _cost_fen(facts: Mapping[str, object]) -> int:
    """Interest if the whole limit is drawn for the whole tenor, in fen; for comparison only."""
    months = Decimal(str(facts["tenor_months"])) / 12
    cost = Decimal(str(facts["amount"])) * Decimal(str(facts["rate"])) / _PERCENT * months
    return int(cost.to_integral_value())


def ceiling_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """How much may still be drawn on the award, across all banks; never who has drawn it."""
    ceiling = get_ceiling(uuid.UUID(detail.row.facts["award"]))
    if ceiling is None:
        return None
    return {
        "facts": (
            Fact(label=_("Contract amount"), value=ceiling.contract_fen, kind="money"),
            Fact(label=_("Financing ratio"), value=ceiling.ratio, kind="percent"),
            Fact(label=_("Paid by the treasury"), value=ceiling.paid_fen, kind="money"),
            Fact(label=_("Ceiling"), value=ceiling.ceiling_fen, kind="money"),
            Fact(label=_("Drawn or reserved"), value=ceiling.exposure_fen, kind="money"),
            Fact(label=_("Still to be drawn"), value=ceiling.residual_fen, kind="money"),
        ),
        "encumbered": ceiling.encumbered,
    }


def encumbrances_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """For a filed bank: which contracts are encumbered and what is left on them; never by whom."""
    if detail.row.state not in {"filed", "withdrawing"}:
        return None
    rows = tuple(
        Row(cells=(each.project_name, each.project_no, each.lot, each.residual_fen))
        for each in list_encumbrances()
    )
    if not rows:
        return None
    columns = (
        Column(label=_("Project"), role="title"),
        Column(label=_("Project number")),
        Column(label=_("Lot")),
        Column(label=_("Still to be drawn"), kind="money"),
    )
    return {
        "table": Table(
            caption=_("Encumbered contracts"), columns=columns, rows=rows, is_caption_hidden=True
        )
    }


def payments_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """The treasury's payments and where each went."""
    payments = payments_of_loan(detail.row.id)
    if not payments:
        return None
    columns = (
        Column(label=_("Reference"), role="title"),
        Column(label=_("Paid on"), kind="date"),
        Column(label=_("Paid"), kind="money"),
        Column(label=_("Interest"), kind="money"),
        Column(label=_("Principal"), kind="money"),
        Column(label=_("Released"), kind="money"),
        Column(label=_("Into the locked account")),
    )
    rows = tuple(
        Row(
            cells=(
                paid.reference,
                paid.paid_date,
                paid.amount_fen,
                paid.interest_fen,
                paid.principal_fen,
                paid.released_fen,
                _("yes") if paid.into_lock else _("no"),
            )
        )
        for paid in payments
    )
    return {
        "table": Table(caption=_("Payments"), columns=columns, rows=rows, is_caption_hidden=True)
    }
