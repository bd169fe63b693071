"""The command that scans files: what it reads, prints and returns."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from secrets_samples import aws_key, github_token, pem_key

from victor_server.cli.scan_secrets import run_scan_secrets
from victor_server.features.secret_scan import files

LINE = f"key = '{aws_key()}'\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(capsys: pytest.CaptureFixture[str], paths: list[str], code: int, *found: str) -> dict[str, object]:
    """Scanning `paths` ends with `code` and finds `path:line:column rule` of each in `found`, and nothing else."""
    assert run_scan_secrets(["--json", "--", *paths]) == code
    document = json.loads(capsys.readouterr().out)
    assert isinstance(document, dict)
    places = [f"{f['path']}:{f['line']}:{f['column']} {f['rule']}" for f in document["findings"]]
    assert places == list(found)
    return document


def test_clean_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing found ends with 0; files and bytes are counted."""
    (folder / "a.py").write_text("x = 1\n")
    document = check(capsys, [], 0)
    assert document == {"files": 1, "bytes": 6, "errors": [], "findings": []}


def test_document_of_a_finding(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Places are 1-based with exclusive ends, and the secret itself stands nowhere."""
    (folder / "a.py").write_text("x = 1\n" + LINE)
    document = check(capsys, ["."], 1, "a.py:2:8 aws-access-key")
    (finding,) = document["findings"] if isinstance(document["findings"], list) else []
    assert (finding["end_line"], finding["end_column"], finding["tier"], finding["masked"]) == (
        2,
        28,
        "certain",
        "AKIA…6K",
    )
    assert len(finding["fingerprint"]) == 40
    assert aws_key() not in json.dumps(document)


def test_files_that_the_index_leaves_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Secret-bearing files and large texts are scanned; binary files are not, whatever they are called."""
    (folder / ".env").write_text(f"KEY={aws_key()}\n")
    (folder / "id_rsa").write_text(pem_key("OPENSSH ") + "\n")
    (folder / "big.sql").write_text("-- \n" * 400_000 + f"-- {github_token()}\n")
    (folder / "data.txt").write_bytes(b"\0\1\2" + LINE.encode())
    (folder / "a.png").write_bytes(LINE.encode())
    check(capsys, [], 1, ".env:1:5 aws-access-key", "big.sql:400001:4 github-token", "id_rsa:1:1 private-key")


def test_git_decides_what_belongs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a repository ignored files are left out unless they are named."""
    subprocess.run(["git", "init", "-q"], check=True)
    (folder / ".gitignore").write_text("*.local\n")
    (folder / "a.local").write_text(LINE)
    (folder / "b.py").write_text(LINE)
    check(capsys, [], 1, "b.py:1:8 aws-access-key")
    check(capsys, ["a.local"], 1, "a.local:1:8 aws-access-key")


def test_named_file_inside_a_named_folder_counts_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file is scanned once, however often it is named."""
    (folder / "a.py").write_text(LINE)
    document = check(capsys, ["a.py", ".", "./a.py"], 1, "a.py:1:8 aws-access-key")
    assert document["files"] == 1


def test_missing_path_does_not_stop_the_rest(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be scanned ends with 2, and everything else is still scanned."""
    (folder / "a.py").write_text(LINE)
    document = check(capsys, ["nope.py", "a.py"], 2, "a.py:1:8 aws-access-key")
    assert document["errors"] == [{"path": "nope.py", "error": "No such file or directory"}]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipe_is_not_waited_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe would keep the command waiting for ever."""
    os.mkfifo(folder / "pipe")
    document = check(capsys, ["pipe"], 2)
    assert document["errors"] == [{"path": "pipe", "error": "not a regular file"}]


def test_too_large(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A text that is too large for a walk keeps the report from being whole, until it is named or left out."""
    monkeypatch.setattr(files, "MAX_BYTES", 100)
    (folder / "data").mkdir()
    (folder / "data" / "big.csv").write_text("x\n" * 100 + LINE)
    document = check(capsys, [], 2)
    assert document["errors"] == [
        {
            "path": "data/big.csv",
            "error": "larger than 20 MB: name the file to scan it all the same, or list it in `.secretsignore`",
        }
    ]
    check(capsys, ["data/big.csv"], 1, "data/big.csv:101:8 aws-access-key")
    (folder / ".secretsignore").write_text("data/\n")
    assert check(capsys, [], 0)["errors"] == []


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"]
)
def test_any_encoding(folder: Path, capsys: pytest.CaptureFixture[str], encoding: str) -> None:
    """Text is read whatever its encoding, and columns are those of its characters."""
    (folder / "a.py").write_bytes(f"é = 1\né, {LINE}".encode(encoding))
    check(capsys, [], 1, "a.py:2:11 aws-access-key")


def test_lines_for_people(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line a finding on stdout, without colour when it is no terminal; the rest on stderr."""
    (folder / "a.py").write_text(LINE)
    (folder / "test_a.py").write_text(LINE)
    assert run_scan_secrets([".", "nope"]) == 2
    captured = capsys.readouterr()
    assert (
        captured.out
        == "a.py:1:8  aws-access-key  AKIA…6K\ntest_a.py:1:8  aws-access-key  (possible)  AKIA…6K\n"
    )
    assert (
        captured.err
        == "nope: No such file or directory\nsecrets found: 1 certain, 1 possible; files scanned: 2\n"
    )


def test_colour_on_a_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal gets the same words, coloured unless NO_COLOR says otherwise."""
    (folder / "a.py").write_text(LINE)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    run_scan_secrets([])
    assert "\x1b[1;31m" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    run_scan_secrets([])
    plain = capsys.readouterr().out
    assert "a.py:1:8" in plain
    assert "31m" not in plain


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no such names")
def test_names_cannot_drive_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file's name is printed with its control characters spelled out."""
    (folder / "a\x1b[2Jb\n.py").write_text(LINE)
    run_scan_secrets([])
    assert capsys.readouterr().out.startswith("a\\x1b[2Jb\\n.py:1:8  ")


def test_links_are_not_followed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A link in a folder could lead anywhere; one that is named is meant."""
    outside = folder.parent / f"{folder.name}-outside.py"
    outside.write_text(LINE)
    (folder / "link.py").symlink_to(outside)
    check(capsys, ["."], 0)
    check(capsys, ["link.py"], 1, "link.py:1:8 aws-access-key")
