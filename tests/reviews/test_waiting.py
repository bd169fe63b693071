"""What waited in a window that has ended is told once, and nothing else is."""

import subprocess
import sys
from pathlib import Path

from victor_server.agent.tools.edits import EditOrigin
from victor_server.features.edits.hunks import hunks_of
from victor_server.features.edits.model import EditSet, FileEdit
from victor_server.features.edits.waiting import FOLDER, Waiting, WaitingFile, waiting_in

ROOT = Path("/work")
ONE = Waiting("src/a.py", "/work", 2)


def test_only_what_is_proposed_waits(tmp_path: Path) -> None:
    """Names and numbers, without the text."""
    file = tmp_path / "a.py"
    edit = FileEdit(file, "change", "a\nb\nc\nd\n", hunks_of("a\nb\nc\nd\n", "A\nb\nc\nD\n", file))
    edits = EditSet("e", EditOrigin("Edit", tmp_path), (edit,), 0.0)
    assert waiting_in([edits]) == [Waiting("a.py", str(tmp_path), 2)]
    assert waiting_in([]) == []


def test_what_a_killed_window_had_is_told_once(tmp_path: Path) -> None:
    """By whoever asks first; one that is alive loses nothing."""
    script = (
        "import sys, pathlib\n"
        "from victor_server.features.edits.waiting import Waiting, WaitingFile\n"
        "kept = WaitingFile(pathlib.Path(sys.argv[1]))\n"
        "kept.keep(1, [Waiting('src/a.py', '/work', 2)])\n"
        "print('kept', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-P", "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"kept"
        mine = WaitingFile(tmp_path)
        assert mine.lost([ROOT]) == []
        other.kill()
        other.wait()
        assert mine.lost([Path("/elsewhere")]) == []
        assert mine.lost([ROOT]) == [ONE]
        assert mine.lost([ROOT]) == []


def test_what_was_decided_is_not_told(tmp_path: Path) -> None:
    """An older word does not come after a younger one."""
    kept = WaitingFile(tmp_path)
    kept.keep(1, [ONE])
    kept.keep(3, [])
    kept.keep(2, [ONE])
    kept.close()
    assert WaitingFile(tmp_path).lost([ROOT]) == []


def test_a_broken_file_is_forgotten(tmp_path: Path) -> None:
    """Nobody can start nothing because of it."""
    (tmp_path / FOLDER).mkdir()
    for name, text in (("aa", "{"), ("bb", '[{"file": 1}]'), ("cc", '{"a": 1}')):
        (tmp_path / FOLDER / f"{name}.json").write_text(text)
    assert WaitingFile(tmp_path).lost([ROOT]) == []
    assert list((tmp_path / FOLDER).glob("*.json")) == []
