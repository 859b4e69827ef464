"""Signatures of webhooks as Standard Webhooks (standardwebhooks.com) prescribes them; pure.

Signed is `id.timestamp.body` by HMAC-SHA256. A receiver that checks the signature, refuses old
timestamps and remembers the ids of some minutes can be told nothing by a stranger, and nothing twice.
"""

import base64
import binascii
import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Final

from honghu.base.problems import NotAllowed

ID_HEADER: Final = "webhook-id"
TIMESTAMP_HEADER: Final = "webhook-timestamp"
SIGNATURE_HEADER: Final = "webhook-signature"
SECRET_PREFIX: Final = "whsec_"  # noqa: S105 no secret, but how one begins
TOLERANCE: Final = dt.timedelta(minutes=5)
"""How far the timestamp may be from the receiver's clock, as the standard's own libraries have it."""


class SignatureRefused(NotAllowed):
    """The request was not signed with one of these secrets, or not now."""

    code = "signature-refused"
    status = 401


def sign(secret: str, *, event_id: str, timestamp: int, body: bytes) -> str:
    """One signature, `v1,` and base64. `secret` is `whsec_` and base64. Raises ValueError."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    signed = f"{event_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def signature_headers(
    secrets: Iterable[str], *, event_id: str, body: bytes, now: dt.datetime
) -> dict[str, str]:
    """The three headers; with several secrets, a signature of each with a space between."""
    timestamp = int(now.timestamp())
    signatures = (sign(each, event_id=event_id, timestamp=timestamp, body=body) for each in secrets)
    return {
        ID_HEADER: event_id,
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: " ".join(signatures),
    }


def verify(
    secrets: Iterable[str], headers: Mapping[str, str], body: bytes, *, now: dt.datetime
) -> str:
    """Check a request as a receiver does; the id of its event, to be done once.

    `headers` by lower-case name. Raises SignatureRefused for a header that is missing, a timestamp
    more than five minutes away, a signature by none of the secrets.
    """
    try:
        event_id, stamp = headers[ID_HEADER], int(headers[TIMESTAMP_HEADER])
        given = headers[SIGNATURE_HEADER].split(" ")
    except (KeyError, ValueError) as error:
        message = "the signature's headers are missing"
        raise SignatureRefused(message) from error
    if abs(now.timestamp() - stamp) > TOLERANCE.total_seconds():
        message = "the timestamp is too far from now"
        raise SignatureRefused(message, remedy="Set the clock; refuse what is replayed.")
    try:
        good = [sign(each, event_id=event_id, timestamp=stamp, body=body) for each in secrets]
    except binascii.Error as error:
        message = "the secret is none"
        raise SignatureRefused(message) from error
    if not any(
        hmac.compare_digest(one.encode(), other.encode()) for one in good for other in given
    ):
        message = "the signature is by none of the secrets"
        raise SignatureRefused(message)
    return event_id
