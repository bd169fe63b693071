"""Questions that were written to be misread: what a person would not see on a screen is named."""

from pathlib import Path

import pytest

from victor_server.agent.permissions.model import Question, Verdict, Wanted
from victor_server.agent.permissions.question_words import in_line, seen
from victor_server.agent.tools.tool import Touched
from victor_server.cli.chat.asker import question_text
from victor_server.lsp.asker import message_of
from victor_server.lsp.permission_request import to_permission_request

TRICKS = [
    f"npm test{' ' * 900}; rm -rf src",
    f"npm test\n{' ' * 900}rm -rf src",
    "npm test" + "\n" * 300 + "rm -rf src",
    "npm test" + "\n  " * 300 + "rm -rf src",
    f"npm test{chr(0x3000) * 300}; rm -rf src",
    f"npm test{chr(0xA0) * 300}; rm -rf src",
    f"npm test{chr(0x2003) * 300}; rm -rf src",
    "npm test" + " \u2003" * 200 + "; rm -rf src",
]


def question(command: str) -> Question:
    """A question about a command."""
    touched = Touched("Run it", command=command, folder=Path("/work"))
    wanted = Wanted("run_command", "execute", touched, Path("/work"))
    return Question("1", wanted, Verdict("ask", "No rule allows it."))


@pytest.mark.parametrize("command", TRICKS, ids=range(len(TRICKS)))
def test_nothing_is_pushed_out_of_sight(command: str) -> None:
    """The end of a command stands near its beginning, in a message, in a dialog and in a terminal."""
    asked = question(command)
    content = to_permission_request(asked).toolCall["content"][0]["content"]["text"]
    for text in (message_of(asked), question_text(asked), content):
        start = text.index("npm test")
        assert 0 < text.index("rm -rf src") - start < 80, text
        assert "blank" in text or "\\u{" in text


@pytest.mark.parametrize(
    "text", ["a  b", "def f():\n        return 1", f"x = 1{' ' * 8}# why", "a\n\nb", "  - [ ] x"]
)
def test_usual_blanks_stay(text: str) -> None:
    """Indentation, columns and empty lines of a text that hides nothing stay as they are."""
    assert seen(text) == text
    assert in_line(text) == text.replace("\n", " ⏎ ")
