"""Django's handle on the ledger."""

from django.apps import AppConfig

from honghu.kernel.journal.sources import register_source


class LedgerConfig(AppConfig):
    """Accounts, transfers, entries."""

    name = "honghu.kernel.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Tell the journal where the rows behind its transfer leaves stand."""
        # Imported here: queries and models may be read only after all apps are known.
        from honghu.kernel.ledger.leaves import TransferLeaves

        register_source("transfer", TransferLeaves())
