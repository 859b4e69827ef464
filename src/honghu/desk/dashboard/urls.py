"""Addresses of supervision."""

from django.urls import path

from honghu.desk.dashboard import pages

urlpatterns = [
    path("supervision", pages.dashboard, name="dashboard"),
    path("supervision/<str:register>", pages.by_organisation, name="dashboard-register"),
]
