"""Addresses of bank statements."""

from django.urls import path

from honghu.domains.statements.pages import importing, lists, statement

urlpatterns = [
    path("statements", lists.statement_list, name="statements"),
    path("statements/import", importing.import_page, name="statement-import"),
    path("statements/import/accept", importing.accept, name="statement-accept"),
    path("statements/mappings", importing.mapping_page, name="statement-mappings"),
    path("statements/<uuid:statement_id>", statement.statement_page, name="statement"),
    path("statements/<uuid:statement_id>/progress", statement.progress, name="statement-progress"),
    path(
        "statements/<uuid:statement_id>/entries/<int:number>/ask",
        statement.ask,
        name="statement-ask",
    ),
]
