"""受托支付: what the loan contract says about paying out, and what is shown when money is asked for.

What follows from it is lending's to judge, with the threshold of the day.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import HonghuError, Invalid
from honghu.domains.financing.commands.accounts import account_index
from honghu.domains.lending.commands.problems import PaymentRefused
from honghu.kernel.cases.effects import Effect
from honghu.kernel.rulesets.queries import find_rule

PAYEES: Final = ("payee_one", "payee_two", "payee_three")
PAPERS: Final = ("payment_order", "trade_contract")
"""The evidence that an entrusted payment needs, named as lending names its demands."""
_PURPOSE: Final = "working_capital"
_UNDECIDED: Final = "unable-to-decide-payment"


class UnableToPayOut(HonghuError):  # noqa: N818 named after what was attempted
    """The bank must pay this amount itself, and payee or papers do not allow it."""

    code = "payment-out-refused"
    status = 409


def propose_credit(effect: Effect) -> None:
    """Effect of `propose`: the terms of paying out are complete.

    Raises Invalid where a payee lacks its account or the reverse, and where neither the rules of
    the day nor the contract say from which amount on the bank pays itself (until 2024-06-30 the
    contract had to).
    """
    facts, faults = effect.case.facts, {}
    for name in PAYEES:
        account = f"{name}_account"
        if bool(facts.get(name)) is not bool(facts.get(account)):
            missing = account if facts.get(name) else name
            faults[missing] = _("A payee is a name with its account.")
    find = partial(find_rule, on=localdate(effect.now), region=settings.HONGHU_REGION)
    if find(f"lending.entrusted_above.{_PURPOSE}") is None and not facts.get("entrusted_above"):
        faults["entrusted_above"] = _("The rules of the day set no amount: the contract has to.")
    if faults:
        message = _("The terms of paying out are not complete.")
        raise Invalid(message, remedy=_("Complete the marked fields."), fields=faults)


def payment_terms(facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """The terms of paying out as lending reads them; null for a case whose register knows none.

    Accounts are kept as keyed hashes.
    """
    if not facts.get("credit_standing"):
        return None
    payees = [
        {"name": facts[name], "account": account_index(facts[f"{name}_account"])}
        for name in PAYEES
        if facts.get(name) and facts.get(f"{name}_account")
    ]
    terms = {
        "purpose": _PURPOSE,
        "agreed_payees": payees,
        "is_new_borrower": facts.get("loan_kind") != "repeat",
        "credit": facts["credit_standing"],
    }
    above = facts.get("entrusted_above")
    return terms | ({"threshold_fen": above} if above else {})


def asked_for(effect: Effect) -> dict[str, Any]:
    """For whom a proposed disbursement is and which papers are shown, as lending takes it.

    Raises Invalid for a payee without account.
    """
    name, account = effect.form.get("payee"), effect.form.get("payee_account")
    if bool(name) is not bool(account):
        message = _("A payee is a name with its account.")
        raise Invalid(message, fields={"payee" if account else "payee_account": message})
    shown = [paper for paper in PAPERS if effect.evidence.get(paper)]
    payee = {"name": name.strip(), "account": account_index(account)} if name and account else None
    return {"payee": payee, "shown": shown}


def refused(error: HonghuError) -> HonghuError:
    """Lending's refusal to pay out, in the words of the page; any other error as it is."""
    if isinstance(error, PaymentRefused):
        fields = {}
        if "payee_not_agreed" in error.fields:
            fields["payee"] = _("This payee and account are not agreed in the contract.")
        if "evidence_missing" in error.fields:
            fields["payment_order"] = _("Attach the payment order and the trade contract.")
        message = _("The bank must pay this amount to an agreed payee itself.")
        return UnableToPayOut(message, remedy=" ".join(fields.values()), fields=fields)
    if error.code == _UNDECIDED:
        message = _("The bank must pay this amount itself, so the payee has to be named.")
        return UnableToPayOut(
            message,
            remedy=_("Name the payee and the payee's account."),
            fields={"payee": message},
        )
    return error
