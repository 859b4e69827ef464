"""Django's handle on the parties."""

from django.apps import AppConfig


class PartiesConfig(AppConfig):
    """Organisations, persons, positions, accounts."""

    name = "honghu.kernel.parties"
    label = "parties"
