"""Reads of bulletins."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from honghu.analytics.models import Bulletin, Publication
from honghu.base.problems import NotFound
from honghu.kernel.registers.model import Text

_LIST_MAX = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinRow:
    """A bulletin as it was built. `status` is draft, published or corrected."""

    id: uuid.UUID
    template: str
    period: str
    title: Text
    content: Mapping[str, Any]
    content_sha256: str
    built_by: uuid.UUID
    built_at: dt.datetime
    supersedes: uuid.UUID | None
    reason: str | None
    publication_id: uuid.UUID | None
    published_by: uuid.UUID | None
    published_at: dt.datetime | None
    corrected_by: uuid.UUID | None

    @property
    def status(self) -> str:
        """Where the bulletin stands: draft, published, corrected."""
        if self.published_at is None:
            return "draft"
        return "published" if self.corrected_by is None else "corrected"


def get_bulletin(bulletin_id: uuid.UUID) -> BulletinRow:
    """One bulletin, published or not. Raises NotFound."""
    found = _rows({"pk": bulletin_id})
    if not found:
        raise NotFound(_("There is no bulletin %(id)s.") % {"id": bulletin_id})
    return found[0]


def list_bulletins() -> list[BulletinRow]:
    """All bulletins, drafts too, the latest month first; at most 120."""
    return _rows({})


def published_bulletins() -> list[BulletinRow]:
    """What everybody may read, the latest month first; those corrected say so."""
    return [row for row in _rows({}) if row.published_at is not None]


def _rows(narrowed: Mapping[str, Any]) -> list[BulletinRow]:
    query = Bulletin.objects.filter(**narrowed)
    rows = list(query.order_by("-period", "-id")[:_LIST_MAX])
    subjects = [row.id for row in rows]
    replacing = {
        each.supersedes_id: each.id for each in Bulletin.objects.filter(supersedes__in=subjects)
    }
    told = {
        each.subject_id: each
        for each in Publication.objects.filter(subject_id__in=[*subjects, *replacing.values()])
    }
    return [_row(row, told, replacing.get(row.id)) for row in rows]


def _row(
    row: Any, told: Mapping[uuid.UUID, Publication], newer: uuid.UUID | None
) -> BulletinRow:  # fmt: skip
    publication = told.get(row.id)
    return BulletinRow(
        id=row.id,
        template=row.template,
        period=row.period,
        title=Text(**row.content["title"]),
        content=row.content,
        content_sha256=row.content_sha256,
        built_by=row.built_by,
        built_at=row.built_at,
        supersedes=row.supersedes_id,
        reason=row.reason,
        publication_id=publication.id if publication else None,
        published_by=publication.published_by if publication else None,
        published_at=publication.published_at if publication else None,
        corrected_by=newer if newer in told else None,
    )
