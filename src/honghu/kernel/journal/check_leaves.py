"""Verification, first pass: every leaf against its row, its entry and the queue.

Leaves and the rows of all sources are read side by side, both ascending by id, so that memory does
not grow with the log.
"""

import heapq
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection

from honghu.kernel.journal.faults import Fault, FaultList
from honghu.kernel.journal.leaves import leaf_hash
from honghu.kernel.journal.sources import ROWS_PER_FETCH, LeafSource

_LEAVES_SQL = """
SELECT l.id, l.kind, l.hash, l.written_at, e.position, e.hash, q.leaf_id IS NOT NULL
FROM journal_leaf l
LEFT JOIN journal_entry e ON e.leaf_id = l.id
LEFT JOIN journal_queue q ON q.leaf_id = l.id
ORDER BY l.id
"""
_STRAY_SQL = """
SELECT q.leaf_id FROM journal_queue q LEFT JOIN journal_leaf l ON l.id = q.leaf_id
WHERE l.id IS NULL ORDER BY q.leaf_id
"""


class StoredLeaf(NamedTuple):
    """A leaf with its entry (if it has one) and whether it is queued."""

    id: uuid.UUID
    kind: str
    hash: bytes
    written_at: Any
    position: int | None
    entry_hash: bytes | None
    queued: bool


class Row(NamedTuple):
    """A row of a source, with the kind and table of the source."""

    id: uuid.UUID
    kind: str
    table: str
    payload: bytes


@dataclass(slots=True)
class LeafCheck:
    """What the first pass found. `corrected` are the hashes of positions whose entry is wrong."""

    faults: FaultList
    leaves: int = 0
    pending: int = 0
    corrected: dict[int, bytes] = field(default_factory=dict)
    unread_kinds: set[str] = field(default_factory=set)


def check_leaves(
    sources: Mapping[str, LeafSource], faults: FaultList, tick: Callable[[int], None]
) -> LeafCheck:
    """Compare all leaves with all rows. Raises ValueError if a source is not in order of its ids.

    `tick` is told how many leaves are done, batch by batch.
    """
    check = LeafCheck(faults)
    for leaf, row in _side_by_side(_leaves(tick), _rows(sources)):
        if leaf is None:
            if row is not None:
                faults.add(Fault("row_unrecorded", row.table, row.id))
            continue
        check.leaves += 1
        _check_place(leaf, check)
        if row is None:
            _note_rowless(leaf, sources, check)
        else:
            _check_content(leaf, row, check)
    for (leaf_id,) in batches(_STRAY_SQL):
        faults.add(Fault("queue_stray", "journal_queue", leaf_id))
    return check


def batches(query: str, parameters: Sequence[int] = ()) -> Iterator[Any]:
    """Rows of a query through a server-side cursor."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, parameters)
        while rows := cursor.fetchmany(ROWS_PER_FETCH):
            yield from rows


def _leaves(tick: Callable[[int], None]) -> Iterator[StoredLeaf]:
    for number, values in enumerate(batches(_LEAVES_SQL), start=1):
        yield StoredLeaf(*values)
        if number % ROWS_PER_FETCH == 0:
            tick(ROWS_PER_FETCH)


def _rows(sources: Mapping[str, LeafSource]) -> Iterator[Row]:
    readers = [_read(kind, source) for kind, source in sources.items()]
    return heapq.merge(*readers, key=lambda row: row.id)


def _read(kind: str, source: LeafSource) -> Iterator[Row]:
    previous: uuid.UUID | None = None
    for row_id, payload in source.rows():
        if previous is not None and row_id <= previous:
            raise ValueError(f"the source of {source.table} is not in order of its ids: {row_id}")
        previous = row_id
        yield Row(row_id, kind, source.table, payload)


def _side_by_side(
    leaves: Iterator[StoredLeaf], rows: Iterator[Row]
) -> Iterator[tuple[StoredLeaf | None, Row | None]]:
    """Pair leaf and row of the same id; either alone where the other is missing."""
    leaf, row = next(leaves, None), next(rows, None)
    while leaf is not None or row is not None:
        if row is None or (leaf is not None and leaf.id < row.id):
            yield leaf, None
            leaf = next(leaves, None)
        elif leaf is None or row.id < leaf.id:
            yield None, row
            row = next(rows, None)
        else:
            yield leaf, row
            leaf, row = next(leaves, None), next(rows, None)


def _check_place(leaf: StoredLeaf, check: LeafCheck) -> None:
    """A leaf is either queued or has an entry, and only one of the two."""
    if leaf.position is None and leaf.queued:
        check.pending += 1
    elif leaf.position is None:
        check.faults.add(Fault("leaf_unqueued", "journal_leaf", leaf.id))
    elif leaf.queued:
        fault = Fault("queue_repeated", "journal_queue", leaf.id, leaf.position, leaf.position)
        check.faults.add(fault)


def _note_rowless(leaf: StoredLeaf, sources: Mapping[str, LeafSource], check: LeafCheck) -> None:
    source = sources.get(leaf.kind)
    if source is not None:
        check.faults.add(Fault("row_missing", source.table, leaf.id, leaf.position, leaf.position))
    elif leaf.kind not in check.unread_kinds:
        check.unread_kinds.add(leaf.kind)
        check.faults.add(Fault("source_missing", "journal_leaf", leaf.id, detail=leaf.kind))
    _compare_entry(leaf, None, check)


def _check_content(leaf: StoredLeaf, row: Row, check: LeafCheck) -> None:
    """Row, leaf and entry must say the same; of three witnesses the one that differs is blamed."""
    hashed = leaf_hash(row.kind, row.id, leaf.written_at, row.payload)
    if leaf.kind != row.kind:
        place = (leaf.position, leaf.position)
        fault = Fault("leaf_kind_changed", "journal_leaf", leaf.id, *place, detail=leaf.kind)
        check.faults.add(fault)
    if hashed != leaf.hash:
        blamed = hashed == leaf.entry_hash
        code, table = ("leaf_changed", "journal_leaf") if blamed else ("row_changed", row.table)
        check.faults.add(Fault(code, table, leaf.id, leaf.position, leaf.position))
        if blamed:
            return
    _compare_entry(leaf, hashed, check)


def _compare_entry(leaf: StoredLeaf, hashed: bytes | None, check: LeafCheck) -> None:
    """The entry repeats the leaf's hash; `hashed` is what the row itself says, if it is there."""
    if leaf.position is None or leaf.entry_hash == leaf.hash:
        return
    fault = Fault("entry_changed", "journal_entry", leaf.id, leaf.position, leaf.position)
    if hashed == leaf.hash and check.faults.has_room:
        # Row and leaf agree, so the tree is recomputed with their hash, not with the entry's.
        check.corrected[leaf.position] = leaf.hash
    check.faults.add(fault)
