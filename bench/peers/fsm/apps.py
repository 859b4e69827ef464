"""Django's handle on the peer."""

from django.apps import AppConfig


class FsmPeerConfig(AppConfig):
    """The peer's one table."""

    name = "bench.peers.fsm"
    label = "fsm_peer"
    default_auto_field = "django.db.models.BigAutoField"
