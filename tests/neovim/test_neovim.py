"""Neovim with no plugin at all: the server is configured by the lines of the manual and looked at on the screen."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from editor import SERVER
from nvim_window import TIMEOUT_S, Window
from repositories import write_tree
from secrets_samples import aws_key, github_token
from tools.lsp_check import check_log

pytestmark = pytest.mark.e2e

TAP = Path(__file__).parents[1] / "tools" / "lsp_tap.py"
KEY = aws_key()
CODE = f'''def connect():
    return "{KEY}"


class Gateway:
    def resend_envelope(self):
        return None
'''
FIRST_CLIENT = "local client = vim.lsp.get_clients({name = 'victor'})[1]\n"

Open = Callable[..., Window]


@pytest.fixture
def open_recorded(open_neovim: Open, tmp_path: Path) -> Open:
    """As `open_neovim`, with all that is said written to a log, which `quit_and_check` reads."""
    recorded = (sys.executable, "-P", str(TAP), str(tmp_path / "log.jsonl"), "--", *SERVER)
    return lambda *arguments, **options: open_neovim(*arguments, server=recorded, **options)


def quit_and_check(window: Window, tmp_path: Path) -> None:
    """Leave; all that was said is valid LSP. Neovim hears no last answers when it quits, so the client ends before."""
    window.run("lua vim.lsp.enable('victor', false)")
    window.wait_until(lambda: not servers_of(window), "the end of the client")
    window.run("qa!")
    assert window.wait_until_quit() == 0
    assert (tmp_path / "log.jsonl").stat().st_size > 0
    assert check_log(tmp_path / "log.jsonl") == []


def wait_for_secret(window: Window) -> None:
    """Wait until the key is underlined on the screen, and nothing else is."""
    window.wait_until(lambda: window.screen.underlined() == [KEY], "the key, underlined")


def servers_of(window: Window) -> list[psutil.Process]:
    """What Neovim has started; the index worker is not among it, which serves other windows too."""
    return psutil.Process(window.process.pid).children()


def index_state(window: Window) -> Any:
    """Where the index stands, asked by a request that LSP does not have; None before there is a client."""
    code = "return client and client:request_sync('victor/index/status', vim.empty_dict(), 10000, 0)"
    answer = window.lua(FIRST_CLIENT + code)
    return answer["result"]["index"]["state"] if answer else None


def ask(window: Window, method: str, params: str) -> Any:
    """The one answer to a request about the current buffer."""
    code = f"return vim.lsp.buf_request_sync(0, '{method}', {params}, 10000)"
    (answer,) = window.lua(code)
    return answer["result"]


def test_a_secret_is_shown_allowed_and_gone(open_recorded: Open, workspace: Path, tmp_path: Path) -> None:
    """Open: sign and underline; ask: the message, masked; fix, save: all gone. Nobody has to press Enter."""
    write_tree(workspace, {"deploy.py": CODE})
    window = open_recorded("deploy.py")
    wait_for_secret(window)
    row = next(row for row in window.screen.lines() if KEY in row)
    assert row.startswith("W ")
    window.run("2")
    window.type("<C-W>d")
    window.wait_for_text("AWS Access Key (AKIA…6K) [aws-access-key]")
    choose_fix(window, 2, "Allow this secret")
    window.wait_until(lambda: "pragma: allowlist secret" in window.lines()[1], "the comment in the buffer")
    window.run("write")
    window.wait_until(lambda: not window.screen.underlined(), "no underline any more")
    window.wait_until(lambda: window.lua("return #vim.diagnostic.get(0)") == 0, "no diagnostic any more")
    saved = (workspace / "deploy.py").read_text(encoding="utf-8")
    assert saved == CODE.replace(f'"{KEY}"', f'"{KEY}"  # pragma: allowlist secret')
    quit_and_check(window, tmp_path)


def choose_fix(window: Window, line: int, title: str) -> None:
    """Ask for the code actions of a line and take the one whose title starts so, by its number in the menu."""
    window.run(str(line))
    window.run("lua vim.lsp.buf.code_action()")
    window.wait_for_text("Type number and <Enter>")
    (entry,) = [row for row in window.screen.lines() if row.partition(": ")[2].startswith(title)]
    window.type(f"{entry.partition(':')[0]}<CR>")


def text_of(window: Window, name: str) -> list[str]:
    """What the editor holds of a file that need not be shown."""
    return list(window.lua("return vim.fn.getbufline(vim.fn.bufnr(...), 1, '$')", name))


def test_a_secret_moves_to_the_environment(open_recorded: Open, workspace: Path, tmp_path: Path) -> None:
    """The menu's first entry: the code reads a variable, the project's files say so, and undo gives all back."""
    write_tree(workspace, {"deploy.py": CODE, ".gitignore": "*.log\n"})
    window = open_recorded("deploy.py")
    wait_for_secret(window)
    choose_fix(
        window, 2, "Move to environment variable AWS_ACCESS_KEY (set it in .env; revoke it if ever pushed)"
    )
    window.wait_until(lambda: not window.screen.underlined(), "no underline any more")
    assert window.lines()[:4] == [
        "import os",
        "",
        "def connect():",
        '    return os.environ["AWS_ACCESS_KEY"]',
    ]
    assert text_of(window, ".gitignore") == ["*.log", ".env"]
    window.run("wall")
    example = workspace / ".env.example"
    window.wait_until(lambda: example.is_file() and example.stat().st_size, "the file")
    assert example.read_text(encoding="utf-8") == "AWS_ACCESS_KEY=\n"
    assert "Press ENTER" not in window.screen.dump()
    window.run("undo")
    wait_for_secret(window)
    assert window.lines() == CODE.splitlines()
    quit_and_check(window, tmp_path)


def test_a_secret_goes_into_the_baseline(open_recorded: Open, workspace: Path, tmp_path: Path) -> None:
    """The whole file's at once. The editor keeps the baseline to itself until it is written, and it counts at once."""
    write_tree(workspace, {"deploy.py": CODE})
    window = open_recorded("deploy.py")
    wait_for_secret(window)
    choose_fix(window, 2, "Add this secret to .secrets.baseline")
    window.wait_until(lambda: len(text_of(window, ".secrets.baseline")) > 2, "the baseline")
    window.run("1")
    window.type("O# one more line<Esc>")
    window.wait_until(lambda: not window.screen.underlined(), "no underline any more")
    assert "Press ENTER" not in window.screen.dump()
    window.run("wall")
    window.wait_until((workspace / ".secrets.baseline").is_file, "the file")
    assert KEY not in (workspace / ".secrets.baseline").read_text(encoding="utf-8")
    quit_and_check(window, tmp_path)


@pytest.mark.parametrize(
    ("title", "n_left", "judged"),
    [
        ("Mark this secret as a test value in .secrets.baseline", 1, False),
        ("Add all 2 secrets of this file to .secrets.baseline", 0, None),
    ],
)
def test_the_other_ways_into_the_baseline(
    open_recorded: Open, workspace: Path, tmp_path: Path, title: str, n_left: int, judged: bool | None
) -> None:
    """Marked ones are judged, all of a file are not; what is left is shown on, and undo in the baseline shows them again."""
    write_tree(workspace, {"deploy.py": CODE + f'token = "{github_token()}"\n'})
    window = open_recorded("deploy.py")
    left = "return #vim.diagnostic.get(0)"
    window.wait_until(lambda: window.lua(left) == 2, "both")
    choose_fix(window, 2, title)
    window.wait_until(lambda: len(text_of(window, ".secrets.baseline")) > 2, "the baseline")
    window.run("wall")
    window.run("1")
    window.type("O# one more line<Esc>")
    window.wait_until(lambda: window.lua(left) == n_left, "what is left")
    entries = json.loads((workspace / ".secrets.baseline").read_text(encoding="utf-8"))["results"][
        "deploy.py"
    ]
    assert {entry.get("is_secret") for entry in entries} == {judged}
    window.run("buffer .secrets.baseline | undo | write | buffer deploy.py")
    window.type("O# and another<Esc>")
    window.wait_until(lambda: window.lua(left) == 2, "both again")
    assert "Press ENTER" not in window.screen.dump()
    quit_and_check(window, tmp_path)


def test_the_vendors_page_opens(open_recorded: Open, workspace: Path, tmp_path: Path) -> None:
    """By whatever the person's system opens pages with."""
    write_tree(workspace, {"deploy.py": CODE})
    stub = "vim.ui.open = function(page) vim.g.opened = page; return { wait = function() return { code = 0 } end } end"
    window = open_recorded("deploy.py", more=stub)
    wait_for_secret(window)
    choose_fix(window, 2, "Open docs.aws.amazon.com to revoke this secret")
    page = window.wait_until(lambda: window.lua("return vim.g.opened"), "the page")
    assert page.startswith("https://docs.aws.amazon.com/")
    quit_and_check(window, tmp_path)


def test_all_that_the_manual_says(open_recorded: Open, workspace: Path, tmp_path: Path) -> None:
    """With all its lines: the masked message beside the line, the search as a command, the settings, the log."""
    write_tree(workspace, {"deploy.py": CODE, "third_party/copy.py": CODE})
    window = open_recorded("deploy.py", whole_manual=True)
    window.wait_for_text("■ AWS Access Key (AKIA…6K)")
    (row,) = [row for row in window.screen.lines() if "■" in row]
    assert row.count(KEY) == 1
    window.wait_until(lambda: index_state(window) == "ready", "an index")
    window.run("VictorSearch resend envelope")
    window.wait_for_text("[Quickfix List] Victor: resend envelope")
    assert any(row.startswith("deploy.py|") and "Gateway" in row for row in window.screen.lines())
    assert not any("third_party" in row for row in window.screen.lines())
    window.run("lua vim.cmd.edit(vim.lsp.log.get_filename())")
    window.wait_until(lambda: window.lua("return vim.fn.expand('%:t')") == "lsp.log", "the log")
    assert window.lines() == [""]
    quit_and_check(window, tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_the_underline_is_right_behind_wide_characters(
    open_recorded: Open, workspace: Path, tmp_path: Path, encoding: str
) -> None:
    """What is typed before a secret, of one to four bytes and one or two columns, moves it; the screen follows."""
    capabilities = f"{{ general = {{ positionEncodings = {{ '{encoding}' }} }} }}"
    window = open_recorded("größe.py", more=f"vim.lsp.config('victor', {{ capabilities = {capabilities} }})")
    window.type(f'i漢字 = "🎉é"; schlüssel = "{KEY}"  # 鍵<Esc>')
    wait_for_secret(window)
    window.type("0i名前 = '👩‍👩‍👧𐍈'; <Esc>GoЖ = 1<Esc>")
    window.wait_until(lambda: len(window.lines()) == 2, "both lines")
    column = len(window.lines()[0].partition(KEY)[0].encode())

    def is_moved() -> bool:
        columns = window.lua(
            "return vim.tbl_map(function(d) return {d.col, d.end_col} end, vim.diagnostic.get(0))"
        )
        return bool(columns == [[column, column + len(KEY)]])

    window.wait_until(is_moved, f"the diagnostic in column {column}")
    wait_for_secret(window)
    assert window.lua(FIRST_CLIENT + "return client.offset_encoding") == encoding
    quit_and_check(window, tmp_path)


def test_symbols_and_search(open_recorded: Open, workspace: Path, tmp_path: Path) -> None:
    """The outline, the workspace's symbols and `victor/search` tell the right places; `gO` lists the outline."""
    other = "def parse_timetable(text):\n    return text.split()\n"
    write_tree(workspace, {"deploy.py": CODE, "src/timetable.py": other})
    window = open_recorded("deploy.py")
    window.wait_until(lambda: index_state(window) == "ready", "an index")
    tree = ask(window, "textDocument/documentSymbol", "{ textDocument = { uri = vim.uri_from_bufnr(0) } }")
    assert [each["name"] for each in tree] == ["connect", "Gateway"]
    assert [each["name"] for each in tree[1]["children"]] == ["resend_envelope"]
    (symbol,) = ask(window, "workspace/symbol", "{ query = 'parse_time' }")
    assert symbol["location"]["uri"] == (workspace / "src" / "timetable.py").as_uri()
    assert symbol["location"]["range"]["start"] == {"line": 0, "character": 4}
    code = "return client:request_sync('victor/search', { query = 'resend envelope' }, 10000, 0)"
    found = window.lua(FIRST_CLIENT + code)["result"]
    assert not found["partial"]
    assert found["hits"][0]["path"] == "deploy.py"
    assert found["hits"][0]["symbol"].startswith("Gateway")
    window.type("gO")
    window.wait_for_text("deploy.py|5 col 7-14| [Class] Gateway")
    window.wait_for_text("deploy.py|6 col 9-24| [Method] resend_envelope")
    quit_and_check(window, tmp_path)


def changed_last(log: Path) -> str:
    """The URI that the last change named; the log's last line may be in the making."""
    lines = log.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
    messages = [json.loads(line)["message"] for line in lines]
    changes = [message for message in messages if message.get("method") == "textDocument/didChange"]
    return str(changes[-1]["params"]["textDocument"]["uri"]) if changes else ""


def test_a_new_buffer_that_gets_a_name_shows_no_error(
    open_recorded: Open, workspace: Path, tmp_path: Path
) -> None:
    """Neovim sends changes of the file before it has opened it for servers: that is nobody's business."""
    write_tree(workspace, {"deploy.py": CODE})
    window = open_recorded("deploy.py")
    wait_for_secret(window)
    window.run("enew")
    window.run("set filetype=python")
    window.type("ione = 1<Esc>")
    window.run("write new.py")
    window.wait_until((workspace / "new.py").exists, "the file")
    window.type("otwo = 2<Esc>")
    log = tmp_path / "log.jsonl"
    window.wait_until(lambda: changed_last(log) == (workspace / "new.py").as_uri(), "a change of the file")
    window.wait_until(lambda: index_state(window) is not None, "the server, which has heard of the change")
    assert "new.py" in window.lua("return vim.api.nvim_buf_get_name(0)")
    assert "lost track" not in window.dump()
    quit_and_check(window, tmp_path)


@pytest.mark.parametrize("way", ["quit", "kill"])
def test_no_process_outlives_neovim(open_neovim: Open, workspace: Path, way: str) -> None:
    """Whether it is quit or dies, its server goes too; the index worker leaves by itself."""
    write_tree(workspace, {"deploy.py": CODE})
    window = open_neovim("deploy.py")
    wait_for_secret(window)
    (server,) = servers_of(window)
    assert server.cmdline()[-1] == "lsp"
    if way == "quit":
        window.run("qa!")
        assert window.wait_until_quit() == 0
    else:
        window.kill()
    _, alive = psutil.wait_procs([server], timeout=TIMEOUT_S)
    assert alive == []


def test_checkhealth_finds_nothing_wrong(open_neovim: Open, workspace: Path) -> None:
    """`:checkhealth vim.lsp` lists the client with its version and folder, and neither error nor warning."""
    write_tree(workspace, {"deploy.py": CODE})
    window = open_neovim("deploy.py")
    wait_for_secret(window)
    window.run("checkhealth vim.lsp")
    window.wait_until(lambda: any("Position Encodings" in line for line in window.lines()), "the report")
    report = "\n".join(window.lines())
    assert "- victor (id: 1)" in report
    assert "- Root directory: ~/project" in report
    assert "- Attached buffers: 1" in report
    assert not [word for word in ("ERROR", "WARNING", "❌", "⚠") if word in report]
    assert "- Log size: 0 KB" in report
    window.run("qa!")
    assert window.wait_until_quit() == 0
