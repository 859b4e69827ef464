"""Official documents: drafted without a number, numbered and closed when they are signed."""

from django.db import models

from honghu.base.identifiers import new_id


class DocumentSeries(models.Model):
    """A run of document numbers: one organ mark (机关代字), one counter for each year.

    `code` is what registers call it; each organisation that issues such documents has its own.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField()
    organ_mark = models.TextField(unique=True)
    organisation_id = models.UUIDField()
    organ_name = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "code"], name="series_once_an_organisation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.organ_mark}"


class SeriesCounter(models.Model):
    """The last number of a series in a year. Triggers let it grow by one only, and only together
    with the document that takes the number.

    `first_number` is above 1 where the office had numbered documents on paper in that year.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    series = models.ForeignKey(DocumentSeries, on_delete=models.PROTECT, related_name="counters")
    year = models.PositiveIntegerField()
    first_number = models.PositiveIntegerField(default=1)
    last_number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "year"], name="counter_once_a_year"),
            models.CheckConstraint(
                condition=models.Q(
                    first_number__gte=1, last_number__gte=models.F("first_number") - 1
                ),
                name="counter_from_first_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.year}: {self.last_number}"


class Document(models.Model):
    """One document. Number, dates and file are null until it is signed; then nothing changes.

    `content_sha256` is the digest of the content that was drafted (DocumentContent), so that the
    content can be erased and the row still proves it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    series = models.ForeignKey(DocumentSeries, on_delete=models.PROTECT, related_name="documents")
    template = models.TextField()
    case_id = models.UUIDField(null=True)
    step_id = models.UUIDField(null=True)
    content_sha256 = models.CharField(max_length=64)
    drafted_at = models.DateTimeField()
    drafted_by_person_id = models.UUIDField(null=True)
    drafted_by_organisation_id = models.UUIDField(null=True)
    year = models.PositiveIntegerField(null=True)
    number = models.PositiveIntegerField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_by_person_id = models.UUIDField(null=True)
    signed_by_organisation_id = models.UUIDField(null=True)
    signed_date = models.DateField(null=True)
    printed_date = models.DateField(null=True)
    rendered_sha256 = models.CharField(max_length=64, null=True)  # noqa: DJ001 unknown is null

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["series", "year", "number"],
                condition=models.Q(number__isnull=False),
                name="document_number_once",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    signed_at__isnull=True,
                    year__isnull=True,
                    number__isnull=True,
                    signed_date__isnull=True,
                    printed_date__isnull=True,
                    rendered_sha256__isnull=True,
                )
                | models.Q(
                    signed_at__isnull=False,
                    year__isnull=False,
                    number__isnull=False,
                    signed_date__isnull=False,
                    printed_date__isnull=False,
                    rendered_sha256__isnull=False,
                ),
                name="document_signed_wholly_or_not",
            ),
            models.CheckConstraint(
                condition=models.Q(signed_date__isnull=True)
                | models.Q(year=models.F("signed_date__year")),
                name="document_year_of_signing",
            ),
        ]
        indexes = [
            models.Index(
                fields=["case_id"],
                condition=models.Q(case_id__isnull=False),
                name="document_of_case",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.id}"


class DocumentContent(models.Model):
    """What a document says, as drafted: the erasable part of it.

    `data` is what `content.Content` says, as JSON.
    """

    document = models.OneToOneField(
        Document, on_delete=models.PROTECT, primary_key=True, related_name="content"
    )
    data = models.JSONField()

    def __str__(self) -> str:
        return str(self.document_id)


class DocumentVoid(models.Model):
    """The voiding of a signed document: the number stays taken, the reason stays on record."""

    document = models.OneToOneField(
        Document, on_delete=models.PROTECT, primary_key=True, related_name="void"
    )
    voided_at = models.DateTimeField()
    voided_by_person_id = models.UUIDField(null=True)
    voided_by_organisation_id = models.UUIDField(null=True)
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.document_id} voided"


class DocumentService(models.Model):
    """A service of a document (送达): to whom, how and when, and who signed for it. Append-only.

    `evidence_sha256` is the receipt that was signed (送达回证), where there is a picture of it.
    """

    class Manner(models.TextChoices):
        """The ways of service of the Civil Procedure Law, articles 88 to 95, that offices use."""

        DIRECT = "direct"
        POST = "post"
        ELECTRONIC = "electronic"
        LEFT = "left"
        ENTRUSTED = "entrusted"
        NOTICE = "notice"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="services", db_index=False
    )
    served_to = models.TextField()
    manner = models.TextField(choices=Manner)
    received_by = models.TextField()
    served_at = models.DateTimeField()
    note = models.TextField(default="")
    evidence_sha256 = models.CharField(max_length=64, null=True)  # noqa: DJ001 none is null
    recorded_at = models.DateTimeField()
    recorded_by_person_id = models.UUIDField(null=True)
    recorded_by_organisation_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["document"], name="service_of_document")]

    def __str__(self) -> str:
        return f"{self.document_id} to {self.served_to}"
