"""What files, models and pages say is shown by a real VS Code, and orders nothing about."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Error, Frame, expect
from sandboxed import need_bubblewrap
from vscode.chat import ChatView
from vscode.scenario import Reply, make_scenario
from vscode.window import TIMEOUT_MS, Window

pytestmark = pytest.mark.e2e

OpenWindow = Callable[..., Window]

CODE = "def price(n):\n    return 2 * n\n"
WANTED: Reply = {"text": "```python\ndef price(n):\n    return 3 * n\n```\n"}
TRAP = "[see why](command:workbench.action.closeSidebar).py"
ACCEPT = re.compile(r"^\s*Accept$")


@pytest.mark.torture
def test_a_message_makes_no_command_of_a_files_name(open_window: OpenWindow, tmp_path: Path) -> None:
    """VS Code runs a command that a message links to: a file that is named like such a link stays a name."""
    scenario = make_scenario(tmp_path, {TRAP: CODE}, WANTED)
    window = open_window(scenario.workspace)
    window.open_file(TRAP)
    window.wait_for_status("Victor")
    window.run_command("Victor: Edit with Victor…")
    window.answer_box("Raise the price")
    expect(window.lens(ACCEPT)).to_have_count(1, timeout=TIMEOUT_MS)
    window.lens(ACCEPT).first.click()
    window.wait_until(lambda: "    return 3 * n" in window.visible_lines(), "the accepted line")
    window.run_command("Victor: Restore Checkpoint…")
    item = window.page.locator(".quick-input-list .monaco-list-row").first
    expect(item).to_contain_text("see why", timeout=TIMEOUT_MS)
    item.click()
    said = window.notification("Restored")
    expect(said).to_contain_text("see why", timeout=TIMEOUT_MS)
    expect(said.locator(".notification-list-item-message a")).to_have_count(0)


@pytest.mark.torture
def test_the_real_view_obeys_its_policy(open_window: OpenWindow, tmp_path: Path) -> None:
    """As VS Code serves it, the chat view cannot run text, read HTML, or reach anything but the extension's own files."""
    scenario = make_scenario(tmp_path, {"prices.py": CODE})
    window = open_window(scenario.workspace)
    window.run_command("Victor: Open Chat")
    view = window.webview(".composer")
    policy = view.locator("meta[http-equiv='Content-Security-Policy']").get_attribute("content") or ""
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules.keys() == {
        "default-src",
        "script-src",
        "style-src",
        "base-uri",
        "form-action",
        "require-trusted-types-for",
        "trusted-types",
    }
    assert rules["default-src"] == "'none'"
    assert re.fullmatch(r"'nonce-[\w-]{20,}'", rules["script-src"])
    assert "unsafe" not in policy
    tried = view.evaluate(
        """async (outside) => {
          const tell = async (what) => { try { await what(); return "done"; } catch (error) { return error.name; } };
          const loads = (tag, name) => new Promise((done, fail) => {
            const made = Object.assign(document.createElement(tag), { onload: done, onerror: () => fail(new TypeError()) });
            made[name] = outside;
            document.body.append(made);
          });
          // What a debugger runs itself may make code of text: what a timer runs may not.
          await new Promise((done) => setTimeout(done));
          return {
            html: await tell(() => { document.body.innerHTML = "<b>x</b>"; }),
            text: await tell(() => new Function("return 1")()),
            fetch: await tell(() => fetch(outside)),
            image: await tell(() => loads("img", "src")),
            script: await tell(() => loads("script", "src")),
          };
        }""",
        f"{window.page.url.partition('?')[0]}favicon.ico",
    )
    assert tried["html"] == "TypeError"
    assert tried["text"] == "EvalError"
    assert {tried[name] for name in ("fetch", "image", "script")} == {"TypeError"}


@pytest.mark.torture  # the question must come while one types: where the machine is too busy for that, it comes before
def test_a_question_takes_no_key_from_the_editor(open_window: OpenWindow, tmp_path: Path) -> None:
    """Whoever types code while a tool asks goes on typing, also where the chat comes into sight only then."""
    need_bubblewrap()
    call = {"tool": {"name": "run_command", "arguments": {"command": "touch made"}}}
    scenario = make_scenario(tmp_path, {"prices.py": ""}, [{"sleep_ms": 5000}, call], {"text": "Done."})
    window = open_window(scenario.workspace)
    window.open_file("prices.py")
    chat = ChatView(window)
    chat.ask("make it")
    chat.find(".turn").wait_for()
    window.run_command("View: Show Explorer")
    window.run_command("View: Focus Active Editor Group")
    typed = 0

    def asked() -> bool:
        """A key between any two looks."""
        nonlocal typed
        window.type("1\n")
        typed += 1
        return any(_holds_question(frame) for frame in window.page.frames[1:])

    window.wait_until(asked, "the question")
    for _ in range(5):
        window.type("1\n")
        typed += 1
    window.save()
    assert (scenario.workspace / "prices.py").read_text() == "1\n" * typed
    expect(chat.frame.locator(".permission")).to_have_count(1)
    assert not (scenario.workspace / "made").exists()


def _holds_question(frame: Frame) -> bool:
    """Views come and go meanwhile."""
    try:
        return frame.locator(".permission").count() > 0
    except Error:
        return False
