"""Mail addresses: nothing is mailed to one before its reader has confirmed it by a link sent there."""

import datetime as dt
import uuid
from typing import Final

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from honghu.base.problems import NotFound
from honghu.kernel.notifications.models import Mail, Preference

VALID: Final = dt.timedelta(days=3)
"""How long the link in a mail can be used."""
_SALT: Final = "honghu.mail-address"


class LinkNotValidError(NotFound):
    """The link was altered, is too old, or is about an address that is not the person's any more."""

    code = "link-not-valid"


def ask_to_confirm(person_id: uuid.UUID, address: str, *, now: dt.datetime) -> None:
    """Plan the mail that asks whoever reads the address to confirm it, in the caller's transaction.

    An installation without a mail server plans none; the link is asked for at the desk later.
    """
    if not settings.HONGHU_MAIL:
        return
    Mail.objects.create(
        person_id=person_id,
        send_at=now,
        # No other mail joins it: it is for an address, not for what stands at the desk.
        status=Mail.Status.SENDING,
        next_at=now,
        confirms=address,
    )


def token_of(person_id: uuid.UUID, address: str, *, now: dt.datetime) -> str:
    """What the link of a confirmation carries: person, address and last instant, signed."""
    told = [str(person_id), address, (now + VALID).isoformat()]
    return signing.Signer(salt=_SALT).sign_object(told)


def read_token(token: str, *, now: dt.datetime) -> tuple[uuid.UUID, str]:
    """The person and the address of a link. Raises LinkNotValidError."""
    try:
        person, address, until = signing.Signer(salt=_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise _not_valid() from error
    person_id = uuid.UUID(person)
    is_current = Preference.objects.filter(person_id=person_id, address=address).exists()
    if not is_current or now > dt.datetime.fromisoformat(until):
        raise _not_valid()
    return person_id, address


def _not_valid() -> LinkNotValidError:
    return LinkNotValidError(
        _("This link is not valid any more."),
        remedy=_("Sign in and have a new one sent, under “How I am told”."),
    )


def confirm_address(token: str, *, now: dt.datetime) -> str:
    """Note that the address of a link is read by its person; the address. Twice is once.

    Raises LinkNotValidError.
    """
    person_id, address = read_token(token, now=now)
    unconfirmed = Preference.objects.filter(person_id=person_id, address=address, confirmed_at=None)
    unconfirmed.update(confirmed_at=now)
    return address
