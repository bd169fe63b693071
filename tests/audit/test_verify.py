"""An exported log proves itself: whatever is changed in it is found, without the backend."""

import functools
from collections.abc import Sequence
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from victor_server.audit.encoding import canonical, from_base64, to_base64
from victor_server.audit.export import HeadLine, RecordLine, header_line, to_line
from victor_server.audit.head import is_signed, sign_head
from victor_server.audit.leaf import FIRST_CHAIN, Leaf, commitment, inner_commitment, next_chain
from victor_server.audit.merkle import Frontier, leaf_hash
from victor_server.audit.ocsf import to_ocsf
from victor_server.audit.verify import verify_lines
from victor_server.protocol import SignedHead

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {"k": KEY.public_key().public_bytes_raw()}
N_RECORDS, N_PRUNED = 7, 2


def records() -> list[RecordLine]:
    """Two that were dropped, then sealed and decrypted ones in turn."""
    made, chain = [], FIRST_CHAIN
    for seq in range(1, N_RECORDS + 1):
        personal, salt, sealed = {"user": f"u{seq}"}, bytes([seq]) * 32, b"sealed %d" % seq
        inner = inner_commitment(salt, canonical(personal))
        leaf = Leaf("log", seq, seq, "p", "a", "", "", True, "edge", commitment(inner, sealed))
        hashed = leaf_hash(leaf.to_bytes())
        chain = next_chain(chain, hashed)
        told: dict[str, object] = {"seq": seq, "leaf_hash": to_base64(hashed), "chain": to_base64(chain)}
        if seq > N_PRUNED:
            told["leaf"] = leaf.to_document()
            if seq % 2:
                told |= {"inner": to_base64(inner), "sealed": to_base64(sealed)}
            else:
                sealed_hash = to_base64(sha256(sealed).digest())
                told |= {"salt": to_base64(salt), "record": personal, "sealed_hash": sealed_hash}
        made.append(RecordLine.model_validate(told))
    return made


def head_at(size: int, key: Ed25519PrivateKey = KEY) -> SignedHead:
    frontier, chain = Frontier(), FIRST_CHAIN
    for record in records()[:size]:
        hashed = from_base64(record.leaf_hash)
        frontier, chain = frontier.add(hashed), next_chain(chain, hashed)
    return sign_head("log", size, frontier.root, chain, 9, key_id="k", sign=key.sign)


@functools.cache
def lines() -> tuple[bytes, ...]:
    return (
        header_line("log", FIRST_CHAIN, Frontier()),
        *map(to_line, records()),
        to_line(HeadLine(head=head_at(N_RECORDS))),
    )


def split(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def test_it_verifies() -> None:
    """Whole, with ciphertext, text and what was dropped."""
    found = verify_lines(lines(), keys=KEYS)
    assert (found.ok, found.records, found.pruned, found.first_bad) == (True, N_RECORDS, N_PRUNED, None)
    assert found.truncation == "none"


def test_without_a_key_nothing_is_said_of_the_end() -> None:
    """A head that nobody vouches for tells nothing."""
    assert verify_lines(lines()).truncation == "unknown"
    assert verify_lines(lines()[:-1], keys=KEYS).truncation == "unknown"


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_any_byte(at: int, change: int) -> None:
    """One byte of the file that is another is found, wherever it is."""
    data = bytearray(b"".join(lines()))
    data[at % len(data)] ^= change
    assert not verify_lines(split(bytes(data)), keys=KEYS).ok


@pytest.mark.parametrize("at", range(1, N_RECORDS + 1))
def test_a_record_that_is_dropped_is_named(at: int) -> None:
    """As is one that stands twice."""
    dropped = verify_lines([*lines()[:at], *lines()[at + 1 :]], keys=KEYS)
    assert not dropped.ok
    assert dropped.first_bad == (at if at < N_RECORDS else None)
    twice = verify_lines([*lines()[: at + 1], *lines()[at:]], keys=KEYS)
    assert (twice.ok, twice.first_bad) == (False, at + 1)


@given(st.permutations(range(1, N_RECORDS + 1)))
def test_another_order(order: Sequence[int]) -> None:
    """The first record that is out of place is named."""
    found = verify_lines([lines()[0], *(lines()[at] for at in order), lines()[-1]], keys=KEYS)
    moved = [seq for seq, at in enumerate(order, 1) if seq != at]
    assert (found.ok, found.first_bad) == (not moved, moved[0] if moved else None)


@given(st.integers(min_value=0, max_value=len(b"".join(lines())) - 1))
def test_what_is_cut_off_is_found_by_a_head(n_bytes: int) -> None:
    """With a head that was kept elsewhere, any end that is missing."""
    cut = split(b"".join(lines())[:n_bytes])
    found = verify_lines(cut, head=head_at(N_RECORDS), keys=KEYS)
    whole = n_bytes >= len(b"".join(lines()[:-1]))
    assert found.ok is (n_bytes == len(b"".join(lines()[:-1])))
    if not whole:
        assert found.truncation == "detected"


def test_a_head_that_is_older() -> None:
    """It vouches for the beginning; a log that was rewritten before it is not ok."""
    found = verify_lines(lines()[:-1], head=head_at(4), keys=KEYS)
    assert (found.ok, found.truncation) == (True, "none")
    forged = head_at(4).model_copy(update={"root": to_base64(bytes(32))})
    signed = sign_head("log", 4, bytes(32), bytes(32), 9, key_id="k", sign=KEY.sign)
    for head in (forged, signed, head_at(4, Ed25519PrivateKey.generate())):
        found = verify_lines(lines()[:-1], head=head, keys=KEYS)
        assert (found.ok, found.first_bad) == (False, None)


@pytest.mark.parametrize(
    "file",
    [
        [],
        [b""],
        [b"{}\n"],
        [b"\xff\xfe\n"],
        [b"[" * 100_000],
        [b'{"user": "ada"}\n'],
        lines()[1:],
        [lines()[0].replace(b'"after":0', b'"after":1'), *lines()[1:]],
        [lines()[0].replace(b'"victor_audit":1', b'"victor_audit":2'), *lines()[1:]],
        [*lines(), lines()[-1]],
        [*lines()[:-1], lines()[-1].rstrip()],
        [lines()[0], b"x" * 5_000_000],
    ],
)
def test_files_that_are_none(file: Sequence[bytes]) -> None:
    """Whatever it is, it is told, not raised."""
    found = verify_lines(file, keys=KEYS)
    assert not found.ok
    assert found.reason


@given(st.lists(st.binary(max_size=80), max_size=4))
def test_garbage(rest: list[bytes]) -> None:
    """What follows the header is read as hostile."""
    assert not verify_lines([lines()[0], *rest, b"\n"], keys=KEYS).ok


def test_a_record_that_is_made_up_needs_its_salt() -> None:
    """Text that was changed with its line rewritten as an export writes it is still found."""
    record = records()[3]
    assert record.record is not None
    forged = record.model_copy(update={"record": {"user": "eve"}})
    found = verify_lines([*lines()[:4], to_line(forged), *lines()[5:]], keys=KEYS)
    assert (found.ok, found.first_bad) == (False, 4)
    hidden = record.model_copy(update={"record": None, "salt": None, "sealed_hash": None})
    assert verify_lines([*lines()[:4], to_line(hidden), *lines()[5:]], keys=KEYS).first_bad == 4


def test_a_head_is_bound_to_all_that_it_says() -> None:
    """No field of it can be another."""
    head = head_at(3)
    assert is_signed(head, KEYS)
    for change in ({"size": 4}, {"log": "other"}, {"at_us": 1}, {"root": head.chain}, {"key_id": "j"}):
        assert not is_signed(head.model_copy(update=change), {**KEYS, "j": KEYS["k"]})


def test_as_an_event_of_ocsf() -> None:
    """API Activity, with the ids that the class asks for; nothing of what was dropped."""
    assert to_ocsf(records()[0]) is None
    event = to_ocsf(records()[3])
    assert event is not None
    assert {name: event[name] for name in ("class_uid", "category_uid", "activity_id", "type_uid")} == {
        "class_uid": 6003,
        "category_uid": 6,
        "activity_id": 99,
        "type_uid": 600399,
    }
    assert (event["severity_id"], event["status_id"], event["metadata"]["version"]) == (1, 1, "1.3.0")
    assert event["actor"]["user"] == {"uid": "p", "name": "u4"}
    assert (event["api"]["operation"], event["src_endpoint"]["name"]) == ("a", "edge")
    sealed = to_ocsf(records()[4])
    assert sealed is not None
    assert sealed["actor"]["user"] == {"uid": "p"}
