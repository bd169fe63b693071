"""Builds what an agent acts with: its tools, how it changes files and runs commands, and the actions on code."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from victor_server.agent.ask import ask_once
from victor_server.agent.context.files import name_of
from victor_server.agent.context.git import Git
from victor_server.agent.context.sources import IndexSource, Sources
from victor_server.agent.mcp.servers import Offered as McpOffered
from victor_server.agent.permissions.model import Asker, Permitted, Wanted
from victor_server.agent.redaction.shown import restored_in_file
from victor_server.agent.sandbox.find import Machine, finder
from victor_server.agent.services import AgentServices
from victor_server.agent.text_kinds import KeptText
from victor_server.agent.tools.edits import EditOrigin
from victor_server.agent.tools.hidden_files import HiddenFiles
from victor_server.agent.tools.limits import ToolLimits
from victor_server.agent.tools.run_command import Shell
from victor_server.agent.tools.table import builtin_tools
from victor_server.agent.tools.tool import Scene
from victor_server.agent.tools.toolbox import Toolbox
from victor_server.compose.kept import Kept
from victor_server.compose.mcp import mcp_surroundings
from victor_server.compose.pages import page_fetcher
from victor_server.features.assists.run import AssistPorts
from victor_server.features.chat.chat import Chat
from victor_server.features.chat.context import ChatContext
from victor_server.features.chat.model import Asked, Offered
from victor_server.features.context_index import ContextIndex
from victor_server.features.edits.agent_edits import AgentEdits
from victor_server.features.edits.apply import Restore
from victor_server.features.edits.check import BrokenIn, check_edit
from victor_server.features.edits.desk import Desk
from victor_server.features.edits.model import FileEdit, Refusal
from victor_server.features.edits.new_problems import AskNotes
from victor_server.policy.tool_scopes import allowed_tools
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.settings.resolved import Settings, ToolsSettings, ValidationSettings


@dataclass(frozen=True, slots=True)
class Face:
    """Where a person is: what reads and writes their files, asks them, and hears their language servers."""

    desk: Desk
    asker: Asker | None = None
    ask_notes: AskNotes | None = None


class Acting:
    """What the agent of one window can do. Without a face it works on the disk, and asks nobody."""

    def __init__(
        self,
        settings: Settings,
        environment: Mapping[str, str],
        services: AgentServices,
        kept: Kept,
        chat: Chat,
        context: ChatContext,
        is_trusted: Callable[[Path], bool],
        index: IndexSource | None,
        redaction: Callable[[], RedactionSession],
    ) -> None:
        self.kept = kept
        self._policy = services.policy
        self._chat = chat
        self._sources = Sources(services.private_files, is_trusted, index=index, git=Git())
        self._asker: Asker | None = None
        check = partial(
            _check, settings.validation, index.broken_in if isinstance(index, ContextIndex) else None
        )
        self._edits = AgentEdits(kept.reviews, check=check, restoring=self._restoring)
        machine = Machine(Path.home(), path=environment.get("PATH", ""))
        self._sandbox = finder(settings.home, services.policy, settings.sandbox, machine=machine)
        shell = Shell(
            environment,
            network=lambda: services.policy.now().children_network,
            hidden=HiddenFiles(lambda: services.policy.now().private_paths),
        )
        pages = page_fetcher(settings, environment, services.policy, services.journal)
        self._tools = builtin_tools(settings.index.exclude, shell, pages)
        self._mcp = kept.mcp(mcp_surroundings(settings, environment, services.policy, services.journal))
        self._limits = _limits(settings.tools)
        self.assists = AssistPorts(
            ask=partial(ask_once, services=services),
            gather=context.gather,
            redaction=redaction,
            reviews=kept.reviews,
            read=lambda path: kept.reviews.desk.read(path),
            check=check,
            permissions=kept.permissions,
            index=index,
            profile=lambda: chat.profile,
        )
        kept.mode = lambda: chat.mode

    def attach(self, face: Face) -> None:
        """Work through this face from now on."""
        self.kept.reviews.desk = self.kept.checkpoints.desk = face.desk
        self._edits.ask_notes = face.ask_notes
        self._asker = face.asker

    async def tools(self, asked: Asked, session_id: str, turn_id: str) -> Offered:
        """What a turn may use; nothing where no folder is open."""
        if asked.root is None:
            return Offered()
        root = await asyncio.to_thread(asked.root.resolve)
        scene = Scene(
            root,
            replace(self._sources, editor=asked.around),
            session_id,
            turn_id,
            edits=self._edits,
            sandbox=self._sandbox,
        )
        mode = self._chat.mode
        servers = await self._servers(scene) if mode != "plan" else McpOffered()
        tools = (*self._tools, *servers.tools)
        permissions = self.kept.permissions
        box = Toolbox(tools, scene, permissions, self._asker, mode, self._limits, self._usable)
        return Offered(box, servers.notes)

    def _usable(self, names: Sequence[str]) -> Sequence[str]:
        """Those that the person's role in their team has now; all where there is no team."""
        policy = self._policy.now()
        if policy.role_permissions is None:
            return names
        return allowed_tools(names, policy.role_permissions, policy.denied_tools)

    async def _servers(self, scene: Scene) -> McpOffered:
        """The tools of MCP servers. Mode plan has none of them, so nothing is started for it."""

        async def permit(wanted: Wanted) -> Permitted:
            wanted = replace(wanted, session_id=scene.session_id, turn_id=scene.turn_id)
            return await self.kept.permissions.permit(wanted, self._asker)

        return await self._mcp.offered(scene.root, permit)

    def _restoring(self, origin: EditOrigin, path: Path) -> Restore:
        """Puts back the secrets of a file into what the model of a conversation wrote for that very file."""
        redaction = self._chat.redaction_of(origin.session_id)
        name = name_of(path, origin.root)

        def restore(text: str) -> str:
            return text if redaction is None else restored_in_file(redaction, KeptText(text), name)

        return restore


async def _check(
    validation: ValidationSettings, broken_in: BrokenIn | None, edit: FileEdit, root: Path
) -> FileEdit | Refusal:
    return await check_edit(edit, name_of(edit.path, root), validation, broken_in=broken_in)


def _limits(settings: ToolsSettings) -> ToolLimits:
    return ToolLimits(
        settings.max_steps, float(settings.max_seconds), settings.max_tokens, settings.max_result_characters
    )
