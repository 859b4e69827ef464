"""Addresses of financing."""

from django.urls import path

from honghu.domains.financing.pages import home, letters, offers, policy

urlpatterns = [
    path("financing/policy", policy.policy_page, name="financing-policy"),
    path("financing/invitations/<str:number>.svg", policy.qr_image, name="financing-qr"),
    path(
        "financing/loans/<uuid:loan_id>/letter",
        letters.confirmation_letter,
        name="financing-letter",
    ),
    path("financing/mine", home.home, name="financing-home"),
    path("financing/mine/claim", home.claim, name="financing-claim"),
    path(
        "financing/applications/<uuid:application_id>/quotes",
        offers.offers_page,
        name="financing-offers",
    ),
]
