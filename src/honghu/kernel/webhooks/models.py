"""Tables of webhooks: who subscribed to what, and what became of each delivery."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from honghu.base.identifiers import new_id


class Subscription(models.Model):
    """An address that is told of steps, as far as its person may see them for the organisation.

    `failures` counts the failures in a row that lay with the receiver; until `paused_until` nothing
    is sent. After too many it is suspended, and somebody has to resume it.
    """

    class Status(models.TextChoices):
        """Whether it is told of anything."""

        ACTIVE = "active"
        SUSPENDED = "suspended"
        ENDED = "ended"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation_id = models.UUIDField()
    person_id = models.UUIDField()
    label = models.TextField()
    url = models.TextField()
    topics = ArrayField(models.TextField())
    status = models.TextField(choices=Status.choices, default=Status.ACTIVE)
    failures = models.IntegerField(default=0)
    paused_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation_id", "-id"], name="subscription_of_organisation")
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.url}"


class Secret(models.Model):
    """A signing secret, sealed. While one is exchanged for the next, both sign."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="secrets")
    sealed = models.BinaryField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.id)


class Delivery(models.Model):
    """One step for one subscription. `body` is what is sent, byte for byte, at every attempt."""

    class Status(models.TextChoices):
        """What became of it."""

        WAITING = "waiting"
        DELIVERED = "delivered"
        DEAD = "dead"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    event_id = models.UUIDField()
    topic = models.TextField()
    case_id = models.UUIDField()
    sequence = models.IntegerField()
    body = models.TextField()
    status = models.TextField(choices=Status.choices, default=Status.WAITING)
    attempts = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "event_id"], name="delivery_of_event_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["subscription", "created_at", "sequence"],
                condition=models.Q(status="waiting"),
                name="delivery_waiting",
            ),
            models.Index(
                fields=["subscription", "case_id", "sequence"],
                condition=models.Q(status="waiting"),
                name="delivery_waiting_of_case",
            ),
            models.Index(fields=["subscription", "-id"], name="delivery_log"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.status}"


class Attempt(models.Model):
    """One request and what came of it: the receiver's status and the beginning of its answer."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="tries")
    at = models.DateTimeField()
    milliseconds = models.IntegerField()
    status_code = models.IntegerField(null=True)
    fault = models.TextField()
    answer = models.TextField()

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.status_code or self.fault}"
