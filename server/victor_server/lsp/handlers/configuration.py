"""Settings from the client, and the services that are opened for them."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Any

from lsprotocol import types

from victor_server.errors import SettingsError, VictorError
from victor_server.lsp.client import ClientRefusedError
from victor_server.lsp.handlers import diagnostics, status, text_sync, watched_files
from victor_server.lsp.service_slot import close_services
from victor_server.lsp.services import Resolved, Services
from victor_server.lsp.session import Session
from victor_server.settings.resolved import Settings

logger = logging.getLogger(__name__)

SECTION = "victor"
RESTRICTED = "restricted"
"""Stands beside the settings in `initializationOptions`: it is the editor's word, and no setting."""
_INFO = types.MessageType.Info


def start(session: Session) -> None:
    """Fetch the client's settings and open the services, once."""
    if not session.started:
        session.started = True
        session.background.start(_start(session))


def did_change_configuration(session: Session, params: types.DidChangeConfigurationParams) -> None:
    """Take the new settings: ask for them where the client answers that, else from the payload."""
    if not session.features.configuration:
        session.settings.configuration = section_of(params.settings)
    session.background.start(apply(session))


def section_of(settings: object) -> Mapping[str, object]:
    """Victor's own settings in what a client sent: under `victor`, or all of it."""
    if not isinstance(settings, Mapping):
        return {}
    inner = settings.get(SECTION)
    return (
        inner
        if isinstance(inner, Mapping)
        else {name: settings[name] for name in settings if name != SECTION}
    )


def options_of(options: object) -> Mapping[str, object]:
    """The settings in `initializationOptions`, without what is none."""
    return {name: value for name, value in section_of(options).items() if name != RESTRICTED}


def is_restricted(options: object) -> bool:
    """Whether the editor says that it does not trust the folder: with anything but false, so that no slip opens it."""
    outer = options if isinstance(options, Mapping) else {}
    inner = outer.get(SECTION)
    said = (place.get(RESTRICTED) for place in (outer, inner if isinstance(inner, Mapping) else {}))
    return any(each is not None and each is not False for each in said)


async def apply(session: Session) -> None:
    """Resolve the settings anew and, if they changed, open services for them in the place of the old ones."""
    async with session.settings.turn:
        if session.features.configuration:
            await _fetch(session)
        await _use(session)


async def renew(session: Session) -> None:
    """Open services anew where those that are open are out of date."""
    async with session.settings.turn:
        old, settings = session.slot.current, session.settings.resolved
        if old is not None and old.is_stale and settings is not None:
            await _open_services(session, settings)


async def _use(session: Session) -> None:
    resolved = await _resolve(session)
    if resolved is None:
        return
    settings = replace(resolved.settings, restricted=session.settings.restricted)
    if settings != session.settings.resolved:
        await _open_services(session, settings)


async def _start(session: Session) -> None:
    if session.features.registers_configuration:
        session.background.start(_register(session))
    roots = [session.roots.uri_of(root) for root in session.roots.paths]
    session.background.start(watched_files.watch(session, roots))
    await apply(session)


async def _register(session: Session) -> None:
    method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
    options = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
    registration = types.Registration(id="victor-configuration", method=method, register_options=options)
    try:
        await session.client.ask(types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams([registration]))
    except ClientRefusedError:
        logger.info("the client registers no capability for configuration")


async def _fetch(session: Session) -> None:
    """Ask for the section; a client that refuses leaves the settings as they were, one that is slow does so for now."""
    roots = session.roots.paths
    # One set of services serves all folders: only a single folder's own settings can hold for all of it.
    scope = session.roots.uri_of(roots[0]) if len(roots) == 1 else None
    items = [types.ConfigurationItem(scope_uri=scope, section=SECTION)]
    session.settings.n_asked += 1
    question = session.client.ask(types.WORKSPACE_CONFIGURATION, types.ConfigurationParams(items))
    answer = asyncio.ensure_future(_take_answer(session, session.settings.n_asked, question))
    try:
        await asyncio.wait_for(asyncio.shield(answer), session.delays.answer_s)
    except TimeoutError:
        logger.warning("the client gives no configuration yet")
        session.background.start(_use_late(session, answer))
    except asyncio.CancelledError:
        answer.cancel()
        raise


async def _take_answer(session: Session, number: int, question: Awaitable[Any]) -> bool:
    """Take what the client says to its question `number`; False if that changes nothing."""
    try:
        answer = await question
    except ClientRefusedError:
        logger.warning("the client gave no configuration")
        return False
    if number < session.settings.n_answered:
        return False  # a newer one was faster
    session.settings.n_answered = number
    first = answer[0] if isinstance(answer, list) and answer else None
    session.settings.configuration = first if isinstance(first, Mapping) else {}
    return True


async def _use_late(session: Session, answer: "asyncio.Future[bool]") -> None:
    if await answer:
        async with session.settings.turn:
            await _use(session)


async def _resolve(session: Session) -> Resolved | None:
    sources: list[tuple[str, Mapping[str, Any]]] = [
        ("initializationOptions", session.settings.initialization_options),
        ("workspace/configuration", session.settings.configuration),
    ]
    # One set of services serves all folders: only a single folder's own settings can hold for all of it.
    only = session.roots.paths[0] if len(session.roots.paths) == 1 else None
    folder = None if session.settings.restricted else only
    try:
        resolved = await session.pool.run_blocking(lambda: session.resolve_settings(sources, folder))
    except SettingsError as error:
        _trouble(session, error)
        return None
    _show_problems(session, [problem.message for problem in resolved.problems])
    return resolved


def _show_problems(session: Session, messages: list[str]) -> None:
    """One message for all that is wrong, and only when it is not the one shown last."""
    if messages and messages != session.settings.problems:
        session.client.show(
            "Victor's settings: " + "; ".join(messages) + ". The other settings hold.",
            types.MessageType.Warning,
        )
    session.settings.problems = messages


def _trouble(session: Session, error: VictorError) -> None:
    session.slot.fail(error)
    session.client.show(f"Victor could not start: {error.message} {error.fix}".rstrip())


async def _open_services(session: Session, settings: Settings) -> None:
    try:
        services = session.open_services(settings)
    except VictorError as error:
        _trouble(session, error)
        return
    before, old = session.settings.resolved, session.slot.current
    if old is not None and old.opened_agent is not None:
        await old.opened_agent.chat.let_go_of_idle()
    session.settings.resolved = settings
    session.slot.put(services)
    session.diagnostics.checked.clear()
    if old is not None:
        session.progress.end_all()
        await _retire(session, old, may_finish=before is not None and _may_finish(before, settings))
        session.background.start(diagnostics.refresh(session))
    status.follow(session, services)
    session.background.start(session.roots.settle(services.index, session.client))
    for document in session.documents:
        text_sync.offer_overlay(session, document)
        diagnostics.check_opened(session, document)


def _may_finish(before: Settings, after: Settings) -> bool:
    """Whether what began under the old settings may end under them: not where the new ones may be stricter."""
    return (before.home, before.network) == (after.home, after.network) and not after.closed


async def _retire(session: Session, old: Services, *, may_finish: bool) -> None:
    """Close services that others took the place of, once the answers that they are writing have ended."""
    if not any(answer.chat for answer in session.answers.values()):
        await close_services(old)
    elif may_finish:
        session.client.show("Victor's settings changed. They hold from the next question on.", _INFO)
        session.background.start(_close_after_answers(session, old))
    else:
        session.client.show(
            "Victor's settings changed, so the answer that was being written was stopped.", _INFO
        )
        await close_services(old)


async def _close_after_answers(session: Session, old: Services) -> None:
    try:
        for answer in list(session.answers.values()):
            await answer.ended.wait()
    finally:
        await close_services(old)
