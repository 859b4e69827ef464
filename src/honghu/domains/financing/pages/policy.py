"""The public policy, and the invitation with its QR code."""

import dataclasses
import datetime as dt
import io
from collections.abc import Mapping
from decimal import Decimal

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from honghu.desk.frame.pages import open_page
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.rulesets.queries import RuleValue, get_rule, reading_one_edition

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
@open_page
def policy_page(request: HttpRequest) -> HttpResponse:
    """The financing policy for everybody, without sign-in."""
    policy = policy_on(timezone.localdate())
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
        "policy": policy_on(timezone.localdate()),
        "number": detail.row.number,
        "address": invitation_address(detail.row.number),
    }
