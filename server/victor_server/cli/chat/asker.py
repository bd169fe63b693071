"""Asks the person at the terminal whether a tool may do something."""

import difflib
import logging

from victor_server.agent.permissions.model import Answer, AnswerKind, Question
from victor_server.agent.permissions.question_words import folder_of, in_line, remembered, seen, things, wish
from victor_server.agent.tools.tool import Diff
from victor_server.cli.chat.asking import Asking
from victor_server.cli.chat.printed_hunk import seen_lines

logger = logging.getLogger(__name__)

_ANSWERS: dict[str, AnswerKind] = {
    "yes": "once",
    "session": "session",
    "always": "always",
    "no": "no",
}
_PROMPT = "Allow it? [y]es once, for this [s]ession, [a]lways, [n]o, or n and why: "
_SHORT_PROMPT = "Allow it? [y]es once, [n]o, or n and why: "


class TerminalAsker:
    """Implements `Asker` over one terminal."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def ask(self, question: Question) -> Answer:
        """As `Asker.ask`. Ctrl-D is a no; Ctrl-C stops the turn, and with it the question."""
        patterns = remembered(question.verdict)
        words = tuple(_ANSWERS) if patterns else ("yes", "no")
        try:
            async with self._asking.turn() as screen:
                screen.say(question_text(question))
                for each in question.diffs:
                    screen.diff(_diff(each))
                prompt = _PROMPT if patterns else _SHORT_PROMPT
                word, reason = await self._asking.choice(screen, prompt, words)
                if word != "no":
                    screen.wait(f"{in_line(question.wanted.touched.title)}…")
        except EOFError:
            return Answer("no")
        except OSError as error:
            logger.warning("the terminal cannot be read: %s", type(error).__name__)
            return Answer("cancelled", "The terminal cannot be read.")
        return Answer(_ANSWERS[word], reason if word == "no" else "")


def question_text(question: Question) -> str:
    """What is wanted, whole, and why it is asked for."""
    lines = [f"{wish(question)}:"]
    lines += [f"  {line}" for each in things(question.wanted) for line in each.split("\n")]
    if folder := folder_of(question.wanted):
        lines.append(f"in the folder {folder}")
    lines.append(seen(question.verdict.reason))
    if patterns := remembered(question.verdict):
        lines.append(f"“Session” and “always” allow: {patterns}")
    return "\n".join(lines)


def _diff(diff: Diff) -> str:
    before, after = ((text or "").splitlines() for text in (diff.before, diff.after))
    name = in_line(diff.path.as_posix())
    return "\n".join(
        [f"--- {name}", *list(map(seen_lines, difflib.unified_diff(before, after, lineterm="")))[2:]]
    )
