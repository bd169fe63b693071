"""The Merkle tree of RFC 9162 (section 2.1) over SHA-256: roots, proofs, and how they are checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one entry: of a zero byte and the entry."""
    return sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees: of a one byte and theirs."""
    return sha256(b"\1" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that must be known of a tree to add to it: its size, and the roots of its complete subtrees, largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def add(self, leaf: bytes) -> "Frontier":
        """The tree with one more leaf hash; O(log n), O(1) on average."""
        peaks, whole, size = list(self.peaks), leaf, self.size
        while size & 1:
            whole = node_hash(peaks.pop(), whole)
            size >>= 1
        return Frontier(self.size + 1, (*peaks, whole))

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        if not self.peaks:
            return EMPTY_ROOT
        *rest, whole = self.peaks
        for peak in reversed(rest):
            whole = node_hash(peak, whole)
        return whole

    def to_bytes(self) -> bytes:
        """The peaks one after another; the size says how many."""
        return b"".join(self.peaks)


def frontier_from_bytes(size: int, data: bytes) -> Frontier:
    """What `Frontier.to_bytes` wrote of a tree of `size`. Raises `ValueError`."""
    if size < 0 or len(data) != size.bit_count() * HASH_BYTES:
        raise ValueError("these are not the peaks of a tree of that size")
    return Frontier(size, tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)))


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.add(leaf)
    return frontier.root


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """PATH(index, leaves), index from 0 (RFC 9162, 2.1.3.1)."""
    return [root_of(leaves[start:end]) for start, end in inclusion_ranges(index, len(leaves))]


def consistency_proof(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """PROOF(first, leaves): that the tree of the first leaves is the beginning of this one (RFC 9162, 2.1.4.1)."""
    return [root_of(leaves[start:end]) for start, end in consistency_ranges(first, len(leaves))]


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The subtrees, as first leaf and end, whose roots are the proof that `index` is in the tree of `size`."""
    if not 0 <= index < size:
        raise ValueError("there is no such leaf")
    start, end, ranges = 0, size, list[tuple[int, int]]()
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(first: int, size: int) -> list[tuple[int, int]]:
    """The subtrees whose roots are the proof that the tree of `first` leaves is the beginning of that of `size`."""
    if not 0 <= first <= size:
        raise ValueError("the first tree is larger than the second")
    if first in (0, size):
        return []
    start, end, ranges = 0, size, list[tuple[int, int]]()
    while first != end:
        middle = start + split(end - start)
        if first <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return [(start, end), *ranges[::-1]] if start else ranges[::-1]


def split(size: int) -> int:
    """The largest power of two below `size`: how many leaves the left subtree has."""
    return 1 << (size - 1).bit_length() - 1


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that `leaf` stands at `index` of the tree of `size` with `root` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, whole = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            whole = node_hash(other, whole)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            whole = node_hash(whole, other)
        at, last = at >> 1, last >> 1
    return last == 0 and whole == root


def check_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether `proof` shows that the tree of `first` leaves is the beginning of that of `second` (RFC 9162, 2.1.4.2)."""
    if first > second or first < 0:
        return False
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    hashes = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not hashes:
        return False
    return _climbs(hashes, first - 1, second - 1, first_root, second_root)


def _climbs(hashes: Sequence[bytes], at: int, last: int, first_root: bytes, second_root: bytes) -> bool:
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = hashes[0]
    for other in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(other, old), node_hash(other, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, other)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root
