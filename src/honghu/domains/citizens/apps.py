"""Django's handle on public reports."""

from django.apps import AppConfig


class CitizensConfig(AppConfig):
    """群众上报: what the public reports."""

    name = "honghu.domains.citizens"
    label = "citizens"
