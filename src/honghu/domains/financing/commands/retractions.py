"""A payment that was recorded wrongly is taken back: one person asks, another checks.

What it caused is reversed and what came later is lived afresh by lending; nothing is edited but the
mark on the payment's row, and its reference may be recorded again.
"""

import datetime as dt
import uuid
from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.identifiers import new_id
from honghu.base.problems import Conflict, Invalid
from honghu.domains.financing.commands.limits import (
    apply_ceiling,
    ensure_limit,
    follow_debt,
    make_room,
)
from honghu.domains.financing.commands.payments import (
    PREPAYMENT,
    excess_text,
    prepaid,
    raise_risk,
    recovered,
    split_anew,
)
from honghu.domains.financing.commands.servicing import restate
from honghu.domains.financing.models import AccountLock, Limit, Loan, TreasuryPayment
from honghu.domains.financing.queries.served import served_loan
from honghu.domains.financing.queries.standing import takes_from_system
from honghu.domains.lending import commands as lending
from honghu.domains.lending.queries import get_loan
from honghu.domains.procurement.queries import kindred_awards
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import children_of, find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.ledger.commands import reverse_transfer
from honghu.kernel.ledger.queries import TransferRow, transfers_of_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.queries import get_register

RETRACTIONS = "payment-retraction"
_TAKE_BACK, _REOPEN = "take_back_payment", "reopen_settlement"
_LIMIT_RELEASED = "limit_released"
_MOVE = "honghu registers migrate {register} --from {before} --to {present}"
_OWN_KINDS = ("rest_released", "treasury_payment")
"""What financing itself posts for a payment, in the order in which it is reversed: the locked
account may not fall below zero on the way."""


class UnableToTakeBack(Conflict):
    """The payment cannot be taken back: the loan has ended, or somebody has asked for it already."""

    code = "payment-not-retractable"


def request_retraction(effect: Effect) -> None:
    """Effect of `request`: somebody says which payment of a loan was recorded wrongly.

    Raises Invalid for a reference without a standing payment on the loan, UnableToTakeBack.
    """
    case, facts = effect.case, effect.case.facts
    if case.parent_id is None:
        message = _("A payment is taken back on the loan on which it was recorded.")
        raise UnableToTakeBack(message, remedy=_("Open it from the loan."))
    loan = _open_loan(case.parent_id, effect.now)
    payment = _standing(case.parent_id, facts["reference"])
    for other in children_of(case.parent_id, register=RETRACTIONS, now=effect.now):
        if not other.ended and other.facts.get("reference") == payment.reference:
            message = _("{case} asks for the same already.").format(case=other.number)
            raise UnableToTakeBack(message, remedy=_("Wait for its verification."))
    case.title = f"{loan.number} · {payment.reference}"
    facts.update(
        reference=payment.reference,
        loan=loan.number,
        bank=loan.facts["bank"],
        amount=payment.amount_fen,
        paid_on=payment.paid_date.isoformat(),
    )
    case.add_party("bank", uuid.UUID(loan.facts["bank"]))


def verify_retraction(effect: Effect) -> None:
    """Effect of `verify`: what another person has checked is taken back on the loan.

    Raises UnableToTakeBack where the loan has ended meanwhile, Invalid where the payment was taken
    back by another case.
    """
    case, facts = effect.case, effect.case.facts
    if effect.result != "passed" or case.parent_id is None:
        return
    loan = _open_loan(case.parent_id, effect.now)
    _standing(loan.id, facts["reference"])
    form = {"reference": facts["reference"], "retraction": case.number, "reason": facts["reason"]}
    effect.then(
        lambda: perform(
            loan.id,
            _REOPEN if loan.state == "settling" else _TAKE_BACK,
            actor=SYSTEM,
            now=effect.now,
            idempotency_key=f"retraction:{case.id}",
            form=form,
        )
    )


def _open_loan(loan_id: uuid.UUID, now: dt.datetime) -> CaseRow:
    """The loan's case, on which payments can be taken back. Raises UnableToTakeBack."""
    loan = find_case(loan_id, actor=SYSTEM, now=now)
    if loan.ended:
        message = _("The loan {number} has ended; what was verified then stays.").format(
            number=loan.number
        )
        remedy = _("Let the bank claim what is missing; record the money where it belongs.")
        raise UnableToTakeBack(message, remedy=remedy)
    if not takes_from_system(loan, _TAKE_BACK):
        message = _("The loan {number} was opened before payments could be taken back.").format(
            number=loan.number
        )
        command = _MOVE.format(
            register=loan.register,
            before=loan.register_version,
            present=get_register(loan.register).version,
        )
        remedy = _("Let the operator move such loans to the present version: {command}")
        raise UnableToTakeBack(message, remedy=remedy.format(command=command))
    return loan


def _standing(loan_id: uuid.UUID, reference: str) -> TreasuryPayment:
    """The payment of this reference on a loan that was not taken back. Raises Invalid."""
    found = TreasuryPayment.objects.filter(
        loan_id=loan_id, reference=reference.strip(), retracted_at=None
    ).first()
    if found is None:
        message = _("No payment {reference} stands on this loan.").format(reference=reference)
        remedy = _("Choose one of the payments that stand on the loan.")
        raise Invalid(message, remedy=remedy, fields={"reference": message})
    return found


def take_back_payment(effect: Effect) -> None:
    """Effect of `take_back_payment`: the loan stands as if the payment had not been recorded.

    Lending lives the loan afresh, later payments settle what they then do, the ledger's transfers
    are reversed, the ceiling counts the payment no longer. An exposure that is above the ceiling
    afterwards is a risk for a person; the risk that the payment itself had raised ends.
    Raises Invalid, UnableToTakeBack where something later rests on the payment.
    """
    loan = Loan.objects.select_for_update().get(pk=effect.case.id)
    limit = ensure_limit(loan.award_id, ratio=Decimal(0), now=effect.now)
    payment = _standing(loan.case_id, effect.form["reference"])
    payment.retracted_at, payment.retracted_step_id = effect.now, effect.step_id
    payment.save(force_update=True)
    limit.paid_fen -= payment.amount_fen
    if payment.purpose == PREPAYMENT:
        declared = _declared_prepayment(loan, effect)
        limit.prepayment_fen = max(declared - prepaid(kindred_awards(loan.award_id)), 0)
    if payment.into_lock:
        _take_out(effect, loan, limit, payment)
    excess = apply_ceiling(limit, now=effect.now)
    if excess:
        text = excess_text(excess)
        effect.then(lambda: raise_risk(effect, "payment_retracted", excess, text))
    if payment.risk_id is not None:
        _end_risk(effect, payment.risk_id)


def _declared_prepayment(loan: Loan, effect: Effect) -> int:
    """What the contract prepays, as the bank said that proposed the account last; fen."""
    lock = (
        AccountLock.objects.filter(award_id__in=kindred_awards(loan.award_id))
        .order_by("-proposed_at")
        .first()
    )
    if lock is None:
        return 0
    if lock.loan_id == loan.case_id:
        return effect.case.facts.get("prepayment") or 0
    return find_case(lock.loan_id, actor=SYSTEM, now=effect.now).facts.get("prepayment") or 0


def _take_out(effect: Effect, loan: Loan, limit: Limit, payment: TreasuryPayment) -> None:
    """Reverse what the money in the locked account did, at lending first, which gives it back."""
    before = served_loan(loan)
    more = 0
    if before is not None and payment.event_id is not None:
        _reverse_at_lending(effect, before.id, payment.event_id)
        after = get_loan(before.id)
        more = after.owed_principal_fen - before.owed_principal_fen
        split_anew(loan.case_id, after)
        restate(effect.case.facts, after, recovered_fen=recovered(loan.case_id))
    posted = {
        row.facts.kind: row
        for row in transfers_of_case(loan.case_id)
        if row.facts.step_id == payment.step_id and row.facts.reverses_id is None
    }
    released = posted.get(_LIMIT_RELEASED)
    # A limit that was joined to another since has nothing left to be given back.
    if released is not None and released.facts.entries[0].account_id in _accounts(limit):
        given_back = sum(max(each.amount_fen, 0) for each in released.facts.entries)
        make_room(limit, given_back, now=effect.now)
        _reverse(effect, released)
        more -= given_back
    follow_debt(effect, limit, more, value_date=localdate(effect.now))
    for kind in _OWN_KINDS:
        if kind in posted:
            _reverse(effect, posted[kind])


def _accounts(limit: Limit) -> frozenset[uuid.UUID]:
    return frozenset({limit.used_account_id, limit.contra_account_id})


def _reverse_at_lending(effect: Effect, lending_id: uuid.UUID, event_id: uuid.UUID) -> None:
    try:
        lending.reverse_event(
            actor=effect.actor,
            now=effect.now,
            idempotency_key=f"{effect.step_id}:take-back",
            loan_id=lending_id,
            event_id=event_id,
            step_id=effect.step_id,
        )
    except lending.UnableToReplay as error:
        message = _("What happened to the loan later rests on this payment.")
        raise UnableToTakeBack(message, remedy=_("Take back what came later first.")) from error


def _reverse(effect: Effect, row: TransferRow) -> None:
    reverse_transfer(
        row.facts.id,
        id=new_id(),
        now=effect.now,
        value_date=localdate(effect.now),
        step_id=effect.step_id,
    )


def _end_risk(effect: Effect, risk_id: uuid.UUID) -> None:
    """The payment into another account was none: the case that it raised is withdrawn."""
    risk = find_case(risk_id, actor=SYSTEM, now=effect.now)
    if risk.ended or not takes_from_system(risk, "withdraw"):
        return
    with translation.override(settings.LANGUAGE_CODE):
        why = _("The payment was recorded wrongly: {case}").format(case=effect.form["retraction"])
    effect.then(
        lambda: perform(
            risk_id,
            "withdraw",
            actor=SYSTEM,
            now=effect.now,
            idempotency_key=f"{effect.step_id}:risk",
            form={"reason": why},
        )
    )
