"""Django's handle on the rivers."""

from django.apps import AppConfig


class RiversConfig(AppConfig):
    """河湖长制: rivers and lakes under their chiefs."""

    name = "honghu.domains.rivers"
    label = "rivers"
