"""Work that a person waits for and may stop: its progress, and the way to end it, in editors that show either."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from lsprotocol import types

from victor_server.lsp.client import ClientRefusedError
from victor_server.lsp.session import Session

Report = Callable[[str], None]
_T = TypeVar("_T")


async def stoppable(
    session: Session,
    title: str,
    work: Callable[[Report], Coroutine[Any, Any, _T]],
    token: str | int | None = None,
    *,
    said: Callable[[_T], str] = lambda _: "",
) -> _T | None:
    """What `work` returns, None where the person stopped it; it is given what reports its progress.

    `token` is of a progress that the client made; without it one is made, where the client shows any. An editor that
    shows none is told by a message that something has begun. `said` is what the progress ends with. However this ends,
    the work has ended before it.
    """
    token = token if token is not None else await _created(session)
    if token is None:
        session.client.show(f"{title} …", types.MessageType.Info)

    def report(message: str) -> None:
        _send(session, token, types.WorkDoneProgressReport(cancellable=True, message=message))

    task: asyncio.Future[_T] = asyncio.ensure_future(work(report))
    if token is not None:
        session.assists.stops[token] = lambda: bool(task.cancel())
    _send(session, token, types.WorkDoneProgressBegin(title=title, cancellable=True))
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.wait([task])
        raise
    finally:
        if token is not None:
            session.assists.stops.pop(token, None)
        _send(session, token, types.WorkDoneProgressEnd(message=_last(task, said)))
    return None if task.cancelled() else task.result()


def _last(task: "asyncio.Future[_T]", said: Callable[[_T], str]) -> str | None:
    if not task.done() or task.cancelled() or task.exception() is not None:
        return None
    return said(task.result()) or None


async def _created(session: Session) -> str | None:
    if not session.features.work_done_progress:
        return None
    session.assists.n_runs += 1
    token = f"victor-assist-{session.assists.n_runs}"
    params = types.WorkDoneProgressCreateParams(token=token)
    try:
        question = session.client.ask(types.WINDOW_WORK_DONE_PROGRESS_CREATE, params)
        await asyncio.wait_for(question, session.delays.answer_s)
    except (ClientRefusedError, TimeoutError):
        return None  # the work is what was asked for, not its bar
    return token


def _send(
    session: Session,
    token: str | int | None,
    value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd,
) -> None:
    if token is not None:
        session.client.notify(types.PROGRESS, types.ProgressParams(token=token, value=value))
