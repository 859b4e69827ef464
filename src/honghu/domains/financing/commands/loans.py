"""Contract loans: approval, contract, locked account, disbursement, settlement."""

import datetime as dt
import uuid
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.identifiers import new_id
from honghu.base.masking import mask_account
from honghu.base.problems import Conflict, HonghuError, Invalid
from honghu.domains.financing.commands.limits import (
    account_id,
    apply_ceiling,
    ensure_limit,
    require_ceiling,
)
from honghu.domains.financing.models import AccountLock, Loan
from honghu.domains.financing.rules import challenge_ends
from honghu.domains.procurement.queries import contracts_of_award, get_award
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.ledger.commands import (
    create_pending,
    open_account,
    resolve_pending,
    void_pending,
)
from honghu.kernel.ledger.problems import BoundPassed
from honghu.kernel.ledger.records import NewTransfer
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.rulesets.queries import get_calendar, get_rule

_PERCENT = Decimal(100)


class UnableToLockAccount(Conflict):  # noqa: N818 named after what was attempted
    """Another account is locked for this award."""

    code = "award-encumbered"


class UnableToDisburse(HonghuError):  # noqa: N818
    """A condition of disbursement (rules 2 to 5) is not fulfilled."""

    code = "disbursement-refused"
    status = 409


class OverCeiling(Conflict):  # noqa: N818
    """The disbursement would pass the ceiling of the award across all banks (rule 4)."""

    code = "over-ceiling"


def account_index(account_no: str) -> str:
    """The keyed hash by which an account number is found again without being kept."""
    bare = "".join(account_no.split()).replace("-", "")
    return salted_hmac("honghu.financing.account", bare, algorithm="sha256").hexdigest()


def open_loan(effect: Effect) -> None:
    """Effect of `open`: the loan's accounts, and the award's limit if it is the first."""
    case, facts = effect.case, effect.case.facts
    award_id = uuid.UUID(facts["award"])
    bank, supplier = uuid.UUID(facts["bank"]), uuid.UUID(facts["supplier"])
    case.title = f"{facts.get('project_name') or ''} · {case.number}"
    if Loan.objects.filter(supplier_id=supplier, interest_to_date__isnull=False).exists():
        facts["loan_kind"] = "repeat"
    limit = ensure_limit(award_id, ratio=Decimal(facts["ratio"]) / _PERCENT, now=effect.now)
    limit.ratio = Decimal(facts["ratio"]) / _PERCENT
    limit.save()
    ids = {
        name: account_id(name, case.id) for name in ("principal", "interest", "locked")
    } | {
        "supplier": account_id("supplier", supplier),
        "income": account_id("income", bank),
        "clearing": account_id("clearing", uuid.UUID(int=0)),
    }
    opened = {"now": effect.now}
    open_account(
        id=ids["principal"], kind="loan_principal", owner_organisation_id=bank,
        reference=case.number, min_fen=0, **opened,
    )  # fmt: skip
    open_account(
        id=ids["interest"], kind="interest_receivable", owner_organisation_id=bank,
        reference=case.number, min_fen=0, **opened,
    )  # fmt: skip
    open_account(
        id=ids["locked"], kind="locked_account", owner_organisation_id=supplier,
        reference=case.number, min_fen=0, **opened,
    )  # fmt: skip
    open_account(
        id=ids["supplier"], kind="supplier_account", owner_organisation_id=supplier, **opened
    )
    open_account(
        id=ids["income"], kind="interest_income", owner_organisation_id=bank, slots=8, **opened
    )
    open_account(id=ids["clearing"], kind="treasury_clearing", slots=8, **opened)
    Loan.objects.create(
        case_id=case.id,
        award_id=award_id,
        bank_id=bank,
        supplier_id=supplier,
        principal_account_id=ids["principal"],
        interest_account_id=ids["interest"],
        locked_account_id=ids["locked"],
        supplier_account_id=ids["supplier"],
        income_account_id=ids["income"],
        clearing_account_id=ids["clearing"],
        rate_percent=Decimal(facts["rate"]),
        day_count=get_rule("financing.day_count", on=localdate(effect.now)).as_text(),
    )


def approve_credit(effect: Effect) -> None:
    """Effect of `approve`: a contract that was published before the approval is matched now."""
    if effect.result == "approved":
        effect.then(lambda: match_published(effect.case.id, effect.case.facts["award"], effect.now))


def match_published(loan_id: uuid.UUID, award: str, now: dt.datetime) -> None:
    """Match the newest published contract of the award with the loan, if there is one (rule 2)."""
    contracts = contracts_of_award(uuid.UUID(award))
    if not contracts:
        return
    contract = contracts[0]
    same = not contract.differences
    perform(
        loan_id,
        "match_contract",
        actor=SYSTEM,
        now=now,
        idempotency_key=f"contract:{contract.id}:{loan_id}",
        form={
            "contract": str(contract.id),
            "contract_no": contract.contract_no,
            "contract_amount": contract.amount_fen if same else None,
            "contract_matched_at": now.isoformat() if same else None,
            "mismatch": ", ".join(contract.differences) or None,
            "result": "matched" if same else "different",
        },
    )


def match_contract(effect: Effect) -> None:
    """Effect of `match_contract`: an equal contract prices the award's limit."""
    if effect.result != "matched":
        return
    facts = effect.case.facts
    limit = ensure_limit(
        uuid.UUID(facts["award"]), ratio=Decimal(facts["ratio"]) / _PERCENT, now=effect.now
    )
    limit.contract_fen = facts["contract_amount"]
    apply_ceiling(limit, now=effect.now)


def propose_lock(effect: Effect) -> None:
    """Effect of `propose_lock`: one live lock an award (rule 9).

    Raises Invalid for missing values, UnableToLockAccount if the award is encumbered: who holds the
    lock is not said.
    """
    facts = effect.case.facts
    missing = {
        name: _("is needed to lock the account")
        for name in ("account_no", "registration_no")
        if not facts.get(name)
    }
    if missing:
        message = _("The account cannot be proposed yet.")
        raise Invalid(message, fields=missing)
    number = facts["account_no"]
    facts["account_no"] = mask_account(number)
    AccountLock.objects.filter(loan_id=effect.case.id).exclude(
        state=AccountLock.State.RELEASED
    ).update(state=AccountLock.State.RELEASED, released_at=effect.now)
    try:
        with transaction.atomic():
            AccountLock.objects.create(
                award_id=uuid.UUID(facts["award"]),
                loan_id=effect.case.id,
                bank_id=uuid.UUID(facts["bank"]),
                account_index=account_index(number),
                account_masked=mask_account(number),
                registration_no=facts["registration_no"],
                state=AccountLock.State.PROPOSED,
                proposed_at=effect.now,
            )
    except IntegrityError as error:
        message = _("This award is encumbered: another account is locked for it.")
        raise UnableToLockAccount(
            message, remedy=_("Ask the procurement office for the residual ceiling.")
        ) from error
    limit = ensure_limit(
        uuid.UUID(facts["award"]), ratio=Decimal(facts["ratio"]) / _PERCENT, now=effect.now
    )
    limit.warranty_fen = facts.get("warranty") or 0
    limit.prepayment_fen = facts.get("prepayment") or 0
    apply_ceiling(limit, now=effect.now)


def _live_lock(effect: Effect) -> AccountLock:
    lock = (
        AccountLock.objects.select_for_update()
        .filter(loan_id=effect.case.id)
        .exclude(state=AccountLock.State.RELEASED)
        .first()
    )
    if lock is None:
        message = _("No account is proposed for this loan.")
        raise UnableToDisburse(message, remedy=_("Propose the repayment account first."))
    return lock


def confirm_account(effect: Effect) -> None:
    """Effect of `confirm_account`: the buyer will pay into this account only, or says why not."""
    lock = _live_lock(effect)
    if effect.result == "confirmed":
        lock.state, lock.confirmed_at = AccountLock.State.BUYER_CONFIRMED, effect.now
    else:
        lock.state, lock.released_at = AccountLock.State.RELEASED, effect.now
    lock.save()


def lock_account(effect: Effect) -> None:
    """Effect of `lock`: a second person of the bank locks what the buyer has confirmed."""
    lock = _live_lock(effect)
    lock.state, lock.locked_at = AccountLock.State.LOCKED, effect.now
    lock.save()


def propose_disbursement(effect: Effect) -> None:
    """Effect of `propose_disbursement`: reserve principal and ceiling as pending transfers.

    Raises UnableToDisburse (rules 2, 3, 5), OverCeiling (rule 4), Invalid above the approved loan.
    """
    facts, amount = effect.case.facts, effect.form["amount"]
    if amount > facts["amount"]:
        message = _("More than the approved loan cannot be disbursed.")
        raise Invalid(message, fields={"amount": message})
    if _live_lock(effect).state != AccountLock.State.LOCKED:
        message = _("The repayment account is not locked.")
        raise UnableToDisburse(message, remedy=_("Let the buyer confirm, then lock it."))
    _check_challenge(effect)
    loan = Loan.objects.select_for_update().get(pk=effect.case.id)
    limit = ensure_limit(loan.award_id, ratio=Decimal(facts["ratio"]) / _PERCENT, now=effect.now)
    require_ceiling(limit)
    today = localdate(effect.now)
    common = {"value_date": today, "case_id": effect.case.id, "step_id": effect.step_id}
    loan.pending_id, loan.pending_limit_id, loan.pending_fen = new_id(), new_id(), amount
    try:
        create_pending(
            NewTransfer(
                id=loan.pending_limit_id,
                debit_account_id=limit.used_account_id,
                credit_account_id=limit.contra_account_id,
                amount_fen=amount,
                kind="limit_reserved",
                **common,
            ),
            now=effect.now,
        )
    except BoundPassed as error:
        message = _("The ceiling of this award leaves less than that, across all banks.")
        raise OverCeiling(
            message, remedy=_("Propose less, or wait for a repayment."), fields={"amount": message}
        ) from error
    create_pending(
        NewTransfer(
            id=loan.pending_id,
            debit_account_id=loan.principal_account_id,
            credit_account_id=loan.supplier_account_id,
            amount_fen=amount,
            kind="disbursement",
            **common,
        ),
        now=effect.now,
    )
    loan.save()


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
    """Effect of `disburse`: post what was reserved, or give it back (maker and checker differ)."""
    loan = Loan.objects.select_for_update().get(pk=effect.case.id)
    if loan.pending_id is None or loan.pending_limit_id is None:
        message = _("No disbursement is proposed.")
        raise UnableToDisburse(message)
    if effect.result == "returned":
        _release_pending(loan, effect)
        return
    today = localdate(effect.now)
    for pending in (loan.pending_limit_id, loan.pending_id):
        resolve_pending(
            pending, id=new_id(), now=effect.now, value_date=today, step_id=effect.step_id
        )
    facts = effect.case.facts
    facts["drawn"] = loan.pending_fen
    facts["outstanding"] = loan.pending_fen
    facts["unpaid_interest"] = 0
    facts["drawn_on"] = facts["interest_to"] = today.isoformat()
    facts["matures_on"] = _after_months(today, facts["tenor_months"]).isoformat()
    loan.interest_to_date = today
    loan.pending_id = loan.pending_limit_id = loan.pending_fen = None
    loan.save()


def _after_months(day: dt.date, months: int) -> dt.date:
    """The corresponding day, or the month's last (Civil Code art 202)."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    first_of_next = dt.date(year + month // 12, month % 12 + 1, 1)
    last = (first_of_next - dt.timedelta(days=1)).day
    return dt.date(year, month, min(day.day, last))


def _release_pending(loan: Loan, effect: Effect) -> None:
    """Give back what a proposed disbursement had reserved, if anything."""
    for pending in (loan.pending_limit_id, loan.pending_id):
        if pending is not None:
            void_pending(pending, id=new_id(), now=effect.now, step_id=effect.step_id)
    loan.pending_id = loan.pending_limit_id = loan.pending_fen = None
    loan.save()


def freeze_loan(effect: Effect) -> None:
    """Effect of `freeze`: nothing stays reserved for an award that was corrected."""
    _release_pending(Loan.objects.select_for_update().get(pk=effect.case.id), effect)


def resume_loan(effect: Effect) -> None:
    """Effect of `resume`: the loan is approved again from the start, its lock given back."""
    effect.case.facts["freeze_reason"] = None
    _release_lock(effect)


def void_loan(effect: Effect) -> None:
    """Effect of `void`: reserved money and the lock are given back."""
    _release_pending(Loan.objects.select_for_update().get(pk=effect.case.id), effect)
    _release_lock(effect)


def _release_lock(effect: Effect) -> None:
    AccountLock.objects.filter(loan_id=effect.case.id).exclude(
        state=AccountLock.State.RELEASED
    ).update(state=AccountLock.State.RELEASED, released_at=effect.now)


def verify_settlement(effect: Effect) -> None:
    """Effect of `verify_settlement`: passed, the lock is released; failed, it goes back."""
    if effect.result == "passed":
        _release_lock(effect)
