"""Django's handle on bank statements."""

from django.apps import AppConfig


class StatementsConfig(AppConfig):
    """Money that arrives, as the banks' statements tell it."""

    name = "honghu.domains.statements"
    label = "statements"
