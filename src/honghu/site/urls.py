"""Addresses: the desk's pages, the API, and each module's own pages."""

import importlib.util

from django.urls import URLPattern, URLResolver, include, path

from honghu.site.api import api
from honghu.site.modules import MODULES
from honghu.site.pages import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.guarded_urls),
    path("health", health, name="health"),
    path("", include("honghu.web.urls")),
    path("", include("honghu.desk.urls")),
    *[
        path("", include(f"{module}.urls"))
        for module in MODULES
        if importlib.util.find_spec(f"{module}.urls") is not None
    ],
]

handler400 = "honghu.web.errors.bad_request"
handler403 = "honghu.web.errors.not_allowed"
handler404 = "honghu.web.errors.not_found"
