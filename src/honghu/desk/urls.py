"""Addresses of the desk."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, include, path

from honghu.desk.account import pages as account
from honghu.desk.account.password import change_password
from honghu.desk.documents import pages as documents
from honghu.desk.documents import series, service, voiding
from honghu.desk.evidence import pages as evidence
from honghu.desk.frame import pages as frame
from honghu.desk.journal import pages as journal
from honghu.desk.rules import pages as rules
from honghu.desk.work import pages as work

urlpatterns: list[URLPattern | URLResolver] = [
    path("", work.work, name="my-work"),
    path("work-count", frame.work_count, name="work-count"),
    path("search", work.search, name="search"),
    path("sign-in", account.SignIn.as_view(), name="sign-in"),
    path("sign-out", LogoutView.as_view(), name="sign-out"),
    path("password", change_password, name="password"),
    path("choose-organisation", account.choose_organisation, name="choose-organisation"),
    path("", include("honghu.desk.registers.urls")),
    path("", include("honghu.desk.cases.urls")),
    path("", include("honghu.desk.figures.urls")),
    path("", include("honghu.desk.bulletins.urls")),
    path("", include("honghu.desk.dashboard.urls")),
    path("", include("honghu.desk.inbox.urls")),
    path("", include("honghu.desk.field.urls")),
    path("evidence/<str:sha256>", evidence.content, name="evidence"),
    path("documents/series", series.all_series, name="document-series"),
    path("documents/series/<uuid:series_id>", series.issue_register, name="document-register"),
    path("documents/<uuid:document_id>/service", service.serve, name="document-service"),
    path("documents/<uuid:document_id>/void", voiding.void, name="document-void"),
    path("documents/<uuid:document_id>/receipt.pdf", documents.receipt, name="document-receipt"),
    path("documents/<uuid:document_id>.docx", documents.word, name="document-word"),
    path("documents/<uuid:document_id>.pdf", documents.pdf, name="document-pdf"),
    path("rules", rules.rules, name="rules"),
    path("rules/<str:name>", rules.rule, name="rule"),
    path("journal/", journal.journal, name="journal"),
    path("journal/receipts/<uuid:leaf_id>.json", journal.receipt_file, name="receipt"),
    path("verify", journal.verify, name="verify"),
]
