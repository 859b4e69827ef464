"""What is made of the installation's secret key: the seal of contacts, the secret of a report."""

import base64
import hmac
import json
import uuid
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict

_KEY_BYTES: Final = 32
_SECRET_BYTES: Final = 18


class ContactLost(Conflict):
    """A contact that was sealed under another secret key."""

    code = "contact-lost"


def seal_contact(contact: Mapping[str, str]) -> bytes:
    """The contact as it is kept."""
    text = json.dumps(dict(contact), ensure_ascii=False)
    return Fernet(base64.urlsafe_b64encode(_key(settings.SECRET_KEY, b"contacts"))).encrypt(
        text.encode()
    )


def open_contact(sealed: bytes) -> dict[str, str]:
    """The contact again. Raises ContactLost."""
    box = Fernet(base64.urlsafe_b64encode(_key(settings.SECRET_KEY, b"contacts")))
    try:
        found: dict[str, str] = json.loads(box.decrypt(sealed))
    except InvalidToken as error:
        message = _("The contact was sealed under another secret key.")
        raise ContactLost(message, remedy=_("Ask the administrator for the former key.")) from error
    return found


def secret_of(case_id: uuid.UUID) -> str:
    """The secret by which the reporter follows the report: 144 bits, kept nowhere.

    It is made of the key and the report each time, so that a copy of the database tells none.
    """
    made = hmac.digest(_key(settings.SECRET_KEY, b"links"), case_id.bytes, "sha256")
    return base64.urlsafe_b64encode(made[:_SECRET_BYTES]).decode()


def is_secret_of(case_id: uuid.UUID, secret: str) -> bool:
    """Whether this is the report's secret; takes as long for every wrong one."""
    return hmac.compare_digest(secret_of(case_id).encode(), secret.encode(errors="replace"))


@lru_cache(maxsize=8)
def _key(secret_key: str, use: bytes) -> bytes:
    derived = HKDF(
        algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=b"honghu public reports " + use
    )
    return derived.derive(secret_key.encode())
