"""Django's handle on the evidence store."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Files by their SHA-256, and what each was used for."""

    name = "honghu.kernel.evidence"
    label = "evidence"
