"""`victor checkpoints` and `victor undo`: what they print, what they write, and what they leave alone."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from victor_server.audit.record import read_records
from victor_server.cli.main import run
from victor_server.features.edits.desk import Write
from victor_server.features.edits.disk_desk import DiskDesk
from victor_server.history.checkpoints import Checkpoints
from victor_server.history.checkpoints_model import Changed, CheckpointOrigin
from victor_server.settings.resolved import CheckpointSettings

BEFORE, AFTER = "one\ntwo\nthree\n", "one\nTWO\nthree\n"
RELOAD = "An editor that has one of these files open must load it again"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A VICTOR_HOME of the test's own, and a workspace as the current folder."""
    monkeypatch.setenv("VICTOR_HOME", str(tmp_path / "home"))
    (tmp_path / "work" / "src").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "home"


def change(home: Path, *, title: str = "Edit a.py", **texts: str | None) -> str:
    """A change of the agent's that was written; file a.py is named `a`."""
    kept = Checkpoints(home / "checkpoints", CheckpointSettings())
    root = Path(os.path.realpath("."))
    while root.name != "work":
        root = root.parent
    changes = []
    for name, after in texts.items():
        path = root / f"{name}.py"
        changes.append(Changed(path, path.read_bytes().decode() if path.exists() else None, after))
    made = kept.begin(root, title, CheckpointOrigin(), changes)
    writes = [Write(each.path, each.before, each.after) for each in changes]
    done = asyncio.run(DiskDesk().write(writes, title))
    assert {each.how for each in done} == {"written"}
    kept.finish(made, [each.path for each in done])
    kept.close()
    return made


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    """What a command printed."""
    return capsys.readouterr().out


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    """The one JSON document that a command printed."""
    return json.loads(printed(capsys))


def test_without_changes_there_is_nothing_and_nothing_is_made(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Looking makes no store; undo says that there is nothing to undo."""
    assert run(["checkpoints"]) == 0
    assert printed(capsys) == "Nothing that Victor changed here is kept.\n"
    assert run(["undo", "--json"]) == 2
    assert document(capsys)["error"]["kind"] == "usage"
    assert run(["checkpoints", "show", "abc"]) == 2
    assert not (home / "checkpoints").exists()


def test_changes_are_listed(home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The youngest first, from within any folder of the workspace, of one file, or of another workspace."""
    first = change(home, title="Edit\x1b[31m a.py", a=AFTER)
    second = change(home, title="Write two", a=BEFORE, b="b\n")
    os.chdir("src")
    assert run(["checkpoints"]) == 0
    lines = printed(capsys).splitlines()
    assert [line.split()[0] for line in lines] == [second[:12], first[:12]]
    assert lines[0].endswith("Write two (2 files)")
    assert "\x1b" not in "".join(lines)
    assert run(["checkpoints", "list", "--file", "../b.py", "--json"]) == 0
    (only,) = document(capsys)["checkpoints"]
    assert (only["id"], only["kind"], only["undone"]) == (second, "edit", False)
    assert only["files"][1] == {
        "path": os.path.realpath("../b.py"),
        "before_bytes": None,
        "after_bytes": 2,
        "state": "applied",
    }
    assert run(["checkpoints", "list", str(tmp_path)]) == 0
    assert printed(capsys) == "Nothing that Victor changed here is kept.\n"
    assert run(["checkpoints", "list", "-n", "1", "--json"]) == 0
    assert len(document(capsys)["checkpoints"]) == 1


def test_a_change_is_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its lines, both texts for scripts, and one text byte for byte."""
    Path("a.py").write_bytes(b"\xef\xbb\xbfone\r\ntwo")
    made = change(home, a=AFTER, b="b\n")
    assert run(["checkpoints", "show", made[:6]]) == 0
    assert printed(capsys).splitlines()[1:] == [
        "change: a.py",
        "@@ line 1",
        "-\\u{feff}one",
        "-two",
        "+one",
        "+TWO",
        "+three",
        "create: b.py",
        "@@ line 1",
        "+b",
    ]
    assert run(["checkpoints", "show", made, "b.py", "--json"]) == 0
    assert document(capsys)["changes"] == [{"path": os.path.realpath("b.py"), "before": None, "after": "b\n"}]
    assert run(["checkpoints", "show", made, "a.py", "--text", "after"]) == 0
    assert printed(capsys) == AFTER
    for wrong in (["c.py"], ["b.py", "--text", "before"], ["--text", "after"]):
        assert run(["checkpoints", "show", made, *wrong]) == 2


def test_undo_and_redo(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Step by step; what an open editor must do is said where something was written."""
    Path("a.py").write_text(BEFORE)
    change(home, a=AFTER)
    change(home, title="Create b.py", b="b\n")
    assert run(["undo"]) == 0
    told = printed(capsys)
    assert told.startswith("Taken back: Create b.py (1 file).\n")
    assert RELOAD in told
    assert not Path("b.py").exists()
    assert run(["undo", "--redo", "--json"]) == 0
    (file,) = document(capsys)["files"]
    assert (file["path"], file["how"]) == (os.path.realpath("b.py"), "restored")
    assert run(["undo", "a.py"]) == 0
    assert Path("a.py").read_text() == BEFORE
    assert Path("b.py").read_text() == "b\n"
    assert run(["undo", "a.py"]) == 2


def test_what_is_taken_back_is_recorded_first(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its title and files, never a text; where that cannot be written nothing is taken back."""
    change(home, a=AFTER)
    change(home, a=AFTER + "four\n")
    assert run(["undo"]) == 0
    (record,) = read_records(home / "audit.log")
    assert (record["action"], record["title"]) == ("changes_taken_back", "Taken back: Edit a.py")
    assert record["files_accessed"] == [os.path.realpath("a.py")]
    assert "four" not in (home / "audit.log").read_text()
    (home / "audit.log").unlink()
    (home / "audit.log").mkdir()
    capsys.readouterr()
    assert run(["undo", "--json"]) == 2
    assert document(capsys)["error"]["kind"] == "audit_failed"
    assert Path("a.py").read_text() == AFTER


def test_undo_of_one_file_goes_step_by_step(home: Path) -> None:
    """Also where the same changes were of other files, which stay."""
    Path("a.py").write_text(BEFORE)
    change(home, a=AFTER, b="b\n")
    change(home, a=AFTER + "four\n", b="B\n")
    assert run(["undo", "a.py"]) == 0
    assert Path("a.py").read_text() == AFTER
    assert run(["undo", "a.py"]) == 0
    assert (Path("a.py").read_text(), Path("b.py").read_text()) == (BEFORE, "B\n")
    assert run(["undo", "b.py"]) == 0
    assert Path("b.py").read_text() == "b\n"


def test_undo_does_not_pass_over_what_an_editor_may_hold(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A change that is not in the files may be in a buffer: nothing older is taken back in its place."""
    change(home, title="Create b.py", b="b\n")
    change(home, a=AFTER)
    Path("a.py").unlink()
    assert run(["undo"]) == 1
    told = printed(capsys)
    assert "Nothing was changed (Edit a.py)." in told
    assert "If an editor has it, not saved, undo it there" in told
    assert Path("b.py").exists()


def test_a_restore_keeps_what_was_typed_since(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Dry first, then for real, then taken back."""
    Path("a.py").write_text(BEFORE)
    made = change(home, a=AFTER)
    Path("a.py").write_text(AFTER + "mine\n")
    assert run(["checkpoints", "restore", made, "--dry-run"]) == 0
    assert printed(capsys).splitlines() == ["change: a.py", "@@ line 2", "-TWO", "+two"]
    assert Path("a.py").read_text() == AFTER + "mine\n"
    assert run(["checkpoints", "restore", made[:8], "a.py", "--json"]) == 0
    done = document(capsys)
    assert Path("a.py").read_text() == BEFORE + "mine\n"
    assert run(["checkpoints", "restore", done["ids"][0]]) == 0
    assert Path("a.py").read_text() == AFTER + "mine\n"


def test_a_conflict_shows_both_sides(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, the file as it is, other files restored; the old text only for who asks for it."""
    Path("a.py").write_text(BEFORE)
    made = change(home, a=AFTER, b="b\n")
    Path("a.py").write_text("one\nmine\nthree\n")
    assert run(["checkpoints", "restore", made, "--dry-run", "--json"]) == 1
    files = {Path(each["path"]).name: each for each in document(capsys)["files"]}
    assert (files["a.py"]["how"], files["b.py"]["how"]) == ("conflict", "delete")
    conflict = {"start_line": 2, "end_line": 3, "mine": "mine\n", "theirs": "two\n"}
    assert files["a.py"]["conflicts"] == [conflict]
    assert run(["checkpoints", "restore", made]) == 1
    told = printed(capsys)
    for line in (
        "a.py, line 2, as it is now:\n    mine\n",
        "as it was before the change:\n    two\n",
        "--overwrite",
    ):
        assert line in told
    assert (Path("a.py").read_text(), Path("b.py").exists()) == ("one\nmine\nthree\n", False)
    assert run(["checkpoints", "restore", made, "a.py", "--overwrite"]) == 0
    assert Path("a.py").read_text() == BEFORE
    assert run(["undo", "--redo"]) == 0
    assert Path("a.py").read_text() == "one\nmine\nthree\n"


def test_everything_since(home: Path) -> None:
    """Change by change."""
    Path("a.py").write_text(BEFORE)
    first = change(home, a=AFTER)
    change(home, a=AFTER + "four\n", b="b\n")
    assert run(["checkpoints", "restore", first, "--since"]) == 0
    assert (Path("a.py").read_text(), Path("b.py").exists()) == (BEFORE, False)
