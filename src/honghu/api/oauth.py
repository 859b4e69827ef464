"""OAuth 2.0 client credentials (RFC 6749, 4.4) and revocation (RFC 7009): the protocol is Authlib's.

Answers of these two routes are OAuth's own JSON, also refusals; everywhere else they are problems.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from authlib.oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Request, grants
from authlib.oauth2.rfc6749 import errors as oauth_errors
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from honghu.api.bodies import FORM
from honghu.api.problems import Problem
from honghu.kernel.parties.clients import (
    LiveClient,
    find_client,
    keep_access_token,
    revoke_access_token,
)
from honghu.kernel.parties.tokens import new_secret

_FIELDS: Final = {
    "client_id": {"type": "string", "format": "uuid"},
    "client_secret": {"type": "string", "format": "password"},
}
_TOKEN_FIELDS: Final = {
    "grant_type": {"type": "string", "enum": ["client_credentials"]},
    "scope": {"type": "string", "description": "Scopes with spaces between; all if left out."},
} | _FIELDS
_TOKEN_ANSWER: Final = {
    "access_token": {"type": "string"},
    "token_type": {"type": "string"},
    "expires_in": {"type": "integer"},
    "scope": {"type": "string"},
}
_ERROR_ANSWER: Final = {"error": {"type": "string"}, "error_description": {"type": "string"}}


class _Client(ClientMixin):
    """A client as Authlib asks for it."""

    def __init__(self, found: LiveClient) -> None:
        self.found = found

    def get_client_id(self) -> str:
        return str(self.found.id)

    def check_client_secret(self, client_secret: str) -> bool:
        return self.found.knows(client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002
        return method in {"client_secret_basic", "client_secret_post"}

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """All of its scopes, or those asked for; null, which is refused, for any other."""
        if not scope:
            return " ".join(self.found.scopes)
        asked = dict.fromkeys(scope.split())
        return " ".join(asked) if asked.keys() <= set(self.found.scopes) else None


class _Request(OAuth2Request):
    """A request as Authlib reads it, with the instant at which it came in."""

    form: Mapping[str, str] = {}

    def __init__(self, request: HttpRequest, now: dt.datetime) -> None:
        # TLS ends before us: what counts is the address by which we are reached.
        uri = settings.PUBLIC_ADDRESS + request.path
        super().__init__(request.method, uri, headers=request.headers)
        self.now = now
        # A parameter that stands twice is refused as if it were missing (RFC 6749, 3.2).
        lists = request.POST.lists()
        self.form = {name: values[0] for name, values in lists if len(values) == 1}
        # The form alone: secrets in an address would stand in every log (RFC 6749, 2.3.1).
        self.payload = BasicOAuth2Payload(self.form)


class _Grant(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")


class _Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

    def query_token(self, token_string: str, token_type_hint: str | None) -> "_Given":  # noqa: ARG002
        return _Given(token_string)

    def revoke_token(self, token: "_Given", request: _Request) -> None:
        revoke_access_token(token.secret, client=request.client.found, now=request.now)


class _Given:
    """A token that a client wants to end. Whose it is decides the statement that ends it."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def check_client(self, client: _Client) -> bool:  # noqa: ARG002
        return True


class _Server(AuthorizationServer):
    """Authlib's server on our tables, at one instant."""

    def __init__(self, now: dt.datetime) -> None:
        super().__init__()
        self.now = now
        seconds = settings.HONGHU_ACCESS_TOKEN_SECONDS
        self.register_token_generator(
            "default",
            BearerTokenGenerator(lambda **_asked: new_secret(), expires_generator=seconds),
        )
        self.register_grant(_Grant)
        self.register_endpoint(_Revocation)

    def query_client(self, client_id: str) -> _Client | None:
        found = find_client(client_id, now=self.now)
        return _Client(found) if found else None

    def save_token(self, token: Mapping[str, Any], request: _Request) -> None:
        keep_access_token(
            token["access_token"],
            client=request.client.found,
            scopes=token["scope"].split(),
            now=self.now,
            expires_at=self.now + dt.timedelta(seconds=token["expires_in"]),
        )

    def create_oauth2_request(self, request: HttpRequest) -> _Request:
        return _Request(request, self.now)

    def handle_response(
        self, status: int, body: Any, headers: Iterable[tuple[str, str]]
    ) -> HttpResponse:
        text = json.dumps(body) if isinstance(body, dict) else body
        return HttpResponse(text, status=status, headers=dict(headers))

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""


def _asks(fields: Mapping[str, Any], required: list[str], answer: Mapping[str, Any]) -> Any:
    """What the OpenAPI document says of a route that Authlib answers."""

    def schema(properties: Mapping[str, Any]) -> dict[str, Any]:
        return {"type": "object", "properties": dict(properties)}

    refusal = {
        "description": "OAuth's refusal (RFC 6749, 5.2).",
        "content": {"application/json": {"schema": schema(_ERROR_ANSWER)}},
    }
    return {
        "requestBody": {
            "required": True,
            "content": {FORM: {"schema": schema(fields) | {"required": required}}},
        },
        "responses": {
            200: {
                "description": "OK",
                "content": {"application/json": {"schema": schema(answer)}},
            },
            400: refusal,
            401: refusal,
        },
    }


def router_of(clock: Callable[[], dt.datetime]) -> Router:
    """The two routes; `clock` is read once per request."""
    router = Router(tags=["oauth"])

    @router.post(
        "/oauth/token",
        auth=None,
        response={429: Problem},
        openapi_extra=_asks(_TOKEN_FIELDS, ["grant_type"], _TOKEN_ANSWER),
    )
    def issue_access_token(request: HttpRequest) -> HttpResponse:
        """Exchange a client's id and secret for a short-lived access token (RFC 6749, 4.4)."""
        return _answered(lambda server: server.create_token_response(request), clock())

    @router.post(
        "/oauth/revoke",
        auth=None,
        response={429: Problem},
        openapi_extra=_asks(
            {"token": {"type": "string"}, "token_type_hint": {"type": "string"}} | _FIELDS,
            ["token"],
            {},
        ),
    )
    def revoke_token(request: HttpRequest) -> HttpResponse:
        """End an access token at once (RFC 7009)."""
        return _answered(
            lambda server: server.create_endpoint_response("revocation", request), clock()
        )

    return router


def _answered(ask: Callable[[_Server], HttpResponse], now: dt.datetime) -> HttpResponse:
    server = _Server(now)
    try:
        return ask(server)
    except oauth_errors.OAuth2Error as error:
        return server.handle_response(*error())
