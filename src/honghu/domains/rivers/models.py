"""Tables of the rivers beside the cases. All are written once: figures rest on them.

What a case says of itself may change; what was listed, brought, cleared and patrolled may not. A
quantity is corrected by a line that reverses it.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from honghu.base.identifiers import new_id


class Listing(models.Model):
    """A problem that was put on a list: what of it never changes again.

    `level` is the list's (city, town), not the water's. `region` is the division code of the lead
    town (GB/T 2260), null while unknown. `rebound_of` is the earlier case that came back.
    """

    case_id = models.UUIDField(primary_key=True)
    step_id = models.UUIDField()
    water_body_id = models.UUIDField()
    water_body_name = models.TextField()
    section_id = models.UUIDField()
    level = models.TextField()
    category = models.TextField()
    severity = models.TextField()
    source = models.TextField()
    town_id = models.UUIDField()
    region = models.TextField(null=True)  # noqa: DJ001 unknown is null
    rebound_of = models.UUIDField(null=True)
    listed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["water_body_id"], name="rivers_listing_water")]
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=["city", "town"]), name="rivers_listing_level"
            ),
        ]

    def __str__(self) -> str:
        return str(self.case_id)


class WorkLine(models.Model):
    """One line of what was brought to a problem, or of what was cleared: by one unit on one day.

    `side` tells input from output. Of inputs `kind` is labour, machine, truck or boat, and
    `quantity` counts days of presence (人次、台次、辆次、艘次); `vehicle` is the plate, of which no
    more than one day's presence is counted a day, over all problems. Of outputs `kind` is the
    material and `measure` the base unit: m2, kg, m, m3. `reverses` is the line that is taken back.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case_id = models.UUIDField()
    number = models.IntegerField()
    step_id = models.UUIDField()
    at = models.DateTimeField()
    day = models.DateField()
    unit_id = models.UUIDField()
    side = models.TextField()
    kind = models.TextField()
    measure = models.TextField()
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    vehicle = models.TextField(null=True)  # noqa: DJ001 unknown is null
    site = models.TextField(null=True)  # noqa: DJ001
    reverses = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="reversed_by"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case_id", "number"], name="rivers_line_number"),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, quantity__gt=0)
                | Q(reverses__isnull=False, quantity__lt=0),
                name="rivers_line_only_reversals_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    side="input", measure="times", kind__in=["labour", "machine", "truck", "boat"]
                )
                | Q(side="output", measure__in=["m2", "kg", "m", "m3"]),
                name="rivers_line_side_and_measure",
            ),
        ]
        indexes = [
            models.Index(
                fields=["vehicle", "day"],
                condition=Q(vehicle__isnull=False),
                name="rivers_line_vehicle",
            ),
            models.Index(fields=["side", "kind"], name="rivers_line_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.number}"


class PatrolRecord(models.Model):
    """A patrol as it was judged: whether it counts for its post, and why not."""

    case_id = models.UUIDField(primary_key=True)
    step_id = models.UUIDField()
    post_id = models.UUIDField()
    person_id = models.UUIDField(null=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    judged_at = models.DateTimeField()
    metres = models.IntegerField()
    minutes = models.IntegerField()
    mode = models.TextField()
    valid = models.BooleanField()
    reasons = ArrayField(models.TextField())

    class Meta:
        indexes = [models.Index(fields=["post_id", "ended_at"], name="rivers_patrol_of_post")]

    def __str__(self) -> str:
        return str(self.case_id)


class PatrolQuota(models.Model):
    """How many patrols a plan asks of a post; the latest row of a plan holds (see PatrolPlan)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan_id = models.UUIDField()
    step_id = models.UUIDField()
    post_id = models.UUIDField()
    level = models.TextField()
    from_date = models.DateField()
    to_date = models.DateField()
    required = models.DecimalField(max_digits=9, decimal_places=4)
    set_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["plan_id", "-set_at"], name="rivers_quota_of_plan")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.required}"
