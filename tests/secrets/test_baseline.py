"""Baselines are written as detect-secrets writes them, whole or not at all, and nothing that others wrote is lost."""

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import pytest
from secrets_samples import aws_key, github_token, pem_key

from victor_server.errors import UsageError
from victor_server.secrets.allow.baseline import Found, add_to_baseline, baseline_of, baseline_with
from victor_server.secrets.allow.known import read_known
from victor_server.secrets.scanner import scan

AWS = f'key = "{aws_key()}"\n'
GITHUB = f"token: {github_token()}\n"


def found(path: str, text: str) -> list[Found]:
    """Every finding in a text, as a baseline takes it."""
    return [(path, finding, text) for finding in scan(text, path)]


def results(text: str) -> dict[str, list[Any]]:
    """What a baseline holds: (type, line, label) by path."""
    read: dict[str, list[dict[str, Any]]] = json.loads(text)["results"]
    return {
        path: [(item["type"], item.get("line_number"), item.get("is_secret")) for item in items]
        for path, items in read.items()
    }


def test_new_baseline(tmp_path: Path) -> None:
    """A new one has detect-secrets' own settings, its order and its form; nobody's secret stands in it."""
    file = tmp_path / ".secrets.baseline"
    add_to_baseline(file, [*found("b.py", "\n" + AWS), *found("a.py", AWS)], is_secret=None)
    text = file.read_text()
    document = json.loads(text)
    assert list(document) == ["version", "plugins_used", "filters_used", "results", "generated_at"]
    assert text == json.dumps(document, indent=2) + "\n"
    assert results(text) == {"a.py": [("AWS Access Key", 1, None)], "b.py": [("AWS Access Key", 2, None)]}
    assert list(document["results"]["a.py"][0]) == [
        "type",
        "filename",
        "hashed_secret",
        "is_verified",
        "line_number",
    ]
    assert aws_key() not in text
    assert not (tmp_path / ".secrets.plugins.py").exists()
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o644


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", AWS),
        ("a.yaml", GITHUB),
        ("k.pem", pem_key()),
        ("k.pem", pem_key(newline="\r\n")),
        ("a.sh", f"deploy --key={aws_key()} now"),
        ("a.js", f'x = send("{aws_key()}", "{github_token()}")'),
        (".env", "HEROKU_API_KEY=" + str(uuid5(NAMESPACE_DNS, "heroku"))),
        ("a.md", "postgres://bob:" + "t0psEcr3t!word@db.internal/x"),
    ],
)
def test_what_is_recorded_is_known(tmp_path: Path, path: str, text: str) -> None:
    """A recorded finding is known to the next scan, wherever it has moved to; an unknown file holds it as new."""
    findings = found(path, text)
    assert findings
    add_to_baseline(tmp_path / ".secrets.baseline", findings, is_secret=False)
    known = read_known(tmp_path)
    moved = "\n\n" + text
    assert known.problems == ()
    assert known.new(scan(text, path), path, text) == []
    assert known.new(scan(moved, path), path, moved) == []
    assert len(known.new(scan(text, path), "other", text)) == len(findings)


def test_another_secret_of_a_type_that_is_hashed_by_its_beginning(tmp_path: Path) -> None:
    """detect-secrets' entry for one token covers all in the file; ours says which one is meant."""
    add_to_baseline(tmp_path / ".secrets.baseline", found("a.yaml", GITHUB), is_secret=False)
    text = GITHUB + GITHUB.replace("R7tK", "T7rK")
    assert [f.line for f in read_known(tmp_path).new(scan(text, "a.yaml"), "a.yaml", text)] == [1]
    add_to_baseline(tmp_path / ".secrets.baseline", found("a.yaml", text), is_secret=None)
    assert read_known(tmp_path).new(scan(text, "a.yaml"), "a.yaml", text) == []


def test_labels_stay_and_change() -> None:
    """A label stays where nobody gives another; a secret that moved gets its new line."""
    first = baseline_with(None, found("a.py", AWS), is_secret=True)
    assert results(first) == {"a.py": [("AWS Access Key", 1, True)]}
    moved = baseline_with(first, found("a.py", "\n" + AWS), is_secret=None)
    assert results(moved) == {"a.py": [("AWS Access Key", 2, True)]}
    assert results(baseline_with(moved, found("a.py", "\n" + AWS), is_secret=False)) == {
        "a.py": [("AWS Access Key", 2, False)]
    }


def test_same_text_where_nothing_changes() -> None:
    """What is written twice is not dated anew."""
    text = baseline_with(None, found("a.py", AWS), is_secret=None).replace(
        '"generated_at": "20', '"generated_at": "19'
    )
    assert baseline_with(text, found("a.py", AWS), is_secret=None) == text


def test_what_we_do_not_know_stays() -> None:
    """Fields, settings, entries and files of others are kept."""
    old = {
        "version": "1.4.0",
        "custom": {"a": [1]},
        "plugins_used": [{"name": "AWSKeyDetector"}, {"name": "Mine", "path": "file://mine.py"}],
        "filters_used": [{"path": "x.y", "pattern": ["a"]}],
        "results": {
            "z.py": [{"type": "Mine", "hashed_secret": "00", "more": 1}, "odd"],
            "a.py": [{"type": "Mine", "filename": "a.py", "hashed_secret": "11", "line_number": 9, "is_verified": True}],
        },
        "generated_at": "2020-01-01T00:00:00Z",
    }  # fmt: skip
    new = json.loads(baseline_with(json.dumps(old), found("a.py", AWS), is_secret=None))
    assert {key: new[key] for key in ("version", "custom", "plugins_used", "filters_used")} == {
        key: old[key] for key in ("version", "custom", "plugins_used", "filters_used")
    }
    assert new["results"]["z.py"] == ["odd", {"type": "Mine", "hashed_secret": "00", "more": 1}]
    assert [item["type"] for item in new["results"]["a.py"]] == ["AWS Access Key", "Mine"]
    assert new["results"]["a.py"][1] == old["results"]["a.py"][0]  # type: ignore[index]  # a JSON document


def test_slim_baseline_stays_slim() -> None:
    """One without line numbers gets none."""
    slim = json.dumps(
        {"version": "1.5.0", "plugins_used": [], "results": {"z.py": [{"type": "T", "hashed_secret": "0"}]}}
    )
    new = baseline_with(slim, found("a.py", AWS), is_secret=None)
    assert "line_number" not in new
    assert "generated_at" not in new


def test_up_to_date(tmp_path: Path) -> None:
    """What is gone goes, what moved is followed, what is new comes in; labels and files not looked at stay."""
    file = tmp_path / ".secrets.baseline"
    add_to_baseline(
        file, [*found("a.py", AWS), *found("b.yaml", GITHUB), *found("c.py", AWS)], is_secret=False
    )
    add_to_baseline(file, [*found("gone.py", AWS), *found("elsewhere.py", AWS)], is_secret=True)
    texts = {
        "a.py": "x\n" + AWS,
        "b.yaml": "token: none\n",
        "c.py": AWS + 'other = "' + "AKIA" + '5TGBNHY6CXZAQ2WR"\n',
    }
    again = [each for path, text in texts.items() for each in found(path, text)]
    text = baseline_of(file.read_text(), again, {**texts, "gone.py": None})
    assert results(text) == {
        "a.py": [("AWS Access Key", 2, False)],
        "c.py": [("AWS Access Key", 1, False), ("AWS Access Key", 2, None)],
        "elsewhere.py": [("AWS Access Key", 1, True)],
    }


def test_entries_of_others_stay_while_their_value_stands() -> None:
    """An entry that we do not find ourselves is kept as long as its value is in the file."""
    theirs = baseline_with(None, found("a.py", AWS), is_secret=None).replace(
        "AWS Access Key", "Hex High Entropy String"
    )
    assert results(baseline_of(theirs, [], {"a.py": "# x\n" + AWS.lower() + AWS})) == {
        "a.py": [("Hex High Entropy String", 3, None)]
    }
    assert results(baseline_of(theirs, [], {"a.py": AWS.lower()})) == {}


@pytest.mark.parametrize("content", ["{", "[]", '{"results": 1}', '{"results": {"a.py": 1}}'])
def test_file_that_is_no_baseline_is_left_alone(tmp_path: Path, content: str) -> None:
    """Nothing is written over something else."""
    file = tmp_path / ".secrets.baseline"
    file.write_text(content)
    with pytest.raises(UsageError):
        add_to_baseline(file, found("a.py", AWS), is_secret=None)
    assert file.read_text() == content
    assert [each.name for each in tmp_path.iterdir()] == [".secrets.baseline"]


def test_links_out_of_the_folder_are_not_written_through(tmp_path: Path) -> None:
    """A repository's link could point at any file of the person who records a finding."""
    root = tmp_path / "root"
    root.mkdir()
    for target in (tmp_path / "outside", tmp_path / "missing" / "x"):
        (tmp_path / "outside").write_text('{"results": {}}')
        (root / ".secrets.baseline").symlink_to(target)
        with pytest.raises(UsageError):
            add_to_baseline(root / ".secrets.baseline", found("a.py", AWS), is_secret=None)
        (root / ".secrets.baseline").unlink()
    assert (tmp_path / "outside").read_text() == '{"results": {}}'
    (root / "real.json").write_text('{"results": {}}')
    (root / ".secrets.baseline").symlink_to("real.json")
    add_to_baseline(root / ".secrets.baseline", found("a.py", AWS), is_secret=None)
    assert (root / ".secrets.baseline").is_symlink()
    assert "a.py" in (root / "real.json").read_text()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_mode_stays(tmp_path: Path) -> None:
    """Who could read the file can still do so."""
    file = tmp_path / ".secrets.baseline"
    file.write_text("")
    file.chmod(0o664)
    add_to_baseline(file, found("a.py", AWS), is_secret=None)
    assert stat.S_IMODE(file.stat().st_mode) == 0o664


WRITER = """
import sys
from pathlib import Path
from victor_server.secrets.allow.baseline import add_to_baseline
from victor_server.secrets.scanner import scan
text = Path(sys.argv[1]).read_text()
for n in range(12):
    name = f"{sys.argv[2]}{n}.py"
    add_to_baseline(Path(".secrets.baseline"), [(name, f, text) for f in scan(text, name)], is_secret=None)
"""


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    """Two editors that record at the same time wait for each other."""
    (tmp_path / "a.py").write_text(AWS)
    words = [sys.executable, "-c", WRITER, "a.py"]
    writers = [subprocess.Popen([*words, name], cwd=tmp_path) for name in ("x", "y")]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert len(results((tmp_path / ".secrets.baseline").read_text())) == 24
    assert sorted(each.name for each in tmp_path.iterdir()) == [".secrets.baseline", "a.py"]


def test_companion_is_written_only_where_it_is_needed(tmp_path: Path) -> None:
    """What detect-secrets finds by itself needs no file beside the baseline; somebody else's file is not touched."""
    hidden = found("a.js", f'x = send("{aws_key()}", "{github_token()}")')
    beside = tmp_path / ".secrets.plugins.py"
    beside.write_text("# somebody's\n")
    add_to_baseline(tmp_path / ".secrets.baseline", hidden, is_secret=None)
    assert beside.read_text() == "# somebody's\n"
    assert "plugins.py" not in (tmp_path / ".secrets.baseline").read_text()
    beside.unlink()
    add_to_baseline(tmp_path / ".secrets.baseline", hidden, is_secret=None)
    assert "file://.secrets.plugins.py" in (tmp_path / ".secrets.baseline").read_text()
    assert beside.read_text().startswith('"""Lets detect-secrets find again')
    assert "victor_server" not in beside.read_text()  # it runs where Victor is not installed
    (tmp_path / "ci").mkdir()
    add_to_baseline(tmp_path / "ci" / "known.json", hidden, is_secret=None, root=tmp_path)
    assert "file://ci/known.plugins.py" in (tmp_path / "ci" / "known.json").read_text()
    assert "_BASELINE = 'known.json'" in (tmp_path / "ci" / "known.plugins.py").read_text()


HOSTILE = (
    ("a=b;" * 5000 + "\n") * 500,
    "-----BEGIN " * 20_000,
    "-----BEGIN X-----END X PRIVATE KEY-----" * 5000,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_search_for_what_is_gone_ends(text: str) -> None:
    """However a file is written, the search for a recorded value in it takes a bounded time; the entry then stays."""
    old = baseline_with(None, found("a.py", AWS), is_secret=False)
    start = time.process_time()
    new = baseline_of(old, [], {"a.py": text})
    assert time.process_time() - start < 10
    assert results(new) in ({}, results(old))


def test_entries_of_a_file_too_large_to_be_sure_stay() -> None:
    """Nobody's judgement is dropped because a search was given up."""
    old = baseline_with(None, found("a.py", AWS), is_secret=False)
    text = "".join(f'value_{n} = call("{n}", key={n}, name="x y", other=[1, {n}])\n' for n in range(40_000))
    assert results(baseline_of(old, [], {"a.py": text})) == results(old)
