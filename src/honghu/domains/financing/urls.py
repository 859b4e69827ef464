"""Addresses of financing."""

from django.urls import path

from honghu.domains.financing.pages import (
    agencies,
    board,
    home,
    letters,
    offers,
    overdue,
    policy,
    registration,
    reports,
)

urlpatterns = [
    path("financing/policy", policy.policy_page, name="financing-policy"),
    path("financing/policy/agencies", agencies.for_agencies, name="financing-agencies"),
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
    path(
        "financing/applications/<uuid:application_id>/quote",
        offers.quote_of,
        name="financing-quote-of",
    ),
    path("financing/intents/<uuid:intent_id>/quote", offers.quote_on, name="financing-quote-on"),
    path("financing/board", board.board, name="financing-board"),
    path("financing/board/<slug:what>", board.board_behind, name="financing-board-behind"),
    path("financing/reports", reports.report_list, name="financing-reports"),
    path("financing/reports/<slug:code>", reports.report_page, name="financing-report"),
    path(
        "financing/reports/<slug:code>/rows/<str:key>",
        reports.report_row,
        name="financing-report-row",
    ),
    path(
        "financing/reports/<slug:code>.<slug:kind>",
        reports.report_file,
        name="financing-report-file",
    ),
    path("financing/overdue", overdue.overdue_page, name="financing-overdue"),
    path("financing/overdue/prepare", overdue.prepare, name="financing-overdue-prepare"),
    path("financing/overdue/publish", overdue.publish, name="financing-overdue-publish"),
    path("financing/overdue/<int:year>", overdue.published, name="financing-overdue-published"),
]
