"""Baselines go both ways: the real detect-secrets takes ours and gives us its own."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import pytest
from detect_secrets.core.plugins.util import get_plugins_from_file
from secrets_samples import aws_key, github_token, pem_key

from victor_server.secrets import detect_secrets_plugins
from victor_server.secrets.allow.baseline import add_to_baseline
from victor_server.secrets.allow.known import read_known
from victor_server.secrets.rules.table import RULES
from victor_server.secrets.scanner import scan

RANDOM = "Zk3Vb8Qw1Xc5" + "Nm7La9Rt2Yp6"
FILES = {
    "src/a.py": f'import os\nkey = "{aws_key()}"\ntoken = "{github_token()}"\n',
    "src/call.py": f'import net\nclient = connect("{github_token()}")\n',
    "conf/app.yaml": f"name: x\ndb:\n  password: {RANDOM}\n",
    "conf/.env": f"A=1\nAPI_TOKEN={RANDOM[::-1]}\nHEROKU_API_KEY="
    + str(uuid5(NAMESPACE_DNS, "heroku"))
    + "\n",
    "deploy.sh": f"curl -u admin:{RANDOM[2:16]} https://host.internal/\n",
    "key.pem": pem_key() + "\n",
    "notes.txt": f"see postgres://bob:{RANDOM[5:20]}@db.internal/x\n",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with secrets of many kinds, all of them staged."""
    for path, text in FILES.items():
        file = tmp_path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
    return tmp_path


def detect_secrets(root: Path, *words: str, typed: str = "", hook: bool = False, code: int = 0) -> str:
    """Run detect-secrets, or its hook, as a program; returns what it printed."""
    name = "pre_commit_hook" if hook else "main"
    start = f"import sys; from detect_secrets.{name} import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", start, *words],
        cwd=root,
        input=typed,
        capture_output=True,
        text=True,
        env={**os.environ, "TERM": "dumb"},
        check=False,
    )
    assert done.returncode == code, done.stderr + done.stdout
    return done.stdout


def found(paths: Sequence[str] = tuple(FILES)) -> list[Any]:
    """All our findings, as a baseline takes them."""
    return [(path, finding, FILES[path]) for path in paths for finding in scan(FILES[path], path)]


def entries(root: Path) -> dict[tuple[str, str, str, int], Any]:
    """The label by path, type, hash and line of each entry in the baseline."""
    results = json.loads((root / ".secrets.baseline").read_text())["results"]
    return {
        (path, item["type"], item["hashed_secret"], item["line_number"]): item.get("is_secret")
        for path, items in results.items()
        for item in items
    }


def new(root: Path) -> list[str]:
    """What our own scan reports beyond the baseline."""
    known = read_known(root)
    assert known.problems == ()
    return [
        f"{path}:{f.rule}" for path, text in FILES.items() for f in known.new(scan(text, path), path, text)
    ]


def test_there_is_something_to_find() -> None:
    """Each file holds a secret, and one of them several."""
    assert {path for path, _, _ in found()} == set(FILES)


def test_we_accept_theirs(repository: Path) -> None:
    """What they have recorded we do not report, but for what they do not find at all."""
    printed = detect_secrets(repository, "scan", "--no-verify")
    (repository / ".secrets.baseline").write_text(printed)
    recorded = {(path, line) for path, _, _, line in entries(repository)}
    assert {path for path, _ in recorded} >= {"src/a.py", "conf/app.yaml", "key.pem", "notes.txt"}
    known = read_known(repository)
    for path, text in FILES.items():
        new_findings = known.new(scan(text, path), path, text)
        assert not [f for f in new_findings if (path, f.line + 1) in recorded]


@pytest.mark.parametrize("label", [None, True, False])
def test_their_scan_keeps_ours(repository: Path, label: bool | None) -> None:
    """`scan --baseline` finds every entry again, with its label, whatever it adds of its own."""
    add_to_baseline(repository / ".secrets.baseline", found(), is_secret=label)
    subprocess.run(["git", "add", "-A"], cwd=repository, check=True)
    before = entries(repository)
    detect_secrets(repository, "scan", "--no-verify", "--baseline", ".secrets.baseline")
    after = entries(repository)
    assert before.items() <= after.items()
    assert {path for path, *_ in after} == {path for path, *_ in before}
    assert new(repository) == []


def test_their_hook_is_silent_and_changes_nothing(repository: Path) -> None:
    """A commit that brings nothing new passes, and the baseline is not written anew."""
    add_to_baseline(repository / ".secrets.baseline", found(), is_secret=False)
    subprocess.run(["git", "add", "-A"], cwd=repository, check=True)
    before = (repository / ".secrets.baseline").read_text()
    detect_secrets(repository, "--no-verify", "--baseline", ".secrets.baseline", *FILES, hook=True)
    assert (repository / ".secrets.baseline").read_text() == before
    (repository / "new.py").write_text(f'key = "{aws_key()}"\n')
    printed = detect_secrets(
        repository, "--no-verify", "--baseline", ".secrets.baseline", "new.py", hook=True, code=1
    )
    assert "AWS Access Key" in printed


def test_ours_goes_into_theirs(repository: Path) -> None:
    """Recording into a baseline of theirs keeps its settings, and their scan keeps what we recorded."""
    (repository / ".secrets.baseline").write_text(
        detect_secrets(repository, "scan", "--no-verify", "--disable-plugin", "KeywordDetector")
    )
    before = entries(repository)
    add_to_baseline(repository / ".secrets.baseline", found(["src/call.py"]), is_secret=False)
    recorded = entries(repository)
    assert before.items() <= recorded.items()
    detect_secrets(repository, "scan", "--no-verify", "--baseline", ".secrets.baseline")
    assert entries(repository) == recorded
    assert "src/call.py:github-token" not in new(repository)


def test_their_audit_shows_and_labels_ours(repository: Path) -> None:
    """Each secret is found again on its line, shown, labelled and saved; our next scan knows all of them still."""
    add_to_baseline(repository / ".secrets.baseline", found(), is_secret=None)
    n_entries = len(entries(repository))
    printed = detect_secrets(repository, "audit", ".secrets.baseline", typed="n\n" * n_entries)
    assert "not found" not in printed
    assert printed.count("Should this string be committed") == n_entries
    assert "Saving progress" in printed
    assert set(entries(repository).values()) == {True}
    assert new(repository) == []


def test_their_report_and_statistics_read_ours(repository: Path) -> None:
    """`audit --report` names each secret with its label, `--stats` counts them."""
    add_to_baseline(repository / ".secrets.baseline", found(["src/a.py", "key.pem"]), is_secret=True)
    add_to_baseline(repository / ".secrets.baseline", found(["src/call.py", "conf/.env"]), is_secret=False)
    report = json.loads(detect_secrets(repository, "audit", "--report", ".secrets.baseline"))["results"]
    labels = {each["filename"]: each["category"] for each in report}
    assert labels["src/a.py"] == labels["key.pem"] == "VERIFIED_TRUE"
    assert labels["src/call.py"] == labels["conf/.env"] == "VERIFIED_FALSE"
    assert json.loads(detect_secrets(repository, "audit", "--stats", "--json", ".secrets.baseline"))


def test_their_audit_compares_ours(repository: Path) -> None:
    """`audit --diff` walks through what two of ours do not share."""
    add_to_baseline(repository / ".secrets.baseline", found(["src/a.py"]), is_secret=None)
    add_to_baseline(repository / "new.baseline", found(["src/a.py", "deploy.sh"]), is_secret=None)
    printed = detect_secrets(
        repository, "audit", "--diff", ".secrets.baseline", "new.baseline", typed="s\n" * 9
    )
    assert "ADDED" in printed
    assert "deploy.sh" in printed
    assert "not found" not in printed


PLUGINS = str(Path(detect_secrets_plugins.__file__))


def test_rules_are_plugins(repository: Path) -> None:
    """`-p` with our file: their scan finds what ours finds, of the same type, with the same hash, on the same line."""
    printed = detect_secrets(repository, "scan", "--no-verify", "-p", PLUGINS)
    (repository / ".secrets.baseline").write_text(printed)
    ours = {(path, f.title, f.fingerprint, f.line + 1) for path, f, _ in found()}
    assert ours <= set(entries(repository))
    assert new(repository) == []
    detect_secrets(repository, "--no-verify", "--baseline", ".secrets.baseline", *FILES, hook=True)


def test_every_type_is_a_plugin_with_a_name_of_its_own() -> None:
    """No two types share a class, each keeps its rules' title, and each is what detect-secrets takes for a plugin."""
    classes: list[Any] = list(get_plugins_from_file(PLUGINS))
    assert {plugin.secret_type for plugin in classes} == {rule.title for rule in RULES}
    assert len({plugin.__name__ for plugin in classes}) == len(classes)
    assert all(plugin().json()["name"] == plugin.__name__ for plugin in classes)


def test_plugins_honour_allow_comments(repository: Path) -> None:
    """What a comment allows is not found, and is all that `--only-allowlisted` finds."""
    (repository / "src/a.py").write_text(
        f'a = "{aws_key()}"\nb = "{github_token()}"  # pragma: allowlist secret\nc = 1  # pragma: allowlist secret\n'
    )
    for options, expected in (
        ((), {("AWS Access Key", 1)}),
        (("--only-allowlisted",), {("GitHub Token", 2)}),
    ):
        printed = detect_secrets(repository, "scan", "--no-verify", "-p", PLUGINS, *options, "src/a.py")
        (repository / ".secrets.baseline").write_text(printed)
        assert {(kind, line) for _, kind, _, line in entries(repository)} - HIGH_ENTROPY == expected


HIGH_ENTROPY = {("Base64 High Entropy String", 2)}


def test_plugins_look_at_a_single_text(repository: Path) -> None:
    """`--string` asks each plugin about one line that stands in no file."""
    key = "sk-ant-" + "api03-" + (RANDOM * 4)[:93] + "AA"
    printed = detect_secrets(
        repository, "scan", "--no-verify", "-p", PLUGINS, "--string", typed=f'k = "{key}"\n'
    )
    assert "VictorAnthropicAPIKey" in printed
    assert [line.split()[0] for line in printed.splitlines() if line.endswith(": True")] == [
        "VictorAnthropicAPIKey"
    ]
