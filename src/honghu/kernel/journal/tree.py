"""The Merkle tree as stored nodes: appending is O(leaves), a proof reads O(log size) hashes.

Only complete subtrees are stored: node (level, number) is the root over the leaves from
number * 2**level up to (number + 1) * 2**level, and once complete it never changes. Everything else
(roots, proofs) is folded from complete nodes, which `merkle.inclusion_ranges` and
`merkle.consistency_ranges` name.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from honghu.base.problems import HonghuError
from honghu.kernel.journal import merkle


class Coordinate(NamedTuple):
    """Place of a complete node: level 0 are the leaves, numbers count from the left, from 0."""

    level: int
    number: int


class NodeStore(Protocol):
    """Where complete nodes are kept. One read per operation, so that one query can serve it."""

    def read(self, coordinates: Collection[Coordinate], /) -> Mapping[Coordinate, bytes]:
        """The hashes of those of `coordinates` that are stored."""
        ...


class NodeMissing(HonghuError):  # noqa: N818  names the state of the tree
    """A complete node that must be there is not: the stored tree is damaged."""

    code = "journal_node_missing"
    status = 500

    def __init__(self, coordinate: Coordinate) -> None:
        super().__init__(
            f"the log's tree lacks node {coordinate.number} of level {coordinate.level}",
            remedy="run `honghu journal verify` to locate the damage",
        )
        self.coordinate = coordinate


class MemoryStore(dict[Coordinate, bytes]):
    """A node store in memory, for tests and for recomputing a log."""

    def read(self, coordinates: Collection[Coordinate], /) -> Mapping[Coordinate, bytes]:
        """The hashes of those of `coordinates` that are stored."""
        return {place: self[place] for place in coordinates if place in self}


def complete_nodes(low: int, high: int) -> list[Coordinate]:
    """The complete subtrees that cover leaves [low, high), left to right.

    `low` must be a multiple of the largest power of two not above high - low, as it is for every
    range of a proof and for low = 0.
    """
    nodes: list[Coordinate] = []
    for level in range((high - low).bit_length() - 1, -1, -1):
        if (high - low) >> level & 1:
            nodes.append(Coordinate(level, low >> level))
            low += 1 << level
    return nodes


def append(
    store: NodeStore, size: int, leaf_hashes: Iterable[bytes], *, hash_name: str = "sha256"
) -> list[tuple[Coordinate, bytes]]:
    """The nodes that become complete when `leaf_hashes` follow the first `size` leaves.

    Lowest level first, the new leaves themselves included; the caller stores them.
    Raises `NodeMissing` if the right edge of the stored tree is damaged.
    """
    edge = _read_all(store, complete_nodes(0, size))
    added: list[tuple[Coordinate, bytes]] = []
    level, first, row = 0, size, list(leaf_hashes)
    while row:
        added.extend((Coordinate(level, first + place), value) for place, value in enumerate(row))
        if first % 2:
            row.insert(0, edge[Coordinate(level, first - 1)])
        pairs = zip(row[0::2], row[1::2], strict=False)
        row = [merkle.node_hash(left, right, hash_name=hash_name) for left, right in pairs]
        level, first = level + 1, first // 2
    return added


def root(store: NodeStore, size: int, *, hash_name: str = "sha256") -> bytes:
    """Root of the first `size` leaves. Raises `NodeMissing` if they are not all stored."""
    return _range_roots(store, [(0, size)], hash_name)[0]


def inclusion_proof(
    store: NodeStore, index: int, size: int, *, hash_name: str = "sha256"
) -> list[bytes]:
    """Proof of leaf `index` in the tree of `size` leaves, as `merkle.inclusion_proof`.

    Raises `merkle.MerkleError` unless 0 <= index < size, `NodeMissing` for a damaged tree.
    """
    return _range_roots(store, merkle.inclusion_ranges(index, size), hash_name)


def consistency_proof(
    store: NodeStore, m: int, n: int, *, hash_name: str = "sha256"
) -> list[bytes]:
    """Proof that the tree of `m` leaves begins that of `n`, as `merkle.consistency_proof`.

    Raises `merkle.MerkleError` unless 0 < m <= n, `NodeMissing` for a damaged tree.
    """
    return _range_roots(store, merkle.consistency_ranges(m, n), hash_name)


def _range_roots(
    store: NodeStore, ranges: Sequence[tuple[int, int]], hash_name: str
) -> list[bytes]:
    """Root of each leaf range, all from one read of the store."""
    parts = [complete_nodes(low, high) for low, high in ranges]
    hashes = _read_all(store, [place for part in parts for place in part])
    return [_fold([hashes[place] for place in part], hash_name) for part in parts]


def _fold(hashes: list[bytes], hash_name: str) -> bytes:
    """Join complete subtrees from the right: the last ones are the smallest."""
    if not hashes:
        return merkle.empty_root(hash_name=hash_name)
    value = hashes[-1]
    for left in reversed(hashes[:-1]):
        value = merkle.node_hash(left, value, hash_name=hash_name)
    return value


def _read_all(store: NodeStore, places: list[Coordinate]) -> Mapping[Coordinate, bytes]:
    found = store.read(places) if places else {}
    for place in places:
        if place not in found:
            raise NodeMissing(place)
    return found
