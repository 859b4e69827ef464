"""Paying out (受托支付): a drawdown that breaks the contract's terms or the day's rule is refused."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from django.conf import settings

from honghu.domains.lending.commands.problems import PaymentRefused
from honghu.domains.lending.models import Event
from honghu.domains.lending.readers.payments import read_drawdown, read_payment_terms
from honghu.domains.lending.rules.entrusted import (
    PaymentDecision,
    Reason,
    decide_payment,
    read_threshold,
)
from honghu.kernel.rulesets.queries import find_rule

_REMEDIES: Final = {
    Reason.PAYEE_NOT_AGREED: "pay a counterparty of the contract's list, or amend the contract",
    Reason.EVIDENCE_MISSING: "show the payment order and the trade contract",
}


def asked_for(payee: Mapping[str, str] | None, shown: Sequence[str]) -> dict[str, Any]:
    """The part of a request's detail that says for whom the money is and what is shown."""
    detail: dict[str, Any] = {} if payee is None else {"payee": dict(payee)}
    return detail | ({"shown": sorted(shown)} if shown else {})


def require_payable(
    loan_id: uuid.UUID, detail: Mapping[str, Any], amount_fen: int, day: dt.date
) -> dict[str, Any]:
    """Hold a drawdown to the terms of payment under which its loan was opened.

    The threshold is that of the day on which the money leaves (流动资金贷款管理办法, from 2024-07-01).
    Gives what is to be kept with the event: nothing for a loan that was opened without such terms.
    Raises PaymentRefused, UnableToDecidePayment, LoanTermsError.
    """
    opened = Event.objects.filter(loan_id=loan_id, kind=Event.Kind.OPENED)
    said = opened.values_list("detail", flat=True)[0].get("payment")
    if said is None:
        return {}
    terms = read_payment_terms(said)
    drawdown = read_drawdown(detail.get("payee"), amount_fen, detail.get("shown", ()))
    find = partial(find_rule, on=day, region=settings.HONGHU_REGION)
    decision = decide_payment(terms, drawdown, read_threshold(terms.purpose, find))
    if not decision.is_allowed:
        raise _refused(decision)
    return {"is_entrusted": decision.is_entrusted, "because": list(decision.reasons)}


def _refused(decision: PaymentDecision) -> PaymentRefused:
    refusals = [reason for reason in decision.reasons if reason in _REMEDIES]
    missing = ", ".join(sorted(decision.missing))
    return PaymentRefused(
        f"the lender must pay this amount itself ({', '.join(decision.reasons)})"
        + (f"; not shown: {missing}" if missing else ""),
        remedy="; ".join(_REMEDIES[reason] for reason in refusals),
        fields={str(reason): _REMEDIES[reason] for reason in refusals},
    )
