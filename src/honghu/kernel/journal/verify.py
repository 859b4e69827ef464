"""Verification of the whole log against the data: what was edited, deleted, inserted, swapped, cut.

Each leaf is hashed again from its row, and the rows for which it vouches are compared with it;
entries, tree and checkpoints are recomputed and compared.
A log that was rewritten together with all of its checkpoints is found only by a checkpoint that
somebody else kept: hand those in as `witnessed`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from honghu.kernel.journal.check_leaves import check_leaves
from honghu.kernel.journal.check_tree import check_tree
from honghu.kernel.journal.checkpoint import Verifier
from honghu.kernel.journal.faults import Fault, FaultList
from honghu.kernel.journal.sources import (
    ROWS_PER_FETCH,
    registered_sources,
    registered_vouched,
)


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """Result of a verification. `faults` are the first ones in detail, `counts` all by code.

    `pending` leaves wait for the sequencer and are no fault. `size` and `root` are those of the
    recomputed tree, which ends at the first missing entry.
    """

    leaves: int
    pending: int
    entries: int
    checkpoints: int
    size: int
    root: bytes
    faults: tuple[Fault, ...]
    counts: Mapping[str, int]

    @property
    def fault_count(self) -> int:
        """Number of all faults."""
        return sum(self.counts.values())


def verify_log(
    *,
    vkeys: Sequence[str],
    witnessed: Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> VerifyReport:
    """Verify every leaf, entry, node and checkpoint against the data, in one snapshot.

    `vkeys` are the public keys that may have signed checkpoints, `witnessed` checkpoints kept
    elsewhere. `progress` is told (done, total) now and then. Memory does not grow with the log.
    Raises CheckpointError for a malformed key.
    """
    for vkey in vkeys:
        Verifier.parse(vkey)
    with transaction.atomic():
        _take_snapshot()
        total = _count()
        done = 0

        def tick(count: int) -> None:
            nonlocal done
            done += count
            if progress is not None:
                progress(done, total)

        faults = FaultList()
        leaves = check_leaves(registered_sources(), faults, tick)
        _check_vouched(faults, tick)
        found = check_tree(leaves.corrected, vkeys, witnessed, faults, tick)
    if progress is not None:
        progress(total, total)
    return VerifyReport(
        leaves=leaves.leaves,
        pending=leaves.pending,
        entries=found.entries,
        checkpoints=found.checkpoints,
        size=found.size,
        root=found.root,
        faults=tuple(faults.kept),
        counts=dict(faults.counts),
    )


def _take_snapshot() -> None:
    """One state of the database throughout, whatever is written meanwhile."""
    # Inside another transaction (a test's) it is too late to choose, and nobody else writes in it.
    if len(connection.savepoint_ids) == 0:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _count() -> int:
    query = "SELECT (SELECT count(*) FROM journal_leaf) + (SELECT count(*) FROM journal_entry)"
    with connection.cursor() as cursor:
        cursor.execute(query)
        leaves_and_entries = int(cursor.fetchone()[0])
    return leaves_and_entries + sum(each.count() for each in registered_vouched())


def _check_vouched(faults: FaultList, tick: Callable[[int], None]) -> None:
    looks = (fault for each in registered_vouched() for fault in each.look())
    for number, fault in enumerate(looks, start=1):
        if fault is not None:
            faults.add(fault)
        if number % ROWS_PER_FETCH == 0:
            tick(ROWS_PER_FETCH)
