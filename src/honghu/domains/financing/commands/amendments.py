"""What happens to a contract that is financed: amended up or down, or its supplier renamed."""

import datetime as dt
import uuid
from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid
from honghu.domains.financing.commands.accounts import open_supplier_account
from honghu.domains.financing.commands.limits import apply_ceiling, ensure_limit
from honghu.domains.financing.commands.payments import excess_text, raise_risk
from honghu.domains.financing.models import Limit, Loan
from honghu.domains.financing.queries.standing import takes_from_system
from honghu.domains.financing.rules import amendment
from honghu.domains.lending import commands as lending
from honghu.domains.procurement.queries import ContractRow
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.queries import get_organisation
from honghu.kernel.rulesets.queries import get_rule

_PERCENT = Decimal(100)


class NothingToConfirm(Conflict):
    """No published supplement waits for the buyer."""

    code = "no-supplement"


class UnableToChangeSupplier(Conflict):
    """Money is promised to the present supplier."""

    code = "supplier-awaits-money"


def amend_published(loan: CaseRow, contract: ContractRow, now: dt.datetime) -> None:
    """Tell an open loan that a later contract notice of its award was published.

    A loan of a register version that knows no amendments is left to its bank.
    """
    if not takes_from_system(loan, "amend_contract"):
        return
    same_parties = set(contract.differences) <= {"amount"} and contract.amount_fen is not None
    perform(
        loan.id,
        "amend_contract",
        actor=SYSTEM,
        now=now,
        idempotency_key=f"amendment:{contract.id}:{loan.id}",
        form={
            "contract": str(contract.id),
            "contract_no": contract.contract_no,
            "new_amount": contract.amount_fen if same_parties else None,
        },
    )


def amend_contract(effect: Effect) -> None:
    """Effect of `amend_contract`: a decrease lowers the ceiling at once (the excess is a risk).

    An increase waits for the buyer's confirmation (rule 16); one beyond the statute's share, or a
    contract with other parties, is a risk for a person and changes nothing.
    """
    facts, amount = effect.case.facts, effect.form.get("new_amount")
    if amount is None:
        effect.then(lambda: raise_risk(effect, "contract_differs", None))
        return
    original = facts.get("original_amount") or facts["contract_amount"]
    facts["original_amount"] = original
    share = get_rule(
        "financing.supplement_ratio_max", on=localdate(effect.now), region=settings.HONGHU_REGION
    ).as_decimal()
    match amendment(
        original_fen=original,
        current_fen=facts["contract_amount"],
        new_fen=amount,
        share_max=share,
    ):
        case "decrease":
            facts["supplement_amount"] = None
            excess = _price(effect, amount)
            if excess:
                text = excess_text(excess)
                effect.then(lambda: raise_risk(effect, "amount_decreased", excess, text))
        case "increase":
            facts["supplement_amount"] = amount
        case "beyond":
            effect.then(lambda: raise_risk(effect, "supplement_beyond", amount))
        case "same":
            facts["supplement_amount"] = None


def _price(effect: Effect, amount_fen: int) -> int:
    """Give the award's limit another contract amount; by how much the exposure is above it then."""
    facts = effect.case.facts
    facts["contract_amount"] = amount_fen
    limit = _limit(effect)
    limit.contract_fen = amount_fen
    return apply_ceiling(limit, now=effect.now)


def _limit(effect: Effect) -> Limit:
    facts = effect.case.facts
    ratio = Decimal(facts["ratio"]) / _PERCENT
    return ensure_limit(uuid.UUID(facts["award"]), ratio=ratio, now=effect.now)


def confirm_supplement(effect: Effect) -> None:
    """Effect of `confirm_supplement`: published and confirmed, a supplement raises the ceiling."""
    amount = effect.case.facts.get("supplement_amount")
    if amount is None:
        message = _("No published supplement waits for confirmation.")
        raise NothingToConfirm(message, remedy=_("Wait for the notice of the supplement."))
    effect.case.facts["supplement_amount"] = None
    _price(effect, amount)


def change_supplier(effect: Effect) -> None:
    """Effect of `change_supplier` on a loan: its lock stays, the successor authorises anew.

    The successor owes the loan at lending, and is paid what is released from now on; nothing is
    drawn before it has agreed. What was booked before stays with the former supplier. Raises Invalid
    for the present supplier, UnableToChangeSupplier while money is promised to it.
    """
    facts = effect.case.facts
    successor = uuid.UUID(facts["supplier"])
    loan = Loan.objects.select_for_update().get(pk=effect.case.id)
    if successor == loan.supplier_id:
        message = _("The loan is this supplier's already.")
        raise Invalid(message, fields={"supplier": message})
    if loan.reserved_event_id is not None:
        message = _("A disbursement to the former supplier waits for its decision.")
        raise UnableToChangeSupplier(message, remedy=_("Let the bank return it first."))
    facts["reauthorise"] = True
    loan.supplier_id = successor
    loan.supplier_account_id = open_supplier_account(successor, now=effect.now)
    loan.save(update_fields=["supplier_id", "supplier_account_id"])
    if loan.lending_id is not None:
        lending.change_borrower(
            actor=effect.actor,
            now=effect.now,
            idempotency_key=f"{effect.step_id}:borrower",
            loan_id=loan.lending_id,
            borrower_id=successor,
        )
    with translation.override(settings.LANGUAGE_CODE):
        effect.case.title = f"{effect.case.title} · {get_organisation(successor).name}"


def reauthorise_loan(effect: Effect) -> None:
    """Effect of `reauthorise`: the successor stands by the authorisation and the loan."""
    effect.case.facts["reauthorise"] = False
