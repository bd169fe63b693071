"""`victor/trust/get`, `victor/trust/set`: which folders' own word counts. Loaded with the first of them."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from victor_server.features.trust import Trust, TrustState
from victor_server.lsp.dispatch import Request
from victor_server.lsp.handlers import configuration
from victor_server.lsp.session import Session
from victor_server.lsp.shapes import trust as shapes
from victor_server.lsp.shapes.index import RootParams
from victor_server.lsp.shapes.trust import FolderTrust, TrustResult, TrustSetParams
from victor_server.remote.journal import open_journal
from victor_server.settings.trust import TrustStore


async def get(session: Session, params: RootParams) -> TrustResult:
    """What holds for one folder or for all."""
    roots = [session.roots.find(params.root)] if params.root else session.roots.paths
    trust = await _trust(session)
    states = await asyncio.to_thread(lambda: [trust.state(root) for root in roots])
    return _to_result(roots, states)


async def set_(session: Session, params: TrustSetParams) -> TrustResult:
    """Take a person's word; the folder's own settings count from now on, or no more."""
    root = session.roots.find(params.root)
    trust = await _trust(session)
    state = await asyncio.to_thread(trust.grant if params.trusted else trust.revoke, root)
    session.background.start(configuration.apply(session))
    return _to_result([root], [state])


async def _trust(session: Session) -> Trust:
    await session.slot.get()  # the settings are known then
    settings = session.settings.resolved
    assert settings is not None  # noqa: S101 - services are opened for settings
    journal = await asyncio.to_thread(open_journal, settings)
    return Trust(TrustStore(settings.home), journal, restricted=settings.restricted)


def _to_result(roots: Sequence[Path], states: Sequence[TrustState]) -> TrustResult:
    return TrustResult(
        [
            FolderTrust(str(root), state.path, state.trusted, state.reason)
            for root, state in zip(roots, states, strict=True)
        ]
    )


REQUESTS: Mapping[str, Request] = {
    shapes.TRUST_GET: Request(RootParams, get),
    shapes.TRUST_SET: Request(TrustSetParams, set_),
}
