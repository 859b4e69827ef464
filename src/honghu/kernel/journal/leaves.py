"""Leaves: how a row is hashed into the log, and the statements that write its leaf.

A leaf stands for one row of another table and bears that row's id. Its hash covers every column of
the leaf and the row's canonical payload, so that neither can be changed without the log knowing.
The write path puts `LEAF_SQL` into its own statement; others call `append_leaf(s)`.
"""

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from honghu.base.problems import Invalid
from honghu.kernel.journal import merkle

_FORMAT = "honghu/leaf/1"
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")

# Two common table expressions: `WITH {LEAF_SQL}, ... INSERT ...` writes the leaf and queues it in
# the caller's own statement. Parameters: `leaf_parameters`.
LEAF_SQL = """
journal_new_leaf AS (
  INSERT INTO journal_leaf (id, kind, hash, written_at)
  VALUES (%(leaf_id)s, %(leaf_kind)s, %(leaf_hash)s, %(leaf_written_at)s)
  RETURNING id
),
journal_new_task AS (
  INSERT INTO journal_queue (leaf_id) SELECT id FROM journal_new_leaf
)
"""

_APPEND_SQL = """
WITH leaf AS (
  INSERT INTO journal_leaf (id, kind, hash, written_at)
  SELECT id, %s, hash, %s FROM unnest(%s::uuid[], %s::bytea[]) AS new (id, hash)
  RETURNING id
)
INSERT INTO journal_queue (leaf_id) SELECT id FROM leaf
"""


class LeafError(Invalid):
    """Something that cannot be a leaf: a bad kind, or a time without a zone."""

    code = "journal_leaf"


class Cursor(Protocol):
    """What is needed of a database cursor; Django's and psycopg's both fit."""

    def execute(self, query: Any, params: Any = None, /) -> Any:
        """Run one statement."""
        ...


def leaf_data(kind: str, leaf_id: uuid.UUID, written_at: dt.datetime, payload: bytes) -> bytes:
    """The bytes of a leaf: format, kind, id and time (UTC, microseconds) on a line each; payload.

    Raises `LeafError` for a kind that is no lower-case identifier and for a time without zone.
    """
    check_kind(kind)
    if written_at.tzinfo is None:
        raise LeafError("the time of a leaf has no zone", remedy="pass an aware datetime")
    instant = written_at.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return f"{_FORMAT}\n{kind}\n{leaf_id}\n{instant}Z\n".encode() + payload


def check_kind(kind: str) -> None:
    """Raises `LeafError` unless `kind` is a lower-case identifier."""
    if not _KIND.fullmatch(kind):
        raise LeafError(f"not a leaf kind: {kind!r}", remedy="use a lower-case identifier")


def leaf_hash(kind: str, leaf_id: uuid.UUID, written_at: dt.datetime, payload: bytes) -> bytes:
    """Merkle leaf hash of `leaf_data` (32 bytes). Raises `LeafError` as it does."""
    return merkle.leaf_hash(leaf_data(kind, leaf_id, written_at, payload))


def leaf_parameters(
    kind: str, leaf_id: uuid.UUID, payload: bytes, now: dt.datetime
) -> dict[str, Any]:
    """The named parameters of `LEAF_SQL`. Raises `LeafError` as `leaf_data`."""
    return {
        "leaf_id": leaf_id,
        "leaf_kind": kind,
        "leaf_hash": leaf_hash(kind, leaf_id, now, payload),
        "leaf_written_at": now,
    }


def append_leaf(
    cursor: Cursor, leaf_id: uuid.UUID, kind: str, payload: bytes, now: dt.datetime
) -> None:
    """Write one leaf and its place in the queue, in the transaction of `cursor`.

    `payload` is the canonical content of the row with this id: UTF-8 text, usually JSON.
    Raises `LeafError` as `leaf_data`; the database refuses an id that is used already.
    """
    append_leaves(cursor, kind, [(leaf_id, payload)], now)


def append_leaves(
    cursor: Cursor, kind: str, rows: Iterable[tuple[uuid.UUID, bytes]], now: dt.datetime
) -> None:
    """Write the leaves of many rows (id, canonical payload) in one statement; see `append_leaf`."""
    leaves = [(leaf_id, leaf_hash(kind, leaf_id, now, payload)) for leaf_id, payload in rows]
    ids: Sequence[uuid.UUID] = [leaf_id for leaf_id, _ in leaves]
    hashes: Sequence[bytes] = [value for _, value in leaves]
    cursor.execute(_APPEND_SQL, (kind, now, ids, hashes))
