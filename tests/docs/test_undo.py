"""docs/undo.md says what undo does."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from victor_server.cli.main import run
from victor_server.features.checkpoints.restore import RestoredHow
from victor_server.history.checkpoints import Checkpoints
from victor_server.history.checkpoints_model import Changed, CheckpointKind, CheckpointOrigin
from victor_server.lsp.announced import COMMANDS
from victor_server.lsp.extensions import EXTENSIONS
from victor_server.settings.resolved import CheckpointSettings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "undo.md").read_text("utf-8")


def test_the_limits_are_those_of_the_settings() -> None:
    """Days and megabytes."""
    limits = CheckpointSettings()
    assert f"kept for {limits.keep_days} days and up to {limits.max_bytes // 1_000_000} MB" in TEXT


def test_the_messages_and_commands_are_there() -> None:
    """Each that the page names, and all that there are."""
    named = set(re.findall(r"victor/checkpoint/\w+", TEXT))
    assert named == {each.method for each in EXTENSIONS if "/checkpoint/" in each.method}
    assert set(re.findall(r"victor\.checkpoint\.\w+", TEXT)) == {
        each for each in COMMANDS if ".checkpoint." in each
    }


@pytest.mark.parametrize(
    "words",
    sorted(
        {
            match
            for match in re.findall(r"`victor ((?:undo|checkpoints)[^`]*)`", TEXT)
            if "…" not in match and "checkpoints show ID FILE" not in match
        }
    ),
)
def test_the_commands_are_understood(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command of the page runs on a change that is there; what `--json` prints is what the table says."""
    monkeypatch.setenv("VICTOR_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    kept = Checkpoints(tmp_path / "home" / "checkpoints", CheckpointSettings())
    file = tmp_path / "FILE"
    made = kept.begin(tmp_path, "Create FILE", CheckpointOrigin(), [Changed(file, None, "x\n")])
    file.write_text("x\n")
    kept.finish(made, [file])
    kept.close()
    if "--redo" in words:
        assert run(["undo"]) == 0
        capsys.readouterr()
    assert run([made if word == "ID" else word for word in words.split()]) == 0
    if "--json" in words:
        row = next(line for line in TEXT.splitlines() if line.startswith("|") and f"`victor {words}`" in line)
        printed = json.loads(capsys.readouterr().out)
        told = set(re.findall(r'"(\w+)"', row.split("|")[2]))
        assert told - _names(printed) <= {"start_line", "end_line", "mine", "theirs"} | _of_one(words)


def _of_one(words: str) -> set[str]:
    return {"checkpoints"} if words.startswith("checkpoints show") else set()


def _names(document: object) -> set[str]:
    if isinstance(document, list):
        return set().union(*(_names(each) for each in document))
    if isinstance(document, dict):
        return set(document).union(*(_names(each) for each in document.values()))
    return set()


def test_the_words_are_those_of_the_code() -> None:
    """What a checkpoint is, and what became of a file."""
    last = TEXT[TEXT.index("`kind` is") :]
    assert set(re.findall(r"`(\w+)`", last)) == {"kind", "how", "ids"} | set(get_args(CheckpointKind)) | set(
        get_args(RestoredHow)
    )
