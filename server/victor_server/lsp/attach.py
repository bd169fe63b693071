"""Gives an agent its person: their files, their answers, and what their other language servers say."""

from functools import partial

from victor_server.lsp.asker import LspAsker
from victor_server.lsp.desk import LspDesk
from victor_server.lsp.editor_diagnostics import ask_editor
from victor_server.lsp.services import Agent
from victor_server.lsp.session import Session


def attach(session: Session, agent: Agent) -> None:
    """Once for each agent; all of a connection have one desk."""
    state = session.reviewed
    if state.attached is agent:
        return
    state.attached = agent
    desk = state.desk or LspDesk(session)
    state.desk = desk
    ask_notes = partial(ask_editor, session) if session.features.victor_diagnostics else None
    agent.attach(desk, LspAsker(session), ask_notes)
