"""Django's handle on work safety."""

from django.apps import AppConfig


class SafetyConfig(AppConfig):
    """安全生产: hazards and what is done about them."""

    name = "honghu.domains.safety"
    label = "safety"
