"""Tables of what people are told. No fact of a case stands here: numbers, codes and instants only."""

from django.db import models

from honghu.base.identifiers import new_id


class Preference(models.Model):
    """How a person wants to be told. Without a row, or without an address: at the desk alone.

    Nothing is mailed before whoever reads the address has confirmed it (`confirmed_at`).
    """

    class Frequency(models.TextChoices):
        """When mail goes out."""

        AT_ONCE = "at_once"
        DAILY = "daily"
        NEVER = "never"

    person_id = models.UUIDField(primary_key=True)
    address = models.TextField()
    confirmed_at = models.DateTimeField(null=True)
    frequency = models.TextField(choices=Frequency.choices)
    digest_at = models.TimeField()
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="quiet_hours_have_both_ends",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.frequency}"


class Mail(models.Model):
    """A mail to a person, which may hold several notifications. Its text is made when it is sent.

    While it waits, further notifications for the same instant join it. `next_at` is when it may be
    tried next: also how long the one who tries it now has, should he die over it. `confirms` is the
    address that the mail asks to confirm; empty for a mail of notifications.
    """

    class Status(models.TextChoices):
        """What became of it."""

        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        DROPPED = "dropped"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    send_at = models.DateTimeField()
    status = models.TextField(choices=Status.choices, default=Status.WAITING)
    next_at = models.DateTimeField()
    attempts = models.IntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    fault = models.TextField(default="")
    confirms = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_id", "send_at"],
                condition=models.Q(status="waiting"),
                name="mail_waiting_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(status__in=["waiting", "sending"]),
                name="mail_to_send",
            ),
            models.Index(
                fields=["-send_at"], condition=models.Q(status="failed"), name="mail_failed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.send_at:%Y-%m-%d %H:%M} {self.status}"


class Notification(models.Model):
    """Something that a person is told about a case, while acting for one organisation."""

    class Kind(models.TextChoices):
        """What about."""

        TURN = "turn"
        RETURNED = "returned"
        ENDED = "ended"
        SETTLED = "settled"
        DUE_SOON = "due_soon"
        OVERDUE = "overdue"
        IN_VIEW = "in_view"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    organisation_id = models.UUIDField()
    kind = models.TextField(choices=Kind.choices)
    case_id = models.UUIDField()
    number = models.TextField()
    register = models.TextField()
    register_version = models.IntegerField()
    state = models.TextField()
    step_id = models.UUIDField(null=True)
    deadline_id = models.UUIDField(null=True)
    view_id = models.UUIDField(null=True)
    due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mail = models.ForeignKey(
        Mail, null=True, on_delete=models.PROTECT, related_name="notifications", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["step_id", "person_id"],
                condition=models.Q(step_id__isnull=False),
                name="notification_of_step_once",
            ),
            models.UniqueConstraint(
                fields=["deadline_id", "kind", "due_at", "person_id"],
                condition=models.Q(deadline_id__isnull=False),
                name="notification_of_deadline_once",
            ),
            models.UniqueConstraint(
                fields=["view_id", "case_id"],
                condition=models.Q(view_id__isnull=False),
                name="notification_of_view_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["person_id", "organisation_id", "-created_at", "-id"],
                name="notification_inbox",
            ),
            models.Index(
                fields=["person_id", "organisation_id"],
                condition=models.Q(read_at__isnull=True),
                name="notification_unread",
            ),
            models.Index(
                fields=["mail"],
                condition=models.Q(mail__isnull=False),
                name="notification_mail",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class Reminder(models.Model):
    """That people were reminded of a deadline before or at its due instant: once for each.

    A deadline that was moved has another due instant, and is reminded of again.
    """

    deadline_id = models.UUIDField()
    kind = models.TextField(choices=Notification.Kind.choices)
    due_at = models.DateTimeField()
    reminded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deadline_id", "kind", "due_at"], name="reminder_once")
        ]

    def __str__(self) -> str:
        return f"{self.deadline_id} {self.kind}"


class SavedView(models.Model):
    """A list that somebody narrowed and named, for one organisation; its owner alone sees it.

    `query` is the list's address as the desk writes it. `wanted` holds of it what a step can bring
    a case into (words, states, organisation, facts), so that its owner can be told of new ones;
    null where time alone decides it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    organisation_id = models.UUIDField()
    register = models.TextField()
    name = models.TextField()
    query = models.TextField()
    wanted = models.JSONField(null=True)
    is_telling = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    telling_from = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_id", "organisation_id", "register", "name"],
                name="saved_view_name_once",
            ),
            models.CheckConstraint(
                condition=models.Q(is_telling=False) | models.Q(telling_from__isnull=False),
                name="saved_view_tells_from",
            ),
        ]
        indexes = [
            models.Index(
                fields=["register"],
                condition=models.Q(is_telling=True),
                name="saved_view_telling",
            )
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.name}"
