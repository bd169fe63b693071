"""Runs `victor scan-secrets` in a repository and reads what it says."""

import json
from pathlib import Path
from typing import Any

import pytest
from repositories import run_git, write_tree
from secrets_samples import aws_key

from victor_server.cli.main import run

LINE = f"key = '{aws_key()}'\n"
"""A line with one certain secret, from its 8th to its 27th column."""

AT = "1:8 aws-access-key"
"""Where it is found, and as what."""


def new_repository(root: Path, **files: str | bytes) -> Path:
    """A repository with one commit (with none if no file is given) and an author; `a_py` stands for `a.py`."""
    root.mkdir(parents=True, exist_ok=True)
    run_git(root, "init", "-q", "--template=", "-b", "main")
    run_git(root, "config", "user.name", "t")
    run_git(root, "config", "user.email", "t@example.org")
    if files:
        commit(root, {name.replace("_", "."): content for name, content in files.items()})
    return root


def stage(root: Path, files: dict[str, str | bytes]) -> None:
    """Write files and add them to the index."""
    write_tree(root, files)
    run_git(root, "--literal-pathspecs", "add", "-f", "--", *files)


def commit(root: Path, files: dict[str, str | bytes]) -> str:
    """Write, add and commit files; returns the commit's id."""
    stage(root, files)
    run_git(root, "commit", "-q", "--no-verify", "--allow-empty", "-m", "x")
    return run_git(root, "rev-parse", "HEAD").decode().strip()


def scan_document(capsys: pytest.CaptureFixture[str], *words: str, code: int) -> Any:
    """The JSON document of a scan, which must end with `code`; no secret of this test stands in it."""
    capsys.readouterr()
    assert run(["scan-secrets", "--json", *words]) == code
    printed = capsys.readouterr().out
    assert aws_key() not in printed
    return json.loads(printed)


def places(document: Any) -> list[str]:
    """`path:line:column rule` of each finding."""
    return [f"{f['path']}:{f['line']}:{f['column']} {f['rule']}" for f in document["findings"]]


def check_scan(
    capsys: pytest.CaptureFixture[str], words: list[str], *found: str, code: int | None = None
) -> Any:
    """A scan finds just that, and ends with 1 if it finds anything unless `code` says otherwise."""
    document = scan_document(capsys, *words, code=(1 if found else 0) if code is None else code)
    assert places(document) == list(found)
    return document
