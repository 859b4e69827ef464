"""Merkle trees: the reference vectors of certificate transparency, an oracle, and mutations."""

import hashlib
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from honghu.kernel.journal import merkle

# The eight leaves and their hashes that the certificate-transparency projects test against.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
NODES = [
    [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
        "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1",
    ],
    [
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    ],
    [
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def oracle_root(leaves, digest=lambda data: hashlib.sha256(data).digest()):
    """MTH of RFC 9162 §2.1.1, as it is written there."""
    n = len(leaves)
    if n == 0:
        return digest(b"")
    if n == 1:
        return digest(b"\x00" + leaves[0])
    k = 1
    while k * 2 < n:
        k *= 2
    return digest(b"\x01" + oracle_root(leaves[:k], digest) + oracle_root(leaves[k:], digest))


def oracle_path(m, leaves):
    """PATH of RFC 9162 §2.1.3.1."""
    n = len(leaves)
    if n == 1:
        return []
    k = 1
    while k * 2 < n:
        k *= 2
    if m < k:
        return [*oracle_path(m, leaves[:k]), oracle_root(leaves[k:])]
    return [*oracle_path(m - k, leaves[k:]), oracle_root(leaves[:k])]


def oracle_subproof(m, leaves, whole=True):
    """SUBPROOF of RFC 9162 §2.1.4.1."""
    n = len(leaves)
    if m == n:
        return [] if whole else [oracle_root(leaves)]
    k = 1
    while k * 2 < n:
        k *= 2
    if m <= k:
        return [*oracle_subproof(m, leaves[:k], whole), oracle_root(leaves[k:])]
    return [*oracle_subproof(m - k, leaves[k:], False), oracle_root(leaves[:k])]


def hashes(leaves, hash_name="sha256"):
    return [merkle.leaf_hash(leaf, hash_name=hash_name) for leaf in leaves]


def some_leaves(count):
    return [f"leaf {number}".encode() for number in range(count)]


def flipped(value, bit):
    """`value` with one bit changed."""
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)


def test_reference_leaf_and_node_hashes():
    assert [leaf.hex() for leaf in hashes(LEAVES)] == NODES[0]
    for level in (1, 2):
        width = 1 << level
        for index, expected in enumerate(NODES[level]):
            part = hashes(LEAVES)[index * width : (index + 1) * width]
            assert merkle.root(part).hex() == expected


@pytest.mark.parametrize("size", range(9))
def test_reference_roots(size):
    assert merkle.root(hashes(LEAVES[:size])).hex() == ROOTS[size]


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, []),
        (0, 8, [NODES[0][1], NODES[1][1], NODES[2][1]]),
        (5, 8, [NODES[0][4], NODES[1][3], NODES[2][0]]),
        (2, 3, [NODES[1][0]]),
        (1, 5, [NODES[0][0], NODES[1][1], NODES[0][4]]),
        (4, 7, [NODES[0][5], NODES[0][6], NODES[2][0]]),
    ],
)
def test_reference_inclusion_proofs(index, size, path):
    proof = merkle.inclusion_proof(hashes(LEAVES[:size]), index)
    assert [node.hex() for node in proof] == path
    root = bytes.fromhex(ROOTS[size])
    assert merkle.verify_inclusion(hashes(LEAVES)[index], index, size, proof, root)


@pytest.mark.parametrize(
    ("m", "n", "path"),
    [
        (1, 1, []),
        (1, 8, [NODES[0][1], NODES[1][1], NODES[2][1]]),
        (6, 8, [NODES[1][2], NODES[1][3], NODES[2][0]]),
        (2, 5, [NODES[1][1], NODES[0][4]]),
    ],
)
def test_reference_consistency_proofs(m, n, path):
    proof = merkle.consistency_proof(hashes(LEAVES[:n]), m)
    assert [node.hex() for node in proof] == path
    old, new = bytes.fromhex(ROOTS[m]), bytes.fromhex(ROOTS[n])
    assert merkle.verify_consistency(m, n, old, new, proof)


@pytest.mark.parametrize("size", [*range(1, 20), 31, 32, 33, 63, 64, 65, 100])
def test_every_proof_equals_the_recursive_definition(size):
    leaves = some_leaves(size)
    leaf_hashes = hashes(leaves)
    root = merkle.root(leaf_hashes)
    assert root == oracle_root(leaves)
    for index in range(size):
        proof = merkle.inclusion_proof(leaf_hashes, index)
        assert proof == oracle_path(index, leaves)
        assert merkle.verify_inclusion(leaf_hashes[index], index, size, proof, root)
    for m in range(1, size + 1):
        proof = merkle.consistency_proof(leaf_hashes, m)
        assert proof == oracle_subproof(m, leaves)
        assert merkle.verify_consistency(m, size, oracle_root(leaves[:m]), root, proof)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 7, 8, 11])
def test_every_single_bit_change_of_an_inclusion_proof_is_refused(size):
    leaf_hashes = hashes(some_leaves(size))
    root = merkle.root(leaf_hashes)
    for index in range(size):
        proof = merkle.inclusion_proof(leaf_hashes, index)
        leaf = leaf_hashes[index]
        for bit in range(256):
            assert not merkle.verify_inclusion(flipped(leaf, bit), index, size, proof, root)
            assert not merkle.verify_inclusion(leaf, index, size, proof, flipped(root, bit))
            for place in range(len(proof)):
                changed = [*proof[:place], flipped(proof[place], bit), *proof[place + 1 :]]
                assert not merkle.verify_inclusion(leaf, index, size, changed, root)
        for other in range(size):
            accepted = merkle.verify_inclusion(leaf, other, size, proof, root)
            assert accepted == (other == index)


@pytest.mark.parametrize(("m", "n"), [(1, 2), (2, 3), (3, 5), (4, 7), (6, 8), (7, 11), (8, 8)])
def test_every_single_bit_change_of_a_consistency_proof_is_refused(m, n):
    leaf_hashes = hashes(some_leaves(n))
    old, new = merkle.root(leaf_hashes[:m]), merkle.root(leaf_hashes)
    proof = merkle.consistency_proof(leaf_hashes, m)
    for bit in range(256):
        assert not merkle.verify_consistency(m, n, flipped(old, bit), new, proof)
        assert not merkle.verify_consistency(m, n, old, flipped(new, bit), proof)
        for place in range(len(proof)):
            changed = [*proof[:place], flipped(proof[place], bit), *proof[place + 1 :]]
            assert not merkle.verify_consistency(m, n, old, new, changed)


@settings(max_examples=150, deadline=None)
@given(size=st.integers(1, 70), data=st.data())
def test_shortened_lengthened_and_reordered_proofs_are_refused(size, data):
    leaf_hashes = hashes(some_leaves(size))
    root = merkle.root(leaf_hashes)
    index = data.draw(st.integers(0, size - 1))
    m = data.draw(st.integers(1, size))
    path = merkle.inclusion_proof(leaf_hashes, index)
    link = merkle.consistency_proof(leaf_hashes, m)
    extra = data.draw(st.sampled_from([leaf_hashes[0], root, bytes(32)]))
    for wrong in (path[:-1], path[1:], [*path, extra], [extra, *path], path[::-1]):
        if wrong != path:
            assert not merkle.verify_inclusion(leaf_hashes[index], index, size, wrong, root)
    old = merkle.root(leaf_hashes[:m])
    for wrong in (link[:-1], link[1:], [*link, extra], [extra, *link], link[::-1]):
        if wrong != link:
            assert not merkle.verify_consistency(m, size, old, root, wrong)


@settings(max_examples=100, deadline=None)
@given(m=st.integers(1, 40), n=st.integers(1, 40), other=st.integers(0, 39))
def test_a_log_that_rewrote_a_leaf_cannot_be_proved_consistent(m, n, other):
    m, n = min(m, n), max(m, n)
    honest = hashes(some_leaves(n))
    rewritten = list(honest)
    rewritten[other % m] = merkle.leaf_hash(b"another past")
    proof = merkle.consistency_proof(rewritten, m)
    old, new = merkle.root(honest[:m]), merkle.root(rewritten)
    assert not merkle.verify_consistency(m, n, old, new, proof)


@settings(max_examples=200, deadline=None)
@given(
    size=st.integers(2, 40),
    index=st.integers(0, 39),
    wrong_size=st.integers(-3, 80),
    wrong_m=st.integers(-3, 80),
)
def test_a_consistency_proof_holds_for_its_own_sizes_only(size, index, wrong_size, wrong_m):
    leaf_hashes = hashes(some_leaves(size))
    m = index % size + 1
    old, new = merkle.root(leaf_hashes[:m]), merkle.root(leaf_hashes)
    proof = merkle.consistency_proof(leaf_hashes, m)
    if m < size and wrong_m != m:
        assert not merkle.verify_consistency(wrong_m, size, old, new, proof)
    if m == size and wrong_size != size:
        assert not merkle.verify_consistency(m, wrong_size, old, new, proof)


def test_a_proof_is_not_one_for_the_smaller_tree_at_its_end():
    leaf_hashes = hashes(LEAVES)
    root, root_7 = merkle.root(leaf_hashes), merkle.root(leaf_hashes[:7])
    left, right = merkle.root(leaf_hashes[:4]), merkle.root(leaf_hashes[4:])
    assert not merkle.verify_inclusion(right, 0, 1, [left], root)
    proof = merkle.consistency_proof(leaf_hashes, 7)
    assert merkle.verify_consistency(7, 8, root_7, root, proof)
    assert not merkle.verify_consistency(3, 4, root_7, root, proof)


def test_nothing_is_proved_from_an_empty_tree_or_backwards():
    leaf_hashes = hashes(LEAVES)
    root = merkle.root(leaf_hashes)
    assert not merkle.verify_consistency(0, 8, merkle.empty_root(), root, [])
    assert not merkle.verify_consistency(0, 0, merkle.empty_root(), merkle.empty_root(), [])
    assert not merkle.verify_consistency(8, 7, root, merkle.root(leaf_hashes[:7]), [])
    assert not merkle.verify_consistency(8, 8, root, root, [root])
    for m in (-1, 0, 9):
        with pytest.raises(merkle.MerkleError):
            merkle.consistency_proof(leaf_hashes, m)
    for index in (-1, 8):
        with pytest.raises(merkle.MerkleError):
            merkle.inclusion_proof(leaf_hashes, index)


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=3),
    st.binary(max_size=33),
    st.binary(min_size=32, max_size=32),
    st.lists(st.one_of(st.none(), st.binary(max_size=33), st.integers()), max_size=70),
    st.dictionaries(st.text(max_size=1), st.integers(), max_size=2),
)


@settings(max_examples=400, deadline=None)
@given(a=ANYTHING, b=ANYTHING, c=ANYTHING, d=ANYTHING, e=ANYTHING)
def test_malformed_arguments_are_false_and_never_an_exception(a, b, c, d, e):
    assert merkle.verify_inclusion(a, b, c, d, e) is False
    assert isinstance(merkle.verify_consistency(a, b, c, d, e), bool)


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, 4), value=ANYTHING)
def test_one_malformed_argument_among_good_ones_is_false(place, value):
    leaf_hashes = hashes(LEAVES[:6])
    root = merkle.root(leaf_hashes)
    good = [leaf_hashes[3], 3, 6, merkle.inclusion_proof(leaf_hashes, 3), root]
    assert merkle.verify_inclusion(*good)
    bad = [*good[:place], value, *good[place + 1 :]]
    assert merkle.verify_inclusion(*bad) is (type(value) is int and value == good[place])
    good = [3, 6, merkle.root(leaf_hashes[:3]), root, merkle.consistency_proof(leaf_hashes, 3)]
    assert merkle.verify_consistency(*good)
    bad = [*good[:place], value, *good[place + 1 :]]
    assert merkle.verify_consistency(*bad) is (type(value) is int and value == good[place])


def test_true_is_not_the_number_one():
    leaf_hashes = hashes(LEAVES[:2])
    root, proof = merkle.root(leaf_hashes), merkle.inclusion_proof(leaf_hashes, 1)
    assert merkle.verify_inclusion(leaf_hashes[1], 1, 2, proof, root)
    assert not merkle.verify_inclusion(leaf_hashes[1], True, 2, proof, root)


def test_sm3_builds_the_same_tree_with_another_hash():
    def sm3(data):
        return hashlib.new("sm3", data).digest()

    leaves = some_leaves(11)
    leaf_hashes = hashes(leaves, "sm3")
    root = merkle.root(leaf_hashes, hash_name="sm3")
    assert root == oracle_root(leaves, sm3)
    # GB/T 32905-2016 appendix A.1: the digest of "abc".
    abc = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3(b"abc").hex() == abc
    proof = merkle.inclusion_proof(leaf_hashes, 6, hash_name="sm3")
    assert merkle.verify_inclusion(leaf_hashes[6], 6, 11, proof, root, hash_name="sm3")
    assert not merkle.verify_inclusion(leaf_hashes[6], 6, 11, proof, root)
    link = merkle.consistency_proof(leaf_hashes, 5, hash_name="sm3")
    old = merkle.root(leaf_hashes[:5], hash_name="sm3")
    assert merkle.verify_consistency(5, 11, old, root, link, hash_name="sm3")
    assert not merkle.verify_consistency(5, 11, old, root, link)


def test_a_large_tree_needs_neither_recursion_nor_long():
    leaf_hashes = [number.to_bytes(32, "big") for number in range(100_000)]
    limit = sys.getrecursionlimit()
    started = time.perf_counter()
    root = merkle.root(leaf_hashes)
    proof = merkle.inclusion_proof(leaf_hashes, 99_999)
    assert time.perf_counter() - started < 3
    assert sys.getrecursionlimit() == limit
    assert merkle.verify_inclusion(leaf_hashes[-1], 99_999, 100_000, proof, root)
