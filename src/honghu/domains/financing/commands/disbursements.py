"""Disbursement: reserved by one person, posted or given back by another (rules 2 to 5, 17)."""

import uuid
from decimal import Decimal

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.identifiers import new_id
from honghu.base.problems import Conflict, HonghuError, Invalid
from honghu.domains.financing.commands.entrusted import asked_for, refused
from honghu.domains.financing.commands.limits import ensure_limit, open_exposure, require_ceiling
from honghu.domains.financing.commands.locks import live_lock
from honghu.domains.financing.commands.sanctions import require_unblocked
from honghu.domains.financing.commands.servicing import give_back, lend_reserved, reserve
from honghu.domains.financing.models import AccountLock, Limit, Loan
from honghu.domains.financing.queries.filings import contract_standing
from honghu.domains.financing.queries.standing import is_challenged
from honghu.domains.financing.rules import challenge_ends
from honghu.domains.procurement.queries import get_award
from honghu.kernel.cases.effects import Effect
from honghu.kernel.ledger.commands import create_pending, resolve_pending, void_pending
from honghu.kernel.ledger.problems import BoundPassed
from honghu.kernel.ledger.records import NewTransfer
from honghu.kernel.rulesets.queries import get_calendar, get_rule

_PERCENT = Decimal(100)


class UnableToDisburse(HonghuError):  # noqa: N818
    """A condition of disbursement (rules 2 to 5) is not fulfilled."""

    code = "disbursement-refused"
    status = 409


class ContractNotFiled(UnableToDisburse):
    """The contract's copy is not filed yet (政府采购法 art 47; rule 2)."""

    code = "contract-not-filed"


class OverCeiling(Conflict):
    """The disbursement would pass the ceiling of the award across all banks (rule 4)."""

    code = "over-ceiling"


def propose_disbursement(effect: Effect) -> None:
    """Effect of `propose_disbursement`: reserve the ceiling, and the principal at lending.

    Raises UnableToDisburse (rules 2, 3, 5), OverCeiling (rule 4), Invalid above the approved loan,
    UnableToPayOut where the bank has to pay itself and payee or papers do not allow it.
    """
    facts, amount = effect.case.facts, effect.form["amount"]
    if amount > facts["amount"]:
        message = _("More than the approved loan cannot be disbursed.")
        raise Invalid(message, fields={"amount": message})
    _check_standing(effect)
    _check_contract(effect)
    if live_lock(effect).state != AccountLock.State.LOCKED:
        message = _("The repayment account is not locked.")
        raise UnableToDisburse(message, remedy=_("Let the buyer confirm, then lock it."))
    _check_challenge(effect)
    loan = Loan.objects.select_for_update().get(pk=effect.case.id)
    ratio = Decimal(facts["ratio"]) / _PERCENT
    limit = ensure_limit(loan.award_id, ratio=ratio, now=effect.now)
    if open_exposure(limit) + amount > require_ceiling(limit, ratio):
        raise _over_ceiling()
    loan.pending_limit_id = _reserve_limit(effect, limit, amount)
    try:
        reserve(loan, effect, asked_for(effect))
    except HonghuError as error:
        raise refused(error) from error
    loan.save()


def _check_standing(effect: Effect) -> None:
    """Supplier in good standing, award unchallenged, no change waiting (rules 2, 3, 16, 18)."""
    facts = effect.case.facts
    require_unblocked(uuid.UUID(facts["supplier"]), now=effect.now)
    if is_challenged(uuid.UUID(facts["award"]), now=effect.now):
        message = _("A challenge of the award is pending: signing and performance are suspended.")
        raise UnableToDisburse(message, remedy=_("Wait for the answer to the challenge."))
    if facts.get("reauthorise"):
        message = _("The supplier has changed and has not agreed to the loan yet.")
        raise UnableToDisburse(message, remedy=_("Ask the supplier to authorise anew."))


def _check_contract(effect: Effect) -> None:
    """Rule 2, D9: the bank lends on the contract as it is filed with the finance department.

    Late is late and stays recorded; what is missing stops the money. Raises UnableToDisburse.
    """
    standing = contract_standing(effect.case.facts, now=effect.now, today=localdate(effect.now))
    if not standing.is_needed or standing.is_filed:
        return
    message = _("The contract is not filed with the finance department yet.")
    if standing.number is None:
        remedy = _("Ask the procurement office to file the copy.")
    else:
        remedy = _(
            "Ask the buyer for the copy and the procurement office to compare it: {number}, due on"
            " {day}."
        ).format(number=standing.number, day=standing.due_date or "—")
    raise ContractNotFiled(message, remedy=remedy)


def _reserve_limit(effect: Effect, limit: Limit, amount: int) -> uuid.UUID:
    """Rule 4, judged by the database: whoever comes second finds only what is left."""
    wanted = NewTransfer(
        id=new_id(),
        debit_account_id=limit.used_account_id,
        credit_account_id=limit.contra_account_id,
        amount_fen=amount,
        value_date=localdate(effect.now),
        kind="limit_reserved",
        case_id=effect.case.id,
        step_id=effect.step_id,
    )
    try:
        create_pending(wanted, now=effect.now)
    except BoundPassed as error:
        raise _over_ceiling() from error
    return wanted.id


def _over_ceiling() -> OverCeiling:
    message = _("The ceiling of this award leaves less than that, across all banks.")
    return OverCeiling(
        message, remedy=_("Propose less, or wait for a repayment."), fields={"amount": message}
    )


def _check_challenge(effect: Effect) -> None:
    """Rule 3: drawing while the result may still be challenged needs a recorded reason."""
    award = get_award(uuid.UUID(effect.case.facts["award"]))
    if not award.is_active:
        message = _("The award does not stand any more.")
        raise UnableToDisburse(message, remedy=_("Look at the correction of the notice."))
    if award.published_date is None:
        message = _("The notice states no date, so the end of the challenge period is unknown.")
        raise UnableToDisburse(message, remedy=_("Let the procurement office confirm the date."))
    today, region = localdate(effect.now), settings.HONGHU_REGION
    ends = challenge_ends(
        published_date=award.published_date,
        notice_days=get_rule("financing.result_notice_working_days", on=today, region=region)
        .as_duration()
        .value,
        challenge_days=get_rule("financing.challenge_working_days", on=today, region=region)
        .as_duration()
        .value,
        add_working_days=get_calendar().add_working_days,
    )
    if today <= ends and not effect.form.get("override_reason"):
        message = _("The result may be challenged until {day}.").format(day=ends.isoformat())
        raise UnableToDisburse(
            message,
            remedy=_("Wait, or record why the bank lends before."),
            fields={"override_reason": message},
        )


def disburse(effect: Effect) -> None:
    """Effect of `disburse`: lend what was reserved, or give it back (maker and checker differ)."""
    loan = Loan.objects.select_for_update().get(pk=effect.case.id)
    if loan.reserved_event_id is None or loan.pending_limit_id is None:
        message = _("No disbursement is proposed.")
        raise UnableToDisburse(message)
    if effect.result == "returned":
        release_pending(loan, effect)
        return
    _check_standing(effect)
    _check_contract(effect)
    ratio = Decimal(effect.case.facts["ratio"]) / _PERCENT
    limit = ensure_limit(loan.award_id, ratio=ratio, now=effect.now)
    if open_exposure(limit) > require_ceiling(limit, ratio):
        # The ceiling fell since the proposal: a payment, a warranty, a smaller contract.
        raise _over_ceiling()
    today = localdate(effect.now)
    resolve_pending(
        loan.pending_limit_id,
        id=new_id(),
        now=effect.now,
        value_date=today,
        step_id=effect.step_id,
    )
    try:
        row = lend_reserved(loan, effect)
    except HonghuError as error:
        raise refused(error) from error
    loan.pending_limit_id = None
    loan.save()
    effect.case.facts.update(
        drawn=row.lent_fen,
        outstanding=row.owed_principal_fen,
        unpaid_interest=0,
        drawn_on=today.isoformat(),
        interest_to=today.isoformat(),
        matures_on=row.maturity_date.isoformat(),
    )


def release_pending(loan: Loan, effect: Effect) -> None:
    """Give back what a proposed disbursement had reserved, if anything."""
    if loan.pending_limit_id is not None:
        void_pending(loan.pending_limit_id, id=new_id(), now=effect.now, step_id=effect.step_id)
    loan.pending_limit_id = None
    give_back(loan, effect)
    loan.save()
