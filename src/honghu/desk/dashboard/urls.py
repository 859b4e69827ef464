"""Addresses of supervision."""

from django.urls import path

from honghu.desk.dashboard import pages

urlpatterns = [
    path("supervision", pages.dashboard, name="dashboard"),
    path(
        "supervision/organisations/<uuid:organisation_id>",
        pages.organisation_by_register,
        name="dashboard-organisation",
    ),
    path("supervision/<str:register>", pages.register_by_organisation, name="dashboard-register"),
]
