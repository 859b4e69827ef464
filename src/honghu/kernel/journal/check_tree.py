"""Verification, second pass: the entries in order, the tree over them, and every checkpoint.

The tree is recomputed from the entries chunk by chunk; only its right edge is kept in memory. All
roots are recomputed from one sequence of entries: checkpoints that fit it continue one another.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection

from honghu.kernel.journal import merkle, tree
from honghu.kernel.journal.check_leaves import batches
from honghu.kernel.journal.checkpoint import CheckpointError, verify_checkpoint
from honghu.kernel.journal.faults import Fault, FaultList

CHUNK = 8192
# Where a log was rewritten wholesale every node is wrong; remembering more adds nothing.
_WRONG_NODES_MAX = 100_000

_ENTRIES_SQL = """
SELECT e.position, e.leaf_id, e.hash, l.id IS NULL
FROM journal_entry e LEFT JOIN journal_leaf l ON l.id = e.leaf_id ORDER BY e.position
"""
_NODES_SQL = """
SELECT n.level, n.index, n.hash
FROM unnest(%s::integer[], %s::bigint[], %s::bigint[]) AS wanted (level, low, high)
JOIN journal_node n ON n.level = wanted.level AND n.index BETWEEN wanted.low AND wanted.high
"""
_STRAY_SQL = """
SELECT level, index FROM journal_node WHERE index >= (%s::bigint >> level) ORDER BY level, index
"""
_CHECKPOINTS_SQL = """
SELECT size, root, note, to_char(signed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
FROM journal_checkpoint ORDER BY size
"""


class Claim(NamedTuple):
    """A checkpoint that the log must fulfil: stored here, or kept elsewhere by a witness."""

    size: int
    root: bytes
    table: str


@dataclass(slots=True)
class TreeCheck:
    """The state of the second pass: how far the recomputed tree goes, and its right edge."""

    faults: FaultList
    size: int = 0
    entries: int = 0
    checkpoints: int = 0
    broken: bool = False
    edge: tree.MemoryStore = field(default_factory=tree.MemoryStore)
    wrong: dict[tree.Coordinate, bytes] = field(default_factory=dict)
    last_good: Claim | None = None

    @property
    def root(self) -> bytes:
        """Root of the recomputed tree."""
        return tree.root(self.edge, self.size)


def check_tree(
    corrected: Mapping[int, bytes],
    vkeys: Sequence[str],
    witnessed: Iterable[str],
    faults: FaultList,
    tick: Callable[[int], None],
) -> TreeCheck:
    """Recompute the tree from the entries (with the `corrected` hashes) and compare everything.

    `witnessed` are notes that somebody kept outside of this database. `tick` is told how many
    entries are done.
    """
    check = TreeCheck(faults)
    claims = _claims(vkeys, witnessed, check)
    claim = next(claims, None)
    while claim is not None and claim.size == 0:
        _compare_root(claim, check.root, check)
        claim = next(claims, None)
    for hashes in _chunks(corrected, check):
        start = check.size
        added = _extend(hashes, check)
        while claim is not None and claim.size <= check.size:
            # The whole chunk is at hand: roots inside of it are folded from its nodes.
            _compare_root(claim, tree.root(added, claim.size), check)
            claim = next(claims, None)
        _trim(added, check)
        tick(check.size - start)
    while claim is not None:
        _note_beyond(claim, check)
        claim = next(claims, None)
    if not check.broken:
        _find_stray_nodes(check)
    return check


def _chunks(corrected: Mapping[int, bytes], check: TreeCheck) -> Iterator[list[bytes]]:
    """The entries' hashes in order, up to the first gap; the rest is only looked at."""
    chunk: list[bytes] = []
    expected = 0
    for position, leaf_id, value, leafless in batches(_ENTRIES_SQL):
        check.entries += 1
        if leafless:
            fault = Fault("leaf_missing", "journal_entry", leaf_id, position, position)
            check.faults.add(fault)
        if position != expected:
            fault = Fault("entry_missing", "journal_entry", None, expected, position - 1)
            check.faults.add(fault)
            check.broken = True
        expected = position + 1
        if not check.broken:
            chunk.append(corrected.get(position, value))
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _extend(hashes: list[bytes], check: TreeCheck) -> tree.MemoryStore:
    """Append a chunk, compare its nodes with the stored ones; returns the edge with the chunk."""
    nodes = tree.append(check.edge, check.size, hashes)
    check.size += len(hashes)
    computed = tree.MemoryStore({**check.edge, **dict(nodes)})
    inner = [place for place, _ in nodes if place.level > 0]
    stored = _stored_nodes(inner)
    for place in inner:
        found = stored.get(place)
        if found is None:
            check.faults.add(_node_fault("node_missing", place))
        elif found != computed[place]:
            _note_wrong_node(place, found, computed, check)
    return computed


def _trim(added: tree.MemoryStore, check: TreeCheck) -> None:
    """Keep of the recomputed tree only what the next chunk needs."""
    check.edge = tree.MemoryStore(added.read(tree.complete_nodes(0, check.size)))


def _stored_nodes(wanted: Iterable[tree.Coordinate]) -> dict[tree.Coordinate, bytes]:
    spans: dict[int, tuple[int, int]] = {}
    for level, index in wanted:
        low, high = spans.get(level, (index, index))
        spans[level] = (min(low, index), max(high, index))
    lows, highs = [low for low, _ in spans.values()], [high for _, high in spans.values()]
    with connection.cursor() as cursor:
        cursor.execute(_NODES_SQL, [list(spans), lows, highs])
        return {tree.Coordinate(level, index): value for level, index, value in cursor.fetchall()}


def _note_wrong_node(
    place: tree.Coordinate, found: bytes, computed: tree.MemoryStore, check: TreeCheck
) -> None:
    """Report a wrong node, unless it follows from wrong nodes below: faults lie where they begin."""
    level, index = place.level - 1, place.number * 2
    below = (tree.Coordinate(level, index), tree.Coordinate(level, index + 1))
    left, right = (check.wrong.get(child, computed[child]) for child in below)
    if merkle.node_hash(left, right) != found:
        check.faults.add(_node_fault("node_changed", place))
    if len(check.wrong) < _WRONG_NODES_MAX:
        check.wrong[place] = found


def _node_fault(code: str, place: tree.Coordinate) -> Fault:
    first, last = place.number << place.level, ((place.number + 1) << place.level) - 1
    return Fault(code, "journal_node", None, first, last, detail=f"{place.level}/{place.number}")


def _find_stray_nodes(check: TreeCheck) -> None:
    for level, index in batches(_STRAY_SQL, [check.size]):
        check.faults.add(_node_fault("node_stray", tree.Coordinate(level, index)))


def _claims(vkeys: Sequence[str], witnessed: Iterable[str], check: TreeCheck) -> Iterator[Claim]:
    """All validly signed checkpoints by size, those of the table before those of witnesses."""
    kept = (_witnessed(note, vkeys, check) for note in witnessed)
    outside = sorted(claim for claim in kept if claim is not None)
    return heapq.merge(_stored(vkeys, check), outside, key=lambda claim: claim.size)


def _witnessed(note: str, vkeys: Sequence[str], check: TreeCheck) -> Claim | None:
    try:
        checkpoint = verify_checkpoint(note, *vkeys)
    except CheckpointError as error:
        check.faults.add(Fault("checkpoint_note", "witness", detail=str(error)))
        return None
    return Claim(checkpoint.size, checkpoint.root, "witness")


def _stored(vkeys: Sequence[str], check: TreeCheck) -> Iterator[Claim]:
    for size, root, note, signed_at in batches(_CHECKPOINTS_SQL):
        check.checkpoints += 1
        last = size - 1
        try:
            checkpoint = verify_checkpoint(note, *vkeys)
        except CheckpointError as error:
            fault = Fault("checkpoint_note", "journal_checkpoint", None, 0, last, detail=str(error))
            check.faults.add(fault)
            continue
        said = (checkpoint.size, checkpoint.root, checkpoint.extensions)
        if said != (size, root, (f"signed-at {signed_at}",)):
            check.faults.add(Fault("checkpoint_changed", "journal_checkpoint", None, 0, last))
        if checkpoint.size == size:
            # The root that was signed counts, not the one that stands beside it.
            yield Claim(size, checkpoint.root, "journal_checkpoint")


def _compare_root(claim: Claim, root: bytes, check: TreeCheck) -> None:
    previous = check.last_good
    if root != claim.root:
        # What an older checkpoint covers is sound, so the change lies behind it.
        first = previous.size if previous is not None else 0
        fault = Fault("checkpoint_root", claim.table, None, first, claim.size - 1)
        check.faults.add(fault)
        return
    check.last_good = claim


def _note_beyond(claim: Claim, check: TreeCheck) -> None:
    """A checkpoint over more entries than the tree has: cut off, unless a gap is known already."""
    if not check.broken:
        fault = Fault("checkpoint_beyond", claim.table, None, check.size, claim.size - 1)
        check.faults.add(fault)
