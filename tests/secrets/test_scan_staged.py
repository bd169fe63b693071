"""`victor scan-secrets --staged`: what the index adds, whatever lies on disk and however git was called."""

import os
import subprocess
from pathlib import Path

import pytest
from repositories import run_git, write_tree
from secret_scans import AT, LINE, check_scan, commit, new_repository, scan_document, stage
from secrets_samples import pem_key

from victor_server.features.secret_scan import repository as repositories

STAGED = ["--staged"]
CLEAN = "x = 1\n"

posix = pytest.mark.skipif(os.name != "posix", reason="this system has no such names, links or scripts")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, as the working directory."""
    root = new_repository(tmp_path / "root", a_py=CLEAN)
    monkeypatch.chdir(root)
    return root


def test_index_not_work_tree(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is added counts: a secret that is no longer on disk does, one that was not added does not."""
    stage(root, {"a.py": LINE})
    write_tree(root, {"a.py": CLEAN, "b.py": LINE})
    check_scan(capsys, STAGED, f"a.py:{AT}")


def test_added_lines_only(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What stood there before is not told again, wherever it moves to; what is beside it is."""
    commit(root, {"a.py": LINE + CLEAN})
    stage(root, {"a.py": "# above\n" + LINE + CLEAN + "# below\n"})
    check_scan(capsys, STAGED)
    stage(root, {"a.py": "# above\n" + LINE + CLEAN + LINE.replace("6K", "7K")})
    check_scan(capsys, STAGED, "a.py:4:8 aws-access-key")


def test_whole_file_is_looked_at(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One added line makes a key of many lines new, and a comment above counts though it is old."""
    key = pem_key()
    lines = key.split("\n")
    commit(root, {"k.txt": "\n".join(lines[:5] + lines[6:]), "a.py": "# pragma: allowlist nextline secret\n"})
    stage(root, {"k.txt": key, "a.py": "# pragma: allowlist nextline secret\n" + LINE})
    check_scan(capsys, STAGED, "k.txt:1:1 private-key")


def test_first_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the first commit everything is new; with nothing added there is nothing."""
    root = new_repository(tmp_path / "new")
    monkeypatch.chdir(root)
    check_scan(capsys, STAGED)
    stage(root, {"a.py": LINE})
    check_scan(capsys, STAGED, f"a.py:{AT}")


def test_renamed_deleted_empty_and_binary(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A renamed file is not new, a changed one is where it was changed; deleted and binary files hold nothing new."""
    commit(root, {"old.py": LINE + "".join(f"x{n} = {n}\n" for n in range(20)), "gone.py": LINE})
    run_git(root, "mv", "old.py", "new.py")
    run_git(root, "rm", "-q", "gone.py")
    stage(root, {"data.bin": b"\0\1" + LINE.encode(), "empty.py": ""})
    check_scan(capsys, STAGED)
    write_tree(root, {"new.py": (root / "new.py").read_text() + LINE.replace("6K", "7K")})
    run_git(root, "add", "new.py")
    check_scan(capsys, STAGED, "new.py:22:8 aws-access-key")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "latin-1"])
def test_any_encoding(root: Path, capsys: pytest.CaptureFixture[str], encoding: str) -> None:
    """Git takes UTF-16 for binary; its new lines are found all the same, and its old ones are old."""
    commit(root, {"e.py": f"é = 1\n{LINE}".encode(encoding)})
    stage(root, {"e.py": f"é = 2\n{LINE}".encode(encoding)})
    check_scan(capsys, STAGED)
    stage(root, {"e.py": f"é = 2\n{LINE}é, {LINE.replace('6K', '7K')}".encode(encoding)})
    check_scan(capsys, STAGED, "e.py:3:11 aws-access-key")


@pytest.mark.parametrize("hidden", [LINE + "\0\n", "\0" + LINE, "k\0\n" * 10 + "x" * 200 + "\n" + LINE])
def test_a_nul_hides_nothing(root: Path, capsys: pytest.CaptureFixture[str], hidden: str) -> None:
    """A stray NUL makes no binary file of a text, for which git takes it; what was there before is not new."""
    stage(root, {"a.py": hidden})
    [found] = scan_document(capsys, *STAGED, code=1)["findings"]
    assert found["rule"] == "aws-access-key"
    commit(root, {})
    stage(root, {"a.py": hidden + "y = 1\n"})
    check_scan(capsys, STAGED)


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\n" + LINE.encode(), b"\xfe\xff" + LINE.encode(), b"\xff\xfe\0\0" + LINE.encode("utf-16-le")],
)
def test_a_wrong_mark_hides_nothing(root: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    """A text that bears another encoding's byte order mark is read by what it holds."""
    stage(root, {"a.py": content})
    [found] = scan_document(capsys, *STAGED, code=1)["findings"]
    assert found["rule"] == "aws-access-key"


def test_attributes_hide_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that git is told to take for binary, or to show by a program, is read as it is."""
    attributes = "*.a binary\n*.b -diff\n*.c diff=mine\n"
    run_git(root, "config", "diff.mine.textconv", "echo nothing #")
    run_git(root, "config", "diff.mine.command", "echo nothing #")
    run_git(root, "config", "diff.external", "echo nothing #")
    commit(root, {".gitattributes": attributes, "old.a": LINE})
    more = {f"x.{kind}": LINE for kind in "abc"}
    stage(root, {**more, "old.a": LINE + CLEAN})
    check_scan(capsys, STAGED, *(f"x.{kind}:{AT}" for kind in "abc"))


def test_settings_change_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Settings that change how a patch is written do not change what is read."""
    for setting in (
        "diff.noprefix=true", "diff.mnemonicPrefix=true", "diff.context=9", "diff.interHunkContext=9",
        "diff.suppressBlankEmpty=true", "diff.relative=true", "diff.renames=copies", "diff.wordRegex=.",
        "color.ui=always", "core.quotePath=false", "core.abbrev=4", "diff.colorMoved=zebra", "core.pager=false",
    ):  # fmt: skip
        run_git(root, "config", *setting.split("=", 1))
    commit(root, {"sub/é.py": f"a = 1\n\n\n{CLEAN}\n\n"})
    stage(root, {"sub/é.py": f"a = 1\n\n\n{CLEAN}\n{LINE}\n"})
    check_scan(capsys, STAGED, "sub/é.py:6:8 aws-access-key")


@posix
def test_nothing_of_the_repository_runs(
    root: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Its monitor, filters, hooks and diff programs stay where they are."""
    trap = f"touch {tmp_path / 'ran'};"
    for name in ("core.fsmonitor", "filter.f.clean", "filter.f.smudge", "diff.d.command", "diff.d.textconv"):
        run_git(root, "config", name, trap)
    commit(root, {"b.py": CLEAN})
    (tmp_path / "ran").unlink(missing_ok=True)
    (root / ".gitattributes").write_text("*.py filter=f diff=d\n")
    blob = (
        subprocess.run(
            ["git", "hash-object", "-w", "--no-filters", "--stdin"],
            input=LINE.encode(),
            check=True,
            capture_output=True,
        )
        .stdout.decode()
        .strip()
    )
    run_git(root, "-c", "core.fsmonitor=false", "update-index", "--add", "--cacheinfo", f"100644,{blob},c.py")
    (tmp_path / "ran").unlink(missing_ok=True)
    check_scan(capsys, STAGED, f"c.py:{AT}")
    assert not (tmp_path / "ran").exists()


@posix
def test_odd_names(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names with line ends, quotes, tabs, spaces and bytes that are no UTF-8 are read, and told in UTF-8."""
    names = ["a\nb.py", 'q"u.py', "t\tab.py", "sp ace .py", " lead.py", "\\.py", "é.py", "x b/y.py", "-x.py"]
    stage(root, dict.fromkeys(names, LINE))
    with open(os.fsencode(root) + b"/\xff.py", "w") as file:  # noqa: PTH123 - the name is no text
        file.write(LINE)
    run_git(root, "add", "-A")
    commit(root, {'data \n".bin': b"\0"})
    document = scan_document(capsys, *STAGED, code=0)
    assert document["findings"] == []
    run_git(root, "reset", "-q", "--soft", "HEAD~1")
    document = scan_document(capsys, *STAGED, code=1)
    assert {found["path"] for found in document["findings"]} == {*names, "\\xff.py"}


def test_a_line_cannot_pass_for_the_patch(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Lines that look like a patch's own are lines."""
    hostile = "".join(
        f"{line}\n"
        for line in ("++ /dev/null", "-- a/a.py", "diff --git a/x b/x", "@@ -1 +1 @@", "commit a b", "\\ No")
    )
    commit(root, {"p.txt": hostile})
    stage(root, {"p.txt": hostile.replace("x", "y") + LINE, "q.txt": hostile + LINE})
    check_scan(capsys, STAGED, "p.txt:7:8 aws-access-key", "q.txt:7:8 aws-access-key")


@posix
def test_links_and_submodules(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a link says is committed, what it leads to is not; another repository's files are not ours."""
    (tmp_path / "outside.py").write_text(LINE)
    (root / "link.py").symlink_to(tmp_path / "outside.py")
    other = new_repository(tmp_path / "other", a_py=LINE)
    run_git(root, "submodule", "--quiet", "add", str(other), "sub")
    run_git(root, "add", "-A")
    check_scan(capsys, STAGED)
    commit(root, {})
    commit(other, {"b.py": LINE})
    run_git(root / "sub", "pull", "-q")
    run_git(root, "add", "-A")
    check_scan(capsys, STAGED)
    run_git(root, "rm", "-q", "--cached", "link.py")
    (root / "link.py").unlink()
    stage(root, {"link.py": LINE})
    check_scan(capsys, STAGED, f"link.py:{AT}")


def test_intent_to_add(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is only meant to be added has no content in the index."""
    write_tree(root, {"new.py": LINE})
    run_git(root, "add", "-N", "new.py")
    check_scan(capsys, STAGED)


def test_subfolder(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """From a subfolder the whole index is scanned; paths are told from where one stands."""
    stage(root, {"sub/b.py": LINE, "c.py": LINE})
    monkeypatch.chdir(root / "sub")
    check_scan(capsys, STAGED, f"../c.py:{AT}", f"b.py:{AT}")


def test_sparse_checkout(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not on disk is in the index all the same, also where the index keeps folders as one entry."""
    commit(root, {"in/a.py": CLEAN, "out/b.py": CLEAN})
    run_git(root, "sparse-checkout", "set", "--sparse-index", "in")
    assert not (root / "out").exists()
    stage(root, {"in/a.py": LINE})
    check_scan(capsys, STAGED, f"in/a.py:{AT}")


def test_worktree(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A linked working tree has an index of its own."""
    run_git(root, "worktree", "add", "-q", str(tmp_path / "tree"))
    stage(root, {"a.py": LINE})
    stage(tmp_path / "tree", {"b.py": LINE})
    monkeypatch.chdir(tmp_path / "tree")
    check_scan(capsys, STAGED, f"b.py:{AT}")


def test_another_index(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Git tells its hooks which index is being committed; `git commit FILE` uses one of its own."""
    run_git(root, "read-tree", "--index-output=.git/next", "HEAD")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/next")
    stage(root, {"b.py": LINE})
    monkeypatch.delenv("GIT_INDEX_FILE")
    check_scan(capsys, STAGED)
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/next")
    check_scan(capsys, STAGED, f"b.py:{AT}")


def test_another_repository(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """GIT_DIR and GIT_WORK_TREE say which repository is meant."""
    stage(root, {"b.py": LINE})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_DIR", str(root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(root))
    check_scan(capsys, STAGED, f"root/b.py:{AT}")


def test_merge(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a merge only what the merge itself adds is new; what an other side brings was committed already."""
    run_git(root, "checkout", "-q", "-b", "side")
    commit(root, {"side.py": LINE, "a.py": "x = 2\n", "both.py": CLEAN + LINE})
    run_git(root, "checkout", "-q", "main")
    commit(root, {"a.py": "x = 3\n"})
    with pytest.raises(subprocess.CalledProcessError):
        run_git(root, "merge", "-q", "side")
    document = scan_document(capsys, *STAGED, code=2)
    assert document["errors"] == [{"path": "a.py", "error": "has a conflict: resolve it, and add the file"}]
    stage(root, {"a.py": "x = 4\n", "both.py": LINE + CLEAN + LINE})
    check_scan(capsys, STAGED, f"both.py:{AT}")


def test_nothing_is_passed_over_in_silence(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A content that is not there, or too large, is exit code 2; what can be left out by name then is."""
    stage(root, {"a.py": LINE, "b.py": LINE * 400})
    monkeypatch.setattr(repositories, "MAX_BYTES", 100)
    document = scan_document(capsys, *STAGED, code=2)
    (error,) = document["errors"]
    assert (error["path"], len(document["findings"])) == ("b.py", 1)
    (root / ".secretsignore").write_text("b.py\n")
    check_scan(capsys, STAGED, f"a.py:{AT}")
    (root / ".secretsignore").unlink()
    monkeypatch.undo()
    monkeypatch.chdir(root)
    blob = run_git(root, "rev-parse", ":a.py").decode().strip()
    (root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    document = scan_document(capsys, *STAGED, code=2)
    assert "error" in document or document["errors"]


def test_no_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Outside a repository, and in a bare one, there is nothing staged: exit code 2 with a sentence."""
    monkeypatch.chdir(tmp_path)
    error = scan_document(capsys, *STAGED, code=2)["error"]
    assert error["message"] == "There is no git repository here."
    run_git(tmp_path, "init", "-q", "--bare", "bare.git")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "bare.git"))
    error = scan_document(capsys, *STAGED, code=2)["error"]
    assert error["message"].startswith("This is a bare repository")


def test_no_git(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without git nothing was scanned."""
    monkeypatch.setenv("PATH", "")
    assert scan_document(capsys, *STAGED, code=2)["error"]["message"] == "git was not found."


def test_tiers(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Possible findings are told but stop nothing unless asked to."""
    stage(root, {"tests/test_a.py": LINE})
    check_scan(capsys, STAGED, f"tests/test_a.py:{AT}", code=0)
    check_scan(capsys, [*STAGED, "--strict"], f"tests/test_a.py:{AT}", code=1)


def test_names_hold_no_secret(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is named after its secret, or after another one, is told with a mask."""
    key = LINE.split("'")[1]
    stage(root, {f"{key}.py": LINE})
    check_scan(capsys, STAGED, f"AKIA…6K.py:{AT}")


def test_detached_head_and_odd_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Repositories with longer ids, and a head that is no branch, are read alike."""
    root = tmp_path / "sha256"
    root.mkdir()
    run_git(root, "init", "-q", "--template=", "--object-format=sha256", "-b", "main")
    monkeypatch.chdir(root)
    stage(root, {"a.py": LINE})
    check_scan(capsys, STAGED, f"a.py:{AT}")
    commit(root, {"a.py": LINE})
    run_git(root, "checkout", "-q", "--detach")
    stage(root, {"a.py": LINE + CLEAN, "b.py": LINE})
    check_scan(capsys, STAGED, f"b.py:{AT}")
