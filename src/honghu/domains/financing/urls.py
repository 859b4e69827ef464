"""Addresses of financing."""

from django.urls import path

from honghu.domains.financing import pages

urlpatterns = [
    path("financing/policy", pages.policy_page, name="financing-policy"),
    path("financing/invitations/<str:number>.svg", pages.qr_image, name="financing-qr"),
]
