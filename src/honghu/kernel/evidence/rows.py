"""The frozen rows that commands and queries of evidence hand out."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from decimal import Decimal

from honghu.base.earth import Point
from honghu.kernel.evidence.models import Evidence, EvidenceUse


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """One content and what is known of it; `erased_at` is set when the bytes are gone by law."""

    sha256: str
    size_bytes: int
    media_type: str
    first_seen_at: dt.datetime
    width_px: int | None = None
    height_px: int | None = None
    perceptual_hash: int | None = None
    exif_captured: str | None = None
    exif_place: Point | None = None
    erased_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRow:
    """One use of a content; `resembles` is a use in another case that looks the same."""

    id: uuid.UUID
    sha256: str
    case_id: uuid.UUID | None
    step_id: uuid.UUID | None
    slot: str | None
    kind: str
    filename: str | None
    captured_at: dt.datetime | None
    received_at: dt.datetime
    place: Point | None
    uploader_person_id: uuid.UUID | None
    uploader_organisation_id: uuid.UUID | None
    resembles: uuid.UUID | None
    media_type: str = ""
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A use in a case of the same bytes (`differing_bits` 0 and `exact`) or of nearly the same look."""

    use_id: uuid.UUID
    case_id: uuid.UUID
    sha256: str
    kind: str
    exact: bool
    differing_bits: int


@dataclass(frozen=True, slots=True)
class StoredEvidence:
    """A stored upload: the content, this use of it, and where it served before."""

    evidence: EvidenceRow
    use: UseRow
    duplicates: tuple[Duplicate, ...] = field(default=())

    @property
    def sha256(self) -> str:
        """The content's name everywhere: forms and steps hold this."""
        return self.evidence.sha256


def evidence_row(evidence: Evidence, *, erased_at: dt.datetime | None = None) -> EvidenceRow:
    """The row of a model."""
    return EvidenceRow(
        sha256=evidence.sha256,
        size_bytes=evidence.size_bytes,
        media_type=evidence.media_type,
        first_seen_at=evidence.first_seen_at,
        width_px=evidence.width_px,
        height_px=evidence.height_px,
        perceptual_hash=evidence.perceptual_hash,
        exif_captured=evidence.exif_captured,
        exif_place=place(evidence.exif_longitude, evidence.exif_latitude),
        erased_at=erased_at,
    )


def use_row(use: EvidenceUse, *, media_type: str = "", size_bytes: int = 0) -> UseRow:
    """The row of a model."""
    return UseRow(
        id=use.id,
        sha256=use.evidence_id,
        case_id=use.case_id,
        step_id=use.step_id,
        slot=use.slot,
        kind=use.kind,
        filename=use.filename,
        captured_at=use.captured_at,
        received_at=use.received_at,
        place=place(use.longitude, use.latitude),
        uploader_person_id=use.uploader_person_id,
        uploader_organisation_id=use.uploader_organisation_id,
        resembles=use.resembles_id,
        media_type=media_type,
        size_bytes=size_bytes,
    )


def place(longitude: Decimal | None, latitude: Decimal | None) -> Point | None:
    """Both coordinates or nothing."""
    return None if longitude is None or latitude is None else Point(longitude, latitude)
