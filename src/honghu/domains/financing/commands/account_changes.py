"""Change of a repayment account (rule 10): request, consent, confirmation and publication."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from honghu.base.masking import mask_account
from honghu.base.problems import Conflict, Invalid
from honghu.domains.financing.commands.accounts import account_index
from honghu.domains.financing.commands.codes import confirmation_code, require_code, tell_code
from honghu.domains.financing.models import AccountLock
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import find_case
from honghu.kernel.parties.actor import SYSTEM

_CONDITIONS = ("new_account_no", "consented_at", "confirmed_at", "published_on")


class UnableToChangeAccount(Conflict):
    """A condition of the change is missing, or there is no locked account to change."""

    code = "account-change-refused"


def request_account_change(effect: Effect) -> None:
    """Effect of `request`: the supplier asks to be paid into another account.

    Raises UnableToChangeAccount unless the loan's account is locked, Invalid for the same account.
    """
    case, facts = effect.case, effect.case.facts
    if case.parent_id is None:
        message = _("A change belongs to a loan.")
        raise UnableToChangeAccount(message, remedy=_("Open it from the loan."))
    loan = find_case(case.parent_id, actor=SYSTEM, now=effect.now)
    if loan.facts.get("supplier") != str(effect.actor.organisation_id):
        message = _("The loan is another supplier's.")
        raise UnableToChangeAccount(message, remedy=_("Open it from the loan."))
    lock = _locked(case.parent_id)
    number = facts["new_account_no"]
    if lock.account_index == account_index(number):
        message = _("This is the locked account already.")
        raise Invalid(message, fields={"new_account_no": message})
    case.title = f"{loan.number} · {loan.facts.get('project_name') or ''}"
    facts["loan"] = loan.number
    for field in ("supplier", "bank", "buyer"):
        if loan.facts.get(field):
            facts[field] = loan.facts[field]
            case.add_party(field, uuid.UUID(loan.facts[field]))
    tell_code(
        loan.facts,
        number=case.number,
        account_masked=mask_account(number),
        code=confirmation_code(case.id, account_index(number)),
    )


def _locked(loan_id: uuid.UUID) -> AccountLock:
    lock = (
        AccountLock.objects.select_for_update()
        .filter(loan_id=loan_id, state=AccountLock.State.LOCKED)
        .first()
    )
    if lock is None:
        message = _("The repayment account is not locked.")
        raise UnableToChangeAccount(message, remedy=_("Propose the repayment account first."))
    return lock


def consent_account_change(effect: Effect) -> None:
    """Effect of `consent`: the bank agrees in writing."""
    effect.case.facts["consented_at"] = effect.now.isoformat()


def confirm_account_change(effect: Effect) -> None:
    """Effect of `confirm`: the buyer will pay into the new account.

    Raises Invalid without the code that went to the buyer's registered contact.
    """
    require_code(
        effect.form.get("code"),
        buyer=effect.case.facts.get("buyer"),
        subject_id=effect.case.id,
        account_index=account_index(effect.case.facts["new_account_no"]),
    )
    effect.case.facts["confirmed_at"] = effect.now.isoformat()


def missing_conditions(facts: Mapping[str, Any]) -> list[str]:
    """The conditions of rule 10 that are not met, in words of the page."""
    names = {
        "new_account_no": _("the supplier's request"),
        "consented_at": _("the bank's written consent"),
        "confirmed_at": _("the buyer's confirmation"),
        "published_on": _("the publication"),
    }
    return [names[each] for each in _CONDITIONS if not facts.get(each)]


def verify_account_change(effect: Effect) -> None:
    """Effect of `verify`: with all four conditions the lock moves to the new account.

    The earlier lock stays on record as released. Raises UnableToChangeAccount naming what is
    missing.
    """
    if effect.result != "passed":
        return
    case, facts = effect.case, effect.case.facts
    missing = missing_conditions(facts)
    if missing:
        joint = pgettext("between the parts of a list", ", ")
        message = _("Missing: {conditions}").format(conditions=joint.join(missing))
        raise UnableToChangeAccount(message, remedy=_("All four conditions are needed."))
    if case.parent_id is None:
        message = _("A change belongs to a loan.")
        raise UnableToChangeAccount(message)
    old, number = _locked(case.parent_id), facts["new_account_no"]
    old.state, old.released_at = AccountLock.State.RELEASED, effect.now
    old.save()
    AccountLock.objects.create(
        award_id=old.award_id,
        loan_id=old.loan_id,
        bank_id=old.bank_id,
        account_index=account_index(number),
        account_masked=mask_account(number),
        registration_no=old.registration_no,
        state=AccountLock.State.LOCKED,
        version=old.version + 1,
        proposed_at=case.opened_at,
        confirmed_at=effect.now,
        locked_at=effect.now,
    )
    facts["new_account_no"] = mask_account(number)
