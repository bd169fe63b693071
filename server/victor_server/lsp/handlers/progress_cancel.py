"""`window/workDoneProgress/cancel`: the person stops an answer where its progress is shown."""

from lsprotocol import types

from victor_server.lsp.session import Session


def work_done_progress_cancel(session: Session, params: types.WorkDoneProgressCancelParams) -> None:
    """Stop the answer whose progress has this token; nothing else of ours can be cancelled."""
    for session_id, answer in session.answers.items():
        if answer.token == params.token:
            answer.unwanted = True
            session.background.start(_stop(session, session_id))


async def _stop(session: Session, session_id: str) -> None:
    services = session.slot.current
    agent = services.opened_agent if services else None
    if agent is not None:
        await agent.chat.cancel(session_id)
