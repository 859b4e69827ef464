"""Django's handle on the documents."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Official documents, their number series and their templates."""

    name = "honghu.kernel.documents"
    label = "documents"
