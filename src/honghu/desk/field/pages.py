"""The field page: a shell that works without a connection, and what it takes along."""

import functools
import hashlib
import json
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from honghu.desk.field.tasks import tasks, texts
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest

_SCRIPTS = ("field", "store", "send", "track", "texts")
_STYLES = ("tokens", "base", "layout", "page", "marks", "case", "forms", "lists", "states")
SHELL = (
    *(f"desk/field/{name}.js" for name in _SCRIPTS),
    "desk/field/field.css",
    "honghu/capture.js",
    "honghu/narrow.js",
    *(f"honghu/css/{name}.css" for name in (*_STYLES, "charts", "maps", "print")),
    "honghu/icons.svg",
    "honghu/mark.svg",
)
"""The files that the page needs without a connection."""


@require_safe
@ensure_csrf_cookie
def field(request: HttpRequest) -> HttpResponse:
    """The shell: nothing of any person or case stands in it, so that it may be kept on a device."""
    response = render(
        request,
        "desk/field/field.html",
        {"texts": texts(), "sign_in_url": f"{reverse('sign-in')}?next={reverse('field')}"},
    )
    patch_cache_control(response, private=True, no_cache=True)
    return response


@require_safe
def what_to_do(request: HttpRequest) -> HttpResponse:
    """Who is signed in and what they may do outside, with the forms; 401 for nobody."""
    if not request.user.is_authenticated:
        return JsonResponse({"signed_in": False}, status=401)
    response = _what_to_do(request)
    assert isinstance(response, HttpResponse)  # noqa: S101 ours
    return response


@desk_page
def _what_to_do(request: DeskRequest) -> HttpResponse:
    actor = request.visit.actor
    return JsonResponse(
        {
            "signed_in": True,
            "now": timezone.now().isoformat(),
            "person": {
                "id": str(actor.person_id),
                "name": actor.name,
                "organisation_id": str(actor.organisation_id),
                "organisation": actor.organisation_name,
            },
            "tasks": tasks(request),
        }
    )


@require_safe
def worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The service worker, from the address whose pages it may answer: field work, nothing else.

    Its first line tells the shell's files and their digest: a new version is another worker.
    """
    files = [reverse("field"), *(static(path) for path in SHELL)]
    told = json.dumps({"version": _digest(), "page": reverse("field"), "files": files})
    script = _asset("desk/field/worker.js").read_text("utf-8")
    response = HttpResponse(f"const SHELL = {told};\n{script}", content_type="text/javascript")
    patch_cache_control(response, no_cache=True)
    return response


@functools.cache
def _digest() -> str:
    told = hashlib.sha256()
    for path in (*SHELL, "desk/field/worker.js"):
        told.update(_asset(path).read_bytes())
    return told.hexdigest()[:16]


def _asset(path: str) -> Path:
    found = finders.find(path)
    assert isinstance(found, str), f"{path} is not among the static files"  # noqa: S101
    return Path(found)
