"""The hook that keeps secrets out of commits, put into real repositories and run by git itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from repositories import GIT, run_git, write_tree
from secret_scans import LINE, commit, new_repository, stage

from victor_server.audit.record import read_records
from victor_server.cli.main import run
from victor_server.features.secret_scan.hook import script

ROOT = Path(__file__).parents[2]

posix = pytest.mark.skipif(os.name != "posix", reason="this system has no modes and no links")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, as the working directory, and a VICTOR_HOME of its own."""
    monkeypatch.setenv("VICTOR_HOME", str(tmp_path / "home"))
    root = new_repository(tmp_path / "root", a_py="x = 1\n")
    monkeypatch.chdir(root)
    return root


def install(code: int = 0) -> None:
    assert run(["scan-secrets", "--install-hook"]) == code


def git_commit(root: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """`git commit`, as a person types it."""
    return subprocess.run(
        [GIT, "-C", str(root), "commit", "-q", "-m", "x", *words],
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def n_commits(root: Path) -> int:
    return int(run_git(root, "rev-list", "--count", "HEAD"))


@pytest.mark.e2e
def test_a_commit_is_stopped(root: Path, tmp_path: Path) -> None:
    """A secret stops the commit, its reason lets it through, and a clean commit is none the wiser."""
    install()
    stage(root, {"a.py": "x = 2\n"})
    done = git_commit(root)
    assert (done.returncode, done.stdout) == (0, "")
    stage(root, {"b.py": LINE})
    done = git_commit(root)
    assert done.returncode == 1
    assert done.stdout + done.stderr != ""
    assert "b.py:1:8" in done.stdout + done.stderr
    assert "VICTOR_SCAN_BYPASS" in done.stderr
    assert n_commits(root) == 2
    done = git_commit(root, VICTOR_SCAN_BYPASS="used-in-tests")
    assert done.returncode == 0, done.stderr
    assert n_commits(root) == 3
    (record,) = read_records(tmp_path / "home" / "audit.log")
    assert record["reason"] == "used-in-tests"


@pytest.mark.e2e
def test_commits_that_use_another_index(root: Path) -> None:
    """`git commit -a` and `git commit FILE` scan what they commit, from a subfolder too."""
    install()
    write_tree(root, {"a.py": LINE, "sub/b.py": "x = 1\n"})
    run_git(root, "add", "sub/b.py")
    assert git_commit(root, "-a").returncode == 1
    assert git_commit(root, "a.py").returncode == 1
    assert git_commit(root, "sub/b.py").returncode == 0
    stage(root, {"sub/b.py": LINE})
    assert git_commit(root / "sub").returncode == 1
    assert n_commits(root) == 2


@pytest.mark.e2e
def test_linked_working_trees(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hook belongs to the repository: every working tree of it is guarded, wherever it was installed."""
    run_git(root, "worktree", "add", "-q", str(tmp_path / "tree"))
    monkeypatch.chdir(tmp_path / "tree")
    install()
    assert (root / ".git" / "hooks" / "pre-commit").exists()
    for folder in (root, tmp_path / "tree"):
        stage(folder, {"b.py": LINE})
        assert git_commit(folder).returncode == 1


@pytest.mark.e2e
def test_victor_is_gone(root: Path, tmp_path: Path) -> None:
    """Where neither the interpreter nor a `victor` is left the commit is stopped, with what to do."""
    install()
    hook = root / ".git" / "hooks" / "pre-commit"
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "git"):
        (programs / name).symlink_to(str(shutil.which(name)))
    for python in (str(tmp_path / "nowhere" / "python"), _python_without_victor(tmp_path)):
        hook.write_text(script(python))
        stage(root, {"b.py": f"x = '{python}'\n"})
        done = git_commit(root, PATH=str(programs))
        assert done.returncode == 1
        assert "could not be run, as Victor is gone" in done.stderr
        assert "--install-hook" in done.stderr
        assert n_commits(root) == 1
    _write_program(programs / "victor", 'echo "$@" > called')
    assert git_commit(root, PATH=str(programs)).returncode == 0
    assert (root / "called").read_text() == "scan-secrets --staged\n"


def _python_without_victor(tmp_path: Path) -> str:
    """An interpreter that answers like one whose Victor was uninstalled."""
    program = tmp_path / "it's empty" / "python"
    program.parent.mkdir()
    _write_program(program, f'unset PYTHONPATH; exec "{sys.executable}" -S "$@"')
    return str(program)


def _write_program(program: Path, line: str) -> None:
    program.write_text(f"#!/bin/sh\n{line}\n")
    program.chmod(0o755)


@pytest.mark.e2e
def test_the_repository_brings_no_victor_of_its_own(root: Path) -> None:
    """A folder that bears our package's name is not what the hook runs."""
    install()
    stage(root, {"victor_server/__init__.py": "raise SystemExit(0)\n", "b.py": LINE})
    done = git_commit(root)
    assert done.returncode == 1
    assert "b.py:1:8" in done.stdout + done.stderr


def test_install_and_take_away(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Installing twice is installing once; what was never there need not be taken away."""
    hook = root / ".git" / "hooks" / "pre-commit"
    install()
    before = hook.read_bytes()
    install()
    assert hook.read_bytes() == before
    assert sys.executable.encode() in before
    if os.name == "posix":
        assert hook.stat().st_mode & 0o111 == 0o111
    capsys.readouterr()
    assert run(["scan-secrets", "--uninstall-hook"]) == 0
    assert not hook.exists()
    assert run(["scan-secrets", "--uninstall-hook"]) == 0
    assert "no hook" in capsys.readouterr().out
    assert list(hook.parent.iterdir()) == []


def test_a_hook_of_an_older_place_is_brought_up_to_date(root: Path) -> None:
    """A virtual environment that moved: our own hook is written anew."""
    hook = root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir()
    hook.write_text(script("/it's gone/bin/python"))
    install()
    assert hook.read_text() == script(sys.executable)


@pytest.mark.parametrize("kind", ["script", "changed", "link", "folder"])
def test_another_hook_stays(root: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    """A hook that is not ours, or that somebody has added to, is left as it is; it is said what to add to it."""
    hook = root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir()
    target = root / "target"
    target.write_text(script(sys.executable))
    match kind:
        case "script":
            hook.write_text("#!/bin/sh\nmake test\n")
        case "changed":
            hook.write_text(script(sys.executable) + "make test\n")
        case "link":
            hook.symlink_to(target)
        case _:
            hook.mkdir()
    before = None if kind == "folder" else hook.read_bytes()
    install(code=2)
    told = capsys.readouterr().err
    assert "is there already" in told
    assert "victor scan-secrets --staged || exit 1" in told
    assert run(["scan-secrets", "--uninstall-hook"]) == 2
    assert os.path.lexists(hook)
    assert before == (None if kind == "folder" else hook.read_bytes())
    assert target.read_text() == script(sys.executable)


def test_hooks_elsewhere(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder for hooks inside the repository is used; one that other repositories may share is not touched."""
    run_git(root, "config", "core.hooksPath", ".githooks")
    install()
    assert (root / ".githooks" / "pre-commit").exists()
    run_git(root, "config", "core.hooksPath", str(tmp_path / "shared"))
    capsys.readouterr()
    install(code=2)
    assert "outside this repository" in capsys.readouterr().err
    assert not (tmp_path / "shared").exists()


@posix
def test_a_folder_that_cannot_be_written(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No hook is said to be there that is not."""
    (root / ".git" / "hooks").write_text("in the way")
    install(code=2)
    assert "File exists" in capsys.readouterr().err


@pytest.mark.e2e
def test_the_hook_of_the_pre_commit_framework(root: Path) -> None:
    """What the framework would call, from the file that it reads, stops a commit and passes a clean one."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert (hook["id"], hook["language"], hook["pass_filenames"]) == ("victor-scan-secrets", "python", False)
    program, *words = hook["entry"].split()
    assert program == "victor"
    command = [sys.executable, "-P", "-c", "from victor_server.cli.main import main; main()", *words]
    commit(root, {"c.py": "x\n"})
    assert subprocess.run(command, cwd=root, capture_output=True, check=False).returncode == 0
    stage(root, {"b.py": LINE})
    assert subprocess.run(command, cwd=root, capture_output=True, check=False).returncode == 1
