"""Django's handle on supervision."""

from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    """Meetings, minutes, tasks, slips."""

    name = "honghu.domains.supervision"
    label = "supervision"
