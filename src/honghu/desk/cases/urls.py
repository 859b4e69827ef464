"""Addresses of cases."""

from django.urls import path

from honghu.desk.cases import pages

urlpatterns = [
    path("cases/<uuid:case_id>/", pages.case, name="case"),
    path("c/<str:number>", pages.case_by_number, name="case-by-number"),
    path("cases/<uuid:case_id>/actions/<slug:action>", pages.act, name="case-action"),
    path("cases/<uuid:case_id>/steps/<uuid:step_id>", pages.step_proof, name="step-proof"),
    path("registers/<slug:register>/open/<slug:action>", pages.open_one, name="open-case"),
]
