"""Refusals as problem details (RFC 9457): one shape for every error that leaves the API."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import (
    BadRequest,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel, Field
from pydantic_core import to_json

from honghu.base.problems import HonghuError

MEDIA_TYPE: Final = "application/problem+json"
KEY_HEADER: Final = "Idempotency-Key"

_log = logging.getLogger(__name__)


class Problem(BaseModel):
    """A refusal (RFC 9457). Programs decide by `code`, which never changes; texts may."""

    type: str = Field(description="urn:honghu:problem: and the code.")
    title: str = Field(description="The meaning of the HTTP status.")
    status: int
    code: str = Field(description="What was refused; stable, see docs/howto/use-the-api.md.")
    detail: str = Field(description="What is wrong, in the language of Accept-Language.")
    remedy: str = Field(description="What to do about it; empty where nobody can say.")
    errors: dict[str, str] = Field(description="What is wrong with single fields, by name.")


class RouteUnknown(HonghuError):  # noqa: N818 named after what happened
    """No route of the API has this address."""

    code = "route-unknown"
    status = 404


class BodyTooLarge(HonghuError):  # noqa: N818
    """The request is larger than what is read."""

    code = "body-too-large"
    status = 413


class BodyOfOtherKind(HonghuError):  # noqa: N818
    """The request's content type is none that the API reads."""

    code = "media-type"
    status = 415


def problem(
    *,
    status: int,
    code: str,
    detail: str,
    remedy: str = "",
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The response of a refusal."""
    body = Problem(
        type=f"urn:honghu:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        remedy=remedy,
        errors=dict(errors or {}),
    )
    response = HttpResponse(to_json(body), status=status, content_type=MEDIA_TYPE)
    challenge = _CHALLENGES.get(code, "" if status == HTTPStatus.UNAUTHORIZED else None)
    if challenge is not None:
        response["WWW-Authenticate"] = f'Bearer realm="honghu"{challenge}'
    return response


_CHALLENGES: Final = {
    "token-refused": ', error="invalid_token"',
    "scope-missing": ', error="insufficient_scope"',
}
"""What RFC 6750, 3.1 has a bearer's refusal say; a request without any token is told nothing more."""


def refusal(error: HonghuError) -> HttpResponse:
    """A refusal of the kernel or a module, in its own words."""
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("api.failed", exc_info=error, extra={"code": error.code})
    return problem(
        status=error.status,
        code=error.code,
        detail=_(error.message) if error.message else "",
        remedy=_(error.remedy) if error.remedy else "",
        errors=error.fields,
    )


def explain(error: Exception) -> HttpResponse:
    """Any error at all as a problem; what nobody expected is logged and told without its inside."""
    if isinstance(error, HonghuError):
        return refusal(error)
    if isinstance(error, ValidationError):
        return _malformed(error)
    if isinstance(error, AuthenticationError):
        return problem(
            status=401,
            code="not-authenticated",
            detail=_("Sign in, or send a token."),
            remedy=_("Send the header `Authorization: Bearer` with a token of yours."),
        )
    if isinstance(error, HttpError):
        return problem(
            status=error.status_code,
            code="malformed",
            detail=_TEXTS["malformed"](),
            remedy=_("Send JSON as docs/openapi.json describes it."),
        )
    known = _OF_DJANGO.get(type(error)) or next(
        (found for kind, found in _OF_DJANGO.items() if isinstance(error, kind)), None
    )
    if known is not None:
        status, code = known
        return problem(status=status, code=code, detail=_TEXTS[code]())
    _log.error("api.failed", exc_info=error)
    return problem(
        status=500,
        code="internal",
        detail=_("Something went wrong here. Nothing of this request was kept."),
        remedy=_("Try again with the same idempotency key; tell us if it goes on."),
    )


_OF_DJANGO: Final[Mapping[type[Exception], tuple[int, str]]] = {
    Http404: (404, "route-unknown"),
    RequestDataTooBig: (413, "body-too-large"),
    TooManyFieldsSent: (413, "body-too-large"),
    TooManyFilesSent: (413, "body-too-large"),
    MultiPartParserError: (400, "malformed"),
    BadRequest: (400, "malformed"),
    SuspiciousOperation: (400, "malformed"),
}
_TEXTS: Final = {
    "route-unknown": lambda: _("There is nothing at this address."),
    "body-too-large": lambda: _("The request is larger than what is read here."),
    "malformed": lambda: _("The request could not be read."),
}


def _malformed(error: ValidationError) -> HttpResponse:
    """What pydantic found, by place: `form.amount`, `page`. Values are never repeated."""
    errors: dict[str, str] = {}
    for found in error.errors:
        source, *path = (str(part) for part in found["loc"])
        errors[".".join(path) or source] = str(found["msg"])
    if KEY_HEADER in errors:
        return problem(
            status=400,
            code="idempotency-key",
            detail=_("The header Idempotency-Key is missing."),
            remedy=_("Send a value of your own, new for each request that is not a repetition."),
        )
    return problem(
        status=422,
        code="invalid",
        detail=_("{count} values need attention").format(count=len(errors)),
        remedy=_("Correct the values named in `errors`; docs/openapi.json says what they are."),
        errors=errors,
    )


def install(api: NinjaAPI) -> None:
    """Let all errors inside a route become problems."""

    def handle(_request: HttpRequest, error: Any) -> HttpResponse:
        return explain(error)

    for kind in (Exception, Http404, HttpError, ValidationError):
        api.add_exception_handler(kind, handle)
