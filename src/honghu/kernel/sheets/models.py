"""Lists that were brought in: each run, and its rows until they are cases.

A row's form is kept only until its case is open; afterwards the row proves, by its key, that what
it says has been brought in already.
"""

from django.db import models

from honghu.base.identifiers import new_id


class ImportRun(models.Model):
    """One file that somebody brought, checked, and perhaps accepted."""

    class Status(models.TextChoices):
        """How far a run is."""

        CHECKED = "checked"
        RUNNING = "running"
        FINISHED = "finished"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    register = models.TextField()
    register_version = models.IntegerField()
    action = models.TextField()
    filename = models.TextField()
    file_sha256 = models.CharField(max_length=64)
    person_id = models.UUIDField(null=True)
    organisation_id = models.UUIDField(null=True)
    status = models.TextField(choices=Status.choices)
    checked_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.register} {self.filename} {self.status}"


class ImportRow(models.Model):
    """One row of a run. `number` is Excel's; `cells` are kept for faulty rows alone."""

    class Status(models.TextChoices):
        """What became of a row."""

        GOOD = "good"
        FAULTY = "faulty"
        REPEATED = "repeated"
        OPENED = "opened"
        REFUSED = "refused"

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="rows")
    number = models.IntegerField()
    key = models.TextField()
    status = models.TextField(choices=Status.choices)
    form = models.JSONField(null=True)
    cells = models.JSONField(null=True)
    faults = models.JSONField(null=True)
    case_id = models.UUIDField(null=True)
    case_number = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(status="opened"), name="import_row_opened_once"
            ),
        ]
        indexes = [models.Index(fields=["run", "status", "number"], name="import_row_by_status")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.number} {self.status}"
