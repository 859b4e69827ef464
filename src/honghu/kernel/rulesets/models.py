"""The rule book: dated, sourced parameters; the official calendar; the edition of both.

Rows are never edited. A change is a row with a later `effective_from`; an error is superseded by a
row with a higher `revision` for the same day. Reading what held on a day in the past therefore
always gives what a decision of that day cited, unless the row itself was wrong.
"""

from django.db import models

from honghu.base.identifiers import new_id
from honghu.kernel.clocks.calendar import DayKind


class SourceMark(models.TextChoices):
    """How sure a rule's source is."""

    STATUTE = "L", "statute text"
    POLICY = "P", "policy page"
    MANUAL = "M", "operating manual"
    BANK = "B", "bank product page"
    NEWSPAPER = "S", "newspaper page"
    NOTICES = "N", "measured on notices"
    INFERRED = "I", "design decision"
    UNSEEN = "V", "exists, text not seen"
    DEFAULT = "D", "default, no rule found"


class Rule(models.Model):
    """One value of one rule from one day on, in one region, with its source.

    `value` is the exact text of the source file; `unit` says how to read it (rulesets.values).
    `clock` is set for periods only. `region` is a division code of 6, 9 or 12 digits (GB/T 2260);
    null holds everywhere. `effective_to` is the last day; null is open.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    domain = models.TextField()
    code = models.TextField()
    region = models.CharField(max_length=12, null=True)  # noqa: DJ001 unknown is null
    value = models.TextField()
    unit = models.TextField()
    clock = models.TextField(null=True)  # noqa: DJ001
    title_zh = models.TextField()
    title_en = models.TextField()
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)
    revision = models.PositiveIntegerField(default=1)
    source = models.TextField()
    source_mark = models.CharField(max_length=1, choices=SourceMark.choices)
    approved_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["domain", "code", "region", "effective_from", "revision"],
                name="rule_once_a_day_and_revision",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(effective_to__isnull=True)
                | models.Q(effective_to__gte=models.F("effective_from")),
                name="rule_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(source_mark__in=SourceMark.values), name="rule_source_mark_known"
            ),
            models.CheckConstraint(
                condition=models.Q(region__isnull=True)
                | models.Q(region__regex=r"^\d{6}(\d{3}){0,2}$"),
                name="rule_region_is_division_code",
            ),
            models.CheckConstraint(
                condition=models.Q(revision__gte=1), name="rule_revision_from_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.domain}.{self.code} {self.effective_from:%Y-%m-%d}/{self.revision}"


class CalendarDay(models.Model):
    """A day whose kind the paper calendar of a year sets: it overrides the built-in calendar."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    date = models.DateField()
    kind = models.CharField(max_length=10)
    revision = models.PositiveIntegerField(default=1)
    source = models.TextField()
    approved_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["date", "revision"], name="calendar_day_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in DayKind]),
                name="calendar_day_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {self.kind}"


class CalendarYear(models.Model):
    """A year whose official calendar has been published here; other years stay provisional."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    year = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(default=1)
    source = models.TextField()
    approved_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "revision"], name="calendar_year_once"),
        ]

    def __str__(self) -> str:
        return str(self.year)


class Edition(models.Model):
    """One row: a token that the database renews whenever a rule or a calendar row is written.

    Readers keep their copy as long as the token is the same. It is a random value and not a
    counter: after a rollback another transaction would otherwise reach the same count with other
    rows.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    token = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="edition_has_one_row"),
        ]

    def __str__(self) -> str:
        return str(self.token)
