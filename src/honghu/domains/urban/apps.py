"""Django's handle on urban management."""

from django.apps import AppConfig


class UrbanConfig(AppConfig):
    """城管: urban problems and enforcement vehicles."""

    name = "honghu.domains.urban"
    label = "urban"
