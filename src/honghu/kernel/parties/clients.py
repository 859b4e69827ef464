"""Machines that ask for access tokens by themselves: registered, their secrets exchanged, ended.

The protocol is spoken at the door (`honghu.api.oauth`); here is what it stands on.
"""

import dataclasses
import datetime as dt
import secrets
import uuid
from collections.abc import Collection
from typing import Final, cast

from django.db import connection, transaction
from django.utils.translation import gettext as _

from honghu.base.hashing import sha256
from honghu.base.problems import NotFound
from honghu.kernel.parties.models import ApiClient, ApiClientSecret, ApiToken
from honghu.kernel.parties.tokens import (
    SCOPES,
    check_scopes,
    end_once,
    holder_of,
    listed,
    new_secret,
)

_PREFIX: Final = "honghu_client_"
_KEPT_AFTER_EXPIRY: Final = dt.timedelta(days=1)
_FIND: Final = """
SELECT c.id, c.scopes, c.account_id, c.organisation_id,
  ARRAY(SELECT s.secret_hash FROM parties_apiclientsecret s
        WHERE s.client_id = c.id AND (s.expires_at IS NULL OR s.expires_at > %(now)s))
FROM parties_apiclient c JOIN parties_account a ON a.id = c.account_id AND a.is_active
WHERE c.id = %(client)s AND c.revoked_at IS NULL
"""


@dataclasses.dataclass(frozen=True, slots=True)
class IssuedClient:
    """A new client, or a new secret of one. `secret` is shown this once and kept nowhere."""

    id: uuid.UUID
    secret: str


@dataclasses.dataclass(frozen=True, slots=True)
class LiveClient:
    """A client that may ask for tokens now."""

    id: uuid.UUID
    scopes: tuple[str, ...]
    account_id: int
    organisation_id: uuid.UUID
    secret_hashes: tuple[bytes, ...]

    def knows(self, secret: str) -> bool:
        """Whether this is one of its secrets."""
        given = sha256(secret.encode())
        return any(secrets.compare_digest(given, each) for each in self.secret_hashes)


@dataclasses.dataclass(frozen=True, slots=True)
class ClientRow:
    """A client as it is listed."""

    id: uuid.UUID
    username: str
    organisation: str
    label: str
    scopes: tuple[str, ...]
    created_at: dt.datetime
    revoked_at: dt.datetime | None


def register_client(
    *,
    username: str,
    label: str,
    now: dt.datetime,
    organisation_id: uuid.UUID | None = None,
    scopes: Collection[str] = SCOPES,
) -> IssuedClient:
    """Register a machine that acts for a person in one organisation, with at most these scopes.

    Raises NotFound for an unknown sign-in name or a person without a position, Invalid for a scope
    that is unknown, or names a role that the person does not hold.
    """
    account, actor = holder_of(username, organisation_id=organisation_id, now=now)
    check_scopes(scopes, actor)
    with transaction.atomic():
        client = ApiClient.objects.create(
            account=account,
            organisation_id=cast("uuid.UUID", actor.organisation_id),
            label=label,
            scopes=sorted(set(scopes)),
            created_at=now,
        )
        return _add_secret(client, now)


def _add_secret(client: ApiClient, now: dt.datetime) -> IssuedClient:
    secret = new_secret(_PREFIX)
    ApiClientSecret.objects.create(
        client=client, secret_hash=sha256(secret.encode()), created_at=now
    )
    return IssuedClient(client.id, secret)


def rotate_client_secret(
    client_id: uuid.UUID, *, now: dt.datetime, overlap: dt.timedelta
) -> IssuedClient:
    """A new secret; those before it are good until `overlap` is over. Raises NotFound."""
    with transaction.atomic():
        client = ApiClient.objects.select_for_update().filter(pk=client_id, revoked_at=None).first()
        if client is None:
            raise _unknown(client_id)
        until = now + overlap
        client.secrets.filter(expires_at=None).update(expires_at=until)
        client.secrets.filter(expires_at__gt=until).update(expires_at=until)
        return _add_secret(client, now)


def revoke_client(client_id: uuid.UUID, *, now: dt.datetime) -> None:
    """End a client and all its access tokens at once; a second time changes nothing.

    Raises NotFound.
    """
    if not end_once(ApiClient.objects.filter(pk=client_id), now):
        raise _unknown(client_id)


def _unknown(client_id: uuid.UUID) -> NotFound:
    message = _("There is no client {id}.").format(id=client_id)
    return NotFound(message, remedy=_("List the clients."))


def find_client(client_id: str, *, now: dt.datetime) -> LiveClient | None:
    """The client of this id with the hashes of its good secrets; null if it may not ask."""
    try:
        wanted = uuid.UUID(client_id)
    except ValueError:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_FIND, {"client": wanted, "now": now})
        row = cursor.fetchone()
    if row is None:
        return None
    found_id, scopes, account_id, organisation_id, hashes = row
    return LiveClient(
        found_id, tuple(scopes), account_id, organisation_id, tuple(map(bytes, hashes))
    )


def keep_access_token(
    secret: str,
    *,
    client: LiveClient,
    scopes: Collection[str],
    now: dt.datetime,
    expires_at: dt.datetime,
) -> None:
    """Keep the hash of an access token that the client was given."""
    ApiToken.objects.create(
        account_id=client.account_id,
        organisation_id=client.organisation_id,
        client_id=client.id,
        label="",
        secret_hash=sha256(secret.encode()),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=expires_at,
    )


def revoke_access_token(secret: str, *, client: LiveClient, now: dt.datetime) -> None:
    """End an access token of this client at once; another's, or none, changes nothing."""
    ApiToken.objects.filter(
        secret_hash=sha256(secret.encode()), client_id=client.id, revoked_at=None
    ).update(revoked_at=now)


def forget_access_tokens(*, now: dt.datetime) -> int:
    """Delete access tokens of clients that expired a day ago; how many."""
    old = ApiToken.objects.filter(client__isnull=False, expires_at__lt=now - _KEPT_AFTER_EXPIRY)
    return old.delete()[0]


def list_clients(*, username: str | None = None) -> list[ClientRow]:
    """All clients, or those of one account, the newest first."""
    return [
        ClientRow(
            row.id,
            row.account.username,
            row.organisation.name,
            row.label,
            tuple(row.scopes),
            row.created_at,
            row.revoked_at,
        )
        for row in listed(ApiClient.objects.all(), username)
    ]
