"""A turn with tools against a real llama.cpp server, over OpenAI's API: the model's own arguments, token by token."""

from contextlib import aclosing
from pathlib import Path

from agent.turns import end_of, ended, said, turn
from agent_services import close, receipts, services_in
from forced_tools import ForcedTools
from model_server import ModelServer
from offered_tools import toolbox

from victor_server.agent.providers.openai_compatible import OpenAICompatibleProvider
from victor_server.agent.providers.provider import Provider
from victor_server.agent.run_events import RunEvent, ToolAsked, ToolStarted
from victor_server.agent.tools.read_file import read_file_tool
from victor_server.agent.tools.update_plan import update_plan_tool
from victor_server.agent.turn import Tools, run_turn
from victor_server.settings.profiles import Profile


async def _asked(
    server: ModelServer, home: Path, prompt: str, tools: Tools
) -> tuple[list[RunEvent], ForcedTools, list[str]]:
    """What a turn tells, what was sent, and how each call ended."""
    connections = ForcedTools()
    profile = Profile(
        "default", "llamacpp", server.model, (server.base_url,), server.key, temperature=0.0, timeout_s=60,
        max_output_tokens=160,
    )  # fmt: skip

    def open_server(profile: Profile, url: str) -> Provider:
        return OpenAICompatibleProvider(profile, url, connections)

    services = services_in(home, profile, open_server=open_server)
    try:
        async with aclosing(run_turn(turn(prompt, tools=tools), services)) as events:
            told = [event async for event in events]
        return told, connections, [receipt.outcome for receipt in receipts(services)]
    finally:
        await close(services)


async def test_a_tool_call_of_a_real_model(real_server: ModelServer, tmp_path: Path) -> None:
    """Arguments that fit a real tool's schema arrive whole, the tool runs, and the model goes on with its result."""
    (tmp_path / "a.txt").write_text("The answer is forty-two.\n")
    tools = toolbox(read_file_tool(), root=tmp_path)
    told, connections, outcomes = await _asked(real_server, tmp_path, "Read the file a.txt", tools)
    (asked,) = [event for event in told if isinstance(event, ToolAsked)]
    assert asked.name == "read_file"
    assert isinstance(asked.arguments["path"], str)
    (end,) = ended(told)
    assert end.id == asked.id
    assert outcomes == ["done", "done"]
    assert said(told)
    assert end_of(told).reason in ("end_turn", "max_tokens")
    first, second = connections.requests
    assert [tool["function"]["name"] for tool in first["tools"]] == ["read_file"]
    call, result = second["messages"][-2:]
    assert call["tool_calls"][0]["id"] == result["tool_call_id"] == asked.id
    assert result["content"].removeprefix("Error: ") == end.kept


async def test_nested_arguments_of_a_real_model(real_server: ModelServer, tmp_path: Path) -> None:
    """Lists of objects, as `update_plan` takes them, come over the wire as they are, or are cut off and said to be."""
    tools = toolbox(update_plan_tool(), root=tmp_path)
    told, _, _ = await _asked(real_server, tmp_path, "Plan: look, mend, test.", tools)
    (asked,) = [event for event in told if isinstance(event, ToolAsked)]
    (end,) = ended(told)
    if any(isinstance(event, ToolStarted) for event in told):
        assert end.status == "completed"
        assert isinstance(asked.arguments["entries"], list)
    else:
        assert "longest length" in end.kept
