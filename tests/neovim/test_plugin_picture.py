"""The first minute in Neovim, as the manual tells it and shows it: a secret, a question, a reviewed edit."""

import os
from pathlib import Path
from xml.etree import ElementTree

import pytest
from nvim_picture import to_svg
from nvim_plugin import Open, leave, scripted, wait_for_server
from repositories import write_tree
from secrets_samples import aws_key

pytestmark = pytest.mark.e2e

KEY = aws_key()
CODE = f'''import httpx

KEY = "{KEY}"


def resend(envelope, tries):
    for attempt in range(tries):
        if httpx.post("/send", json=envelope).is_success:
            return True
    return False
'''
PICTURES = os.environ.get("VICTOR_PICTURES")  # before a test runs: each has an environment of its own
WANTED = '''def resend(envelope, tries):
    """Send it until it arrives; False if it never did."""
    for attempt in range(tries):
        if httpx.post("/send", json=envelope, timeout=10).is_success:
            return True
    return False
'''
ANSWER = "`resend` gives up after `tries` attempts, see send.py:6. It does not wait between them."
LOOK = """
vim.o.laststatus, vim.o.number, vim.o.signcolumn, vim.o.ruler = 3, true, "yes", false
vim.o.statusline = " %f %m%=%{v:lua.require'victor'.status()} "
"""


def test_the_first_minute(open_plugin: Open, workspace: Path, tmp_path: Path) -> None:
    """All of it stands on one screen; the picture of it is well formed, loads nothing, and is kept if wanted."""
    replies = [{"text": f"```python\n{WANTED}```\n"}, {"text": ANSWER}]
    before, server = scripted(tmp_path, replies)
    write_tree(workspace, {"send.py": CODE})
    window = open_plugin("send.py", server=server, before=before + LOOK)
    wait_for_server(window)
    window.wait_until(lambda: window.screen.underlined()[:1] == [KEY], "the key, underlined")
    window.run("6,10Victor edit say what it does, and wait at most 10 s")
    window.wait_for_text("(1 of 2)")
    window.run("Victor ask Does it wait between the attempts?")
    window.wait_for_text("between them.")
    window.wait_for_text("Victor local")
    svg = to_svg(window.screen)
    assert KEY in svg
    svg = svg.replace(
        KEY, KEY[:4] + "•" * (len(KEY) - 4)
    )  # no key stands in the repository, not even in a picture
    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert "href" not in svg
    assert "url(" not in svg
    for text in ("Send it until it arrives", "Victor local"):
        assert text.replace(" ", "\N{NO-BREAK SPACE}") in svg
    folder = Path(PICTURES or tmp_path)
    (folder / "neovim.svg").write_text(svg, encoding="utf-8")
    window.run("Victor reject all")
    window.wait_until(lambda: not any("(1 of" in row for row in window.screen.lines()), "nothing to review")
    leave(window)
