"""Addresses of the toolkit's own pages."""

from django.urls import path

from honghu.web import pages

urlpatterns = [
    path("set-language", pages.set_language, name="set-language"),
    path("styleguide", pages.styleguide, name="styleguide"),
    path("offline", pages.offline, name="offline"),
]
