"""Django's handle on the cases."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Cases, steps, deadlines, outbox."""

    name = "honghu.kernel.cases"
    label = "cases"

    def ready(self) -> None:
        """Tell the journal where the rows behind its leaves stand, and what those vouch for."""
        from honghu.kernel.cases.leaves import LEAF_KIND, STEPS
        from honghu.kernel.cases.vouched import VOUCHED
        from honghu.kernel.journal.sources import register_source, register_vouched

        register_source(LEAF_KIND, STEPS)
        register_vouched(VOUCHED)
