"""Tables of figures and bulletins, append-only: what was said stays said; and what oversight keeps.

What is kept (Answer, ClosedDay, KeptUntil) follows from the cases and can be counted anew.
"""

from django.db import models
from django.db.models import F, Q

from honghu.base.identifiers import new_id

DIGITS = 40
PLACES = 12


class FigureValue(models.Model):
    """A computed value with everything that it takes to compute it again.

    `definition` is the figure's declaration as it was, `definition_sha256` its digest; the journal
    had `journal_size` entries with `journal_root` when it was computed. A correction names the
    value that it supersedes, and why.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField()
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField()
    region = models.TextField(null=True)  # noqa: DJ001 the whole county is null
    definition = models.JSONField()
    definition_sha256 = models.CharField(max_length=64)
    value = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)
    numerator = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)
    denominator = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)
    row_count = models.BigIntegerField()
    row_set_sha256 = models.CharField(max_length=64)
    journal_size = models.BigIntegerField()
    journal_root = models.CharField(max_length=64)
    computed_by = models.UUIDField()
    computed_at = models.DateTimeField()
    supersedes = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    reason = models.TextField(null=True)  # noqa: DJ001 only a correction has one

    class Meta:
        db_table = "analytics_figure_value"
        indexes = [models.Index(fields=["code", "-ends_at", "-id"], name="figure_value_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True, reason__isnull=True)
                | Q(supersedes__isnull=False, reason__gt=""),
                name="figure_value_correction_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.ends_at:%Y-%m-%d}"


class Bulletin(models.Model):
    """A bulletin as it was built: its texts, tables and charts with the values that they froze."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    template = models.TextField()
    period = models.CharField(max_length=7)
    content = models.JSONField()
    content_sha256 = models.CharField(max_length=64)
    built_by = models.UUIDField()
    built_at = models.DateTimeField()
    supersedes = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    reason = models.TextField(null=True)  # noqa: DJ001 only a correction has one

    class Meta:
        indexes = [models.Index(fields=["-period", "-id"], name="bulletin_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True, reason__isnull=True)
                | Q(supersedes__isnull=False, reason__gt=""),
                name="bulletin_correction_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.period}"


class Publication(models.Model):
    """That a value or a bulletin was made public, by somebody who did not make it."""

    class Subject(models.TextChoices):
        """What was published."""

        FIGURE = "figure"
        BULLETIN = "bulletin"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject = models.TextField(choices=Subject)
    subject_id = models.UUIDField(unique=True)
    subject_sha256 = models.CharField(max_length=64)
    made_by = models.UUIDField()
    published_by = models.UUIDField()
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(made_by=F("published_by")), name="publication_by_another_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id}"


class Answer(models.Model):
    """An organisation that an open case records in a field: kept by triggers on the cases.

    `is_first` is true for one of the fields in which the organisation stands, so that each case
    can be counted once for it.
    """

    pk = models.CompositePrimaryKey("case_id", "field", "organisation_id")
    case_id = models.UUIDField()
    field = models.TextField()
    organisation_id = models.UUIDField()
    register = models.TextField()
    is_first = models.BooleanField()
    due_at = models.DateTimeField(null=True)
    amber_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["register", "field", "organisation_id"],
                include=["is_first", "due_at", "amber_at"],
                name="answer_of_field",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.field} {self.organisation_id}"


class ClosedDay(models.Model):
    """What was closed on a day that is over, in a register, by organisation.

    `field` is `*` for the register as a whole (then without organisation), empty for an
    organisation in whichever field, else the field in which it stands.
    """

    id = models.BigAutoField(primary_key=True)
    register = models.TextField()
    field = models.TextField()
    organisation_id = models.UUIDField(null=True)
    day = models.DateField()
    closed = models.IntegerField()
    on_time = models.IntegerField()
    returned = models.IntegerField()
    extended = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["register", "field", "day", "organisation_id"],
                name="closed_day_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.day}: {self.closed}"


class KeptUntil(models.Model):
    """The last day of a register that is kept; all days before it are kept as well."""

    register = models.TextField(primary_key=True)
    day = models.DateField()

    def __str__(self) -> str:
        return f"{self.register} {self.day}"
