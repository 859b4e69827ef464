"""Addresses of procurement."""

from django.urls import path

from honghu.domains.procurement import pages

urlpatterns = [path("procurement/notices/take", pages.take_notices, name="take-notices")]
