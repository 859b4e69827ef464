"""Who calls: a bearer token or the session of a signed-in person, as an actor at an instant."""

import datetime as dt
import functools
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from ninja.decorators import decorate_view
from ninja.operation import Operation
from ninja.security.base import AuthBase
from ninja.utils import check_csrf, contribute_operation_callback

from honghu.base.problems import NotAllowed
from honghu.kernel.parties.actor import Actor
from honghu.kernel.parties.queries import get_actors
from honghu.kernel.parties.tokens import READ, SCOPES, WRITE, NoPosition, TokenRefused, use_token

Clock: TypeAlias = Callable[[], dt.datetime]
"""Where a request's instant comes from: read once, at the door."""

ORGANISATION_KEY: Final = "organisation"
"""Session key in which the desk keeps the organisation that a person chose to act for."""

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

ASKS_ONLY: Final = "x-asks-only"
"""How the OpenAPI document names a POST that records nothing."""
_ASKS_ONLY: Final = "honghu_asks_only"

Route = TypeVar("Route", bound=Callable[..., Any])


class ScopeMissing(NotAllowed):
    """The token was not issued for this."""

    code = "scope-missing"


class CsrfMissing(NotAllowed):
    """A change by session cookie without the page's CSRF token."""

    code = "csrf"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and the instant at which the request came in. Commands take both."""

    actor: Actor
    now: dt.datetime

    @property
    def today(self) -> dt.date:
        """The day of the request where the installation is."""
        return localdate(self.now)


class ApiRequest(HttpRequest):
    """A request that has passed the door."""

    auth: Caller


def needed_scope(method: str, *, asks_only: bool) -> str:
    """The scope that a token needs: to read, or to write."""
    return READ if asks_only or method in _SAFE else WRITE


def asks_only(route: Route) -> Route:
    """Declare that a route records nothing though it is a POST, since a question needs a body.

    It stands between the router's decorator and the function. A token that may only read may then
    ask, and the OpenAPI document says so. A session still needs its CSRF token.
    """

    def marked(run: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @functools.wraps(run)
        def answer(request: HttpRequest, **values: Any) -> HttpResponseBase:
            setattr(request, _ASKS_ONLY, True)
            return run(request, **values)

        return answer

    def describe(operation: Operation) -> None:
        operation.openapi_extra = (operation.openapi_extra or {}) | {ASKS_ONLY: True}

    contribute_operation_callback(route, describe)
    return decorate_view(marked)(route)


class BearerToken(AuthBase):
    """`Authorization: Bearer honghu_…`: one query."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        super().__init__()

    def __call__(self, request: HttpRequest) -> Caller | None:
        """The caller; null without the header. Raises TokenRefused, NoPosition, ScopeMissing."""
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            return None
        scheme, _space, secret = header.partition(" ")
        if scheme.lower() != "bearer":
            message = _("Only bearer tokens are read here.")
            raise TokenRefused(message, remedy=_("Send `Authorization: Bearer` and the token."))
        now = self._clock()
        used = use_token(secret=secret.strip(), now=now)
        needed = needed_scope(request.method or "", asks_only=hasattr(request, _ASKS_ONLY))
        if needed not in used.scopes:
            message = _("This token may not {scope}.").format(scope=needed)
            raise ScopeMissing(message, remedy=_("Ask for a token with this scope."))
        return Caller(used.actor, now)


class SessionCookie(AuthBase):
    """The session of somebody signed in at the desk; changes need the CSRF token as well."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "sessionid"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        super().__init__()

    def __call__(self, request: HttpRequest) -> Caller | None:
        """The caller; null if nobody is signed in. Raises CsrfMissing, NoPosition."""
        if not request.user.is_authenticated:
            return None
        if request.method not in _SAFE and check_csrf(request) is not None:
            message = _("The CSRF token is missing or wrong.")
            raise CsrfMissing(message, remedy=_("Send the cookie's value as X-CSRFToken."))
        now = self._clock()
        hats = get_actors(person_id=request.user.person_id, on=localdate(now))
        if not hats:
            message = _("You hold no position today.")
            raise NoPosition(message, remedy=_("Ask the administrator of your organisation."))
        chosen = request.session.get(ORGANISATION_KEY)
        wanted = uuid.UUID(chosen) if chosen else None
        actor = next((hat for hat in hats if hat.organisation_id == wanted), hats[0])
        return Caller(actor, now)


__all__ = [
    "SCOPES",
    "ApiRequest",
    "BearerToken",
    "Caller",
    "Clock",
    "SessionCookie",
    "asks_only",
    "needed_scope",
]
