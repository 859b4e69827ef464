"""Reads: a content, its uses, its bytes, its twins; and whether the storage still holds it all."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Final, Literal

from django.utils.translation import gettext as _

from honghu.base.problems import HonghuError, NotFound
from honghu.kernel.evidence.duplicates import find_served
from honghu.kernel.evidence.models import Evidence, EvidenceUse
from honghu.kernel.evidence.rows import (
    Duplicate,
    EvidenceRow,
    UseRow,
    evidence_row,
    use_row,
)
from honghu.kernel.evidence.spool import storage, storage_name

__all__ = [
    "Duplicate",
    "EvidenceErasedError",
    "EvidenceLostError",
    "EvidenceRow",
    "StorageFault",
    "StorageReport",
    "UseRow",
    "find_duplicates",
    "get_evidence",
    "get_use",
    "list_evidence",
    "open_content",
    "read_content",
    "uses_of_case",
    "uses_of_evidence",
    "verify_storage",
]

_CHUNK_BYTES: Final = 1 << 20
_ROWS_PER_FETCH: Final = 1000


class EvidenceErasedError(HonghuError):
    """The bytes were deleted by law; hash and reason remain: HTTP 410."""

    code = "evidence_erased"
    status = 410


class EvidenceLostError(HonghuError):
    """The storage does not hold the bytes of a row: restore it from the backup."""

    code = "evidence_lost"
    status = 500


def get_evidence(sha256: str) -> EvidenceRow:
    """One content by its SHA-256. Raises NotFound."""
    found = list_evidence([sha256])
    if not found:
        raise NotFound(_("There is no evidence %(sha256)s.") % {"sha256": sha256})
    return found[0]


def list_evidence(shas: list[str]) -> list[EvidenceRow]:
    """The contents of these hashes that are known, in one query."""
    rows = Evidence.objects.filter(pk__in=shas).select_related("erasure")
    return [
        evidence_row(row, erased_at=row.erasure.erased_at if hasattr(row, "erasure") else None)
        for row in rows
    ]


def get_use(use_id: uuid.UUID) -> UseRow:
    """One use by its id. Raises NotFound."""
    use = EvidenceUse.objects.filter(pk=use_id).select_related("evidence").first()
    if use is None:
        raise NotFound(_("There is no use of evidence %(id)s.") % {"id": use_id})
    return _row(use)


def uses_of_case(case_id: uuid.UUID) -> list[UseRow]:
    """All evidence of a case in the order in which it came, in one query."""
    uses = EvidenceUse.objects.filter(case_id=case_id).select_related("evidence")
    return [_row(use) for use in uses.order_by("received_at", "id")]


def uses_of_evidence(sha256: str) -> list[UseRow]:
    """All uses of a content, uploads among them, in the order in which they came."""
    uses = EvidenceUse.objects.filter(evidence_id=sha256).select_related("evidence")
    return [_row(use) for use in uses.order_by("received_at", "id")]


def find_duplicates(
    sha256: str,
    perceptual_hash: int | None,
    *,
    on: dt.date,
    case_id: uuid.UUID | None = None,
) -> list[Duplicate]:
    """Uses of the same bytes, or of nearly the same picture, in cases other than `case_id`.

    The same bytes come first, then the least different. Near is what the rule
    kernel.near_duplicate_bits of that day says.
    """
    return find_served({sha256: perceptual_hash}, on=on, case_id=case_id).get(sha256, [])


def read_content(sha256: str) -> bytes:
    """The bytes of a content, whole. Raises as `open_content`."""
    with open_content(sha256) as file:
        return file.read()


def open_content(sha256: str) -> IO[bytes]:
    """The bytes of a content as an open binary file, for the caller to close.

    Raises NotFound, EvidenceErasedError, EvidenceLostError.
    """
    evidence = get_evidence(sha256)
    if evidence.erased_at is not None:
        raise EvidenceErasedError(
            _("The evidence %(sha256)s was erased on %(day)s.")
            % {"sha256": sha256, "day": f"{evidence.erased_at:%Y-%m-%d}"}
        )
    try:
        file = storage().open(storage_name(sha256), "rb")
    except FileNotFoundError as error:
        raise EvidenceLostError(
            _("The storage has no %(name)s.") % {"name": storage_name(sha256)},
            remedy=_("Restore it from the backup."),
        ) from error
    return file.open("rb")


@dataclass(frozen=True, slots=True)
class StorageFault:
    """A content that the storage no longer holds as it was stored."""

    sha256: str
    problem: Literal["lost", "altered", "unreadable"]


@dataclass(frozen=True, slots=True)
class StorageReport:
    """What a verification read, and what was wrong."""

    files: int
    bytes_read: int
    faults: tuple[StorageFault, ...]


def verify_storage(progress: Callable[[int, int], None] | None = None) -> StorageReport:
    """Read every kept content again and compare it with its hash; erased ones are left out.

    `progress(done, total)` is called after each file. Raises nothing for faults: they are the report.
    """
    kept = Evidence.objects.filter(erasure__isnull=True)
    total, done, bytes_read = kept.count(), 0, 0
    faults = []
    names = kept.order_by("sha256").values_list("sha256", flat=True)
    for sha256 in names.iterator(chunk_size=_ROWS_PER_FETCH):
        problem, size = _verify(sha256)
        bytes_read += size
        if problem is not None:
            faults.append(StorageFault(sha256, problem))
        done += 1
        if progress is not None:
            progress(done, total)
    return StorageReport(done, bytes_read, tuple(faults))


def _verify(sha256: str) -> tuple[Literal["lost", "altered", "unreadable"] | None, int]:
    digest, size = hashlib.sha256(), 0
    try:
        with storage().open(storage_name(sha256), "rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                size += len(chunk)
                digest.update(chunk)
    except FileNotFoundError:
        return "lost", 0
    except OSError:
        return "unreadable", size
    return (None if digest.hexdigest() == sha256 else "altered"), size


def _row(use: EvidenceUse) -> UseRow:
    return use_row(use, media_type=use.evidence.media_type, size_bytes=use.evidence.size_bytes)
