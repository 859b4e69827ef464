"""The Django app of this package."""

from django.apps import AppConfig


class SheetsConfig(AppConfig):
    """Runs of imports and their rows."""

    name = "honghu.kernel.sheets"
    label = "sheets"
