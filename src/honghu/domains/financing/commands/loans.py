"""Contract loans: opened from a chosen quote, approved, matched with the contract, ended."""

import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from honghu.base.money import format_yuan
from honghu.base.problems import Conflict
from honghu.domains.financing.commands.accounts import open_loan_accounts
from honghu.domains.financing.commands.amendments import amend_published
from honghu.domains.financing.commands.disbursements import release_pending
from honghu.domains.financing.commands.exempt_contracts import match_exempt
from honghu.domains.financing.commands.filings import ask_for_copy
from honghu.domains.financing.commands.limits import admit_ratio, apply_ceiling, ensure_limit
from honghu.domains.financing.commands.locks import release_lock
from honghu.domains.financing.commands.sanctions import require_unblocked
from honghu.domains.financing.commands.servicing import open_served, void_served
from honghu.domains.financing.models import Loan
from honghu.domains.financing.queries import has_drawn_before, live_loans
from honghu.domains.financing.queries.served import served_loan
from honghu.domains.lending import commands as lending
from honghu.domains.lending.commands.problems import StillOwed
from honghu.domains.lending.queries import quote_payoff
from honghu.domains.procurement.queries import contracts_of_award
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import find_case
from honghu.kernel.parties.actor import SYSTEM

_PERCENT = Decimal(100)


class UnableToSettle(Conflict):
    """Lending says that something is still owed."""

    code = "loan-still-owed"


def open_loan(effect: Effect) -> None:
    """Effect of `open`: the award's limit if it is the first, and where repayments will pass."""
    case, facts = effect.case, effect.case.facts
    award_id = uuid.UUID(facts["award"])
    bank, supplier = uuid.UUID(facts["bank"]), uuid.UUID(facts["supplier"])
    case.title = f"{facts.get('project_name') or ''} · {case.number}"
    if has_drawn_before(supplier):
        facts["loan_kind"] = "repeat"
    ratio = Decimal(facts["ratio"]) / _PERCENT
    limit = ensure_limit(award_id, ratio=ratio, now=effect.now)
    admit_ratio(limit, ratio, alone=not live_loans(award_id), now=effect.now)
    ids = open_loan_accounts(
        loan_id=case.id, number=case.number, supplier_id=supplier, now=effect.now
    )
    Loan.objects.create(
        case_id=case.id,
        award_id=award_id,
        bank_id=bank,
        supplier_id=supplier,
        locked_account_id=ids.locked,
        supplier_account_id=ids.supplier,
        clearing_account_id=ids.clearing,
    )


def approve_credit(effect: Effect) -> None:
    """Effect of `approve`: the loan is opened at lending; nothing is lent yet.

    A contract that was published before the approval is matched now.
    """
    if effect.result == "approved":
        require_unblocked(uuid.UUID(effect.case.facts["supplier"]), now=effect.now)
        open_served(Loan.objects.select_for_update().get(pk=effect.case.id), effect)
        award, key = effect.case.facts["award"], str(effect.step_id)
        effect.then(lambda: match_published(effect.case.id, award, key=key, now=effect.now))


def match_published(loan_id: uuid.UUID, award: str, *, key: str, now: dt.datetime) -> None:
    """Match the newest published contract of the award with the loan, if there is one (rule 2).

    One that agrees with the award goes before a later amendment of it, which is told afterwards. A
    contract that is exempt from publication stands in its filing. Where the filing was voided by a
    correction since, the copy is asked for again.
    """
    contracts = contracts_of_award(uuid.UUID(award))
    if not contracts:
        match_exempt(loan_id, award, key=key, now=now)
        return
    contract = next((each for each in contracts if not each.differences), contracts[0])
    same = not contract.differences
    perform(
        loan_id,
        "match_contract",
        actor=SYSTEM,
        now=now,
        idempotency_key=f"contract:{contract.id}:{loan_id}:{key}",
        form={
            "contract": str(contract.id),
            "contract_no": contract.contract_no,
            "contract_amount": contract.amount_fen if same else None,
            "contract_matched_at": now.isoformat() if same else None,
            "mismatch": _mismatch_text(contract.differences),
            "result": "matched" if same else "different",
        },
    )
    ask_for_copy(contracts[0], uuid.UUID(award), now, key=key)
    if contract is not contracts[0]:
        amend_published(find_case(loan_id, actor=SYSTEM, now=now), contracts[0], now)


def _mismatch_text(differences: Sequence[str]) -> str | None:
    """What differs, as the case keeps it: in the installation's language."""
    with translation.override(settings.LANGUAGE_CODE):
        names = {
            "supplier": _("Supplier"),
            "buyer": _("Buyer"),
            "project_no": _("Project number"),
            "amount": _("Amount"),
        }
        joint = pgettext("between the parts of a list", ", ")
        return joint.join(names[each] for each in differences) or None


def match_contract(effect: Effect) -> None:
    """Effect of `match_contract`: an equal contract prices the award's limit."""
    if effect.result != "matched":
        return
    facts = effect.case.facts
    limit = ensure_limit(
        uuid.UUID(facts["award"]), ratio=Decimal(facts["ratio"]) / _PERCENT, now=effect.now
    )
    limit.contract_fen = facts["original_amount"] = facts["contract_amount"]
    apply_ceiling(limit, now=effect.now)


def freeze_loan(effect: Effect) -> None:
    """Effect of `freeze`: nothing stays reserved for an award that was corrected."""
    release_pending(Loan.objects.select_for_update().get(pk=effect.case.id), effect)


def resume_loan(effect: Effect) -> None:
    """Effect of `resume`: the loan is approved again from the start; credit and lock are given back.

    Raises SupplierBlocked while the supplier is frozen or under a sanction (rule 18).
    """
    require_unblocked(uuid.UUID(effect.case.facts["supplier"]), now=effect.now)
    effect.case.facts["freeze_reason"] = None
    void_served(Loan.objects.select_for_update().get(pk=effect.case.id), effect)
    release_lock(effect)


def void_loan(effect: Effect) -> None:
    """Effect of `void`: reserved money, credit and the lock are given back."""
    loan = Loan.objects.select_for_update().get(pk=effect.case.id)
    release_pending(loan, effect)
    void_served(loan, effect)
    release_lock(effect)


def apply_settlement(effect: Effect) -> None:
    """Effect of `apply_settlement`: lending says that nothing is owed. Raises UnableToSettle."""
    row = served_loan(Loan.objects.get(pk=effect.case.id))
    if row is None:
        return
    quote = quote_payoff(row.id, max(row.served_to, localdate(effect.now)))
    if quote.total_fen:
        raise _still_owed(quote.total_fen)


def _still_owed(owed_fen: int | None) -> UnableToSettle:
    if owed_fen is None:
        message = _("The loan is not paid off.")
    else:
        message = _("{amount} yuan are still owed on the loan today.").format(
            amount=format_yuan(owed_fen)
        )
    return UnableToSettle(message, remedy=_("Record the missing payment first."))


def verify_settlement(effect: Effect) -> None:
    """Effect of `verify_settlement`: passed, the loan is settled and the lock is released.

    Raises UnableToSettle where lending knows of a claim.
    """
    if effect.result != "passed":
        return
    loan = Loan.objects.select_for_update().get(pk=effect.case.id)
    if loan.lending_id is not None:
        try:
            lending.settle_loan(
                actor=effect.actor,
                now=effect.now,
                idempotency_key=f"{effect.step_id}:settle",
                loan_id=loan.lending_id,
            )
        except StillOwed as error:
            raise _still_owed(None) from error
    release_lock(effect)
