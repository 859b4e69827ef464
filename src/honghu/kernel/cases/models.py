"""Tables of the cases. Rows are written by `commands.perform` in few SQL statements, not by save().

A step holds identifiers and digests only; what people typed stands in `StepForm`, which may be
erased (PIPL art 47) without touching the journal: verification then says that it is gone.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Length

from honghu.base.identifiers import new_id


class Case(models.Model):
    """One row of a register: facts, state, parties, the nearest deadline.

    `parties` maps a field to the organisations recorded in it; `party_ids` is the same flat, for
    the index. `search` holds the character bigrams of title, number and text facts.
    `longitude_udeg` and `latitude_udeg` are the first place among the facts in WGS 84 micro-degrees,
    `spot` is both in one number (see base.spots); null while no place is known.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    register = models.TextField()
    register_version = models.IntegerField()
    number = models.TextField()
    title = models.TextField()
    state = models.TextField()
    version = models.IntegerField()
    facts = models.JSONField()
    parties = models.JSONField()
    party_ids = ArrayField(models.UUIDField())
    counters = models.JSONField()
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="children", db_index=False
    )
    rebound_of = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="rebounds", db_index=False
    )
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    amber_at = models.DateTimeField(null=True)
    due_provisional = models.BooleanField(default=False)
    search = ArrayField(models.TextField())
    longitude_udeg = models.IntegerField(null=True)
    latitude_udeg = models.IntegerField(null=True)
    spot = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number"], name="case_number")]
        # Every step writes into each of these: a list that needs another one must be worth it.
        # Besides them `case_needles` (migration 0003): words, organisations and facts in one.
        indexes = [
            models.Index(fields=["register", "-changed_at", "-id"], name="case_recent"),
            models.Index(
                fields=["register", "state", "-changed_at", "-id"], name="case_state_recent"
            ),
            models.Index(
                fields=["register", "due_at", "id", "amber_at"],
                condition=models.Q(closed_at__isnull=True),
                name="case_open_due",
            ),
            models.Index(
                fields=["register", "state", "due_at", "id"],
                condition=models.Q(closed_at__isnull=True),
                name="case_state_due",
            ),
            models.Index(fields=["register", "opened_at", "id"], name="case_opened"),
            models.Index("register", Length("number"), "number", name="case_numbers"),
            models.Index(
                fields=["parent"],
                condition=models.Q(parent__isnull=False),
                name="case_parent",
            ),
            models.Index(
                fields=["rebound_of"],
                condition=models.Q(rebound_of__isnull=False),
                name="case_rebound_of",
            ),
            # A map counts squares by it alone, without a look at the rows; cases without a place
            # pay nothing for it.
            models.Index(
                fields=["register", "spot"],
                include=[
                    "state",
                    "closed_at",
                    "due_at",
                    "amber_at",
                    "longitude_udeg",
                    "latitude_udeg",
                ],
                condition=models.Q(spot__isnull=False),
                name="case_spot",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class PersonalFacts(models.Model):
    """The facts of a case whose fields are `personal`: kept apart, so that they can be erased."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.PROTECT)
    facts = models.JSONField()

    def __str__(self) -> str:
        return str(self.case_id)


class Step(models.Model):
    """An action that was performed: append-only, one journal leaf each."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    sequence = models.IntegerField()
    register = models.TextField()
    register_version = models.IntegerField()
    action = models.TextField()
    from_state = models.TextField()
    to_state = models.TextField()
    person_id = models.UUIDField(null=True)
    organisation_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    form_digest = models.CharField(max_length=64)
    facts_digest = models.CharField(max_length=64)
    evidence = ArrayField(models.CharField(max_length=64))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "sequence"], name="step_sequence"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.sequence} {self.action}"


class StepForm(models.Model):
    """What was typed at a step; erasable. `salt` keeps a digest from being guessed."""

    step = models.OneToOneField(Step, primary_key=True, on_delete=models.PROTECT)
    form = models.JSONField()
    salt = models.BinaryField()

    def __str__(self) -> str:
        return str(self.step_id)


class Deadline(models.Model):
    """A due instant from a rule, a calendar and a start event.

    `adjustments` lists what moved it since, in order: {"suspended": [from, to]} or {"extended":
    duration}; from these it can be counted again when a calendar year is published.
    """

    class Status(models.TextChoices):
        """What became of it."""

        RUNNING = "running"
        SUSPENDED = "suspended"
        MET = "met"
        MISSED = "missed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="deadlines")
    code = models.TextField()
    rule = models.TextField()
    duration = models.TextField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    amber_at = models.DateTimeField()
    provisional = models.BooleanField()
    adjustments = models.JSONField(default=list)
    status = models.TextField(choices=Status)
    suspended_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "code"],
                condition=models.Q(status__in=["running", "suspended"]),
                name="deadline_live_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(status="running"), name="deadline_running"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.code} {self.due_at:%Y-%m-%d}"


class IdempotencyKey(models.Model):
    """A key that an actor used, the hash of what was asked with it, and the step that it made."""

    actor = models.TextField()
    key = models.TextField()
    body_hash = models.BinaryField()
    step_id = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["actor", "key"], name="idempotency_once"),
        ]

    def __str__(self) -> str:
        return self.key


class OutboxMessage(models.Model):
    """Something to tell the outside world, written in the transaction that makes it true."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    topic = models.TextField()
    step_id = models.UUIDField()
    case_id = models.UUIDField()
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(delivered_at__isnull=True),
                name="outbox_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.topic
