"""Tables of key projects beside the cases: the rating of each month, written once."""

from django.db import models

from honghu.base.identifiers import new_id


class MonthlyRating(models.Model):
    """How a project stood at the end of a month under the plan of that time.

    A later rebasing changes no row: the ratio by which a light was set stays. `scheduled` and
    `completed` are per cent of all weight, null without milestones; `ratio` and `light` are null
    while nothing is scheduled.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    project_id = models.UUIDField()
    step_id = models.UUIDField(unique=True)
    month = models.TextField()
    plan_version = models.IntegerField()
    annual_fen = models.BigIntegerField()
    invested_fen = models.BigIntegerField()
    scheduled = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    completed = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    ratio = models.DecimalField(max_digits=9, decimal_places=4, null=True)
    light = models.TextField(null=True)  # noqa: DJ001 no light is not an empty one
    is_jump = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project_id", "month"], name="rating_once_a_month")
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.month}"
