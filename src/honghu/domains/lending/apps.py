"""Django's handle on lending."""

from django.apps import AppConfig


class LendingConfig(AppConfig):
    """Schedules, interest, repayments."""

    name = "honghu.domains.lending"
    label = "lending"
