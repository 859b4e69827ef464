"""The toolkit's addresses alone, so that its tests need no other part of the site."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from honghu.base.problems import Conflict


def conflict(request: HttpRequest) -> HttpResponse:
    """A page that meets a refusal."""
    message = "the case has moved on"
    raise Conflict(message, remedy="open it again")


def broken(request: HttpRequest) -> HttpResponse:
    """A page with a fault."""
    message = "a fault"
    raise RuntimeError(message)


urlpatterns = [
    path("", include("honghu.web.urls")),
    path("conflict", conflict),
    path("broken", broken),
]
handler400 = "honghu.web.errors.bad_request"
handler403 = "honghu.web.errors.not_allowed"
handler404 = "honghu.web.errors.not_found"
