"""Signing secrets at rest: sealed with a key made of the installation's secret key.

Both ends sign with the same secret, so that it cannot be kept as a hash. A copy of the database
alone does not tell it.
"""

import base64
import secrets
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict
from honghu.kernel.webhooks.signatures import SECRET_PREFIX

_SECRET_BYTES = 32


class SecretLost(Conflict):
    """A secret that was sealed under another secret key."""

    code = "webhook-secret-lost"


def new_secret() -> str:
    """A signing secret of 256 random bits, as Standard Webhooks writes it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def seal(secret: str) -> bytes:
    """The secret as it is kept."""
    return _box(settings.SECRET_KEY).encrypt(secret.encode())


def unseal(sealed: bytes) -> str:
    """The secret again. Raises SecretLost."""
    try:
        return _box(settings.SECRET_KEY).decrypt(sealed).decode()
    except InvalidToken as error:
        message = _("The signing secret was sealed under another secret key.")
        raise SecretLost(message, remedy=_("Make a new secret for the webhook.")) from error


@lru_cache(maxsize=2)
def _box(secret_key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"honghu webhook secrets")
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret_key.encode())))
