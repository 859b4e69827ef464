"""The same two-state case as the benchmark's register, as django-fsm-2 would have it."""

from django.db import models
from django_fsm import FSMField, transition
from django_fsm_log.decorators import fsm_log_by, fsm_log_description


class FsmCase(models.Model):
    """A case that goes forth and back between two states."""

    state = FSMField(default="first", protected=True)
    title = models.TextField(default="")
    facts = models.JSONField(default=dict)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "fsm_peer"

    def __str__(self) -> str:
        return self.title

    @fsm_log_by
    @fsm_log_description
    @transition(field=state, source="first", target="second")
    def forward(self, **_given: object) -> None:
        """Hand the case on."""

    @fsm_log_by
    @fsm_log_description
    @transition(field=state, source="second", target="first")
    def back(self, **_given: object) -> None:
        """Hand the case back."""
