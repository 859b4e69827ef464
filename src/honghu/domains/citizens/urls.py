"""Addresses of public reports: pages for everybody, pages for officers, Open311."""

from django.urls import path, re_path

from honghu.domains.citizens.api import views
from honghu.domains.citizens.pages import follow, officers, report

_KIND = r"(?:\.(?P<kind>\w{1,10}))?"

urlpatterns = [
    path("report", report.kinds, name="report"),
    path("report/new/<str:code>", report.new, name="report-new"),
    path("report/mine/<str:number>/<str:secret>", follow.mine, name="report-mine"),
    path(
        "report/mine/<str:number>/<str:secret>/photos/<str:sha256>",
        follow.photo,
        name="report-mine-photo",
    ),
    path("report/<str:number>", follow.see, name="report-see"),
    path("report/<str:number>/photos/<str:sha256>", follow.photo, name="report-photo"),
    path("public-reports/<uuid:case_id>/file", officers.file_report, name="report-file"),
    path("public-reports/<uuid:case_id>/contact", officers.contact, name="report-contact"),
    path("open311/v2/discovery.<str:kind>", views.discovery, name="open311-discovery"),
    re_path(rf"^open311/v2/services{_KIND}$", views.services, name="open311-services"),
    re_path(
        rf"^open311/v2/services/(?P<code>[a-z0-9_.-]+?){_KIND}$",
        views.definition,
        name="open311-definition",
    ),
    re_path(rf"^open311/v2/requests{_KIND}$", views.requests, name="open311-requests"),
    re_path(
        rf"^open311/v2/requests/(?P<request_id>[\w-]+?){_KIND}$",
        views.one_request,
        name="open311-request",
    ),
    re_path(
        rf"^open311/v2/tokens/(?P<token_id>[\w-]+?){_KIND}$", views.token, name="open311-token"
    ),
    re_path(rf"^open311/v2/servicerequestupdates{_KIND}$", views.updates, name="open311-updates"),
    re_path(r"^open311/v2/.*?(?:\.(?P<kind>xml|json))?$", views.unknown, name="open311-unknown"),
]
