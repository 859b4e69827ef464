"""Django's handle on figures and bulletins."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Values of figures, bulletins, and what was published of them."""

    name = "honghu.analytics"
    label = "analytics"

    def ready(self) -> None:
        """Tell the journal where the publications behind its leaves stand, and what was published."""
        from honghu.analytics.leaves import LEAF_KIND, PUBLICATIONS
        from honghu.analytics.vouched import VOUCHED
        from honghu.kernel.journal.sources import register_source, register_vouched

        register_source(LEAF_KIND, PUBLICATIONS)
        register_vouched(VOUCHED)
