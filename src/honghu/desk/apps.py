"""Django's handle on the desk."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Pages across modules."""

    name = "honghu.desk"
    label = "desk"
