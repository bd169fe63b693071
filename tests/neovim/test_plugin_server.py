"""The plugin's server in Neovim: started by `vim.lsp.enable` alone, found safely, and started again after a crash."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from editor import SERVER
from nvim_window import Window
from repositories import write_tree
from secrets_samples import aws_key
from tools.lsp_check import check_log

pytestmark = pytest.mark.e2e

TAP = Path(__file__).parents[1] / "tools" / "lsp_tap.py"
KEY = aws_key()
REQUEST = """
local method, params = ...
done = nil
require("victor.client").request(method, params, function(err, result) done = { err = err, result = result } end)
"""

Open = Callable[..., Window]


def ask(window: Window, method: str, params: object = None) -> dict[str, Any]:
    """What came of a request, which waits for the server where it must."""
    window.lua(REQUEST, method, params or {})
    answer: dict[str, Any] = window.wait_until(lambda: window.lua("return done"), f"an answer to {method}")
    return answer


def state(window: Window) -> str:
    """What the plugin says of the server."""
    return str(window.lua("return (require('victor.server').state())"))


def messages(window: Window) -> str:
    """All that Neovim has said so far."""
    return str(window.lua("return vim.api.nvim_exec2('messages', { output = true }).output"))


def servers_of(window: Window) -> list[psutil.Process]:
    """What Neovim has started."""
    children = psutil.Process(window.process.pid).children()
    return [each for each in children if each.status() != psutil.STATUS_ZOMBIE]


def others(window: Window, before: psutil.Process) -> list[int]:
    """The servers that are not this one."""
    return [each.pid for each in servers_of(window) if each.pid != before.pid]


def test_enable_is_enough(open_plugin: Open, workspace: Path, tmp_path: Path) -> None:
    """No setup(): a secret is underlined, `victor/*` is announced, status comes, and all that is said is valid LSP."""
    write_tree(workspace, {"deploy.py": f'key = "{KEY}"\n'})
    log = tmp_path / "log.jsonl"
    window = open_plugin("deploy.py", server=(sys.executable, "-P", str(TAP), str(log), "--", *SERVER))
    window.wait_until(lambda: window.screen.underlined() == [KEY], "the key, underlined")
    window.wait_until(lambda: window.lua("return require('victor').status()") != "", "a status")
    window.wait_until(
        lambda: (
            window.lua("return (require('victor.status').last() or { index = {} }).index.state") == "ready"
        ),
        "the index",
    )
    assert state(window) == "running"
    assert len(servers_of(window)) == 1
    window.run("Victor stop server")
    window.wait_until(lambda: not servers_of(window), "the end of the server")
    window.wait_until(lambda: state(window) == "stopped", "that it is said")
    window.run("qa!")
    assert window.wait_until_quit() == 0
    assert check_log(log) == []
    sent = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    (hello,) = [each["message"] for each in sent if each["message"].get("method") == "initialize"]
    announced = hello["params"]["capabilities"]["experimental"]["victor"]
    assert {"chat", "permission", "review", "status", "diagnostics"} <= announced.keys()


def test_a_command_starts_the_server_where_no_file_is_open(open_plugin: Open, workspace: Path) -> None:
    """In an empty Neovim a request starts one for the folder; a file that is opened later joins it."""
    write_tree(workspace, {"a.py": "x = 1\n"})
    window = open_plugin()
    assert state(window) == "stopped"
    assert "err" not in ask(window, "victor/status")
    window.run("edit a.py")
    joined = "return #vim.lsp.get_clients({ name = 'victor', bufnr = vim.fn.bufnr('a.py') })"
    window.wait_until(lambda: window.lua(joined) == 1, "the file at the server")
    assert len(servers_of(window)) == 1


def test_a_crash_is_said_and_mended(open_plugin: Open, workspace: Path) -> None:
    """Killed: what was asked fails, the buffers are attached again, and what was typed meanwhile is known."""
    write_tree(workspace, {"a.py": "x = 1\n"})
    window = open_plugin("a.py")
    assert "err" not in ask(window, "victor/status")
    (server,) = servers_of(window)
    server.suspend()
    window.lua(REQUEST, "victor/status", {})
    server.kill()
    failed = window.wait_until(lambda: window.lua("return done"), "the request to fail")
    assert "ended before it answered" in failed["err"]["message"]
    window.type(f'okey = "{KEY}"<Esc>')
    window.wait_until(lambda: state(window) == "running", "the server again")
    window.wait_until(lambda: window.screen.underlined() == [KEY], "the key that was typed meanwhile")
    said = messages(window)
    assert said.count("the server crashed (signal 9) and is restarted") == 1
    assert said.count("the server is back") == 1
    assert "err" not in ask(window, "victor/status")


def test_what_crashes_again_and_again_is_left_alone(open_plugin: Open, workspace: Path) -> None:
    """A program that always dies is started six times; then it is said, with what to do."""
    write_tree(workspace, {"a.py": "x = 1\n"})
    count = workspace / "count"
    dies = f"open({json.dumps(str(count))}, 'a').write('.'); raise SystemExit(3)"
    hurry = 'require("victor.server").DELAYS_MS = { 1, 1, 1, 1, 1 }'
    window = open_plugin("a.py", server=(sys.executable, "-P", "-c", dies, "lsp"), before=hurry)
    window.wait_until(lambda: state(window) == "failed", "it to give up")
    assert count.read_text() == "......"
    window.wait_until(lambda: "keeps crashing (exit code 3)" in messages(window), "that it is said")
    assert "restart" in ask(window, "victor/status")["err"]["data"]["fix"]
    assert count.read_text() == "......"


def test_restart_and_stop(open_plugin: Open, workspace: Path) -> None:
    """A restart brings another process with the same buffers; after a stop nothing starts it but a restart."""
    write_tree(workspace, {"a.py": "x = 1\n", "b.py": "y = 1\n"})
    window = open_plugin("a.py")
    assert "err" not in ask(window, "victor/status")
    (before,) = servers_of(window)
    window.run("Victor restart")
    window.wait_until(lambda: others(window, before) and state(window) == "running", "another server")
    attached = "return #vim.lsp.get_clients({ name = 'victor', bufnr = vim.fn.bufnr('a.py') })"
    window.wait_until(lambda: window.lua(attached) == 1, "the buffer at the new one")
    window.run("Victor stop server")
    window.wait_until(lambda: state(window) == "stopped" and not servers_of(window), "the end of it")
    window.run("edit b.py")
    assert ask(window, "victor/status")["err"]["data"]["fix"] == ":Victor restart starts it."
    assert servers_of(window) == []
    window.run("Victor restart")
    window.wait_until(lambda: state(window) == "running", "it to run again")


def test_the_program_of_a_repository_is_not_run(open_plugin: Open, workspace: Path) -> None:
    """A `.venv` in the folder is code of others: it is named, not run, until the person names the folder."""
    mark = workspace / "was-run"
    program = f"#!/bin/sh\ntouch '{mark}'\n"
    write_tree(workspace, {"a.py": "x = 1\n", ".venv/bin/victor": program})
    (workspace / ".venv/bin/victor").chmod(0o755)
    empty = f"vim.env.PATH = {json.dumps('.:' + os.defpath)}"
    window = open_plugin("a.py", before=f'{empty}\nvim.lsp.enable("victor")', enabled=False)
    failed = ask(window, "victor/status")["err"]
    assert "not on PATH" in failed["message"]
    assert "checkhealth" in failed["data"]["fix"]
    hint = window.lua("return require('victor.program').hint(...)", str(workspace))
    assert f'environments = {{ "{workspace}" }}' in hint
    assert not mark.exists()
    window.lua("require('victor').setup({ environments = { ... } })", str(workspace))
    window.run("Victor restart")
    window.wait_until(mark.exists, "the program of the folder, which is allowed now")


def test_a_request_that_was_taken_back_ends_at_once(open_plugin: Open, workspace: Path) -> None:
    """Its callback hears so, once, and nothing is said to the person."""
    write_tree(workspace, {"a.py": "x = 1\n"})
    window = open_plugin("a.py")
    assert "err" not in ask(window, "victor/status")
    cancelled = window.lua(
        "heard = {} local stop = require('victor.client').request('victor/search', { query = 'x' },"
        " function(err) table.insert(heard, err and err.code or 0) end) stop() stop() return heard"
    )
    assert cancelled == [-32800]
    assert "err" not in ask(window, "victor/status")
    assert window.lua("return heard") == [-32800]
    assert messages(window) == ""
