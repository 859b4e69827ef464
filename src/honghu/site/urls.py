"""Addresses: the desk's pages, the API, and each module's own pages."""

from django.urls import URLPattern, URLResolver, include, path

from honghu.site.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("", include("honghu.desk.urls")),
]
