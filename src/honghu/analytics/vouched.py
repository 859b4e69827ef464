"""What a publication vouches for: the value, or the bulletin, as it was made public."""

import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from django.db import connection

from honghu.analytics.definitions import digest
from honghu.analytics.models import Bulletin, Publication
from honghu.analytics.values import get_values
from honghu.base.hashing import HashingError
from honghu.kernel.journal.faults import Fault
from honghu.kernel.journal.sources import ROWS_PER_FETCH, Vouched

_PUBLISHED: Final = """
SELECT p.id, p.subject, p.subject_id, p.subject_sha256, e.position
FROM analytics_publication p LEFT JOIN journal_entry e ON e.leaf_id = p.id
"""
_TABLES: Final[Mapping[str, str]] = {
    Publication.Subject.FIGURE: "analytics_figure_value",
    Publication.Subject.BULLETIN: "analytics_bulletin",
}


def _count() -> int:
    return Publication.objects.count()


def _look() -> Iterator[Fault | None]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(_PUBLISHED)
        while batch := cursor.fetchmany(ROWS_PER_FETCH):
            yield from _compared(batch)


def _compared(batch: Sequence[tuple[Any, ...]]) -> Iterator[Fault | None]:
    found = {
        subject: read([row[2] for row in batch if row[1] == subject])
        for subject, read in _READERS.items()
    }
    for publication_id, subject, subject_id, sha256, position in batch:
        place = (_TABLES.get(subject, ""), publication_id, position, position)
        if subject not in found or found[subject].get(subject_id) == sha256:
            yield None  # An unknown subject is a publication that was altered: its leaf tells.
        elif subject_id not in found[subject]:
            yield Fault("vouched_missing", *place)
        else:
            yield Fault("vouched_changed", *place, detail=str(subject_id))


def _values(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str | None]:
    return {row.id: _digest(row.record()) for row in get_values(ids)}


def _bulletins(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str | None]:
    rows = Bulletin.objects.filter(pk__in=list(ids)).values_list("pk", "content")
    return {key: _digest(content) for key, content in rows}


def _digest(content: object) -> str | None:
    """Null for what was never written by Honghu, as a fraction."""
    try:
        return digest(content)
    except HashingError:
        return None


_Reader = Callable[[Collection[uuid.UUID]], dict[uuid.UUID, str | None]]
_READERS: Final[Mapping[str, _Reader]] = {
    Publication.Subject.FIGURE: _values,
    Publication.Subject.BULLETIN: _bulletins,
}

VOUCHED: Final = Vouched(_count, _look)
"""All published values and bulletins, compared whenever the journal is verified."""
