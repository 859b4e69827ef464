"""Addresses of registers."""

from django.urls import path

from honghu.desk.registers import bulk, maps, pages, saved, sheets

urlpatterns = [
    path("registers/<slug:register>/", pages.register_list, name="register"),
    path("registers/<slug:register>/map", maps.register_map, name="register-map"),
    path("registers/<slug:register>/counts", pages.register_counts, name="register-counts"),
    path("registers/<slug:register>/lifecycle", pages.lifecycle, name="lifecycle"),
    path("registers/<slug:register>/views", saved.saved_views, name="saved-views"),
    path("registers/<slug:register>/views/<uuid:view_id>", saved.change_view, name="saved-view"),
    path("registers/<slug:register>/export.xlsx", sheets.export, name="export"),
    path("registers/<slug:register>/template.xlsx", sheets.template, name="import-template"),
    path("registers/<slug:register>/many", bulk.choose, name="many"),
    path("registers/<slug:register>/many/<uuid:batch_id>", bulk.form, name="many-form"),
    path("registers/<slug:register>/many/<uuid:batch_id>/result", bulk.result, name="many-result"),
    path("registers/<slug:register>/many/<uuid:batch_id>/go-on", bulk.go_on, name="many-go-on"),
    path("registers/<slug:register>/import", sheets.bring, name="bring-list"),
    path("registers/<slug:register>/import/<uuid:run_id>", sheets.report, name="import"),
    path(
        "registers/<slug:register>/import/<uuid:run_id>/accept", sheets.accept, name="import-accept"
    ),
    path(
        "registers/<slug:register>/import/<uuid:run_id>/progress",
        sheets.progress,
        name="import-progress",
    ),
    path(
        "registers/<slug:register>/import/<uuid:run_id>/faults.xlsx",
        sheets.marked,
        name="import-marked",
    ),
]
