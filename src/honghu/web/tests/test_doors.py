"""Pages pass the middlewares of pages; machines go past them."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from honghu.web.doors import PagesAlone


def test_a_page_has_its_policy_and_an_answer_to_a_machine_has_none(db: None) -> None:
    client = Client()
    assert "default-src" in client.get("/sign-in")["Content-Security-Policy"]
    answer = client.get("/api/v1/checkpoint")
    assert answer["Content-Type"] == "application/problem+json"
    assert not answer.has_header("Content-Security-Policy")
    # What guards every answer guards this one too.
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"


def test_an_error_inside_is_answered_inside(settings) -> None:
    settings.HONGHU_PAGE_MIDDLEWARE = ["honghu.web.bodies.BoundedBodies"]

    def refuse(_request: HttpRequest) -> HttpResponse:
        raise PermissionDenied

    with pytest.raises(PermissionDenied):
        PagesAlone(refuse)(RequestFactory().get("/api/v1/cases"))
    assert PagesAlone(refuse)(RequestFactory().get("/work")).status_code == 403


def test_a_middleware_with_hooks_is_refused_at_the_start(settings) -> None:
    settings.HONGHU_PAGE_MIDDLEWARE = ["django.middleware.csrf.CsrfViewMiddleware"]
    with pytest.raises(TypeError, match="CsrfViewMiddleware"):
        PagesAlone(lambda _request: HttpResponse())
