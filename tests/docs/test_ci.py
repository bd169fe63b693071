"""The examples for build servers: their schemas accept them, and their steps do what the text promises."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from repositories import run_git
from secret_scans import LINE, commit, new_repository

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
EXAMPLES = {
    re.split(r"[\s,]", body, maxsplit=2)[1]: body
    for body in re.findall(r"^```(?:yaml|groovy)\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
}
GITHUB, GITLAB, CIRCLE, JENKINS = EXAMPLES
INSTALL = "pip install victor-language-server"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the steps are shell")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A clone as a build server makes it, two commits ahead of its origin's main branch."""
    origin = new_repository(tmp_path / "origin", a_py="x = 1\n")
    run_git(tmp_path, "clone", "-q", str(origin), "clone")
    root = tmp_path / "clone"
    run_git(root, "config", "user.name", "t")
    run_git(root, "config", "user.email", "t@example.org")
    run_git(root, "checkout", "-q", "-b", "topic")
    commit(root, {"b.py": "x = 2\n"})
    return root


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with `victor`, as an installation makes it."""
    folder = tmp_path / "programs"
    folder.mkdir()
    program = folder / "victor"
    program.write_text(f"#!{sys.executable} -P\nfrom victor_server.cli.main import main\nmain()\n")
    program.chmod(0o755)
    return folder


def steps(name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The shell steps of an example, each with the environment that it declares."""
    if name == JENKINS:
        yield from ((command, {}) for command in re.findall(r"\bsh '([^']+)'", EXAMPLES[name]))
        return
    document: dict[str, Any] = yaml.safe_load(EXAMPLES[name])
    if name == GITLAB:
        yield from ((command, {}) for command in document["secrets"]["script"])
        return
    for job in document["jobs"].values():
        for step in job["steps"]:
            run = step.get("run", {})
            command = run if isinstance(run, str) else run.get("command")
            if command:
                yield command, step.get("env", {})


def run_steps(name: str, root: Path, programs: Path, **environment: str) -> list[int]:
    """The exit code of each step but the installation, in the clone; `environment` is what the server sets."""
    everything = {**os.environ, **environment, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    codes: list[int] = []
    for command, declared in steps(name):
        if command == INSTALL:
            continue
        values = {key: environment[value] for key, value in declared.items()}
        shell = ["bash", "-e", "-c"] if name == GITHUB else ["sh", "-e", "-c"]
        done = subprocess.run(
            [*shell, command], cwd=root, env=everything | values, capture_output=True, check=False
        )
        assert b"Traceback" not in done.stderr
        codes.append(done.returncode)
    return codes


@pytest.mark.parametrize(
    ("name", "schema"),
    [(GITHUB, "github-workflows"), (GITLAB, "gitlab-ci"), (CIRCLE, "circle-ci")],
)
def test_the_schema_accepts_it(tmp_path: Path, name: str, schema: str) -> None:
    """Each file is one that its server reads, and a misspelt key would be noticed."""
    command = [sys.executable, "-m", "check_jsonschema", "--no-cache", "--builtin-schema", f"vendor.{schema}"]
    if schema == "gitlab-ci":
        command += ["--data-transform", "gitlab-ci"]
    for text, code in (
        (EXAMPLES[name], 0),
        (EXAMPLES[name].replace("image:", "imagge:").replace("on:", "onn:"), 1),
    ):
        file = tmp_path / "example.yml"
        file.write_text(text, encoding="utf-8")
        done = subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr


def test_the_jenkinsfile_is_whole() -> None:
    """There is no schema for it; its braces and quotes are even, and it declares a pipeline."""
    text = EXAMPLES[JENKINS]
    assert re.search(r"^pipeline \{$", text, re.MULTILINE)
    assert text.count("{") == text.count("}")
    assert text.count("'") % 2 == 0


def test_what_is_installed_is_this_project() -> None:
    """Every example installs the distribution by its name."""
    name = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
    assert f"pip install {name}" == INSTALL
    assert all(INSTALL in [command for command, _ in steps(each)] for each in EXAMPLES)


@pytest.mark.e2e
@pytest.mark.parametrize("name", [GITHUB, GITLAB, CIRCLE, JENKINS])
def test_the_steps(root: Path, programs: Path, name: str) -> None:
    """Clean commits pass; a secret fails the build though a later commit takes it out, and no bypass helps."""
    base = run_git(root, "rev-parse", "origin/main").decode().strip()
    server = {
        GITHUB: {"${{ github.event.pull_request.base.sha || github.event.before }}": base},
        GITLAB: {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base},
        CIRCLE: {},
        JENKINS: {"CHANGE_TARGET": "main"},
    }[name]
    server["VICTOR_SCAN_BYPASS"] = "fix-later"
    alerts = [0] if name == GITHUB else []
    assert run_steps(name, root, programs, **server) == [0, *alerts]
    commit(root, {"b.py": LINE})
    assert run_steps(name, root, programs, **server) == [1, *alerts]
    commit(root, {"b.py": "x = 3\n"})
    assert run_steps(name, root, programs, **server) == [1, *alerts]
    if name == GITHUB:
        assert '"version": "2.1.0"' in (root / "victor.sarif").read_text(encoding="utf-8")


@pytest.mark.e2e
def test_a_new_branch_on_gitlab(root: Path, programs: Path) -> None:
    """Without a merge request the commit before is taken, which is all zeros for a new branch."""
    commit(root, {"b.py": LINE})
    before = run_git(root, "rev-parse", "HEAD").decode().strip()
    assert run_steps(GITLAB, root, programs, CI_COMMIT_BEFORE_SHA=before) == [0]
    assert run_steps(GITLAB, root, programs, CI_COMMIT_BEFORE_SHA="0" * 40) == [1]
    assert run_steps(GITLAB, root, programs, CI_COMMIT_BEFORE_SHA="1" * 40) == [2]
