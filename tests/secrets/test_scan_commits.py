"""`victor scan-secrets --since` and `--history`: what commits add, also what a later one takes out again."""

import subprocess
from pathlib import Path

import pytest
from repositories import run_git
from secret_scans import AT, LINE, check_scan, commit, new_repository, scan_document
from secrets_samples import aws_key, github_token, pem_key

CLEAN = "x = 1\n"
OTHER = LINE.replace("6K", "7K")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit that bears a tag, as the working directory."""
    root = new_repository(tmp_path / "root", a_py=CLEAN)
    run_git(root, "tag", "base")
    monkeypatch.chdir(root)
    return root


def test_each_commit_is_looked_at(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A secret that a later commit takes out is still in the history, and is told with the commit that added it."""
    first = commit(root, {"a.py": CLEAN + LINE})
    commit(root, {"a.py": CLEAN})
    for words in (["--since", "base"], ["--history"]):
        (found,) = check_scan(capsys, words, "a.py:2:8 aws-access-key")["findings"]
        assert found["commit"] == first
        assert found["author_date"][:2] == "20"
    check_scan(capsys, ["--since", "HEAD~1"])


def test_where_it_stands_now(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pull request shows the files as they are at its end: that place is told as well, if there is one."""
    commit(root, {"a.py": LINE, "b.py": OTHER})
    commit(root, {"a.py": CLEAN * 3 + LINE, "b.py": CLEAN})
    there, gone = check_scan(capsys, ["--since", "base"], f"a.py:{AT}", f"b.py:{AT}")["findings"]
    assert there["now"] == {"line": 4, "column": 8, "end_line": 4, "end_column": 28}
    assert gone["now"] is None


def test_since_tells_a_secret_once_a_file(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line that moves or comes back is not told again; the same secret in another file is."""
    commit(root, {"a.py": LINE})
    commit(root, {"a.py": CLEAN})
    commit(root, {"a.py": CLEAN + LINE})
    commit(root, {"b.py": LINE})
    check_scan(capsys, ["--since", "base"], f"a.py:{AT}", f"b.py:{AT}")


def test_history_tells_a_secret_once(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commit that added it first is named, wherever it turns up again; another branch is history too."""
    first = commit(root, {"b.py": LINE})
    commit(root, {"c.py": LINE})
    run_git(root, "checkout", "-q", "--orphan", "other")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2090-01-01T00:00:00Z")
    commit(root, {"d.py": OTHER})
    run_git(root, "checkout", "-q", "main")
    findings = check_scan(capsys, ["--history"], f"b.py:{AT}", f"d.py:{AT}", code=1)["findings"]
    assert findings[0]["commit"] == first


def test_history_tells_the_surer_finding_too(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A secret that first stood in a test, where it is only possible, is told again where it is certain."""
    commit(root, {"test_a.py": LINE})
    commit(root, {"a.py": LINE})
    check_scan(capsys, ["--history"], f"test_a.py:{AT}", f"a.py:{AT}")


def test_history_reads_whole_files(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Comments above the change count, and places are those of the whole file."""
    above = "".join(f"x{n} = {n}\n" for n in range(40))
    commit(root, {"a.py": above + "# pragma: allowlist nextline secret\n" + above})
    commit(root, {"a.py": above + "# pragma: allowlist nextline secret\n" + LINE + above + OTHER})
    commit(root, {"k.txt": pem_key()})
    check_scan(capsys, ["--history"], "a.py:83:8 aws-access-key", "k.txt:1:1 private-key")


def test_merges(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a merge, what no side had is new; what a branch brings is told once, with its own commit."""
    run_git(root, "checkout", "-q", "-b", "side")
    side = commit(root, {"side.py": LINE, "a.py": "x = 2\n"})
    run_git(root, "checkout", "-q", "main")
    commit(root, {"a.py": "x = 3\n"})
    with pytest.raises(subprocess.CalledProcessError):
        run_git(root, "merge", "-q", "side")
    merge = commit(root, {"a.py": "x = 4\n" + OTHER + "\n"})
    for words in (["--since", "base"], ["--history"]):
        findings = check_scan(capsys, words, f"side.py:{AT}", "a.py:2:8 aws-access-key")["findings"]
        assert [found["commit"] for found in findings] == [side, merge]
    check_scan(capsys, ["--since", "side"], "a.py:2:8 aws-access-key")


def test_octopus_merge(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A merge of three says of each line which parents have it: lines that one of them has are not new."""
    for name in ("one", "two"):
        run_git(root, "checkout", "-q", "-b", name, "base")
        commit(root, {f"{name}.py": CLEAN})
    run_git(root, "checkout", "-q", "main")
    commit(root, {"three.py": CLEAN})
    run_git(root, "merge", "-q", "--no-commit", "one", "two")
    commit(root, {"one.py": CLEAN + LINE, "evil.py": OTHER})
    check_scan(capsys, ["--since", "base"], f"evil.py:{AT}", "one.py:2:8 aws-access-key")


def test_a_new_branch(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Hosts name the state before a new branch by zeros: nothing was there before."""
    commit(root, {"a.py": LINE})
    check_scan(capsys, ["--since", "0" * 40], f"a.py:{AT}")


def test_what_is_not_in_the_clone(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A shallow clone, as CI makes it, cannot be scanned beyond its end, and says so instead of passing."""
    commit(root, {"a.py": LINE})
    commit(root, {"a.py": CLEAN * 2})
    run_git(tmp_path, "clone", "-q", "--depth", "1", root.as_uri(), "shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    document = scan_document(capsys, "--since", "base", code=2)
    assert document["error"]["message"] == "There is no commit base in this clone."
    assert "fetch-depth: 0" in document["error"]["fix"]
    for words in (["--history"], ["--since", "0" * 40]):
        document = scan_document(capsys, *words, code=2)
        assert [error["error"] for error in document["errors"]] == [
            "this clone holds nothing before it: `git fetch --unshallow` brings the rest"
        ]


@pytest.mark.parametrize("revision", ["--all", "-x", "HEAD..base", "nope", "", "a.py"])
def test_a_revision_is_no_option(root: Path, capsys: pytest.CaptureFixture[str], revision: str) -> None:
    """What names no commit is an error, whatever it looks like."""
    error = scan_document(capsys, f"--since={revision}", code=2)["error"]
    assert error["message"] == f"There is no commit {revision} in this clone."


def test_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a new repository there is no history."""
    monkeypatch.chdir(new_repository(tmp_path / "new"))
    check_scan(capsys, ["--history"])
    assert (
        scan_document(capsys, "--since", "HEAD", code=2)["error"]["message"] == "There is no commit here yet."
    )


def test_settings_change_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Settings of logs and patches do not change what is read; replaced commits are read as they are."""
    for name, value in (
        ("log.showRoot", "false"), ("log.showSignature", "true"), ("format.pretty", "%b"), ("diff.noprefix", "true"),
        ("log.follow", "true"), ("diff.ignoreSubmodules", "all"), ("core.quotePath", "false"), ("color.ui", "always"),
    ):  # fmt: skip
        run_git(root, "config", name, value)
    hidden = commit(root, {"é é.py": LINE})
    run_git(root, "replace", hidden, "base")
    check_scan(capsys, ["--history"], f"é é.py:{AT}")


def test_known_places(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A fingerprint of one commit lets that commit's finding stand, and no other's."""
    first = commit(root, {"a.py": LINE})
    (root / ".gitleaksignore").write_text(f"{first}:a.py:aws-access-key:1\n")
    check_scan(capsys, ["--history"])
    commit(root, {"a.py": OTHER + LINE})
    check_scan(capsys, ["--history"], f"a.py:{AT}")
    commit(root, {"b.py": LINE})
    check_scan(capsys, ["--history"], f"a.py:{AT}", f"b.py:{AT}")


def test_bytes_that_are_no_text(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Binary files are passed over, texts of any encoding are not."""
    commit(
        root,
        {
            "a.bin": b"\0\1" + LINE.encode(),
            "b.py": LINE.encode("utf-16"),
            "c.py": f"é, {OTHER}".encode("latin-1"),
        },
    )
    check_scan(capsys, ["--history"], "b.py:1:8 aws-access-key", "c.py:1:11 aws-access-key")


def test_messages(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is said of a commit is as public as what it holds; each secret is told once, an allowed one not at all."""
    run_git(root, "commit", "-q", "--allow-empty", "-m", f"one\n\nuse {github_token()}\n")
    first = run_git(root, "rev-parse", "HEAD").decode().strip()
    date = run_git(root, "show", "-s", "--format=%aI").decode().strip()
    run_git(root, "commit", "-q", "--allow-empty", "-m", f"again {github_token()}")
    commit(root, {"a.py": LINE})
    run_git(root, "commit", "-q", "--allow-empty", "-m", f"x\n\n-- {aws_key()} pragma: allowlist secret")
    at = "(commit message):3:5 github-token"
    for words in (["--since", "base"], ["--history"]):
        _, found = check_scan(capsys, words, f"a.py:{AT}", at)["findings"]
        assert (found["commit"], found["author_date"]) == (first, date)
    (root / ".gitleaksignore").write_text(f"{first}:(commit message):any:3\n")
    again = "(commit message):1:7 github-token"
    check_scan(capsys, ["--history"], f"a.py:{AT}", again)


@pytest.mark.parametrize(
    "date", ["1700000000 -0330", "0 +0000", "99999999999999999 +0100", "1700000000 +9999"]
)
def test_messages_with_odd_dates(root: Path, capsys: pytest.CaptureFixture[str], date: str) -> None:
    """A commit may claim any date; its message is read all the same."""
    tree = run_git(root, "rev-parse", "HEAD^{tree}").decode().strip()
    content = f"tree {tree}\nauthor a <a> {date}\ncommitter a <a> {date}\n\nkey {aws_key()}\n"
    words = ["git", "hash-object", "-t", "commit", "-w", "--literally", "--stdin"]
    made = subprocess.run(words, cwd=root, input=content.encode(), capture_output=True, check=True)
    run_git(root, "update-ref", "refs/heads/odd", made.stdout.decode().strip())
    check_scan(capsys, ["--history"], "(commit message):1:5 aws-access-key")


def test_what_is_counted(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Commits and changed files are counted."""
    commit(root, {"a.py": CLEAN * 2, "b.py": CLEAN})
    document = check_scan(capsys, ["--history"])
    assert (document["commits"], document["files"]) == (2, 3)


def test_lines_for_people(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The commit and its day stand behind the finding, and what to do below."""
    from victor_server.cli.main import run

    first = commit(root, {"a.py": f"token = '{github_token()}'\n"})
    assert run(["scan-secrets", "--since", "base"]) == 1
    told = capsys.readouterr()
    assert told.out.startswith(f"a.py:1:10  github-token  ghp_…5m  commit {first[:12]} of 20")
    assert "secrets found: 1 certain, 0 possible; files scanned: 1; commits: 1\n" in told.err
    assert "Revoke each" in told.err
    assert github_token() not in told.out + told.err
    assert aws_key() not in told.out + told.err
