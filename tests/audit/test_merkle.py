"""Our Merkle tree is that of RFC 9162: another implementation agrees on every root and proof."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion  # type: ignore[import-untyped]  # has no types

from victor_server.audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    check_consistency,
    check_inclusion,
    consistency_proof,
    frontier_from_bytes,
    inclusion_proof,
    leaf_hash,
    root_of,
)

sizes = st.integers(min_value=1, max_value=130)


def leaves(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % at) for at in range(size)]


def peer(size: int) -> InmemoryTree:
    return InmemoryTree.init_from_entries([b"%d" % at for at in range(size)], algorithm="sha256")


@given(sizes)
def test_roots_agree(size: int) -> None:
    """The root over all leaves, whatever their number."""
    assert root_of(leaves(size)) == peer(size).get_root()


def test_an_empty_tree_has_a_root() -> None:
    """The hash of nothing."""
    assert root_of([]) == EMPTY_ROOT == sha256(b"").digest()


@given(sizes, st.data())
def test_inclusion_agrees(size: int, data: st.DataObject) -> None:
    """The proof of our tree is the path of the other, and each side's check takes it."""
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    ours, tree = inclusion_proof(leaves(size), index), peer(size)
    theirs = tree.prove_inclusion(index + 1, size)
    assert ours == theirs.path[1:]
    verify_inclusion(leaves(size)[index], tree.get_root(), theirs)
    assert check_inclusion(leaves(size)[index], index, size, ours, tree.get_root())


@given(sizes, st.data())
def test_consistency_agrees(size: int, data: st.DataObject) -> None:
    """What our proof shows of two trees, the other's proof shows too."""
    first = data.draw(st.integers(min_value=1, max_value=size))
    tree = peer(size)
    theirs = tree.prove_consistency(first, size)
    verify_consistency(root_of(leaves(first)), root_of(leaves(size)), theirs)
    ours = consistency_proof(leaves(size), first)
    assert check_consistency(first, size, tree.get_root(first), tree.get_root(size), ours)


@given(sizes, st.data())
def test_a_proof_that_was_changed_proves_nothing(size: int, data: st.DataObject) -> None:
    """Neither with another hash, nor with one more or one fewer, nor for another place."""
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    hashed, root = leaves(size), root_of(leaves(size))
    proof = inclusion_proof(hashed, index)
    assert not check_inclusion(hashed[index], index, size, [*proof, bytes(32)], root)
    if proof:
        at = data.draw(st.integers(min_value=0, max_value=len(proof) - 1))
        assert not check_inclusion(hashed[index], index, size, proof[:at] + proof[at + 1 :], root)
        assert not check_inclusion(
            hashed[index], index, size, [*proof[:at], bytes(32), *proof[at + 1 :]], root
        )
    assert not check_inclusion(leaf_hash(b"other"), index, size, proof, root)
    assert not check_inclusion(hashed[index], size, size, proof, root)


@given(st.integers(min_value=2, max_value=130), st.data())
def test_a_log_that_was_rewritten_is_not_consistent(size: int, data: st.DataObject) -> None:
    """No leaf of the older tree can be another in the newer one."""
    first = data.draw(st.integers(min_value=1, max_value=size - 1))
    changed = data.draw(st.integers(min_value=0, max_value=first - 1))
    hashed = leaves(size)
    rewritten = [*hashed[:changed], leaf_hash(b"other"), *hashed[changed + 1 :]]
    proof = consistency_proof(rewritten, first)
    assert not check_consistency(first, size, root_of(hashed[:first]), root_of(rewritten), proof)


@given(st.integers(min_value=0, max_value=200))
def test_the_frontier_is_all_that_an_append_needs(size: int) -> None:
    """Written down and read again at any size, it goes on to the same root."""
    kept = Frontier()
    for each in leaves(size):
        kept = frontier_from_bytes(kept.size, kept.to_bytes()).add(each)
    assert kept.root == root_of(leaves(size))


@pytest.mark.parametrize(("size", "data"), [(1, b""), (3, bytes(32)), (0, bytes(32)), (-1, b"")])
def test_a_frontier_that_is_none(size: int, data: bytes) -> None:
    """What cannot be the peaks of a tree of that size is refused."""
    with pytest.raises(ValueError, match="peaks"):
        frontier_from_bytes(size, data)


def test_sizes_that_are_none() -> None:
    """Nothing is proven of leaves that are not there."""
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion_proof(leaves(3), 3)
    with pytest.raises(ValueError, match="larger"):
        consistency_proof(leaves(3), 4)
    assert not check_consistency(3, 2, EMPTY_ROOT, EMPTY_ROOT, [])
