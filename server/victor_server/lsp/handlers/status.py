"""Where the index stands: asked for, told of by notifications, shown as progress, and steered."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from victor_indexer.model import Status
from victor_server.lsp.services import Agent, Index, Services
from victor_server.lsp.session import Session
from victor_server.lsp.shapes import index as index_shapes
from victor_server.lsp.shapes.index import IndexStatus, IndexStatusResult, RootParams, StatusResult

if TYPE_CHECKING:
    from victor_server.ledger.model import BudgetState

_URGENCY = ("ready", "paused", "indexing", "scanning", "error")
_NO_ROOT = IndexStatus("", "ready", 0, 0, "No folder is open.")
_STARTING = IndexStatus("", "scanning", 0, 0, "Victor is starting.")


async def status(session: Session, params: RootParams) -> StatusResult:
    """Everything an editor's status line shows."""
    root = _root(session, params)
    services = session.slot.current
    if services is None:
        trouble = session.slot.trouble
        index = _STARTING if trouble is None else IndexStatus("", "error", 0, 0, trouble.message)
        return StatusResult(
            index, [], {}, True, {}, {}, session.chosen.mode or "", restricted=session.settings.restricted
        )
    known = {Path(each.root): each for each in await services.index.status(root)}
    wanted = session.roots.paths if root is None else (root,)
    opening = [_opening(each) for each in wanted if each not in known and services.index.enabled]
    return _to_status_result(session, services, [*known.values(), *opening])


async def index_status(session: Session, params: RootParams) -> IndexStatusResult:
    """The index alone."""
    whole = await status(session, params)
    return IndexStatusResult(whole.index, whole.indexes)


async def index_pause(session: Session, params: RootParams) -> IndexStatusResult:
    """Stop to index."""
    return await _steer(session, params, lambda index, root: index.pause(root))


async def index_resume(session: Session, params: RootParams) -> IndexStatusResult:
    """Go on to index."""
    return await _steer(session, params, lambda index, root: index.resume(root))


async def index_rebuild(session: Session, params: RootParams) -> IndexStatusResult:
    """Build the index anew."""
    return await _steer(session, params, lambda index, root: index.rebuild(root))


def follow(session: Session, services: Services) -> None:
    """Show what these services report from now on. Closing them ends it."""

    def take(status: Status) -> None:
        if session.slot.current is not services or session.shut_down:
            return
        if Path(status.root) not in session.roots.paths:
            return  # it is just being closed
        if session.features.work_done_progress:
            session.progress.show(status)
        tell_later(session)

    services.index.subscribe(take)
    services.subscribe(lambda: tell_later(session))


def tell_later(session: Session) -> None:
    """Send the status in a moment, to a client that wants that."""
    if session.features.victor_status:
        session.status_later.call("status", lambda: session.background.start(_notify(session)))


async def _notify(session: Session) -> None:
    session.client.notify(index_shapes.STATUS_DID_CHANGE, await status(session, RootParams()))


async def _steer(
    session: Session, params: RootParams, act: Callable[[Index, Path | None], Awaitable[None]]
) -> IndexStatusResult:
    root = _root(session, params)
    await act(await session.index(), root)
    return await index_status(session, params)


def _root(session: Session, params: RootParams) -> Path | None:
    return session.roots.find(params.root) if params.root else None


def _opening(root: Path) -> Status:
    """A root that the client has just opened and the index has not heard of yet: it is anything but ready."""
    return Status(str(root), "scanning", 0, 0, "Victor is starting.")


def _to_status_result(session: Session, services: Services, statuses: Sequence[Status]) -> StatusResult:
    indexes = [
        IndexStatus(each.root, each.state, each.files_done, each.files_total, each.detail)
        for each in statuses
    ]
    index = max(indexes, key=lambda each: _URGENCY.index(each.state), default=_NO_ROOT)
    route = _route(services.opened_agent)
    return StatusResult(
        index,
        indexes,
        route,
        offline=services.offline,
        team=services.team,
        budget=_budget(services.budget),
        mode=session.chosen.mode or services.mode or "",
        restricted=session.settings.restricted,
    )


def _budget(budget: "BudgetState | None") -> Mapping[str, Any]:
    if budget is None:
        return {}
    return {
        "name": budget.name,
        "unit": budget.unit,
        "limit": budget.limit,
        "used": budget.used,
        "left": budget.left,
    }


def _route(agent: Agent | None) -> Mapping[str, Any]:
    """Who answered last; nobody did before the agent was opened."""
    if agent is None or agent.chat.route is None:
        return {}
    from victor_server.lsp.chat_updates import to_route  # as much of the agent as a start must not pay for

    return to_route(agent.chat.route)
