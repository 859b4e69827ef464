"""Addresses: the desk's pages, the API, and each module's own pages."""

from django.urls import URLPattern, URLResolver, include, path

from honghu.site.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("", include("honghu.web.urls")),
    path("", include("honghu.desk.urls")),
]

handler400 = "honghu.web.errors.bad_request"
handler403 = "honghu.web.errors.not_allowed"
handler404 = "honghu.web.errors.not_found"
