"""Tables of supervision beside the cases: what minutes propose; which rungs deadlines climbed."""

from django.db import models

from honghu.base.identifiers import new_id


class ProposedTask(models.Model):
    """A part of one version of the minutes that reads like a task.

    `lead_id` is set where the printed name is that of a known organisation; `due_on` where the text
    prints a full date. Nothing becomes a task before somebody confirms it.
    """

    class State(models.TextChoices):
        """What became of the proposal; `carried` stood unchanged in the minutes before."""

        OPEN = "open"
        CONFIRMED = "confirmed"
        DROPPED = "dropped"
        CARRIED = "carried"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    meeting_id = models.UUIDField()
    step_id = models.UUIDField()
    version = models.IntegerField()
    ordinal = models.IntegerField()
    text = models.TextField()
    start = models.IntegerField()
    end = models.IntegerField()
    lead_name = models.TextField(null=True)  # noqa: DJ001 not printed is not an empty name
    lead_id = models.UUIDField(null=True)
    co_owner_names = models.JSONField(default=list)
    due_text = models.TextField(null=True)  # noqa: DJ001 as above
    due_on = models.DateField(null=True)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    task_id = models.UUIDField(null=True)
    settled_step_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting_id", "version", "ordinal"], name="proposal_once_a_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.version}.{self.ordinal}"


class Climb(models.Model):
    """A rung of the ladder that a deadline's case climbed, once; `urging_id` is the linked case."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    deadline_id = models.UUIDField()
    case_id = models.UUIDField()
    urging_id = models.UUIDField()
    rung = models.TextField()
    climbed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deadline_id", "rung"], name="climbed_once"),
        ]
        indexes = [
            models.Index(fields=["case_id"], name="climb_of_case"),
            models.Index(fields=["urging_id"], name="climb_of_urging"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.rung}"
