"""The treasury's payments: into the locked account, or, as a risk, anywhere else."""

import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.money import format_yuan
from honghu.base.problems import Conflict, Invalid
from honghu.domains.financing.commands.accounts import account_index, move_money
from honghu.domains.financing.commands.limits import apply_ceiling, ensure_limit, follow_debt
from honghu.domains.financing.commands.servicing import restate
from honghu.domains.financing.models import AccountLock, Limit, Loan, TreasuryPayment
from honghu.domains.financing.queries.served import is_written_off, served_loan
from honghu.domains.lending import commands as lending
from honghu.domains.lending.queries import LoanRow, get_loan, payments_as_they_stand
from honghu.kernel.cases.commands import open_case
from honghu.kernel.cases.effects import Effect
from honghu.kernel.parties.actor import SYSTEM

RISKS = "risk-event"
PREPAYMENT, PROGRESS = "prepayment", "progress"
_PARTS = (
    "interest_fen",
    "compound_fen",
    "penalty_fen",
    "principal_fen",
    "released_fen",
    "recovered_fen",
)
_BINDING = (AccountLock.State.BUYER_CONFIRMED, AccountLock.State.LOCKED)
"""The states of a lock in which the buyer has agreed to pay into its account alone."""


class PaymentRecordedBefore(Conflict):
    """A payment with this reference is recorded already."""

    code = "payment-recorded"


def record_payment(effect: Effect) -> None:
    """Effect of `record_payment`: lending settles what is owed; the rest goes to the supplier.

    What was paid lowers the ceiling whatever the state of the loan (rule 4): before drawing and
    after the last repayment all of it is released. Once the buyer has confirmed the account, a
    payment to another one books nothing and raises a risk event the same day (rule 11).
    A payment that becomes known late counts from its own day: lending lets the loan live afresh. Of
    a loan that was written off it is a recovery, unless it came before that day.
    Raises PaymentRecordedBefore for a reference that is known, Invalid for a day before the
    drawing or after today, which is a mistyped year.
    """
    loan = Loan.objects.select_for_update().get(pk=effect.case.id)
    paid_on, amount = dt.date.fromisoformat(effect.form["paid_on"]), effect.form["amount"]
    _check_day(paid_on, effect.case.facts.get("drawn_on"), localdate(effect.now))
    limit = ensure_limit(loan.award_id, ratio=Decimal(0), now=effect.now)
    lock = AccountLock.objects.filter(loan_id=loan.case_id, state__in=_BINDING).first()
    into_lock = lock is not None and lock.account_index == account_index(effect.form["account_no"])
    payment = _payment(effect, loan, amount, paid_on, into_lock=into_lock)
    if into_lock:
        _take_in(effect, loan, limit, payment)
    _write(payment)
    limit.paid_fen += amount
    if payment.purpose == PREPAYMENT:
        limit.prepayment_fen = max(limit.prepayment_fen - amount, 0)
    excess = apply_ceiling(limit, now=effect.now)
    if lock is not None and not into_lock:
        detail = excess_text(excess)
        effect.then(lambda: _raise_other_account(effect, payment, detail))


def _raise_other_account(effect: Effect, payment: TreasuryPayment, detail: str) -> None:
    payment.risk_id = raise_risk(effect, "other_account", payment.amount_fen, detail)
    payment.save(force_update=True)


def _check_day(paid_on: dt.date, drawn_on: str | None, today: dt.date) -> None:
    if drawn_on is not None and paid_on < dt.date.fromisoformat(drawn_on):
        message = _("The payment is dated before the loan was drawn ({day}).").format(day=drawn_on)
        raise Invalid(message, fields={"paid_on": message})
    if paid_on > today:
        message = _("The payment is dated in the future.")
        raise Invalid(message, fields={"paid_on": message})


def excess_text(excess_fen: int) -> str:
    """What a case says of an exposure above its ceiling, in the installation's language."""
    if not excess_fen:
        return ""
    with translation.override(settings.LANGUAGE_CODE):
        return _("The exposure is above the ceiling by {amount} yuan.").format(
            amount=format_yuan(excess_fen)
        )


def _payment(
    effect: Effect, loan: Loan, amount: int, paid_on: dt.date, *, into_lock: bool
) -> TreasuryPayment:
    """The payment's row, not written yet; of money in the account nothing is settled so far."""
    return TreasuryPayment(
        loan_id=loan.case_id,
        reference=effect.form["reference"].strip(),
        amount_fen=amount,
        paid_date=paid_on,
        into_lock=into_lock,
        purpose=effect.form.get("purpose") or PROGRESS,
        interest_fen=0,
        compound_fen=0,
        penalty_fen=0,
        principal_fen=0,
        released_fen=amount if into_lock else 0,
        step_id=effect.step_id,
    )


def _take_in(effect: Effect, loan: Loan, limit: Limit, payment: TreasuryPayment) -> None:
    """A payment into the locked account: to lending once money was lent, else to the supplier."""
    amount, day, locked = payment.amount_fen, payment.paid_date, loan.locked_account_id
    clearing, supplier = loan.clearing_account_id, loan.supplier_account_id
    move_money(effect, "treasury_payment", clearing, locked, amount_fen=amount, value_date=day)
    before = served_loan(loan)
    if before is None or before.lent_fen == 0:
        move_money(effect, "rest_released", locked, supplier, amount_fen=amount, value_date=day)
        return
    is_loss = is_written_off(before, day)
    booked = (lending.record_recovery if is_loss else lending.record_payment)(
        actor=effect.actor,
        now=effect.now,
        idempotency_key=f"{effect.step_id}:payment",
        loan_id=before.id,
        amount_fen=amount,
        value_date=day,
        from_account_id=locked,
        release_account_id=supplier,
        step_id=effect.step_id,
    )
    payment.event_id = booked.event_id
    after = get_loan(before.id)
    split_anew(loan.case_id, after, payment)
    more = after.owed_principal_fen - before.owed_principal_fen
    follow_debt(effect, limit, more, value_date=day)
    restate(effect.case.facts, after, recovered_fen=recovered(loan.case_id) + payment.recovered_fen)


def split_anew(loan_id: uuid.UUID, row: LoanRow, new: TreasuryPayment | None = None) -> None:
    """Let the payments of a loan follow what lending says they settle; `new` is not written yet.

    One that came late, or was taken back, changes what later ones settle, too.
    """
    rows = {each.event_id: each for each in TreasuryPayment.objects.filter(loan_id=loan_id)}
    if new is not None:
        rows[new.event_id] = new
    for split in payments_as_they_stand(row.id):
        payment, parts = rows[split.event_id], {name: getattr(split, name) for name in _PARTS}
        if parts == {name: getattr(payment, name) for name in _PARTS}:
            continue
        for name, fen in parts.items():
            setattr(payment, name, fen)
        if payment is not new:
            payment.save(force_update=True)


def recovered(loan_id: uuid.UUID) -> int:
    """What standing payments have recovered of a loan that was written off, in fen."""
    standing = TreasuryPayment.objects.filter(loan_id=loan_id, retracted_at=None)
    return sum(standing.values_list("recovered_fen", flat=True))


def prepaid(awards: Sequence[uuid.UUID]) -> int:
    """What the treasury has paid as prepayment on these awards, in fen."""
    loans = Loan.objects.filter(award_id__in=awards).values("case_id")
    paid = TreasuryPayment.objects.filter(loan_id__in=loans, purpose=PREPAYMENT, retracted_at=None)
    return sum(paid.values_list("amount_fen", flat=True))


def _write(payment: TreasuryPayment) -> None:
    try:
        with transaction.atomic():
            payment.save(force_insert=True)
    except IntegrityError as error:
        message = _("The payment {reference} is recorded already.").format(
            reference=payment.reference
        )
        raise PaymentRecordedBefore(
            message, remedy=_("Look it up before you record it.")
        ) from error


def raise_risk(effect: Effect, kind: str, amount: int | None, detail: str = "") -> uuid.UUID:
    """Open a risk event for a loan, in the transaction that found it."""
    facts = effect.case.facts
    done = open_case(
        RISKS,
        action="raise",
        actor=SYSTEM,
        now=effect.now,
        idempotency_key=f"{effect.step_id}:risk:{effect.case.id}",
        parent_id=effect.case.id,
        form={
            "kind": kind,
            "loan": effect.case.number,
            "bank": facts["bank"],
            "supplier": facts.get("supplier"),
            "amount": amount,
            "detail": detail or None,
        },
    )
    return done.case_id


def name_risk(effect: Effect) -> None:
    """Effect of `raise`: name the event after its kind and loan."""
    option = effect.case.register.fields["kind"].options[effect.case.facts["kind"]]
    effect.case.title = f"{option.zh} · {effect.case.facts['loan']}"
