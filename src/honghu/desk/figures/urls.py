"""Addresses of figures."""

from django.urls import path

from honghu.desk.figures import pages

urlpatterns = [
    path("figures", pages.figures, name="figures"),
    path("figures/published", pages.published, name="published-figures"),
    path("figures/<str:code>", pages.figure, name="figure"),
    path("figures/<str:code>/keep", pages.keep, name="figure-keep"),
    path("figures/<str:code>/<uuid:value_id>/publish", pages.publish, name="figure-publish"),
    path("figures/<str:code>/<uuid:value_id>/correct", pages.correct, name="figure-correct"),
]
