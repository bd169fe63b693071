"""What `victor scan-secrets` says of secrets that a change adds and allows in one go."""

from pathlib import Path

import pytest
from repositories import run_git
from secret_scans import LINE, check_scan, commit, new_repository, stage

from victor_server.cli.main import run
from victor_server.secrets.allow.baseline import baseline_with
from victor_server.secrets.scanner import scan

CLEAN = "x = 1\n"
BASELINE = baseline_with(None, [("a.py", scan(LINE, "a.py")[0], LINE)], is_secret=None)
ALLOWED = LINE.rstrip() + "  # pragma: allowlist secret\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit that bears a tag, as the working directory."""
    root = new_repository(tmp_path / "root", a_py=CLEAN)
    run_git(root, "tag", "base")
    monkeypatch.chdir(root)
    return root


def allowed_of(capsys: pytest.CaptureFixture[str], *words: str, left_out: int = 0) -> list[str]:
    """`path:line rule` of each secret that may stay, in a scan that finds nothing else."""
    document = check_scan(capsys, list(words))
    assert document["left_out"] == left_out
    return [f"{each['path']}:{each['line']} {each['rule']}" for each in document["allowed"]]


@pytest.mark.parametrize("words", [["--staged"], ["--since", "base"]])
@pytest.mark.parametrize(
    "lists",
    [
        {"a.py": ALLOWED},
        {"a.py": LINE, ".gitleaksignore": "a.py:any:1\n"},
        {"a.py": LINE, ".secrets.baseline": BASELINE},
    ],
)
def test_what_a_change_allows_is_told(
    root: Path, capsys: pytest.CaptureFixture[str], words: list[str], lists: dict[str, str | bytes]
) -> None:
    """A comment or a list that comes with the secret lets it pass, but not in silence."""
    stage(root, lists)
    if "--since" in words:
        commit(root, {})
    assert allowed_of(capsys, *words) == ["a.py:1 aws-access-key"]


@pytest.mark.parametrize("words", [["--staged"], ["--since", "base"]])
def test_files_that_are_left_out_are_counted(
    root: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    """A list that leaves out whole files shows in the number of them."""
    stage(root, {"a.py": LINE, ".secretsignore": "*.py\n"})
    if "--since" in words:
        commit(root, {})
    assert allowed_of(capsys, *words, left_out=1) == []


def test_old_lines_are_not_told(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was allowed before is nobody's concern today."""
    commit(root, {"a.py": ALLOWED})
    stage(root, {"a.py": ALLOWED + CLEAN})
    assert allowed_of(capsys, "--staged") == []


def test_only_what_would_have_counted(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A possible secret is let through anyway; with --strict it would not be."""
    stage(root, {"tests/test_a.py": ALLOWED})
    assert allowed_of(capsys, "--staged") == []
    assert allowed_of(capsys, "--staged", "--strict") == ["tests/test_a.py:1 aws-access-key"]


def test_allowed_by_a_later_commit(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who is told of a secret that is none can allow it by a comment, without rewriting commits."""
    commit(root, {"a.py": LINE})
    check_scan(capsys, ["--since", "base"], "a.py:1:8 aws-access-key")
    commit(root, {"a.py": CLEAN + ALLOWED})
    assert allowed_of(capsys, "--since", "base") == ["a.py:2 aws-access-key"]
    commit(root, {"a.py": CLEAN + ALLOWED + LINE})
    check_scan(capsys, ["--since", "base"], "a.py:1:8 aws-access-key")
    commit(root, {"a.py": CLEAN})
    check_scan(capsys, ["--since", "base"], "a.py:1:8 aws-access-key")


def test_lines_for_people(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ten are shown, the others counted."""
    stage(root, {**{f"{n:02}.py": ALLOWED for n in range(12)}, "b.txt": LINE, ".secretsignore": "*.txt\n"})
    capsys.readouterr()
    assert run(["scan-secrets", "--staged"]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        *(f"allowed: {n:02}.py:1:8  aws-access-key  AKIA…6K" for n in range(10)),
        "allowed: 2 more",
        "secrets found: none; allowed: 12; files scanned: 13; files left out: 1",
    ]


def test_github_notices(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The reviewer sees it beside the line as it is now."""
    commit(root, {"a.py": ALLOWED})
    commit(root, {"a.py": CLEAN + ALLOWED})
    capsys.readouterr()
    assert run(["scan-secrets", "--since", "base", "--format", "github"]) == 0
    assert capsys.readouterr().out == (
        "::notice file=a.py,line=2,endLine=2,col=8,endColumn=28,title=Allowed%3A aws-access-key"
        "::AWS Access Key: AKIA…6K. A comment or a list allows it; see that it may stay.\n"
    )
