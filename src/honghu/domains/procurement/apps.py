"""Django's handle on procurement."""

from django.apps import AppConfig


class ProcurementConfig(AppConfig):
    """Notices, awards, contracts."""

    name = "honghu.domains.procurement"
    label = "procurement"
