"""Reads of the log: proofs, receipts, checkpoints, and its entries in order."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection

from honghu.base.problems import Conflict, HonghuError, Invalid, NotFound
from honghu.kernel.journal import tree
from honghu.kernel.journal.leaves import leaf_hash
from honghu.kernel.journal.receipt import Leaf, make_receipt
from honghu.kernel.journal.sources import registered_sources
from honghu.kernel.journal.store import DatabaseStore

READ_LIMIT_MAX = 10_000

_ENTRIES_SQL = """
SELECT e.position, e.leaf_id, l.kind, l.written_at, e.hash
FROM journal_entry e JOIN journal_leaf l ON l.id = e.leaf_id
WHERE e.position > %s ORDER BY e.position LIMIT %s
"""
_LEAF_SQL = """
SELECT l.id, l.kind, l.written_at, l.hash, e.position
FROM journal_leaf l LEFT JOIN journal_entry e ON e.leaf_id = l.id WHERE l.id = %s
"""
_OLDEST_WAITING_SQL = """
SELECT written_at FROM journal_leaf
WHERE id = (SELECT leaf_id FROM journal_queue ORDER BY leaf_id LIMIT 1)
"""
_LATEST_SQL = """
SELECT size, root, note, signed_at FROM journal_checkpoint ORDER BY size DESC LIMIT 1
"""


class LeafNotFound(NotFound):
    """No row with this id was ever recorded in the journal."""

    code = "journal_leaf_not_found"


class NotYetProvable(Conflict):
    """The leaf is recorded, but its place in the log is not yet (or not yet signed)."""

    code = "journal_not_yet_provable"


class JournalDamagedError(HonghuError):
    """A row differs from what the journal recorded of it: somebody changed it."""

    code = "journal_damaged"
    status = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One leaf at its place in the log; positions begin at 0 and have no gaps."""

    position: int
    leaf_id: uuid.UUID
    kind: str
    written_at: dt.datetime
    hash: bytes


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A published state of the log: its first `size` entries have `root`; `note` is signed."""

    size: int
    root: bytes
    note: str
    signed_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Proof that the leaf stands at `index` among the first `size` entries, whose root is `root`."""

    leaf_id: uuid.UUID
    leaf_hash: bytes
    index: int
    size: int
    root: bytes
    proof: list[bytes]


@dataclass(frozen=True, slots=True)
class Consistency:
    """Proof that the first `m` entries with `root_m` begin the first `n` with `root_n`."""

    m: int
    n: int
    root_m: bytes
    root_n: bytes
    proof: list[bytes]


def log_size() -> int:
    """Number of entries in the log."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(position) + 1, 0) FROM journal_entry")
        return int(cursor.fetchone()[0])


def oldest_waiting() -> dt.datetime | None:
    """When the oldest leaf was written that has no place in the log yet; None if none waits."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST_WAITING_SQL)
        row = cursor.fetchone()
    return None if row is None else row[0]


def read_log(after_position: int, limit: int) -> list[Entry]:
    """Up to `limit` (at most 10 000) entries after a position; -1 begins at the first.

    A consumer remembers the last position that it handled: `cursor_position`, `advance_cursor`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES_SQL, [after_position, min(limit, READ_LIMIT_MAX)])
        return [Entry(*row) for row in cursor.fetchall()]


def cursor_position(consumer: str) -> int:
    """The last position that `consumer` handled; -1 if none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT position FROM journal_cursor WHERE consumer = %s", [consumer])
        row = cursor.fetchone()
    return -1 if row is None else int(row[0])


def latest_checkpoint() -> SignedCheckpoint | None:
    """The newest signed checkpoint; None before the first."""
    with connection.cursor() as cursor:
        cursor.execute(_LATEST_SQL)
        row = cursor.fetchone()
    return None if row is None else SignedCheckpoint(*row)


def inclusion(leaf_id: uuid.UUID, size: int | None = None) -> Inclusion:
    """Proof that a leaf is among the first `size` entries (by default: the whole log).

    Raises `LeafNotFound`; `NotYetProvable` if the leaf is not among them; `Invalid` if the log is
    shorter than `size`; `tree.NodeMissing` if the stored tree is damaged.
    """
    leaf, position = _leaf(leaf_id)
    end = _size(size)
    if position is None or position >= end:
        raise NotYetProvable(
            f"record {leaf_id} is not among the first {end} entries of the log",
            remedy="ask again when the sequencer has run, in a minute",
        )
    store = DatabaseStore()
    proof = tree.inclusion_proof(store, position, end)
    return Inclusion(leaf_id, leaf.leaf_hash, position, end, tree.root(store, end), proof)


def consistency(m: int, n: int) -> Consistency:
    """Proof that the log of `n` entries begins with the log of `m` entries.

    Raises `merkle.MerkleError` unless 0 < m <= n; `Invalid` if the log is shorter than `n`;
    `tree.NodeMissing` if the stored tree is damaged.
    """
    store = DatabaseStore()
    proof = tree.consistency_proof(store, m, _size(n))
    return Consistency(m, n, tree.root(store, m), tree.root(store, n), proof)


def receipt(leaf_id: uuid.UUID, *, show_content: bool = True) -> dict[str, Any]:
    """The receipt of a leaf under the latest checkpoint: a JSON object, verifiable offline.

    Without `show_content` the receipt proves the hash alone. Raises `LeafNotFound`;
    `NotYetProvable` if no checkpoint covers the leaf yet; `JournalDamagedError` if the row is gone
    or differs from what was recorded.
    """
    checkpoint = latest_checkpoint()
    if checkpoint is None:
        raise NotYetProvable("no checkpoint is signed yet", remedy="ask again in a minute")
    proof = inclusion(leaf_id, checkpoint.size)
    leaf, _ = _leaf(leaf_id)
    if show_content:
        leaf = _with_content(leaf)
    return make_receipt(leaf, proof.index, proof.proof, checkpoint.note)


def _with_content(leaf: Leaf) -> Leaf:
    source = registered_sources().get(leaf.kind)
    if source is None:
        raise JournalDamagedError(
            f"record {leaf.leaf_id} is of kind {leaf.kind}, which no module reads",
            remedy="install the module that wrote it",
        )
    payload = source.get(leaf.leaf_id)
    if payload is None:
        raise JournalDamagedError(f"the row {leaf.leaf_id} is missing from {source.table}")
    if leaf_hash(leaf.kind, leaf.leaf_id, leaf.written_at, payload) != leaf.leaf_hash:
        raise JournalDamagedError(
            f"the row {leaf.leaf_id} of {source.table} is not what was recorded",
            remedy="run `honghu journal verify`",
        )
    return Leaf(leaf.kind, leaf.leaf_id, leaf.written_at, leaf.leaf_hash, payload)


def _leaf(leaf_id: uuid.UUID) -> tuple[Leaf, int | None]:
    """The leaf without its content, and its position if it has one."""
    with connection.cursor() as cursor:
        cursor.execute(_LEAF_SQL, [leaf_id])
        row = cursor.fetchone()
    if row is None:
        raise LeafNotFound(f"no record {leaf_id} in the journal", remedy="check the number")
    found_id, kind, written_at, value, position = row
    return Leaf(kind, found_id, written_at, value, None), position


def _size(wanted: int | None) -> int:
    end = log_size()
    if wanted is None:
        return end
    if wanted > end:
        raise Invalid(f"the log has {end} entries, not {wanted}", remedy="ask for a smaller size")
    return wanted
