"""Putting an API together: the doors, the routes, problem details around everything, OpenAPI 3.1."""

import functools
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, re_path
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Router
from ninja.operation import Operation
from ninja.renderers import BaseRenderer
from pydantic_core import to_json

from honghu.api import limits, problems
from honghu.api.access import ASKS_ONLY, BearerToken, Clock, SessionCookie, needed_scope
from honghu.api.bodies import JSON, StrictParser, bound
from honghu.api.problems import Problem
from honghu.kernel.rulesets.queries import reading_one_edition

_View = Callable[..., HttpResponseBase]

ALWAYS: Final = (400, 401, 403, 422, 429)
"""What every route behind the door may refuse with."""


class _Renderer(BaseRenderer):
    """Plain UTF-8 JSON with exact instants; decimals are text, so that no reader rounds them."""

    media_type = JSON

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ARG002
        """The bytes of the answer."""
        return to_json(data)


class HonghuAPI(NinjaAPI):
    """Ninja's API with problem details also for what never reaches a route."""

    @property
    def guarded_urls(self) -> tuple[list[URLPattern | URLResolver], str, str]:
        """As `urls`, but every answer is JSON of ours, also for unknown addresses."""
        patterns, app, namespace = self.urls
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = _guarded(pattern.callback)
        return [*patterns, re_path("", _guarded(_unknown_route))], app, namespace

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The function's name: names of routes are unique."""
        return operation.view_func.__name__

    def get_openapi_schema(self, **options: Any) -> Any:
        """The document: refusals are `application/problem+json`, tokens name the scope they need."""
        document = super().get_openapi_schema(**options)
        for route in document["paths"].values():
            for method, operation in route.items():
                _name_scope(method, operation)
                for status, reply in operation["responses"].items():
                    found = reply.get("content", {}).get(JSON)
                    # OAuth's two routes refuse in a shape of their own.
                    if (
                        int(status) >= HTTPStatus.BAD_REQUEST
                        and found
                        and "$ref" in found["schema"]
                    ):
                        reply["content"] = {problems.MEDIA_TYPE: found}
        return document


def _name_scope(method: str, operation: dict[str, Any]) -> None:
    """Say which scope a bearer token needs for a route (OpenAPI 3.1 lets any scheme list them)."""
    needed = needed_scope(method.upper(), asks_only=ASKS_ONLY in operation)
    for door in operation.get("security", ()):
        if BearerToken.__name__ in door:
            door[BearerToken.__name__] = [needed]


def build_api(*, clock: Clock, routers: Iterable[Router], description: str) -> HonghuAPI:
    """The API of these routers; `clock` is read once per request and nowhere else."""
    api = HonghuAPI(
        title="Honghu",
        version="1",
        description=description,
        urls_namespace="api",
        docs_url=None,
        auth=[BearerToken(clock), SessionCookie(clock)],
        renderer=_Renderer(),
        parser=StrictParser(),
    )
    problems.install(api)
    for router in routers:
        api.add_router("", router)
    return api


def replies(found: Mapping[int, Any], *refused: int, public: bool = False) -> dict[int, Any]:
    """The `response` of a route: what it answers, and the statuses that it may refuse with.

    Those that every route knows (400, 401, 403, 422, 429) are added; without 401 for public ones.
    """
    always = (400, 422, 429) if public else ALWAYS
    return dict(found) | dict.fromkeys(sorted({*always, *refused}), Problem)


def _unknown_route(_request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    message = _("There is nothing at this address.")
    raise problems.RouteUnknown(message, remedy=_("See docs/openapi.json for the addresses."))


def _guarded(view: _View) -> _View:
    """Bound the body, read the rule book once, and answer every refusal as a problem."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        allowance = None
        try:
            allowance = limits.admit(request)
            limits.insist(allowance)
            bound(request)
            with reading_one_edition():
                response = view(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 the door: nothing but a problem leaves it
            response = problems.explain(error)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            limits.charge_refused(request)
        if allowance is not None:
            allowance.tell(response)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response = _not_allowed(response)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response

    answer.csrf_exempt = True  # type: ignore[attr-defined]  # the session door checks it itself
    return answer


def _not_allowed(plain: HttpResponseBase) -> HttpResponse:
    response = problems.problem(
        status=405,
        code="method-not-allowed",
        detail=_("This address does not take this method."),
        remedy=_("Use one of the header Allow."),
    )
    response["Allow"] = plain.headers.get("Allow", "")
    return response
