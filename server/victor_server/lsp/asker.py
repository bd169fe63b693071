"""Asks the person in front of an editor whether a tool may do something."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

from lsprotocol import types

from victor_server.agent.permissions.model import Answer, Question
from victor_server.agent.permissions.question_words import (
    folder_of,
    how_to_allow,
    in_line,
    remembered,
    seen,
    things,
    wish,
)
from victor_server.errors import UsageError
from victor_server.lsp.client import ClientRefusedError, without_links
from victor_server.lsp.permission_request import read_outcome, to_permission_request
from victor_server.lsp.session import Session
from victor_server.lsp.shapes.permissions import PERMISSION_REQUEST

logger = logging.getLogger(__name__)

MAX_MESSAGE = 1_500
"""Characters of what a message names: more of it nobody reads there, and some editors cut it off."""

ONCE, SESSION, ALWAYS, NO = "Allow once", "For this session", "Always", "No"
_TITLES: Mapping[str, Answer] = {
    ONCE: Answer("once"),
    SESSION: Answer("session"),
    ALWAYS: Answer("always"),
    NO: Answer("no"),
}
_NOT_UNDERSTOOD = "The editor's answer could not be understood, so it counts as no."
_CANNOT_ASK = "The editor cannot ask the person."


class LspAsker:
    """Implements `Asker` over one connection: by `victor/permission/request` where that is taken, else by a message.

    Questions by messages come one after the other: editors show one over the other, or none but the last.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._turn = asyncio.Lock()

    async def ask(self, question: Question) -> Answer:
        """As `Asker.ask`."""
        try:
            if self._session.features.victor_permission:
                params = to_permission_request(question)
                found = await self._session.client.ask_while_wanted(PERMISSION_REQUEST, params, question.id)
                return read_outcome(found, question)
            async with self._turn:
                return await self._by_message(question)
        except ClientRefusedError as error:
            logger.info("the editor does not ask: %s", error)
        except UsageError as error:
            return Answer("cancelled", error.message)
        self._session.client.show_once("cannot ask", _told_apart(question), types.MessageType.Warning)
        return Answer("cancelled", _CANNOT_ASK)

    async def _by_message(self, question: Question) -> Answer:
        titles = [ONCE, SESSION, ALWAYS, NO] if question.verdict.remembers else [ONCE, NO]
        params = types.ShowMessageRequestParams(
            type=types.MessageType.Warning,
            message=message_of(question),
            actions=[types.MessageActionItem(title=each) for each in titles],
        )
        found = await self._session.client.ask_while_wanted(types.WINDOW_SHOW_MESSAGE_REQUEST, params)
        return _chosen(found, titles)


def message_of(question: Question) -> str:
    """The question in a few plain sentences, on one line.

    Raises UsageError where what is wanted is too long to be shown whole: a yes to what nobody saw is none.
    """
    wanted, verdict = question.wanted, question.verdict
    named = ", ".join(map(in_line, things(wanted)))
    if len(named) > MAX_MESSAGE:
        raise UsageError(
            f"It is {len(named):,} characters long, too long to be shown to the person whole, so they were not"
            f" asked. Keep it below {MAX_MESSAGE:,} characters, or do it in several steps."
        )
    folder = folder_of(wanted)
    said = [f"{wish(question)}: {named}{f' (in {folder})' if folder else ''}", in_line(verdict.reason)]
    if patterns := remembered(verdict):
        said.append(f"“{SESSION}” and “{ALWAYS}” allow: {patterns}")
    return without_links(" · ".join(said))


def _chosen(found: object, titles: Sequence[str]) -> Answer:
    if found is None:
        return Answer("cancelled")
    title = found.get("title") if isinstance(found, Mapping) else None
    if isinstance(title, str) and title in titles:
        return _TITLES[title]
    logger.warning("the editor answered what it was not asked")
    return Answer("cancelled", _NOT_UNDERSTOOD)


def _told_apart(question: Question) -> str:
    """For an editor that can ask nothing: what a person may do instead."""
    allow = how_to_allow(question.verdict.remembers)
    how = f" {seen(allow)} in a terminal allows it." if allow else ""
    return f"{wish(question)}, but this editor cannot ask you, so it was not done.{how}"
