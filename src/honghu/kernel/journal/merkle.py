"""Merkle tree hashes and proofs of RFC 9162 §2.1, as pure functions.

A tree is given by the sequence of its leaf hashes. The recursive definitions of the RFC are
computed level by level, so that neither the number of leaves nor the recursion limit matters.
`inclusion_ranges` and `consistency_ranges` name the subtrees a proof consists of; the stored
tree (`honghu.kernel.journal.tree`) takes the same ranges and reads the hashes instead.
"""

from collections.abc import Sequence
from typing import TypeGuard

from honghu.base.hashing import hasher
from honghu.base.problems import Invalid

HASH_SIZE_BYTES = 32
LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
# RFC 9162 §4.10 gives sizes eight bytes; PostgreSQL's bigint is one bit shorter.
SIZE_MAX = 2**63 - 1
# A path in a tree of SIZE_MAX leaves has 63 nodes; a consistency proof may have one more.
_PROOF_LENGTH_MAX = 64


class MerkleError(Invalid):
    """A tree was asked for something it cannot have, such as a proof for a leaf beyond its end."""

    code = "merkle_range"


def leaf_hash(data: bytes, *, hash_name: str = "sha256") -> bytes:
    """Hash of one leaf: H(0x00 || data)."""
    return hasher(hash_name)(LEAF_PREFIX + data)


def node_hash(left: bytes, right: bytes, *, hash_name: str = "sha256") -> bytes:
    """Hash of an inner node: H(0x01 || left || right)."""
    return hasher(hash_name)(NODE_PREFIX + left + right)


def empty_root(*, hash_name: str = "sha256") -> bytes:
    """Root of the tree without leaves: H of nothing."""
    return hasher(hash_name)(b"")


def root(leaf_hashes: Sequence[bytes], *, hash_name: str = "sha256") -> bytes:
    """Merkle tree hash over `leaf_hashes` (RFC 9162 §2.1.1).

    Pairs are joined from the left on each level and an odd last node moves up unchanged, which
    yields the tree that the RFC cuts at the largest power of two smaller than its size.
    """
    if not leaf_hashes:
        return empty_root(hash_name=hash_name)
    digest = hasher(hash_name)
    level = list(leaf_hashes)
    while len(level) > 1:
        pairs = zip(level[0::2], level[1::2], strict=False)
        above = [digest(NODE_PREFIX + left + right) for left, right in pairs]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Half-open leaf ranges whose roots prove leaf `index` in a tree of `size`, lowest first.

    Raises `MerkleError` unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise MerkleError(f"no leaf {index} in a tree of {size} leaves")
    low, high = 0, size
    ranges: list[tuple[int, int]] = []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            ranges.append((middle, high))
            high = middle
        else:
            ranges.append((low, middle))
            low = middle
    ranges.reverse()
    return ranges


def consistency_ranges(m: int, n: int) -> list[tuple[int, int]]:
    """Half-open leaf ranges whose roots prove that the tree of `m` leaves begins that of `n`.

    Raises `MerkleError` unless 0 < m <= n: nothing is proved from an empty tree.
    """
    if not 0 < m <= n:
        raise MerkleError(f"no consistency proof from {m} to {n} leaves: needs 0 < m <= n")
    low, high = 0, n
    ranges: list[tuple[int, int]] = []
    while high > m:
        middle = low + _split(high - low)
        if m <= middle:
            ranges.append((middle, high))
            high = middle
        else:
            ranges.append((low, middle))
            low = middle
    if low > 0:
        # The old tree's own root is known to the verifier; a part of it is not.
        ranges.append((low, high))
    ranges.reverse()
    return ranges


def inclusion_proof(
    leaf_hashes: Sequence[bytes], index: int, *, hash_name: str = "sha256"
) -> list[bytes]:
    """Node hashes from leaf `index` up to the root (RFC 9162 §2.1.3.1).

    Raises `MerkleError` unless 0 <= index < len(leaf_hashes).
    """
    ranges = inclusion_ranges(index, len(leaf_hashes))
    return [root(leaf_hashes[low:high], hash_name=hash_name) for low, high in ranges]


def consistency_proof(
    leaf_hashes: Sequence[bytes], m: int, *, hash_name: str = "sha256"
) -> list[bytes]:
    """Node hashes proving that the first `m` leaves are a prefix (RFC 9162 §2.1.4.1).

    Raises `MerkleError` unless 0 < m <= len(leaf_hashes).
    """
    ranges = consistency_ranges(m, len(leaf_hashes))
    return [root(leaf_hashes[low:high], hash_name=hash_name) for low, high in ranges]


def verify_inclusion(
    leaf_hash: bytes,
    index: int,
    size: int,
    proof: Sequence[bytes],
    root: bytes,
    *,
    hash_name: str = "sha256",
) -> bool:
    """Whether `proof` leads from the leaf to `root` (RFC 9162 §2.1.3.2).

    The arguments may come from anywhere: whatever is not a well-formed proof is false.
    """
    if not (_are_sizes(index, size) and index < size):
        return False
    if not (_is_proof(proof) and _is_hash(leaf_hash) and _is_hash(root)):
        return False
    digest = hasher(hash_name)
    position, last, value = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return False
        if position % 2 or position == last:
            value = digest(NODE_PREFIX + sibling + value)
            position, last = _skip_promotions(position, last)
        else:
            value = digest(NODE_PREFIX + value + sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and value == root


def verify_consistency(
    m: int,
    n: int,
    root_m: bytes,
    root_n: bytes,
    proof: Sequence[bytes],
    *,
    hash_name: str = "sha256",
) -> bool:
    """Whether the tree of `n` leaves begins with the tree of `m` leaves (RFC 9162 §2.1.4.2).

    False for m = 0 and for m > n. The arguments may come from anywhere: whatever is not a
    well-formed proof is false.
    """
    if not (_are_sizes(m, n) and 0 < m <= n):
        return False
    if not (_is_proof(proof) and _is_hash(root_m) and _is_hash(root_n)):
        return False
    if m == n:
        return not proof and root_m == root_n
    # A complete old tree is one node of the new one: its root is not repeated in the proof.
    path = [root_m, *proof] if m & (m - 1) == 0 else list(proof)
    if not path:
        return False
    return _replay_consistency(m, n, path, hash_name) == (root_m, root_n)


def _replay_consistency(
    m: int, n: int, path: list[bytes], hash_name: str
) -> tuple[bytes, bytes] | None:
    """The old and the new root that `path` leads to; None if its length is wrong."""
    digest = hasher(hash_name)
    position, last = m - 1, n - 1
    while position % 2:
        position, last = position >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if position % 2 or position == last:
            old = digest(NODE_PREFIX + sibling + old)
            new = digest(NODE_PREFIX + sibling + new)
            position, last = _skip_promotions(position, last)
        else:
            new = digest(NODE_PREFIX + new + sibling)
        position, last = position >> 1, last >> 1
    return (old, new) if last == 0 else None


def _skip_promotions(position: int, last: int) -> tuple[int, int]:
    """Climb the levels on which the last node of an incomplete tree moved up unchanged."""
    while position and not position % 2:
        position, last = position >> 1, last >> 1
    return position, last


def _split(size: int) -> int:
    """The largest power of two smaller than `size` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def _are_sizes(*values: object) -> bool:
    # `bool` is an `int` to Python; a proof that says True instead of 1 is malformed.
    return all(type(value) is int and 0 <= value <= SIZE_MAX for value in values)


def _is_hash(value: object) -> TypeGuard[bytes]:
    return isinstance(value, bytes) and len(value) == HASH_SIZE_BYTES


def _is_proof(value: object) -> TypeGuard[Sequence[bytes]]:
    if not isinstance(value, list | tuple) or len(value) > _PROOF_LENGTH_MAX:
        return False
    return all(_is_hash(item) for item in value)
