"""Calls tools as a turn does: in a thread first, then to the one result; permissions are somebody else's."""

import asyncio
from pathlib import Path
from typing import Any

from context_sources import MemoryEditor

from victor_server.agent.context.git import Git
from victor_server.agent.context.sources import EditorSource, IndexSource, Sources
from victor_server.agent.tools.telling import told
from victor_server.agent.tools.tool import Done, Scene, Tool
from victor_server.policy.private_files import PrivateFiles
from victor_server.secrets.redaction.session import RedactionSession


def scene_of(
    root: Path,
    editor: EditorSource | None = None,
    index: IndexSource | None = None,
    private: tuple[str, ...] = (),
) -> Scene:
    """A turn in `root` with the files that are always private, and these patterns."""
    sources = Sources(PrivateFiles(private), lambda _: False, editor or MemoryEditor(), index, Git())
    return Scene(root.resolve(), sources, "session", "turn")


async def call(tool: Tool, scene: Scene, **arguments: Any) -> Done:
    """What a call gives. Raises as `Tool.prepare` does."""
    prepared = await asyncio.to_thread(tool.prepare, "call", arguments, scene)
    results = [each async for each in prepared.run(False)]
    assert len(results) == 1
    assert isinstance(results[0], Done)
    return results[0]


async def text_of(tool: Tool, scene: Scene, **arguments: Any) -> str:
    """What the model reads of it."""
    with RedactionSession() as session:
        return await told(await call(tool, scene, **arguments), session)
