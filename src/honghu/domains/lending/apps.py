"""Django's handle on lending."""

from django.apps import AppConfig


class LendingConfig(AppConfig):
    """Schedules, interest, repayments."""

    name = "honghu.domains.lending"
    label = "lending"

    def ready(self) -> None:
        """Make the tables of the close of business known beside those of `models`."""
        from honghu.domains.lending.closing import models  # noqa: F401 read for its tables
