"""A chat in VS Code's own view: streamed, asking before it acts, stopped, and there again after a reload."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from vscode.chat import ChatView
from vscode.scenario import Reply, make_scenario
from vscode.window import TIMEOUT_MS, Window

pytestmark = pytest.mark.e2e

OpenWindow = Callable[..., Window]

CODE = '''"""Prices of a shop."""


def total(boxes, tax):
    amount = sum(box.price for box in boxes)
    return round(amout * (1 + tax), 2)
'''
ANSWER: Reply = [
    {"text": "`total` in shop.py adds up the prices and puts the tax on top. "},
    {"sleep_ms": 200},
    {"text": "It fails on **line 6**: `amout` is misspelt.\n\n"},
    {"sleep_ms": 200},
    {"text": "```python\ndef total(boxes, tax):\n    amount = sum(box.price for box in boxes)\n"},
    {"text": "    return round(amount * (1 + tax), 2)\n```\n\nWith that, no box costs nothing.\n"},
]
CALL: Reply = [
    {"text": "I look.\n"},
    {"tool": {"name": "run_command", "arguments": {"command": "touch made"}}},
]
ENDLESS: Reply = [{"text": "One, two, "}, {"sleep_ms": 600_000}, {"text": "and never three."}]


def test_an_answer_streams_and_survives_a_reload(open_window: OpenWindow, tmp_path: Path) -> None:
    """Its parts come as they are said; afterwards the view is as it was, drawn from what the server keeps."""
    scenario = make_scenario(tmp_path, {"shop.py": CODE}, ANSWER, commit=True)
    window = open_window(scenario.workspace)
    window.open_file("shop.py")
    window.widen_side_bar(440)
    chat = ChatView(window)
    window.screenshot("chat-empty")
    chat.ask("What does total do?")
    chat.wait_for("puts the tax on top")
    chat.wait_for("no box costs nothing")
    expect(chat.find("pre code .hljs-keyword")).to_have_text("return", timeout=TIMEOUT_MS)
    expect(chat.find(".talk", "free")).to_be_visible(timeout=TIMEOUT_MS)
    window.screenshot("chat-answer")
    assert chat.faults() == []
    window.reload()
    chat = ChatView(window)
    chat.wait_for("What does total do?")
    chat.wait_for("no box costs nothing")
    assert chat.find("textarea").input_value() == ""


def test_it_asks_before_it_runs_a_command(open_window: OpenWindow, tmp_path: Path) -> None:
    """The card is answered by keyboard alone; before that nothing has run."""
    scenario = make_scenario(tmp_path, {"shop.py": CODE}, CALL, {"text": "It is there now."})
    window = open_window(scenario.workspace)
    window.widen_side_bar(440)
    chat = ChatView(window)
    chat.ask("Make the file.")
    chat.find(".permission", "touch made").wait_for()
    window.screenshot("chat-permission")
    assert chat.faults() == []
    assert not (scenario.workspace / "made").exists()
    chat.answer_by_keyboard("Allow once")
    chat.wait_for("It is there now.")
    assert (scenario.workspace / "made").exists()
    assert chat.find("details.tool, .tool", "touch made").is_visible()


@pytest.mark.torture
def test_a_no_is_told_to_the_model(open_window: OpenWindow, tmp_path: Path) -> None:
    """Nothing runs, and the turn goes on."""
    scenario = make_scenario(tmp_path, {"shop.py": CODE}, CALL, {"text": "Then I leave it."})
    window = open_window(scenario.workspace)
    chat = ChatView(window)
    chat.ask("Make the file.")
    chat.answer_by_keyboard("No")
    chat.wait_for("Then I leave it.")
    assert not (scenario.workspace / "made").exists()


def test_an_answer_is_stopped(open_window: OpenWindow, tmp_path: Path) -> None:
    """What was said stays, the rest is not awaited, and the next question is answered."""
    scenario = make_scenario(tmp_path, {"shop.py": CODE}, ENDLESS, {"text": "Gladly."})
    window = open_window(scenario.workspace)
    chat = ChatView(window)
    chat.ask("Count for ever.")
    chat.wait_for("One, two,")
    chat.find("button[aria-label='Stop']").click()
    expect(chat.find("button[aria-label='Stop']")).to_be_hidden(timeout=TIMEOUT_MS)
    chat.ask("Thank you. Once more?")
    chat.wait_for("Gladly.")
    assert "never three" not in (chat.frame.text_content("body") or "")
