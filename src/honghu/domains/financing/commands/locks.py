"""The repayment account: proposed by the bank, confirmed by the buyer, locked by a second person."""

import uuid
from collections.abc import Sequence
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from honghu.base.masking import mask_account
from honghu.base.problems import Conflict, Invalid
from honghu.domains.financing.commands.accounts import account_index
from honghu.domains.financing.commands.codes import confirmation_code, require_code, tell_code
from honghu.domains.financing.commands.limits import apply_ceiling, ensure_limit
from honghu.domains.financing.commands.payments import prepaid
from honghu.domains.financing.models import AccountLock
from honghu.domains.procurement.queries import kindred_awards
from honghu.kernel.cases.effects import Effect

_PERCENT = Decimal(100)


class UnableToLockAccount(Conflict):
    """Another account is locked for this award."""

    code = "award-encumbered"


class NoAccountProposed(Conflict):
    """The step needs a repayment account, and none is proposed."""

    code = "no-account-proposed"


def propose_lock(effect: Effect) -> None:
    """Effect of `propose_lock`: one live lock an award (rule 9).

    Raises UnableToLockAccount if the award is encumbered: who holds the lock is not said; Invalid
    for a joint account without holders.
    """
    facts = effect.case.facts
    if facts.get("account_kind") == "joint" and not facts.get("joint_holders"):
        message = _("A joint account needs its holders and their shares.")
        raise Invalid(message, fields={"joint_holders": message})
    number = facts["account_no"]
    facts["account_no"] = mask_account(number)
    AccountLock.objects.filter(loan_id=effect.case.id).exclude(
        state=AccountLock.State.RELEASED
    ).update(state=AccountLock.State.RELEASED, released_at=effect.now)
    kindred = kindred_awards(uuid.UUID(facts["award"]))
    try:
        with transaction.atomic():
            if _other_lock(kindred[1:]):
                raise _encumbered()
            lock = AccountLock.objects.create(
                award_id=kindred[0],
                loan_id=effect.case.id,
                bank_id=uuid.UUID(facts["bank"]),
                account_index=account_index(number),
                account_masked=mask_account(number),
                registration_no=facts["registration_no"],
                state=AccountLock.State.PROPOSED,
                proposed_at=effect.now,
            )
    except IntegrityError as error:
        raise _encumbered() from error
    tell_code(
        facts,
        number=effect.case.number,
        account_masked=lock.account_masked,
        code=confirmation_code(lock.id, lock.account_index),
    )
    limit = ensure_limit(
        uuid.UUID(facts["award"]), ratio=Decimal(facts["ratio"]) / _PERCENT, now=effect.now
    )
    limit.warranty_fen = facts.get("warranty") or 0
    # What has been prepaid is netted as paid already.
    limit.prepayment_fen = max((facts.get("prepayment") or 0) - prepaid(kindred), 0)
    apply_ceiling(limit, now=effect.now)


def _other_lock(awards: Sequence[uuid.UUID]) -> bool:
    """Whether an award that was joined to the first had a live lock of its own before."""
    live = AccountLock.objects.filter(award_id__in=awards)
    return live.exclude(state=AccountLock.State.RELEASED).exists()


def _encumbered() -> UnableToLockAccount:
    message = _("This award is encumbered: another account is locked for it.")
    return UnableToLockAccount(
        message, remedy=_("Ask the procurement office for the residual ceiling.")
    )


def live_lock(effect: Effect) -> AccountLock:
    """The loan's lock, locked for this transaction. Raises NoAccountProposed."""
    lock = (
        AccountLock.objects.select_for_update()
        .filter(loan_id=effect.case.id)
        .exclude(state=AccountLock.State.RELEASED)
        .first()
    )
    if lock is None:
        message = _("No account is proposed for this loan.")
        raise NoAccountProposed(message, remedy=_("Propose the repayment account first."))
    return lock


def confirm_account(effect: Effect) -> None:
    """Effect of `confirm_account`: the buyer will pay into this account only, or says why not.

    Raises Invalid without the code that went to the buyer's registered contact.
    """
    lock = live_lock(effect)
    if effect.result == "confirmed":
        require_code(
            effect.form.get("code"),
            buyer=effect.case.facts.get("buyer"),
            subject_id=lock.id,
            account_index=lock.account_index,
        )
        lock.state, lock.confirmed_at = AccountLock.State.BUYER_CONFIRMED, effect.now
    else:
        lock.state, lock.released_at = AccountLock.State.RELEASED, effect.now
    lock.save()


def lock_account(effect: Effect) -> None:
    """Effect of `lock`: a second person of the bank locks what the buyer has confirmed."""
    lock = live_lock(effect)
    lock.state, lock.locked_at = AccountLock.State.LOCKED, effect.now
    lock.save()


def release_lock(effect: Effect) -> None:
    """Give the award's account back."""
    AccountLock.objects.filter(loan_id=effect.case.id).exclude(
        state=AccountLock.State.RELEASED
    ).update(state=AccountLock.State.RELEASED, released_at=effect.now)
