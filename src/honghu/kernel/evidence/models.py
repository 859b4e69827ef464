"""Evidence: a file once, by its SHA-256; and each use of it, in a case or before it has one."""

from django.db import models

from honghu.base.identifiers import new_id


class Evidence(models.Model):
    """One content. The bytes stand in the storage `evidence`, under a path made from the hash.

    What the camera wrote into the file stays apart from what the uploader claims (EvidenceUse):
    `exif_captured` is ISO 8601, with an offset only where the camera stated one; the coordinates
    are WGS 84 degrees. `perceptual_hash` is the 64-bit difference hash as a signed integer; null
    for what is no image, and for flat images that have no telling features.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    size_bytes = models.PositiveBigIntegerField()
    media_type = models.TextField()
    first_seen_at = models.DateTimeField()
    perceptual_hash = models.BigIntegerField(null=True)
    width_px = models.PositiveIntegerField(null=True)
    height_px = models.PositiveIntegerField(null=True)
    exif_captured = models.TextField(null=True)  # noqa: DJ001 unknown is null
    exif_longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    exif_latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sha256__regex="^[0-9a-f]{64}$"), name="evidence_sha256_is_hex"
            ),
        ]

    def __str__(self) -> str:
        return self.sha256


class EvidenceUse(models.Model):
    """One use of a content: the upload (without a case), or its place in a step of a case.

    `captured_at` and the WGS 84 coordinates are what the uploader claims; null while unknown.
    `resembles` is the use in another case that shows nearly the same picture.
    `filename` may hold a name of a person: it becomes null when the content is erased.
    """

    class Kind(models.TextChoices):
        """What the file is to the case."""

        BEFORE = "before", "before the work"
        DURING = "during", "during the work"
        AFTER = "after", "after the work"
        PHOTO = "photo", "photograph"
        VIDEO = "video", "video"
        AUDIO = "audio", "sound"
        TRACK = "track", "track"
        DOCUMENT = "document", "document"
        NOTICE = "notice", "published notice"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="uses")
    case_id = models.UUIDField(null=True)
    step_id = models.UUIDField(null=True)
    slot = models.TextField(null=True)  # noqa: DJ001
    kind = models.CharField(max_length=10, choices=Kind.choices)
    filename = models.TextField(null=True)  # noqa: DJ001
    captured_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    uploader_person_id = models.UUIDField(null=True)
    uploader_organisation_id = models.UUIDField(null=True)
    resembles = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(
                fields=["case_id", "received_at"],
                condition=models.Q(case_id__isnull=False),
                name="evidence_use_of_case",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        "before",
                        "during",
                        "after",
                        "photo",
                        "video",
                        "audio",
                        "track",
                        "document",
                        "notice",
                    ]
                ),
                name="evidence_use_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(longitude__isnull=True, latitude__isnull=True)
                | models.Q(
                    longitude__gte=-180, longitude__lte=180, latitude__gte=-90, latitude__lte=90
                ),
                name="evidence_use_place_on_earth",
            ),
            models.CheckConstraint(
                condition=models.Q(step_id__isnull=True) | models.Q(case_id__isnull=False),
                name="evidence_use_step_has_case",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.evidence_id}"


class EvidenceErasure(models.Model):
    """The lawful deletion of a content (PIPL article 47): the hash and the reason stay."""

    evidence = models.OneToOneField(
        Evidence, on_delete=models.PROTECT, primary_key=True, related_name="erasure"
    )
    erased_at = models.DateTimeField()
    erased_by_person_id = models.UUIDField(null=True)
    erased_by_organisation_id = models.UUIDField(null=True)
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.evidence_id} erased"
