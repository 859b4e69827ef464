"""Confirmation out of band: a code that goes to the buyer's registered contact and nowhere else.

A bank that proposes an account, or somebody who asks in its name, never sees the code: whoever
confirms at the desk must have been told by the line that the buyer registered (fraud control of
the account lock; § 5 of the specification).
"""

import logging
import secrets
import uuid
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from honghu.base.problems import Invalid
from honghu.domains.financing.models import AccountLock
from honghu.kernel.parties.queries import get_organisation

_SALT: Final = "financing.confirmation"
_DIGITS: Final = 8
_log = logging.getLogger(__name__)


def confirmation_code(subject_id: uuid.UUID, account_index: str) -> str:
    """The eight digits for one account proposed in one case; another account has another code."""
    digest = salted_hmac(_SALT, f"{subject_id}:{account_index}", algorithm="sha256").digest()
    return f"{int.from_bytes(digest[:8]) % 10**_DIGITS:0{_DIGITS}d}"


def registered_contact(buyer: str | None) -> str | None:
    """The line that the buyer registered for confirmations; null where it has none."""
    return get_organisation(uuid.UUID(buyer)).contact if buyer else None


def code_of_lock(loan_id: uuid.UUID) -> str | None:
    """The code of the account that waits for the buyer's confirmation; null if none does."""
    lock = AccountLock.objects.filter(loan_id=loan_id, state=AccountLock.State.PROPOSED).first()
    return None if lock is None else confirmation_code(lock.id, lock.account_index)


def require_code(
    given: str | None, *, buyer: str | None, subject_id: uuid.UUID, account_index: str
) -> None:
    """Raise Invalid unless the code is that of the registered contact.

    A buyer without a registered contact confirms by its own signed-in person alone: the office
    sees on the case that there is none.
    """
    if registered_contact(buyer) is None:
        return
    wanted = confirmation_code(subject_id, account_index)
    typed = "".join((given or "").split())
    if not typed.isascii() or not secrets.compare_digest(typed, wanted):
        message = _("This is not the code that was told to your organisation's registered contact.")
        remedy = _("Ask the registered contact, or the procurement office for another letter.")
        raise Invalid(message, remedy=remedy, fields={"code": message})


def tell_code(facts: Mapping[str, Any], *, number: str, account_masked: str, code: str) -> None:
    """Mail the code to the buyer's registered contact once the step is committed.

    Where the contact is no mail address, or no mail is sent, the procurement office prints the
    letter. A mail that cannot be sent is logged without its code.
    """
    contact = registered_contact(facts.get("buyer"))
    if contact is None or "@" not in contact or not settings.HONGHU_MAIL:
        return
    with translation.override(settings.LANGUAGE_CODE):
        mail = EmailMessage(
            subject=_("Confirmation of a repayment account: {number}").format(number=number),
            body="\n\n".join(letter(facts, number, account_masked, code)),
            from_email=settings.HONGHU_MAIL_FROM,
            to=[contact],
            headers={"Auto-Submitted": "auto-generated"},
        )

    def send() -> None:
        try:
            mail.send()
        except OSError:
            _log.exception("the code of %s could not be mailed", number)

    transaction.on_commit(send, robust=True)


def letter(
    facts: Mapping[str, Any], number: str, account_masked: str, code: str
) -> tuple[str, ...]:
    """The paragraphs of the letter to the registered contact, in the active language."""
    bank = get_organisation(uuid.UUID(facts["bank"])).name
    return (
        _("{bank} proposes the account {account} for all payments of the contract of {project}.").format(
            bank=bank, account=account_masked, project=facts.get("project_name") or number
        ),
        _("If your organisation agrees, its person in charge signs in and confirms in case {number} with this code: {code}").format(
            number=number, code=f"{code[:4]} {code[4:]}"
        ),
        _("Nobody of the bank needs this code. If you know nothing of this contract, tell the procurement office."),
    )  # fmt: skip
