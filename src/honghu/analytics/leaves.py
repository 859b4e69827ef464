"""The journal's leaves of publications: how a row is hashed, and where it is read again."""

import datetime as dt
import uuid
from typing import Any, Final

from honghu.base.hashing import canonical_json
from honghu.kernel.journal.sources import TableSource

LEAF_KIND: Final = "publication"
_COLUMNS: Final = ("subject", "subject_id", "subject_sha256", "made_by", "published_by")


def publication_payload(
    *,
    subject: str,
    subject_id: uuid.UUID,
    subject_sha256: str,
    made_by: uuid.UUID,
    published_by: uuid.UUID,
    published_at: dt.datetime,
) -> bytes:
    """What the leaf of a publication covers: canonical JSON (RFC 8785)."""
    return canonical_json(
        {
            "subject": subject,
            "subject_id": str(subject_id),
            "subject_sha256": subject_sha256,
            "made_by": str(made_by),
            "published_by": str(published_by),
            "published_at": published_at.astimezone(dt.UTC).isoformat(),
        }
    )


def _canonical(row: tuple[Any, ...]) -> bytes:
    return publication_payload(**dict(zip((*_COLUMNS, "published_at"), row, strict=True)))


PUBLICATIONS: Final = TableSource("analytics_publication", (*_COLUMNS, "published_at"), _canonical)
