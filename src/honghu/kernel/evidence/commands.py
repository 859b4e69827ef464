"""Writes: storing an upload, using stored evidence in a step of a case, erasing a content."""

import datetime as dt
import re
import unicodedata
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from honghu.base.earth import Point
from honghu.base.identifiers import new_id
from honghu.base.problems import Conflict, Invalid, NotAllowed, NotFound
from honghu.kernel.evidence.archives import inspect_archive
from honghu.kernel.evidence.duplicates import find_served
from honghu.kernel.evidence.images import ImageFacts, read_image
from honghu.kernel.evidence.media import IMAGES, KEPT, UnacceptableFileError, sniff
from honghu.kernel.evidence.models import Evidence, EvidenceErasure, EvidenceUse
from honghu.kernel.evidence.rows import (
    Duplicate,
    StoredEvidence,
    UseRow,
    evidence_row,
    use_row,
)
from honghu.kernel.evidence.spool import (
    Readable,
    Spooled,
    put_in_place,
    spooled,
    storage,
    storage_name,
)
from honghu.kernel.parties.actor import Actor

_FILENAME_CHARACTERS_MAX: Final = 200
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Clocks of telephones are wrong by minutes; hours mean that the claim is wrong.
_CLOCK_TOLERANCE: Final = dt.timedelta(minutes=10)


class EvidenceReusedError(Conflict):
    """A picture offered as proof of finished work that served another case before."""

    code = "evidence_reused"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A stored content as it is to be used in a step: what it is to the case, under which slot."""

    sha256: str
    kind: str
    slot: str | None = None


def store_evidence(
    *,
    content: bytes | Readable,
    filename: str,
    actor: Actor,
    now: dt.datetime,
    kind: str,
    captured_at: dt.datetime | None = None,
    place: Point | None = None,
) -> StoredEvidence:
    """Keep an upload: its bytes once, by SHA-256, and a use of it that has no case yet.

    The bytes are bounded (settings.HONGHU_EVIDENCE_MAX_BYTES), typed by content and looked
    through before anything is written. `captured_at` and `place` are claims; what the camera
    noted is kept apart. Uses of the same bytes, or of nearly the same picture, in cases are
    returned as `duplicates`: whether that is a fault is decided when the evidence is attached.
    Raises UnacceptableFileError, and Invalid for an unknown kind or a time that lies ahead.
    """
    _check_claims(kind, captured_at, now)
    name = clean_filename(filename)
    with spooled(content, bytes_max=settings.HONGHU_EVIDENCE_MAX_BYTES) as spool:
        media_type = _media_type(spool, name)
        image = read_image(spool.path, media_type) if media_type in IMAGES else None
        put_in_place(spool)
    with transaction.atomic():
        evidence = _keep(_new_evidence(spool, media_type, image, now))
        use = EvidenceUse.objects.create(
            evidence=evidence,
            kind=kind,
            filename=name,
            captured_at=captured_at,
            received_at=now,
            longitude=place.longitude if place else None,
            latitude=place.latitude if place else None,
            uploader_person_id=actor.person_id,
            uploader_organisation_id=actor.organisation_id,
        )
    served = find_served({evidence.sha256: evidence.perceptual_hash}, on=timezone.localdate(now))
    row = use_row(use, media_type=evidence.media_type, size_bytes=evidence.size_bytes)
    return StoredEvidence(evidence_row(evidence), row, tuple(served.get(evidence.sha256, ())))


def attach_evidence(
    *,
    case_id: uuid.UUID,
    step_id: uuid.UUID | None,
    attachments: Sequence[Attachment],
    actor: Actor,
    now: dt.datetime,
) -> list[UseRow]:
    """Use stored evidence in a case; to be called in the transaction that writes the step.

    Five statements, whatever the number of files. File name, claimed time and place come from
    the upload. A use whose content served another case, or looks like one that did, says so in
    `resembles`. Raises NotFound for what was never stored, NotAllowed for what neither the actor's
    organisation uploaded nor the case already holds (a hash is no permission: hashes stand in the
    public journal), Conflict for erased content, EvidenceReusedError for an "after" picture whose bytes
    served another case, or this one as its "before".
    """
    if not attachments:
        return []
    shas = sorted({item.sha256 for item in attachments})
    # The caller's transaction is refused as a whole, so no savepoint is paid for.
    with transaction.atomic(savepoint=False):
        _lock(shas)
        uploads = _uploads(shas, case_id, actor)
        for item in attachments:
            _check_kind(item.kind)
            _check_usable(item.sha256, uploads.get(item.sha256))
        hashes = {sha: uploads[sha]["perceptual_hash"] for sha in shas}
        served = find_served(hashes, on=timezone.localdate(now), case_id=case_id)
        uses = []
        befores = {item.sha256 for item in attachments if item.kind == EvidenceUse.Kind.BEFORE}
        befores |= {sha for sha in shas if uploads[sha]["was_before"]}
        for item in attachments:
            _refuse_before(item, befores)
            duplicates = served.get(item.sha256, [])
            _refuse_reuse(item, duplicates)
            uses.append(
                _use_in_case(
                    item,
                    uploads[item.sha256],
                    duplicates,
                    case_id=case_id,
                    step_id=step_id,
                    now=now,
                )
            )
        EvidenceUse.objects.bulk_create(uses)
    sizes = {sha: (row["media_type"], row["size_bytes"]) for sha, row in uploads.items()}
    return [
        use_row(use, media_type=sizes[use.evidence_id][0], size_bytes=sizes[use.evidence_id][1])
        for use in uses
    ]


def erase_evidence(*, sha256: str, reason: str, actor: Actor, now: dt.datetime) -> None:
    """Delete the bytes of a content and the names its files had (PIPL article 47).

    The hash, its uses and the reason stay, so that the journal still verifies. Raises NotFound,
    Invalid without a reason, Conflict if it is erased already.
    """
    if not reason.strip():
        raise Invalid(
            _("An erasure needs its reason."),
            remedy=_("Name the request and the article of the law."),
        )
    with transaction.atomic():
        _lock([sha256])
        if not Evidence.objects.filter(pk=sha256).exists():
            raise NotFound(_("There is no evidence %(sha256)s.") % {"sha256": sha256})
        if EvidenceErasure.objects.filter(pk=sha256).exists():
            raise Conflict(_("The evidence %(sha256)s is erased already.") % {"sha256": sha256})
        EvidenceErasure.objects.create(
            evidence_id=sha256,
            erased_at=now,
            erased_by_person_id=actor.person_id,
            erased_by_organisation_id=actor.organisation_id,
            reason=reason,
        )
        EvidenceUse.objects.filter(evidence_id=sha256, filename__isnull=False).update(filename=None)
        # Last, so that a failure above keeps the bytes; a failure here takes the rows back.
        storage().delete(storage_name(sha256))


def clean_filename(filename: str) -> str:
    """The last part of a file name, without characters that deceive readers; `file` if none is left."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", filename))[-1]
    clean = _UNSAFE.sub("", last).strip(" .")
    if len(clean) > _FILENAME_CHARACTERS_MAX:
        stem, dot, extension = clean.rpartition(".")
        keep = _FILENAME_CHARACTERS_MAX - len(dot + extension)
        clean = f"{stem[:keep]}{dot}{extension}" if keep > 0 else clean[:_FILENAME_CHARACTERS_MAX]
    return clean or "file"


def _check_claims(kind: str, captured_at: dt.datetime | None, now: dt.datetime) -> None:
    _check_kind(kind)
    if captured_at is None:
        return
    if captured_at.utcoffset() is None:
        raise Invalid(
            _("The time of capture has no time zone."),
            remedy=_("Send it with an offset, e.g. +08:00."),
        )
    if captured_at > now + _CLOCK_TOLERANCE:
        raise Invalid(
            _("The time of capture %(at)s lies ahead.") % {"at": f"{captured_at:%Y-%m-%d %H:%M}"},
            remedy=_("Correct the clock of the device, or leave the time out."),
        )


def _check_kind(kind: str) -> None:
    if kind not in EvidenceUse.Kind.values:
        raise Invalid(
            f"unknown kind of evidence {kind!r}",
            remedy=f"use one of {', '.join(EvidenceUse.Kind.values)}",
        )


def _media_type(spool: Spooled, filename: str) -> str:
    media_type = sniff(spool.path, filename)
    if media_type == "application/zip":
        media_type = inspect_archive(spool.path)
    if media_type is None:
        endings = sorted({kept.extensions[0] for kept in KEPT.values()})
        raise UnacceptableFileError(
            _("The content of the file is of no type that is kept."),
            remedy=_("Send one of %(endings)s.") % {"endings": " ".join(endings)},
        )
    return media_type


def _new_evidence(
    spool: Spooled, media_type: str, image: ImageFacts | None, now: dt.datetime
) -> Evidence:
    return Evidence(
        sha256=spool.sha256,
        size_bytes=spool.size_bytes,
        media_type=media_type,
        first_seen_at=now,
        perceptual_hash=image.perceptual_hash if image else None,
        width_px=image.width_px if image else None,
        height_px=image.height_px if image else None,
        exif_captured=image.exif_captured if image else None,
        exif_longitude=image.exif_longitude if image else None,
        exif_latitude=image.exif_latitude if image else None,
    )


def _keep(evidence: Evidence) -> Evidence:
    """The row of the content: this one if it is new, else the one that stands."""
    Evidence.objects.bulk_create([evidence], ignore_conflicts=True)
    kept = Evidence.objects.get(pk=evidence.sha256)
    if EvidenceErasure.objects.filter(pk=kept.sha256).exists():
        # The bytes have just been put in place again: take them out.
        storage().delete(storage_name(kept.sha256))
        raise Conflict(
            _("This file was erased by law and is not kept again."),
            remedy=_("Ask who ordered the erasure."),
        )
    return kept


def _lock(shas: Sequence[str]) -> None:
    """Two cases that take the same content wait for each other, in the order of the hashes."""
    keys = sorted(int.from_bytes(bytes.fromhex(sha)[:8], signed=True) for sha in shas)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) key", [keys])


_UPLOADS_SQL = """
SELECT e.sha256, e.media_type, e.size_bytes, e.perceptual_hash, x.evidence_id IS NOT NULL AS erased,
       EXISTS (SELECT 1 FROM evidence_evidenceuse b WHERE b.evidence_id = e.sha256
               AND b.case_id = %(case)s AND b.kind = 'before') AS was_before,
       u.id AS use_id, u.filename, u.captured_at, u.longitude, u.latitude,
       u.uploader_person_id, u.uploader_organisation_id
FROM evidence_evidence e
LEFT JOIN evidence_evidenceerasure x ON x.evidence_id = e.sha256
LEFT JOIN LATERAL (
  SELECT * FROM evidence_evidenceuse u
  WHERE u.evidence_id = e.sha256
    AND (u.case_id = %(case)s
         OR (u.case_id IS NULL AND (u.uploader_person_id = %(person)s
                                    OR u.uploader_organisation_id = %(organisation)s
                                    OR %(system)s)))
  ORDER BY (u.uploader_person_id IS NOT DISTINCT FROM %(person)s) DESC, u.received_at DESC, u.id DESC
  LIMIT 1) u ON true
WHERE e.sha256 = ANY(%(shas)s)
"""


def _uploads(shas: Sequence[str], case_id: uuid.UUID, actor: Actor) -> dict[str, dict[str, Any]]:
    """Contents by hash, each with the upload that this actor may use; its `use_id` null if none."""
    with connection.cursor() as cursor:
        cursor.execute(
            _UPLOADS_SQL,
            {
                "shas": list(shas),
                "case": case_id,
                "person": actor.person_id,
                "organisation": actor.organisation_id,
                "system": actor.is_system,
            },
        )
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {row["sha256"]: row for row in rows}


def _check_usable(sha256: str, upload: Mapping[str, Any] | None) -> None:
    if upload is None:
        raise NotFound(
            _("There is no evidence %(sha256)s.") % {"sha256": sha256},
            remedy=_("Upload the file first."),
        )
    if upload["erased"]:
        raise Conflict(
            _("The evidence %(sha256)s was erased by law.") % {"sha256": sha256},
            remedy=_("Use another file."),
        )
    if upload["use_id"] is None:
        raise NotAllowed(
            _("The evidence %(sha256)s was not uploaded by your organisation.")
            % {"sha256": sha256},
            remedy=_("Upload the file yourself."),
        )


def _refuse_before(item: Attachment, befores: Collection[str]) -> None:
    if item.kind == EvidenceUse.Kind.AFTER and item.sha256 in befores:
        raise EvidenceReusedError(
            _("The picture %(sha256)s shows this case before the work.")
            % {"sha256": f"{item.sha256[:12]}…"},
            remedy=_("Take a picture of the finished work."),
        )


def _refuse_reuse(item: Attachment, duplicates: Sequence[Duplicate]) -> None:
    reused = next((found for found in duplicates if found.exact), None)
    if item.kind == EvidenceUse.Kind.AFTER and reused is not None:
        raise EvidenceReusedError(
            _("The picture %(sha256)s served the case %(case)s and proves nothing here.")
            % {"sha256": f"{item.sha256[:12]}…", "case": reused.case_id},
            remedy=_("Take a picture of the finished work."),
        )


def _use_in_case(
    item: Attachment,
    upload: Mapping[str, Any],
    duplicates: Sequence[Duplicate],
    *,
    case_id: uuid.UUID,
    step_id: uuid.UUID | None,
    now: dt.datetime,
) -> EvidenceUse:
    return EvidenceUse(
        id=new_id(),
        evidence_id=item.sha256,
        case_id=case_id,
        step_id=step_id,
        slot=item.slot,
        kind=item.kind,
        filename=upload["filename"],
        captured_at=upload["captured_at"],
        received_at=now,
        longitude=upload["longitude"],
        latitude=upload["latitude"],
        uploader_person_id=upload["uploader_person_id"],
        uploader_organisation_id=upload["uploader_organisation_id"],
        resembles_id=duplicates[0].use_id if duplicates else None,
    )
