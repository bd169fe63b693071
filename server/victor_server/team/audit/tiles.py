"""Roots of parts of a stored log: subtrees that are complete never change, so they are computed once and kept."""

from collections import OrderedDict
from collections.abc import Sequence

from victor_server.audit.merkle import node_hash, root_of, split
from victor_server.errors import StoreFailed
from victor_server.team.store.database import Database

TILE = 1_024
"""Leaves that are read at once; smaller subtrees are not kept."""

MAX_KEPT = 65_536


class Tiles:
    """Of the logs of all tenants."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()

    async def roots(self, tenant: str, log: str, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """The root of each range of leaves (from 0, the end not included). Raises `StoreFailed` where one is missing."""
        return [await self._root(tenant, log, start, end) for start, end in ranges]

    async def _root(self, tenant: str, log: str, start: int, end: int) -> bytes:
        n_leaves = end - start
        if n_leaves < TILE:
            return root_of(await self._leaves(tenant, start, end))
        is_complete = n_leaves & (n_leaves - 1) == 0 and start % n_leaves == 0
        known = self._kept.get((log, start, end)) if is_complete else None
        if known is not None:
            return known
        if n_leaves == TILE:
            root = root_of(await self._leaves(tenant, start, end))
        else:
            middle = start + split(n_leaves)
            left = await self._root(tenant, log, start, middle)
            root = node_hash(left, await self._root(tenant, log, middle, end))
        if is_complete:
            self._kept[log, start, end] = root
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return root

    async def _leaves(self, tenant: str, start: int, end: int) -> Sequence[bytes]:
        async with self._database.reading(tenant) as tx:
            rows = await tx.rows(
                "select leaf_hash from audit_leaves where tenant = $1 and seq > $2 and seq <= $3 order by seq",
                tenant,
                start,
                end,
            )
        if len(rows) != end - start:
            raise StoreFailed("Records of the audit log are missing.", "Run `victor audit verify`.")
        return [bytes(row["leaf_hash"]) for row in rows]
