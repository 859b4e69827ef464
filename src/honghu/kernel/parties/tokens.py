"""API tokens: issued, revoked, listed, and exchanged for an actor at the door."""

import dataclasses
import datetime as dt
import re
import secrets
import uuid
from collections.abc import Collection
from typing import Any, Final, cast

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.hashing import sha256
from honghu.base.problems import HonghuError, Invalid, NotAllowed, NotFound
from honghu.kernel.journal.statements import prepared_cursor
from honghu.kernel.parties.actor import Actor
from honghu.kernel.parties.models import Account, ApiToken
from honghu.kernel.parties.queries import get_actor

READ: Final = "read"
WRITE: Final = "write"
SCOPES: Final = (READ, WRITE)
"""What a token may be narrowed to: looking, and everything that changes something."""

_PREFIX = "honghu_"
_SECRET_BYTES = 32
_WELL_FORMED = re.compile(rf"{_PREFIX}[A-Za-z0-9_-]{{43}}", re.ASCII)
_STAMP_EVERY = dt.timedelta(minutes=5)
"""The last use is noted at most this often: a reading client should not write all the time."""

_USE = """
WITH token AS (
  SELECT t.id, t.organisation_id, t.scopes, t.last_used_at, a.person_id
  FROM parties_apitoken t JOIN parties_account a ON a.id = t.account_id
  WHERE t.secret_hash = %(hash)s AND t.revoked_at IS NULL AND t.expires_at > %(now)s AND a.is_active
), stamped AS (
  UPDATE parties_apitoken t SET last_used_at = %(now)s FROM token
  WHERE t.id = token.id AND (token.last_used_at IS NULL OR token.last_used_at < %(stale)s)
)
SELECT token.id, token.scopes, token.person_id, token.organisation_id, pe.name, o.name,
  ARRAY(SELECT p.role FROM parties_position p
        WHERE p.person_id = token.person_id AND p.organisation_id = token.organisation_id
          AND p.from_date <= %(on)s AND (p.to_date IS NULL OR p.to_date >= %(on)s))
FROM token JOIN parties_person pe ON pe.id = token.person_id
JOIN parties_organisation o ON o.id = token.organisation_id
"""


class TokenRefused(HonghuError):  # noqa: N818 named after what happened
    """No such token, or one that was revoked or has run out: HTTP 401, the same for all three."""

    code = "token-refused"
    status = 401


class NoPosition(NotAllowed):
    """The person holds no position in the token's organisation on this day."""

    code = "no-position"


@dataclasses.dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token. `secret` is shown this once and kept nowhere."""

    id: uuid.UUID
    secret: str
    expires_at: dt.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class TokenUse:
    """Whose token it is, as an actor on this day, and what it may do."""

    token_id: uuid.UUID
    actor: Actor
    scopes: frozenset[str]


@dataclasses.dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as it is listed, without its secret."""

    id: uuid.UUID
    username: str
    organisation: str
    label: str
    scopes: tuple[str, ...]
    created_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    last_used_at: dt.datetime | None


def issue_token(
    *,
    username: str,
    label: str,
    now: dt.datetime,
    expires_at: dt.datetime,
    organisation_id: uuid.UUID | None = None,
    scopes: Collection[str] = SCOPES,
) -> IssuedToken:
    """Issue a token for a person, who acts by it for the organisation (or the first one served).

    Raises NotFound for an unknown sign-in name or a person without a position there, Invalid for
    an unknown scope or an expiry that lies behind.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        message = _("There is no scope {names}.").format(names=", ".join(unknown) or "''")
        raise Invalid(message, remedy=_("Use {names}.").format(names=", ".join(SCOPES)))
    if expires_at <= now:
        message = _("The token would have expired already.")
        raise Invalid(message, remedy=_("Give a day that lies ahead."))
    account = Account.objects.filter(username=username).first()
    if account is None:
        message = _("There is no account {name}.").format(name=username)
        raise NotFound(message, remedy=_("Check the sign-in name."))
    actor = get_actor(
        person_id=account.person_id, on=localdate(now), organisation_id=organisation_id
    )
    secret = _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    token = ApiToken.objects.create(
        account=account,
        organisation_id=cast("uuid.UUID", actor.organisation_id),
        label=label,
        secret_hash=sha256(secret.encode()),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=expires_at,
    )
    return IssuedToken(token.id, secret, expires_at)


def revoke_token(*, token_id: uuid.UUID, now: dt.datetime) -> None:
    """End a token at once; a second time changes nothing. Raises NotFound."""
    rows = ApiToken.objects.filter(pk=token_id)
    if not rows.filter(revoked_at=None).update(revoked_at=now) and not rows.exists():
        message = _("There is no token {id}.").format(id=token_id)
        raise NotFound(message, remedy=_("List the tokens."))


def use_token(*, secret: str, now: dt.datetime) -> TokenUse:
    """Exchange the secret for the actor, in one statement; notes the use now and then.

    Raises TokenRefused, NoPosition.
    """
    if not _WELL_FORMED.fullmatch(secret):
        raise _refused()
    values: dict[str, Any] = {
        "hash": sha256(secret.encode()),
        "now": now,
        "stale": now - _STAMP_EVERY,
        "on": localdate(now),
    }
    with prepared_cursor() as cursor:
        cursor.execute(_USE, values)
        row = cursor.fetchone()
    if row is None:
        raise _refused()
    token_id, scopes, person_id, organisation_id, person, organisation, roles = row
    if not roles:
        message = _("{name} holds no position in this organisation today.").format(name=person)
        raise NoPosition(message, remedy=_("Ask the administrator of your organisation."))
    actor = Actor(person_id, organisation_id, frozenset(roles), person, organisation)
    return TokenUse(token_id, actor, frozenset(scopes))


def list_tokens(*, username: str | None = None) -> list[TokenRow]:
    """All tokens, or those of one account, the newest first."""
    rows = ApiToken.objects.select_related("account", "organisation").order_by("-id")
    if username is not None:
        rows = rows.filter(account__username=username)
    return [
        TokenRow(
            row.id,
            row.account.username,
            row.organisation.name,
            row.label,
            tuple(row.scopes),
            row.created_at,
            row.expires_at,
            row.revoked_at,
            row.last_used_at,
        )
        for row in rows
    ]


def _refused() -> TokenRefused:
    message = _("The token is unknown, was revoked, or has expired.")
    return TokenRefused(message, remedy=_("Ask the administrator for a new one."))
