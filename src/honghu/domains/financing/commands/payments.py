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

from honghu.base.identifiers import new_id
from honghu.base.money import format_yuan
from honghu.base.problems import Conflict, Invalid
from honghu.domains.financing.commands.accounts import account_index
from honghu.domains.financing.commands.limits import apply_ceiling, ensure_limit
from honghu.domains.financing.models import AccountLock, Limit, Loan, TreasuryPayment
from honghu.domains.financing.rules import Split, split_payment
from honghu.domains.lending.queries import interest_between
from honghu.kernel.cases.commands import open_case
from honghu.kernel.cases.effects import Effect
from honghu.kernel.ledger.commands import post_transfers
from honghu.kernel.ledger.queries import balance
from honghu.kernel.ledger.records import NewTransfer
from honghu.kernel.parties.actor import SYSTEM

RISKS = "risk-event"
PREPAYMENT, PROGRESS = "prepayment", "progress"
_BINDING = (AccountLock.State.BUYER_CONFIRMED, AccountLock.State.LOCKED)
"""The states of a lock in which the buyer has agreed to pay into its account alone."""


class PaymentRecordedBefore(Conflict):
    """A payment with this reference is recorded already."""

    code = "payment-recorded"


def record_payment(effect: Effect) -> None:
    """Effect of `record_payment`: accrue interest, pay interest, principal, release the rest.

    What was paid lowers the ceiling whatever the state of the loan (rule 4): before drawing and
    after the last repayment all of it is released. Once the buyer has confirmed the account, a
    payment to another one books nothing and raises a risk event the same day (rule 11).
    Raises PaymentRecordedBefore for a reference that is known, Invalid for a day before the last
    one counted or after today: interest counted to a mistyped year could not be taken back.
    """
    loan = Loan.objects.select_for_update().get(pk=effect.case.id)
    paid_on, amount = dt.date.fromisoformat(effect.form["paid_on"]), effect.form["amount"]
    _check_day(paid_on, loan.interest_to_date, localdate(effect.now))
    limit = ensure_limit(loan.award_id, ratio=Decimal(0), now=effect.now)
    lock = AccountLock.objects.filter(loan_id=loan.case_id, state__in=_BINDING).first()
    into_lock = lock is not None and lock.account_index == account_index(effect.form["account_no"])
    if into_lock:
        _repay(effect, loan, limit, amount, paid_on)
    else:
        _record(effect, loan, amount, paid_on, Split(0, 0, 0), into_lock=False)
    limit.paid_fen += amount
    if effect.form.get("purpose") == PREPAYMENT:
        limit.prepayment_fen = max(limit.prepayment_fen - amount, 0)
    excess = apply_ceiling(limit, now=effect.now)
    if lock is not None and not into_lock:
        detail = excess_text(excess)
        effect.then(lambda: raise_risk(effect, "other_account", amount, detail))


def _check_day(paid_on: dt.date, counted_to: dt.date | None, today: dt.date) -> None:
    if counted_to is not None and paid_on < counted_to:
        message = _("The payment is dated before the last day counted ({day}).").format(
            day=counted_to
        )
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


def _repay(effect: Effect, loan: Loan, limit: Limit, amount: int, paid_on: dt.date) -> None:
    """A payment into the locked account: due interest, principal, then release (rule 15)."""
    owed_fen = balance(loan.principal_account_id).balance_fen
    accrued_fen = (
        interest_between(
            owed_fen, loan.rate_percent, loan.interest_to_date, paid_on, loan.day_count
        )
        if loan.interest_to_date is not None
        else 0
    )
    interest_fen = balance(loan.interest_account_id).balance_fen + accrued_fen
    split = split_payment(amount_fen=amount, interest_fen=interest_fen, principal_fen=owed_fen)
    _record(effect, loan, amount, paid_on, split, into_lock=True)
    _book(effect, loan, limit, amount, paid_on, accrued_fen, split)
    if loan.interest_to_date is None:
        return
    loan.interest_to_date = paid_on
    loan.save()
    effect.case.facts.update(
        interest_to=paid_on.isoformat(),
        outstanding=owed_fen - split.principal_fen,
        unpaid_interest=interest_fen - split.interest_fen,
    )


def prepaid(awards: Sequence[uuid.UUID]) -> int:
    """What the treasury has paid as prepayment on these awards, in fen."""
    loans = Loan.objects.filter(award_id__in=awards).values("case_id")
    paid = TreasuryPayment.objects.filter(loan_id__in=loans, purpose=PREPAYMENT)
    return sum(paid.values_list("amount_fen", flat=True))


def _record(
    effect: Effect, loan: Loan, amount: int, paid_on: dt.date, split: Split, *, into_lock: bool
) -> None:
    try:
        with transaction.atomic():
            TreasuryPayment.objects.create(
                loan_id=loan.case_id,
                reference=effect.form["reference"].strip(),
                amount_fen=amount,
                paid_date=paid_on,
                into_lock=into_lock,
                purpose=effect.form.get("purpose") or PROGRESS,
                interest_fen=split.interest_fen,
                principal_fen=split.principal_fen,
                released_fen=split.released_fen,
                step_id=effect.step_id,
            )
    except IntegrityError as error:
        message = _("The payment {reference} is recorded already.").format(
            reference=effect.form["reference"]
        )
        raise PaymentRecordedBefore(
            message, remedy=_("Look it up before you record it.")
        ) from error


def _book(  # noqa: PLR0917 one booking, named by its parts
    effect: Effect,
    loan: Loan,
    limit: Limit,
    amount: int,
    paid_on: dt.date,
    accrued_fen: int,
    split: Split,
) -> None:
    """One linked set of transfers; parts of nothing are left out."""
    parts = [
        (loan.interest_account_id, loan.income_account_id, accrued_fen, "interest_accrued"),
        (loan.clearing_account_id, loan.locked_account_id, amount, "treasury_payment"),
        (
            loan.locked_account_id,
            loan.interest_account_id,
            split.interest_fen,
            "interest_paid",
        ),
        (
            loan.locked_account_id,
            loan.principal_account_id,
            split.principal_fen,
            "principal_repaid",
        ),
        (
            limit.contra_account_id,
            limit.used_account_id,
            split.principal_fen,
            "limit_released",
        ),
        (
            loan.locked_account_id,
            loan.supplier_account_id,
            split.released_fen,
            "rest_released",
        ),
    ]
    post_transfers(
        [
            NewTransfer(
                id=new_id(),
                debit_account_id=debit,
                credit_account_id=credit,
                amount_fen=fen,
                value_date=paid_on,
                kind=kind,
                case_id=effect.case.id,
                step_id=effect.step_id,
            )
            for debit, credit, fen, kind in parts
            if fen > 0
        ],
        now=effect.now,
        link_id=new_id(),
    )


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
