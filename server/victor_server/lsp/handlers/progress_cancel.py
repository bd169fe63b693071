"""`window/workDoneProgress/cancel`: the person stops an answer where its progress is shown."""

from typing import TYPE_CHECKING

from lsprotocol import types

from victor_server.lsp.session import Session

if TYPE_CHECKING:
    from victor_server.features.chat.chat import Chat


def work_done_progress_cancel(session: Session, params: types.WorkDoneProgressCancelParams) -> None:
    """Stop the answer or the assist whose progress has this token; nothing else of ours can be cancelled."""
    if (stop := session.assists.stops.get(params.token)) is not None:
        stop()
    for session_id, answer in session.answers.items():
        if answer.token == params.token:
            answer.unwanted = True
            if answer.chat is not None:
                session.background.start(_stop(answer.chat, session_id))


async def _stop(chat: "Chat", session_id: str) -> None:
    await chat.cancel(session_id)
