"""Nothing is lost in VS Code when the server is killed in the midst of it all: not the draft, not the text, not a chat."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from vscode.chat import ChatView
from vscode.scenario import Reply, Scenario, make_scenario
from vscode.test_server import server_of
from vscode.window import TIMEOUT_MS, Window

pytestmark = [pytest.mark.e2e, pytest.mark.torture]

OpenWindow = Callable[..., Window]

CODE = "def net(boxes):\n    return sum(boxes)\n\n\ndef gross(boxes, tax):\n    return net(boxes) * tax\n"
WANTED = CODE.replace("sum(boxes)", "round(sum(boxes))")
EDIT: Reply = {"text": f"```python\n{WANTED}```\n"}
CALL: Reply = {"tool": {"name": "run_command", "arguments": {"command": "touch made"}}}
ENDLESS: Reply = [{"text": "One, two, "}, {"sleep_ms": 600_000}, {"text": "and never three."}]
READY = re.compile(r"^\s*Victor$")
ACCEPT = re.compile(r"^\s*Accept$")


def kill_server(window: Window, scenario: Scenario) -> None:
    """End it as a crash does, and wait until another one serves."""
    server = server_of(scenario)
    assert server is not None
    server.kill()
    server.wait(60)
    window.wait_until(lambda: (now := server_of(scenario)) and now.pid != server.pid, "another server")
    window.wait_for_status(READY)


def test_a_crash_in_the_midst_of_it_all(open_window: OpenWindow, tmp_path: Path) -> None:
    """In a review, at a question, in an answer: each time it is said, nothing stays that leads nowhere, all text is there."""
    scenario = make_scenario(tmp_path, {"shop.py": CODE}, EDIT, commit=True)
    window = open_window(scenario.workspace)
    window.open_file("shop.py")
    window.wait_for_status(READY)
    window.editor().click()
    window.press("Control+a")
    window.run_command("Victor: Edit with Victor…")
    window.answer_box("Round it")
    expect(window.lens(ACCEPT)).to_have_count(1, timeout=TIMEOUT_MS)
    scenario.says(CALL)
    kill_server(window, scenario)
    expect(window.lens(ACCEPT)).to_have_count(0, timeout=TIMEOUT_MS)
    assert [line.rstrip() for line in window.visible_lines() if line.strip()] == [
        line for line in CODE.splitlines() if line
    ]
    chat = ChatView(window)
    chat.ask("Make the file.")
    chat.find(".permission", "touch made").wait_for()
    chat.find("textarea").fill("a draft of mine")
    scenario.says(ENDLESS)
    kill_server(window, scenario)
    expect(chat.find(".permission")).to_have_count(0, timeout=TIMEOUT_MS)
    chat.wait_for("Interrupted")
    assert not (scenario.workspace / "made").exists()
    assert chat.find("textarea").input_value() == "a draft of mine"
    chat.find("textarea").fill("")
    chat.ask("Count for ever.")
    chat.wait_for("One, two,")
    chat.find("textarea").fill("the next question")
    kill_server(window, scenario)
    expect(chat.frame.get_by_text("Interrupted")).to_have_count(2, timeout=TIMEOUT_MS)
    expect(chat.find("button[aria-label='Stop']")).to_be_hidden(timeout=TIMEOUT_MS)
    assert chat.find("textarea").input_value() == "the next question"
    window.screenshot("crash-in-an-answer")
    window.reload()
    chat = ChatView(window)
    chat.wait_for("Count for ever.")
    expect(chat.find("textarea")).to_have_value("the next question", timeout=TIMEOUT_MS)
