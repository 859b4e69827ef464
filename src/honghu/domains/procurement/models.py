"""Tables of procurement: notices as they were read, and the awards and contracts they state.

Terms follow OCDS 1.1 (award, lot, supplier, buyer, contract). Money is integer fen.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from honghu.base.identifiers import new_id


class Notice(models.Model):
    """A published notice: its bytes as evidence, and every field as it was read.

    `readings` maps a field (`lots[0].amount`) to {state, value, span, why}; `members` lists the
    consortium's members for each lot. The same bytes are one notice for ever; other bytes from the
    same address are a new version that supersedes.
    """

    class Status(models.TextChoices):
        """What became of the reading."""

        REVIEW = "review"
        CONFIRMED = "confirmed"
        FILED = "filed"
        DISCARDED = "discarded"
        SUPERSEDED = "superseded"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    filename = models.TextField()
    source_url = models.TextField(null=True)  # noqa: DJ001 unknown is null
    kind = models.TextField()
    status = models.TextField(choices=Status)
    version = models.IntegerField(default=1)
    supersedes = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    reader_version = models.TextField()
    readings = models.JSONField()
    lot_count = models.IntegerField()
    members = models.JSONField()
    project_no = models.TextField(null=True)  # noqa: DJ001
    plan_no = models.TextField(null=True)  # noqa: DJ001
    project_name = models.TextField(null=True)  # noqa: DJ001
    buyer = models.TextField(null=True)  # noqa: DJ001
    published_date = models.DateField(null=True)
    case_id = models.UUIDField(null=True)
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["project_no"], name="notice_project_no"),
            models.Index(fields=["project_name", "buyer"], name="notice_project_name"),
            models.Index(fields=["source_url"], name="notice_source"),
        ]

    def __str__(self) -> str:
        return self.filename


class Award(models.Model):
    """One lot won by one supplier. Facts never change; `status` says what later notices did.

    `amount_fen` is null for an award at a rate or at unit prices: such an award has no amount
    (financing rule 5), never 0 and never budget times rate.
    """

    class Status(models.TextChoices):
        """OCDS award status, and what corrections make of it."""

        ACTIVE = "active"
        UNSUCCESSFUL = "unsuccessful"
        REPLACED = "replaced"
        REVOKED = "revoked"
        TERMINATED = "terminated"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="awards")
    position = models.IntegerField()
    lot = models.TextField(null=True)  # noqa: DJ001
    lot_name = models.TextField(null=True)  # noqa: DJ001
    project_no = models.TextField(null=True)  # noqa: DJ001
    plan_no = models.TextField(null=True)  # noqa: DJ001
    project_name = models.TextField()
    buyer_name = models.TextField()
    supplier_name = models.TextField(null=True)  # noqa: DJ001
    supplier_uscc = models.CharField(max_length=18, null=True)  # noqa: DJ001
    amount_fen = models.BigIntegerField(null=True)
    rate = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    rate_kind = models.TextField(null=True)  # noqa: DJ001
    currency = models.CharField(max_length=3, default="CNY")
    consortium_members = ArrayField(models.TextField(), default=list)
    published_date = models.DateField(null=True)
    status = models.TextField(choices=Status)
    replaced_by = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="replaces"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "position"], name="award_position"),
            models.CheckConstraint(
                condition=models.Q(amount_fen__isnull=True) | models.Q(amount_fen__gt=0),
                name="award_amount_positive",
            ),
        ]
        indexes = [
            models.Index(fields=["project_no", "lot"], name="award_lot"),
            models.Index(fields=["project_name", "buyer_name"], name="award_project"),
            models.Index(fields=["supplier_name"], name="award_supplier"),
        ]

    def __str__(self) -> str:
        return f"{self.project_name} {self.lot or ''} {self.supplier_name or ''}"


class Contract(models.Model):
    """A published contract and the award that it carries out; `award` is null until known.

    A notice of a contract that covers several lots leaves a row for each, with that lot's amount.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="contracts")
    award = models.ForeignKey(Award, null=True, on_delete=models.PROTECT, related_name="contracts")
    contract_no = models.TextField(null=True)  # noqa: DJ001
    contract_name = models.TextField(null=True)  # noqa: DJ001
    project_no = models.TextField(null=True)  # noqa: DJ001
    project_name = models.TextField(null=True)  # noqa: DJ001
    buyer_name = models.TextField(null=True)  # noqa: DJ001
    supplier_name = models.TextField(null=True)  # noqa: DJ001
    amount_fen = models.BigIntegerField(null=True)
    signed_date = models.DateField(null=True)
    published_date = models.DateField(null=True)
    differences = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "award"], nulls_distinct=False, name="contract_of_award_once"
            )
        ]
        indexes = [models.Index(fields=["contract_no"], name="contract_number")]

    def __str__(self) -> str:
        return self.contract_no or str(self.id)


class NoticeLink(models.Model):
    """A correction or termination and the award that it concerns. `confirmed` is false while the
    link rests on names only and a person has still to confirm it."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="links")
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="links")
    basis = models.TextField()
    confirmed = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "award"], name="link_once")]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.award_id}"


class IntakeRun(models.Model):
    """One file or folder read from a source; `refused_code` is null if it was read to its end.

    Counts: `found` items in the file, `added` and `known` parts, `statements` taken at once.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.TextField()
    filename = models.TextField()
    actor_person_id = models.UUIDField(null=True)
    started_at = models.DateTimeField()
    refused_code = models.TextField(null=True)  # noqa: DJ001 null: not refused
    found = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    known = models.IntegerField(default=0)
    statements = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.source} {self.filename}"


class IntakeIssue(models.Model):
    """What did not fit: where in the file, where in the release, what, and what to do about it.

    `what` and `remedy` are English texts to be translated and then formatted with `values`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(IntakeRun, on_delete=models.PROTECT, related_name="issues")
    code = models.TextField()
    process = models.TextField(null=True)  # noqa: DJ001 unknown is null
    place = models.TextField()
    path = models.TextField()
    what = models.TextField()
    remedy = models.TextField()
    values = models.JSONField(default=dict)
    refused = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["process"], name="issue_process")]

    def __str__(self) -> str:
        return f"{self.place} {self.path}: {self.code}"


class SourcePart(models.Model):
    """A piece of news about a process, as it was sent: an OCDS release. It never changes.

    `merged_at` is null until the process has been merged with it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(IntakeRun, on_delete=models.PROTECT, related_name="parts")
    source = models.TextField()
    process = models.TextField()
    part_id = models.TextField()
    date = models.DateTimeField()
    body = models.TextField()
    merged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "process", "date", "part_id"], name="part_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["source", "process"],
                name="part_waiting",
                condition=models.Q(merged_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.process} {self.part_id}"


class SourceStatement(models.Model):
    """What a source last stated at an address, by the digest of its facts, and the notice of it."""

    address = models.TextField(primary_key=True)
    process = models.TextField()
    digest = models.CharField(max_length=64)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="statements")

    class Meta:
        indexes = [models.Index(fields=["process"], name="statement_process")]

    def __str__(self) -> str:
        return self.address


class PublishedRelease(models.Model):
    """The OCDS release of a notice that took effect. Written once, with the notice's filing."""

    notice = models.OneToOneField(
        Notice, primary_key=True, on_delete=models.PROTECT, related_name="release"
    )
    ocid = models.TextField()
    released_at = models.DateTimeField()
    body = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["ocid"], name="release_ocid"),
            models.Index(fields=["released_at", "notice"], name="release_order"),
        ]

    def __str__(self) -> str:
        return self.ocid
