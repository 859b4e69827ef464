"""Reads of kept values: what was computed, published, corrected."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from honghu.analytics.figure import Scope, Unit
from honghu.analytics.models import FigureValue, Publication
from honghu.base.problems import NotFound
from honghu.kernel.registers.model import Text

_LIST_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRow:
    """A kept value. `status` is checked, published or corrected (a newer value replaced it)."""

    id: uuid.UUID
    code: str
    title: Text
    definition: Mapping[str, Any]
    definition_sha256: str
    unit: Unit
    scope: Scope
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    row_count: int
    row_set_sha256: str
    journal_size: int
    journal_root: str
    computed_by: uuid.UUID
    computed_at: dt.datetime
    supersedes: uuid.UUID | None
    reason: str | None
    published_at: dt.datetime | None
    published_by: uuid.UUID | None
    corrected: bool

    @property
    def status(self) -> str:
        """Where the value stands: checked, published, corrected."""
        if self.published_at is None:
            return "checked"
        return "corrected" if self.corrected else "published"

    @property
    def words(self) -> Text | None:
        """The unit's own words, where the figure has them."""
        told = self.definition["unit_words"]
        return Text(**told) if told else None

    def record(self) -> dict[str, Any]:
        """What a publication's leaf covers of the value, as JSON."""
        return {
            "id": str(self.id),
            "code": self.code,
            "definition_sha256": self.definition_sha256,
            "starts_at": _instant(self.scope.start),
            "ends_at": _instant(self.scope.end),
            "region": self.scope.region,
            "value": number(self.value),
            "numerator": number(self.numerator),
            "denominator": number(self.denominator),
            "row_count": self.row_count,
            "row_set_sha256": self.row_set_sha256,
            "journal_size": self.journal_size,
            "journal_root": self.journal_root,
            "supersedes": str(self.supersedes) if self.supersedes else None,
        }


def get_value(value_id: uuid.UUID) -> ValueRow:
    """One kept value. Raises NotFound."""
    found = _rows({"pk": value_id})
    if not found:
        raise NotFound(_("There is no value %(id)s.") % {"id": value_id})
    return found[0]


def get_values(ids: Collection[uuid.UUID]) -> list[ValueRow]:
    """These kept values, the latest first."""
    return _rows({"pk__in": list(ids)}, limit=len(ids))


def values_of(code: str) -> list[ValueRow]:
    """The kept values of a figure, the latest first; at most 200."""
    return _rows({"code": code})


def published_values(codes: Collection[str] | None = None) -> list[ValueRow]:
    """The published values that no published correction replaced, the latest first."""
    found = _rows({} if codes is None else {"code__in": list(codes)}, published=True)
    return [row for row in found if not row.corrected]


def number(value: Decimal | None) -> str | None:
    """A number as JSON keeps it: a text without exponent and without zeros at the end."""
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rows(
    narrowed: Mapping[str, Any], *, published: bool = False, limit: int = _LIST_MAX
) -> list[ValueRow]:
    replaced = Publication.objects.filter(subject_id=OuterRef("superseded_by__id"))
    query = FigureValue.objects.filter(**narrowed).annotate(is_corrected=Exists(replaced))
    if published:
        query = query.filter(Exists(Publication.objects.filter(subject_id=OuterRef("pk"))))
    rows = list(query.order_by("-ends_at", "-id")[:limit])
    told = {
        each.subject_id: each
        for each in Publication.objects.filter(subject_id__in=[row.id for row in rows])
    }
    return [_row(row, told.get(row.id)) for row in rows]


def _row(row: Any, publication: Publication | None) -> ValueRow:
    return ValueRow(
        id=row.id,
        code=row.code,
        title=Text(**row.definition["title"]),
        definition=row.definition,
        definition_sha256=row.definition_sha256,
        unit=Unit(row.definition["unit"]),
        scope=Scope(end=row.ends_at, start=row.starts_at, region=row.region),
        value=row.value,
        numerator=row.numerator,
        denominator=row.denominator,
        row_count=row.row_count,
        row_set_sha256=row.row_set_sha256,
        journal_size=row.journal_size,
        journal_root=row.journal_root,
        computed_by=row.computed_by,
        computed_at=row.computed_at,
        supersedes=row.supersedes_id,
        reason=row.reason,
        published_at=publication.published_at if publication else None,
        published_by=publication.published_by if publication else None,
        corrected=row.is_corrected,
    )


def _instant(instant: dt.datetime | None) -> str | None:
    return instant.astimezone(dt.UTC).isoformat() if instant else None
