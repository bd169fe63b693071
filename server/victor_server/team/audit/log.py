"""The audit log of every tenant: what is done with it, under one roof."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from victor_server.audit.encoding import to_base64
from victor_server.audit.head import sign_head
from victor_server.audit.merkle import consistency_ranges, inclusion_ranges
from victor_server.errors import NotFound, UsageError
from victor_server.protocol import AuditAsked, AuditPage, SignedHead, Verdict
from victor_server.team.audit import chain
from victor_server.team.audit.clock import now_us
from victor_server.team.audit.erasure import BY_BACKEND, erase
from victor_server.team.audit.event import AuditEvent
from victor_server.team.audit.outside import Outside, check_head
from victor_server.team.audit.pages import read_page
from victor_server.team.audit.stored import verify_stored
from victor_server.team.audit.subjects import Subjects
from victor_server.team.audit.tiles import Tiles
from victor_server.team.sealing.vault import Vault
from victor_server.team.store.database import Database, Transaction
from victor_server.team.store.retention import drop_old_records

DAY_US = 86_400_000_000


class AuditLog:
    """Appends in the caller's transaction; everything else in transactions of its own.

    `outside`: the folder beyond the database to which heads and erasures are written, None for nowhere. `enabled`
    False: an operator wants no log, so nothing is added.
    """

    def __init__(
        self, database: Database, vault: Vault, outside: Path | None, *, enabled: bool = True
    ) -> None:
        self._database = database
        self._vault = vault
        self._subjects = Subjects(vault)
        self._tiles = Tiles(database)
        self._outside = Outside(outside) if outside else None
        self._enabled = enabled
        self._heads: dict[str, SignedHead] = {}

    async def append(self, tx: Transaction, tenant: str, events: Sequence[AuditEvent]) -> Sequence[int]:
        """Add events as the last step of a transaction; returns their numbers. What is rolled back was never added.

        Raises `AuditFailed` (an event is none), `StoreFailed`.
        """
        if not (self._enabled and events):
            return ()
        return await chain.append(tx, tenant, events, self._subjects)

    async def record(self, tenant: str, *events: AuditEvent) -> None:
        """Add events; durable when this returns. Raises `AuditFailed`, `StoreFailed`."""
        async with self._database.transaction(tenant) as tx:
            await self.append(tx, tenant, events)

    async def head(self, tenant: str) -> SignedHead:
        """The newest head, signed; the same object as long as nothing was added."""
        state = await self._state(tenant)
        known = self._heads.get(tenant)
        if known is not None and (known.log, known.chain) == (state.log, to_base64(state.chain)):
            return known
        signer = await self._vault.signer("audit")
        root, size = state.frontier.root, state.frontier.size
        head = sign_head(state.log, size, root, state.chain, now_us(), key_id=signer.key_id, sign=signer.sign)
        self._heads[tenant] = head
        return head

    async def publish_head(self, tenant: str) -> SignedHead:
        """Keep the newest head in the database and outside of it. Raises `StoreFailed`, `AuditFailed`."""
        head = await self.head(tenant)
        async with self._database.transaction(tenant) as tx:
            await tx.execute(
                "insert into audit_heads (tenant, size, document) values ($1, $2, $3) on conflict do nothing",
                tenant,
                head.size,
                head.model_dump_json(),
            )
        if self._outside is not None:
            await asyncio.to_thread(self._outside.keep_head, head)
        return head

    async def consistency(self, tenant: str, first: int, second: int) -> list[bytes]:
        """The proof that the log's first `first` records are the beginning of its first `second`."""
        state = await self._state(tenant)
        if not 0 <= first <= second <= state.frontier.size:
            raise UsageError("There are no such heads of the log.", "Give the smaller size first.")
        return await self._tiles.roots(tenant, state.log, consistency_ranges(first, second))

    async def inclusion(self, tenant: str, seq: int, size: int) -> list[bytes]:
        """The proof that record `seq` is in the tree of the first `size` records."""
        state = await self._state(tenant)
        if not 1 <= seq <= size <= state.frontier.size:
            raise UsageError(
                "There is no such record in a tree of that size.", "Ask for one from 1 to its size."
            )
        return await self._tiles.roots(tenant, state.log, inclusion_ranges(seq - 1, size))

    async def page(self, tenant: str, asked: AuditAsked) -> AuditPage:
        """Records after a number, as they are exported; the last page has the newest head."""
        page = await read_page(self._database, self._subjects, tenant, asked)
        return page if page.next is not None else page.model_copy(update={"head": await self.head(tenant)})

    async def pseudonym(self, tenant: str, subject: str) -> str | None:
        """What somebody is called in the log; None for whom it does not know."""
        async with self._database.reading(tenant) as tx:
            return await self._subjects.pseudonym(tx, tenant, subject)

    async def verify(self, tenant: str) -> Verdict:
        """Recompute the stored log from its first record, and compare it with every head that was signed of it."""
        keys = await self._vault.verifying_keys("audit")
        kept = await self._newest_outside(tenant)
        return await verify_stored(self._database, tenant, keys, kept)

    async def erase(self, tenant: str, subject: str, by: str) -> int:
        """Make all that is personal of a subject unreadable, for good; returns how many records that is.

        The erasure is written outside of the database first: a restore of a backup repeats it. Raises `NotFound`.
        """
        async with self._database.transaction(tenant) as tx:
            state = await chain.read_state(tx, tenant, to_append=True)
            if not await self._is_known(tx, tenant, subject):
                raise NotFound("Nobody of that name is known here.", "See `victor team users list`.")
            pseudonym = (await self._subjects.of(tx, tenant, subject)).pseudonym
        if self._outside is not None:
            await asyncio.to_thread(self._outside.keep_erasure, state.log, pseudonym)
        async with self._database.transaction(tenant) as tx:
            n_records = await erase(tx, self._subjects, tenant, pseudonym, by)
        await self.publish_head(tenant)
        return n_records or 0

    async def retain(self, tenant: str, days: int) -> int:
        """Drop the contents of records that were added more than `days` days ago; returns how many. Hashes stay."""
        async with self._database.transaction(tenant) as tx:
            return await drop_old_records(tx, tenant, now_us() - days * DAY_US)

    async def check_outside(self, tenant: str) -> None:
        """Raise `AuditFailed` if the stored log is not what the newest head outside says that it was."""
        head = await self._newest_outside(tenant)
        if head is None:
            return
        state = await self._state(tenant)
        check_head(head, await self._vault.verifying_keys("audit"), state.frontier.size)
        (root,) = await self._tiles.roots(tenant, state.log, [(0, head.size)])
        check_head(head, await self._vault.verifying_keys("audit"), state.frontier.size, root)

    async def replay_erasures(self, tenant: str) -> int:
        """Erase again whom the database, restored from a backup, still knows; returns how many people that were."""
        if self._outside is None:
            return 0
        erased = await asyncio.to_thread(self._outside.erasures, (await self._state(tenant)).log)
        n_again = 0
        for pseudonym in dict.fromkeys(erased):
            async with self._database.transaction(tenant) as tx:
                done = await erase(tx, self._subjects, tenant, pseudonym, BY_BACKEND)
            n_again += done is not None
        return n_again

    async def accept_restored(self, tenant: str) -> SignedHead:
        """The database was taken back to a backup, on an operator's word: go on from here. That stands in the log."""
        lost = await self._newest_outside(tenant)
        told = {"details": {"records_before": lost.size if lost else 0}}
        await self.record(tenant, AuditEvent("audit.restored", BY_BACKEND, personal=told))
        head = await self.head(tenant)
        if self._outside is not None:
            await asyncio.to_thread(self._outside.accept, head)
        return head

    async def close_log(self, log: str) -> None:
        """The tenant whose log this was is taken out: nothing is expected of it any more."""
        if self._outside is not None:
            await asyncio.to_thread(self._outside.close, log)

    async def _state(self, tenant: str) -> chain.State:
        async with self._database.reading(tenant) as tx:
            return await chain.read_state(tx, tenant)

    async def _newest_outside(self, tenant: str) -> SignedHead | None:
        if self._outside is None:
            return None
        return await asyncio.to_thread(self._outside.newest_head, (await self._state(tenant)).log)

    async def _is_known(self, tx: Transaction, tenant: str, subject: str) -> bool:
        user = "select 1 as known from users where tenant = $1 and subject = $2"
        return (
            await self._subjects.pseudonym(tx, tenant, subject) is not None
            or await tx.row(user, tenant, subject) is not None
        )
