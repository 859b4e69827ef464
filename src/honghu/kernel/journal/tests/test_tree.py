"""The stored tree says what the pure functions say, and reads no more than it must."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from honghu.kernel.journal import merkle, tree


class CountingStore(tree.MemoryStore):
    """Counts what is read."""

    reads = 0
    nodes = 0

    def read(self, coordinates, /):
        self.reads += 1
        self.nodes += len(coordinates)
        return super().read(coordinates)


def hashes(count):
    return [merkle.leaf_hash(f"leaf {number}".encode()) for number in range(count)]


def grow(store, batches):
    """Append batches of leaves of the given sizes; return all leaf hashes."""
    leaf_hashes = hashes(sum(batches))
    size = 0
    for count in batches:
        store.update(tree.append(store, size, leaf_hashes[size : size + count]))
        size += count
    return leaf_hashes


@settings(max_examples=150, deadline=None)
@given(batches=st.lists(st.integers(0, 20), max_size=8), data=st.data())
def test_however_the_leaves_arrive_the_tree_equals_the_pure_functions(batches, data):
    store = tree.MemoryStore()
    leaf_hashes = grow(store, batches)
    size = len(leaf_hashes)
    assert tree.root(store, size) == merkle.root(leaf_hashes)
    if size:
        n = data.draw(st.integers(1, size))
        m = data.draw(st.integers(1, n))
        index = data.draw(st.integers(0, n - 1))
        assert tree.root(store, n) == merkle.root(leaf_hashes[:n])
        proof = tree.inclusion_proof(store, index, n)
        assert proof == merkle.inclusion_proof(leaf_hashes[:n], index)
        link = tree.consistency_proof(store, m, n)
        assert link == merkle.consistency_proof(leaf_hashes[:n], m)


@settings(max_examples=60, deadline=None)
@given(batches=st.lists(st.integers(0, 30), max_size=6))
def test_exactly_the_complete_subtrees_are_stored(batches):
    store = tree.MemoryStore()
    size = len(grow(store, batches))
    expected = {
        tree.Coordinate(level, index)
        for level in range(size.bit_length())
        for index in range(size >> level)
    }
    assert set(store) == expected


def test_each_operation_reads_once_and_logarithmically():
    store = CountingStore()
    size = len(grow(store, [5000, 3191]))
    limit = 2 * size.bit_length()
    for work in (
        lambda: tree.append(store, size, hashes(10)),
        lambda: tree.root(store, size),
        lambda: tree.inclusion_proof(store, 4711, size),
        lambda: tree.consistency_proof(store, 4711, size),
    ):
        store.reads = store.nodes = 0
        work()
        assert store.reads == 1
        assert store.nodes <= limit


def test_a_damaged_tree_is_named_not_guessed():
    store = tree.MemoryStore()
    size = len(grow(store, [13]))
    lost = tree.Coordinate(2, 2)
    del store[lost]
    for work in (
        lambda: tree.root(store, size),
        lambda: tree.append(store, size, hashes(1)),
        lambda: tree.inclusion_proof(store, 0, size),
    ):
        with pytest.raises(tree.NodeMissing) as caught:
            work()
        assert caught.value.coordinate == lost


def test_proofs_outside_the_tree_are_refused():
    store = tree.MemoryStore()
    grow(store, [4])
    for index, size in ((4, 4), (-1, 4), (0, 0)):
        with pytest.raises(merkle.MerkleError):
            tree.inclusion_proof(store, index, size)
    with pytest.raises(tree.NodeMissing):
        tree.inclusion_proof(store, 0, 5)
    for m, n in ((0, 4), (5, 4)):
        with pytest.raises(merkle.MerkleError):
            tree.consistency_proof(store, m, n)


def test_sm3_tree():
    store = tree.MemoryStore()
    leaf_hashes = hashes(7)
    store.update(tree.append(store, 0, leaf_hashes, hash_name="sm3"))
    assert tree.root(store, 7, hash_name="sm3") == merkle.root(leaf_hashes, hash_name="sm3")
    assert tree.root(store, 7, hash_name="sm3") != merkle.root(leaf_hashes)
