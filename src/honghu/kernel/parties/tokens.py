"""API tokens: issued, revoked, listed, and exchanged for an actor at the door."""

import dataclasses
import datetime as dt
import re
import secrets
import uuid
from collections.abc import Collection
from typing import Any, Final, TypeVar, cast

from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.hashing import sha256
from honghu.base.problems import HonghuError, Invalid, NotAllowed, NotFound
from honghu.kernel.journal.statements import prepared_cursor
from honghu.kernel.parties.actor import Actor
from honghu.kernel.parties.models import Account, ApiClient, ApiToken
from honghu.kernel.parties.queries import get_actor

READ: Final = "read"
WRITE: Final = "write"
SCOPES: Final = (READ, WRITE)
"""What a token may be narrowed to: looking, and everything that changes something."""
ROLE: Final = "role:"
"""A scope that begins so names a role: with any of them, the token has those roles alone."""

_Key = TypeVar("_Key", ApiToken, ApiClient)
_PREFIX = "honghu_"
_SECRET_BYTES = 32
_WELL_FORMED = re.compile(rf"{_PREFIX}[A-Za-z0-9_-]{{43}}", re.ASCII)
_STAMP_EVERY = dt.timedelta(minutes=5)
"""The last use is noted at most this often: a reading client should not write all the time."""

_USE = """
WITH token AS (
  SELECT t.id, t.organisation_id, t.scopes, t.last_used_at, a.person_id
  FROM parties_apitoken t JOIN parties_account a ON a.id = t.account_id
  LEFT JOIN parties_apiclient c ON c.id = t.client_id
  WHERE t.secret_hash = %(hash)s AND t.revoked_at IS NULL AND t.expires_at > %(now)s AND a.is_active
    AND c.revoked_at IS NULL
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
    if expires_at <= now:
        message = _("The token would have expired already.")
        raise Invalid(message, remedy=_("Give a day that lies ahead."))
    account, actor = holder_of(username, organisation_id=organisation_id, now=now)
    check_scopes(scopes, actor)
    secret = new_secret()
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


def holder_of(
    username: str, *, organisation_id: uuid.UUID | None, now: dt.datetime
) -> tuple[Account, Actor]:
    """The account for which a machine is to act, and as whom today. Raises NotFound."""
    account = Account.objects.filter(username=username).first()
    if account is None:
        message = _("There is no account {name}.").format(name=username)
        raise NotFound(message, remedy=_("Check the sign-in name."))
    actor = get_actor(
        person_id=account.person_id, on=localdate(now), organisation_id=organisation_id
    )
    return account, actor


def check_scopes(scopes: Collection[str], actor: Actor) -> None:
    """Raise Invalid unless there is a scope, and each is known or names a role of the actor's."""
    known = {*SCOPES, *(f"{ROLE}{role}" for role in actor.roles)}
    unknown = sorted(set(scopes) - known)
    if unknown or not set(scopes) & set(SCOPES):
        message = _("There is no scope {names}.").format(names=", ".join(unknown) or "''")
        raise Invalid(message, remedy=_("Use {names}.").format(names=", ".join(sorted(known))))


def new_secret(prefix: str = _PREFIX) -> str:
    """The secret of a token: 256 random bits behind a prefix by which leaks are found."""
    return prefix + secrets.token_urlsafe(_SECRET_BYTES)


def revoke_token(*, token_id: uuid.UUID, now: dt.datetime) -> None:
    """End a token at once; a second time changes nothing. Raises NotFound."""
    if not end_once(ApiToken.objects.filter(pk=token_id), now):
        message = _("There is no token {id}.").format(id=token_id)
        raise NotFound(message, remedy=_("List the tokens."))


def end_once(rows: QuerySet[Any], now: dt.datetime) -> bool:
    """End what has not ended; false if there is nothing of the kind, ended or not."""
    return bool(rows.filter(revoked_at=None).update(revoked_at=now)) or rows.exists()


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
    named = {each.removeprefix(ROLE) for each in scopes if each.startswith(ROLE)}
    held = frozenset(roles) & named if named else frozenset(roles)
    actor = Actor(person_id, organisation_id, held, person, organisation)
    return TokenUse(token_id, actor, frozenset(scopes))


def list_tokens(*, username: str | None = None) -> list[TokenRow]:
    """All tokens that were issued by hand, or those of one account, the newest first."""
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
        for row in listed(ApiToken.objects.filter(client=None), username)
    ]


def listed(rows: QuerySet[_Key], username: str | None) -> QuerySet[_Key]:
    """Keys with their account and organisation, of one account if its name is given, newest first."""
    if username is not None:
        rows = rows.filter(account__username=username)
    return rows.select_related("account", "organisation").order_by("-id")


def _refused() -> TokenRefused:
    message = _("The token is unknown, was revoked, or has expired.")
    return TokenRefused(message, remedy=_("Ask the administrator for a new one."))
