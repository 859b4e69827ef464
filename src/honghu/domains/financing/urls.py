"""Addresses of financing."""

from django.urls import path

from honghu.domains.financing.pages import home, letters, offers, policy, registration

urlpatterns = [
    path("financing/policy", policy.policy_page, name="financing-policy"),
    path("financing/invitations/<str:number>.svg", policy.qr_image, name="financing-qr"),
    path(
        "financing/loans/<uuid:loan_id>/letter",
        letters.confirmation_letter,
        name="financing-letter",
    ),
    path("financing/register", registration.register, name="financing-register"),
    path(
        "financing/register/<str:number>/letter",
        registration.welcome_letter,
        name="financing-welcome",
    ),
    path(
        "financing/first-password/<uidb64>/<token>",
        registration.FirstPassword.as_view(),
        name="financing-first-password",
    ),
    path("financing/mine", home.home, name="financing-home"),
    path("financing/mine/claim", home.claim, name="financing-claim"),
    path(
        "financing/applications/<uuid:application_id>/quotes",
        offers.offers_page,
        name="financing-offers",
    ),
]
