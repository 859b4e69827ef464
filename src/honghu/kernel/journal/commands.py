"""Writes of the log: putting leaves in order, signing its state, moving a consumer's cursor."""

import datetime as dt
import logging
from typing import Any

from django.db import connection, transaction

from honghu.base.problems import Conflict, HonghuError
from honghu.kernel.journal import merkle, tree
from honghu.kernel.journal.checkpoint import Checkpoint, Signer, parse_checkpoint, sign
from honghu.kernel.journal.queries import SignedCheckpoint, latest_checkpoint, log_size
from honghu.kernel.journal.store import DatabaseStore, write_nodes

BATCH_SIZE = 10_000
# Any number that no other part of the system locks: "honghu.j" as eight bytes.
_LOCK = int.from_bytes(b"honghu.j", "big")

# OFFSET 0 keeps the planner from joining whole tables: each of the few queued leaves is looked up.
# A queue row without a leaf, or of a leaf that has its place, stays: verification reports it.
_SEQUENCE_SQL = """
WITH taken AS (
  SELECT q.leaf_id, l.hash, l.written_at
  FROM journal_queue q
  CROSS JOIN LATERAL (
    SELECT hash, written_at FROM journal_leaf WHERE id = q.leaf_id OFFSET 0
  ) l
  WHERE NOT EXISTS (SELECT 1 FROM journal_entry e WHERE e.leaf_id = q.leaf_id OFFSET 0)
  ORDER BY q.leaf_id LIMIT %(limit)s
  FOR UPDATE OF q SKIP LOCKED
), gone AS (
  DELETE FROM journal_queue q USING taken WHERE q.leaf_id = taken.leaf_id
), placed AS (
  INSERT INTO journal_entry (position, leaf_id, hash)
  SELECT %(size)s + row_number() OVER (ORDER BY leaf_id) - 1, leaf_id, hash FROM taken
  RETURNING position, hash
)
SELECT array_agg(hash ORDER BY position), (SELECT min(written_at) FROM taken) FROM placed
"""
_CHECKPOINT_SQL = """
INSERT INTO journal_checkpoint (size, root, note, signed_at) VALUES (%s, %s, %s, %s)
"""
_ADVANCE_SQL = """
INSERT INTO journal_cursor AS c (consumer, position) VALUES (%s, %s)
ON CONFLICT (consumer) DO UPDATE SET position = excluded.position
WHERE c.position < excluded.position
"""

_log = logging.getLogger(__name__)


class UnableToSignCheckpointError(HonghuError):
    """The log is not a continuation of what was signed before: rows were changed or removed."""

    code = "unable_to_sign_checkpoint"
    status = 500


def sequence(*, now: dt.datetime, batch_size: int = BATCH_SIZE) -> int:
    """Give queued leaves their places at the end of the log; returns how many got one.

    One call is one batch in one transaction, in the order of the leaves' ids; call again until it
    returns 0. Sequencers wait for each other, so that a call sees all that was committed before it.
    Raises `tree.NodeMissing` if the stored tree is damaged.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _lock_log(cursor)
        size = log_size()
        cursor.execute(_SEQUENCE_SQL, {"limit": batch_size, "size": size})
        hashes, oldest = cursor.fetchone()
        if not hashes:
            return 0
        # The new leaves are in the database already; `append` needs the edge before them only.
        write_nodes(cursor, tree.append(DatabaseStore(), size, hashes))
    waited_s = (now - oldest).total_seconds()
    fields = {"entries": len(hashes), "size": size + len(hashes), "waited_s": waited_s}
    _log.info("journal.sequenced", extra=fields)
    return len(hashes)


def sign_checkpoint(*, now: dt.datetime, signer: Signer) -> Checkpoint:
    """Sign the present state of the log and keep the note; the same state is signed only once.

    The note says when it was signed in an extension line. A log must never sign two states of which
    one does not continue the other (C2SP tlog-checkpoint). Raises `UnableToSignCheckpointError` if
    the log does not continue its latest checkpoint, `tree.NodeMissing` if the tree is damaged.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _lock_log(cursor)
        size, latest = log_size(), latest_checkpoint()
        root = tree.root(DatabaseStore(), size)
        if latest is not None:
            _refuse_rewritten(latest, size, root)
            if latest.size == size:
                return parse_checkpoint(latest.note)
        checkpoint = sign(size, root, signer, extensions=[signed_at_line(now)])
        cursor.execute(_CHECKPOINT_SQL, [size, root, checkpoint.note, now])
    _log.info("journal.checkpoint_signed", extra={"size": size, "root": root.hex()})
    return checkpoint


def signed_at_line(now: dt.datetime) -> str:
    """The extension line of a checkpoint that says when it was signed."""
    return f"signed-at {now.astimezone(dt.UTC).strftime('%Y-%m-%dT%H:%M:%S.%fZ')}"


def advance_cursor(*, consumer: str, position: int) -> None:
    """Remember that `consumer` handled all entries up to `position`, in the caller's transaction.

    Raises `Conflict` if that is not ahead of where it was (another worker was faster), or if the
    log has no such position.
    """
    if position >= log_size():
        raise Conflict(f"the log has no position {position}", remedy="read the log first")
    with connection.cursor() as cursor:
        cursor.execute(_ADVANCE_SQL, [consumer, position])
        if cursor.rowcount != 1:
            raise Conflict(
                f"{consumer} has handled position {position} already",
                remedy="begin again from its present position",
            )


def _lock_log(cursor: Any) -> None:
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _refuse_rewritten(latest: SignedCheckpoint, size: int, root: bytes) -> None:
    """Raise unless the log of `size` entries continues the latest checkpoint."""
    if latest.size == 0:
        return
    continued = False
    if latest.size <= size:
        link = tree.consistency_proof(DatabaseStore(), latest.size, size)
        continued = merkle.verify_consistency(latest.size, size, latest.root, root, link)
    if not continued:
        raise UnableToSignCheckpointError(
            f"the log of {size} entries does not continue the checkpoint of {latest.size}",
            remedy="run `honghu journal verify` and restore what was changed",
        )
