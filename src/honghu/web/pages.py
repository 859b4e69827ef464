"""The toolkit's own pages: choosing the language, the style guide, the offline page."""

import datetime as dt

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from honghu.web.guide.frame import chrome, rail
from honghu.web.guide.page import content
from honghu.web.languages import is_offered, remember_language


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language for this browser and, when signed in, for the account; then go back."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    language = request.POST.get("language", "")
    if is_offered(language):
        remember_language(response, language)
        if request.user.is_authenticated:
            get_user_model().objects.filter(pk=request.user.pk).update(language=language)
    return response


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component with invented content."""
    now = dt.datetime.now(tz=dt.UTC)
    frame = {"rail": rail(request.path), "chrome": chrome(now, request.path)}
    return render(request, "honghu/styleguide.html", frame | content(now))


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What to do without a connection."""
    return render(request, "honghu/offline.html")
