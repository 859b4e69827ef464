"""Django's handle on financing."""

from django.apps import AppConfig


class FinancingConfig(AppConfig):
    """政采贷: credit against public contracts."""

    name = "honghu.domains.financing"
    label = "financing"
