"""What it costs to keep a document's secrets right while a person types into it."""

import random
import sysconfig
import time
from pathlib import Path

from bench.figures import Figure, percentile

from victor_server.features.secrets_on_save.model import Check, Source
from victor_server.features.secrets_on_save.service import SecretsOnSave
from victor_server.features.workspace_files import WorkspaceFiles
from victor_server.lsp.text import Edit, Text, edited, text_from

N_LINES = 100_000
N_KEYSTROKES = 200
_NO_FILES = WorkspaceFiles({})


def measure(_scratch: Path) -> list[Figure]:
    """Type into 100,000 lines of real code, with a secret in each thousand lines; everything that a keystroke causes."""
    text = text_from(_code())
    whole_ms, check = _whole(text)
    took = _type(text, check)
    return [
        Figure(
            f"keystroke in {N_LINES:,} lines, CPU p50",
            percentile(took, 50),
            "ms",
            whole_ms / 5,
            f"all of it again: {whole_ms:,.0f} ms CPU ({whole_ms / percentile(took, 50):,.0f} x)",
        ),
        Figure(f"keystroke in {N_LINES:,} lines, CPU p99", percentile(took, 99), "ms"),
    ]


def _whole(text: Text) -> tuple[float, Check]:
    """CPU milliseconds of a check of the whole text, without the time in which rules are loaded."""
    SecretsOnSave().check(Source(text.readable, "warm.py"), _NO_FILES)
    started = time.process_time()
    check = SecretsOnSave().check(Source(text.readable, "src/long.py"), _NO_FILES)
    return (time.process_time() - started) * 1000, check


def _type(text: Text, check: Check) -> list[float]:
    """CPU milliseconds from an edit to the findings of the new text."""
    secrets, dice, took = SecretsOnSave(), random.Random(7), []
    for _ in range(N_KEYSTROKES):
        line = dice.randrange(len(text.lines))
        started = time.process_time()
        text = edited(text, [Edit(line, 0, line, 0, "x")], "utf-16")
        check = secrets.check(Source(text.readable, "src/long.py"), _NO_FILES, check)
        took.append((time.process_time() - started) * 1000)
    return took


def _code() -> str:
    """The first modules of the standard library, by name, until there are enough lines."""
    lines: list[str] = []
    dice = random.Random(11)
    for file in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        lines += file.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    lines = (lines * (N_LINES // len(lines) + 1))[:N_LINES]
    for place in range(0, N_LINES, 1_000):
        secret = "".join(dice.choices("abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNP23456789", k=24))
        lines[place] = f"service_password = '{secret}'\n"
    return "".join(lines)
