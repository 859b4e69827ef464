"""Django's handle on the journal."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """Leaves, their order, the Merkle tree over them and its signed checkpoints."""

    name = "honghu.kernel.journal"
    label = "journal"
