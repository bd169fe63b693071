"""Recomputes a stored log from its first record, page by page, and compares it with what was signed of it."""

import asyncio
import json
from collections.abc import Mapping, Sequence

from victor_server.audit.encoding import canonical, to_base64
from victor_server.audit.head import is_signed
from victor_server.audit.leaf import FIRST_CHAIN, commitment, next_chain
from victor_server.audit.merkle import HASH_BYTES, Frontier, leaf_hash
from victor_server.protocol import SignedHead, Verdict
from victor_server.team.audit.chain import State, read_state
from victor_server.team.store.database import Database, Row

PAGE = 1_000


class _Bad(Exception):
    """The next record is not what it must be."""


async def verify_stored(
    database: Database, tenant: str, keys: Mapping[str, bytes], kept: SignedHead | None = None
) -> Verdict:
    """Whether the log of a tenant is what its hashes, its state and its signed heads say; `kept`: a head from outside."""
    async with database.reading(tenant) as tx:
        state = await read_state(tx, tenant)
        rows = await tx.rows("select size, document from audit_heads where tenant = $1", tenant)
    walk = _Walk(state)
    try:
        walk.heads = _heads([row["document"] for row in rows], keys)
        if kept is not None:
            walk.heads.setdefault(kept.size, []).append(kept)
        walk.compare_heads()
        while walk.frontier.size < state.frontier.size:
            async with database.reading(tenant) as tx:
                page = await tx.rows(_PAGE, tenant, walk.frontier.size, state.frontier.size, PAGE)
            await asyncio.to_thread(walk.take, page)
        walk.end()
    except _Bad as bad:
        return Verdict(
            ok=False,
            records=walk.frontier.size,
            pruned=walk.n_pruned,
            first_bad=walk.frontier.size + 1,
            reason=str(bad),
        )
    return Verdict(ok=True, records=walk.frontier.size, pruned=walk.n_pruned, first_bad=None)


_PAGE = (
    "select l.seq, l.leaf, l.leaf_hash, l.chain, p.pseudonym, p.sealed from audit_leaves l"
    " left join audit_payloads p on p.tenant = l.tenant and p.seq = l.seq"
    " where l.tenant = $1 and l.seq > $2 and l.seq <= $3 order by l.seq limit $4"
)


class _Walk:
    def __init__(self, state: State) -> None:
        self._state = state
        self.frontier, self._chain = Frontier(), FIRST_CHAIN
        self.n_pruned = 0
        self.heads: dict[int, list[SignedHead]] = {}

    def take(self, rows: Sequence[Row]) -> None:
        if not rows:
            raise _Bad("it is not there")
        for row in rows:
            self._record(row)

    def _record(self, row: Row) -> None:
        seq = self.frontier.size + 1
        if row["seq"] != seq:
            raise _Bad("it is not there")
        hashed = bytes(row["leaf_hash"])
        if row["leaf"] is None:
            if row["sealed"] is not None:
                raise _Bad("retention dropped it, and yet something of it is there")
            if self.n_pruned < seq - 1:
                raise _Bad("its entry is gone, and those before it are there")
        else:
            _check_leaf(row, hashed, self._state.log)
        chain = next_chain(self._chain, hashed)
        if bytes(row["chain"]) != chain:
            raise _Bad("its link does not follow from the record before")
        self._chain, self.frontier = chain, self.frontier.add(hashed)
        self.n_pruned += row["leaf"] is None
        self.compare_heads()

    def compare_heads(self) -> None:
        """Every head that was signed at this size says the same."""
        for head in self.heads.pop(self.frontier.size, ()):
            found = (self._state.log, to_base64(self.frontier.root), to_base64(self._chain))
            if (head.log, head.root, head.chain) != found:
                raise _Bad("the records before it are others than those that a signed head was made of")

    def end(self) -> None:
        state = self._state
        if (self._chain, self.frontier) != (state.chain, state.frontier):
            raise _Bad("the log's state is not what follows from its records")
        if self.heads:
            raise _Bad(f"a signed head says that there were {max(self.heads)} records")


def _heads(documents: Sequence[str], keys: Mapping[str, bytes]) -> dict[int, list[SignedHead]]:
    heads: dict[int, list[SignedHead]] = {}
    for document in documents:
        try:
            head = SignedHead.model_validate_json(document)
        except ValueError:
            raise _Bad("a stored head is not one") from None
        if not is_signed(head, keys):
            raise _Bad("a stored head is not signed by this backend")
        heads.setdefault(head.size, []).append(head)
    return heads


def _check_leaf(row: Row, hashed: bytes, log: str) -> None:
    data = row["leaf"].encode("utf-8", "surrogatepass")
    if leaf_hash(data) != hashed:
        raise _Bad("its hash is not that of its entry")
    leaf = json.loads(data)
    if canonical(leaf) != data or (leaf["log"], leaf["seq"]) != (log, row["seq"]):
        raise _Bad("its entry belongs elsewhere")
    if row["sealed"] is None:
        raise _Bad("what is personal of it is gone, and its entry is there")
    sealed = bytes(row["sealed"])
    if leaf["commitment"] != commitment(sealed[:HASH_BYTES], sealed[HASH_BYTES:]):
        raise _Bad("what is personal of it is not what the entry was made of")
    if leaf["pseudonym"] != row["pseudonym"]:
        raise _Bad("what is personal of it stands under another pseudonym")
