"""Django's handle on the page toolkit."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Base templates, components, styles."""

    name = "honghu.web"
    label = "web"
