"""Small windows get the tools that help most."""

import re
from pathlib import Path

import pytest
from offered_tools import Ruling, scene_at

from victor_server.agent.messages import TextPart
from victor_server.agent.offering import offer
from victor_server.agent.prompts import tools_text
from victor_server.agent.providers.estimate import tokens_of_tool
from victor_server.agent.tools.fitting import FIRST, fitting
from victor_server.agent.tools.run_command import Shell
from victor_server.agent.tools.table import builtin_tools
from victor_server.agent.tools.toolbox import Toolbox
from victor_server.agent.window import Window, tokens_of
from victor_server.settings.profiles import Mode

TOOLS = builtin_tools((), Shell())
SPECS = [tool.spec for tool in TOOLS]


def toolbox(mode: Mode = "build") -> Toolbox:
    """All tools there are."""
    return Toolbox(TOOLS, scene_at(Path.cwd()), Ruling(), mode=mode)


def test_the_first_are_tools_there_are() -> None:
    """A tool that is renamed does not lose its place unseen."""
    assert set(FIRST) <= {spec.name for spec in SPECS}
    assert len(set(FIRST)) == len(FIRST)


def test_more_room_never_means_fewer_tools() -> None:
    """Each window has all that a smaller one has, in the order of the table, and never more than it holds."""
    order = {spec.name: at for at, spec in enumerate(SPECS)}
    before: set[str] = set()
    for n_tokens in range(0, 4_000, 50):
        specs = fitting(SPECS, n_tokens)
        names = [spec.name for spec in specs]
        assert before <= set(names)
        assert names == sorted(names, key=lambda name: order[name])
        assert sum(map(tokens_of_tool, specs)) <= n_tokens
        before = set(names)
    assert before == order.keys()
    assert fitting(SPECS, -5) == ()


@pytest.mark.parametrize(
    ("context_tokens", "needed"),
    [
        (4_096, {"read_file", "search_code"}),
        (8_192, set(FIRST[:7])),
        (16_384, {spec.name for spec in SPECS}),
    ],
)
async def test_common_windows_of_local_models(context_tokens: int, needed: set[str]) -> None:
    """They can read and search; with 8,192 tokens change and run as well, as the manual says; and have two thirds left."""
    window = Window(context_tokens, context_tokens // 4)
    offered = await offer(toolbox(), window)
    assert {spec.name for spec in offered.specs} == needed
    around = (TextPart(tools_text("build")),)
    assert await tokens_of((), around, offered.specs) <= (window.input_tokens or 0) // 3
    assert needed >= {"read_file", "search_code"}
    assert bool(offered.note) == (len(needed) < len(SPECS))


async def test_only_looking_in_mode_plan() -> None:
    """A small window gets no tool that the mode does not offer."""
    offered = await offer(toolbox("plan"), Window(8_192, 2_048))
    names = {spec.name for spec in offered.specs}
    assert {"read_file", "search_code", "list_dir", "grep", "diagnostics"} <= names
    assert not names & {"edit_file", "run_command", "create_file"}


def test_the_manual_names_them() -> None:
    """docs/tools.md says what a model with 8,192 tokens gets."""
    text = (Path(__file__).parents[3] / "docs" / "tools.md").read_text("utf-8")
    (words,) = re.findall(r"\(with 8,192: ([^)]*)\)", text)
    assert words.replace("`", "").split(", ") == list(FIRST[:7])
