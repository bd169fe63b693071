"""What a team already knows of stays silent, and only that; what is read is never trusted to be well formed."""

import hashlib
import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secrets_samples import aws_key, github_token, pem_key

from victor_server.secrets.allow.exclusions import MAX_TEXT, found_in, read_exclusions
from victor_server.secrets.allow.known import EMPTY, Known, read_known
from victor_server.secrets.scanner import scan

AWS = f'key = "{aws_key()}"\n'
GITHUB = f'token = "{github_token()}"\n'
PASSWORD = 'db_password = "' + "kV8#mW2!qZ6" + '"\n'


def sha1(value: str) -> str:
    """As detect-secrets hashes a value."""
    return hashlib.sha1(value.encode()).hexdigest()


def baseline(*entries: tuple[str, str, str], **more: Any) -> str:
    """A baseline with (path, type, value) entries."""
    results: dict[str, list[dict[str, Any]]] = {}
    for path, kind, value in entries:
        item = {"type": kind, "filename": path, "hashed_secret": sha1(value), "line_number": 1, **more}
        results.setdefault(path, []).append(item)
    return json.dumps({"version": "1.5.0", "plugins_used": [], "filters_used": [], "results": results})


def check(root: Path, path: str, text: str, expected: list[str], **options: Any) -> Known:
    """The rules of the findings in `text` that are not known in `root`, where nothing was unreadable."""
    known = read_known(root)
    assert known.problems == ()
    assert [finding.rule for finding in known.new(scan(text, path), path, text, **options)] == expected
    return known


def test_nothing_is_known_in_an_empty_folder(tmp_path: Path) -> None:
    """Without any of the files every finding is new, and nothing is wrong."""
    check(tmp_path, "a.py", AWS, ["aws-access-key"])
    assert read_known(tmp_path) == EMPTY
    assert len(EMPTY.new(scan(AWS, "a.py"), "a.py", AWS)) == 1


@pytest.mark.parametrize("label", [{}, {"is_secret": True}, {"is_secret": False}])
def test_baselined_secret_is_known_wherever_it_stands(tmp_path: Path, label: dict[str, bool]) -> None:
    """File and value decide: lines move, types differ between tools, and a label does not matter to a hook."""
    file = tmp_path / ".secrets.baseline"
    file.write_text(baseline(("src/a.py", "High Entropy", aws_key()), **label))
    check(tmp_path, "src/a.py", AWS, [])
    check(tmp_path, "./src/a.py", "\n" * 40 + AWS, [])
    check(tmp_path, "src/b.py", AWS, ["aws-access-key"])
    check(tmp_path, "src/a.py", AWS + GITHUB, ["github-token"])


@pytest.mark.parametrize("path", ["src\\a.py", "./src/a.py", "src//a.py"])
def test_paths_of_any_system(tmp_path: Path, path: str) -> None:
    """A baseline that was written on another system holds the same files."""
    (tmp_path / ".secrets.baseline").write_text(baseline((path, "AWS Access Key", aws_key())))
    check(tmp_path, "src/a.py", AWS, [])


CUT_OTHERWISE = {
    "quoted": (f'auth = "id-{aws_key()}.x"', f"id-{aws_key()}.x"),
    "with its name": (f"AccountKey={aws_key()};x", f"AccountKey={aws_key()}"),
    "to the end of the line": (f"password: {aws_key()} and more  ", f"{aws_key()} and more"),
    "address": (f"see http://h/{aws_key()}/b now", f"http://h/{aws_key()}/b"),
}


@pytest.mark.parametrize("case", CUT_OTHERWISE)
def test_secret_that_another_tool_cut_otherwise(tmp_path: Path, case: str) -> None:
    """Another tool's hash may be of more than the secret: of the string, the word or the rest of its line."""
    line, value = CUT_OTHERWISE[case]
    (tmp_path / ".secrets.baseline").write_text(baseline(("a.py", "Secret Keyword", value)))
    check(tmp_path, "a.py", f"first\n{line}\nlast\n", [])
    other = line.replace(aws_key(), aws_key().replace("Z7Q", "Q7Z"))
    check(tmp_path, "a.py", f"first\n{other}\nlast\n", ["aws-access-key"])


MARKERS = {
    "GitHub Token": ("ghp", github_token(), "github-token"),
    "Private Key": ("BEGIN RSA " + "PRIVATE KEY", pem_key(), "private-key"),
}


@pytest.mark.parametrize("title", MARKERS)
def test_types_of_which_only_the_beginning_is_hashed(tmp_path: Path, title: str) -> None:
    """detect-secrets records how these begin, and that covers all of them; our own entries say which are meant."""
    marker, secret, rule = MARKERS[title]
    file = tmp_path / ".secrets.baseline"
    file.write_text(baseline(("a.txt", title, marker)))
    check(tmp_path, "a.txt", f"x\n{secret}\n", [])
    check(tmp_path, "b.txt", secret, [rule])
    file.write_text(baseline(("a.txt", title, marker), values=[sha1("another one")]))
    check(tmp_path, "a.txt", secret, [rule])
    file.write_text(baseline(("a.txt", title, marker), values=[sha1("another one"), sha1(secret)]))
    check(tmp_path, "a.txt", secret, [])


def test_named_baseline_takes_the_place_of_the_usual_one(tmp_path: Path) -> None:
    """`--baseline` names one, in the folder or elsewhere; one that is not there is a problem."""
    (tmp_path / "root").mkdir()
    (tmp_path / "other.json").write_text(baseline(("a.py", "AWS Access Key", aws_key())))
    known = read_known(tmp_path / "root", baseline=tmp_path / "other.json")
    assert known.new(scan(AWS, "a.py"), "a.py", AWS) == []
    missing = read_known(tmp_path, baseline=tmp_path / "nope.json")
    assert missing.problems == (missing.baseline_problem,)
    assert "no such baseline" in missing.baseline_problem


def test_fingerprints_of_gitleaks(tmp_path: Path) -> None:
    """A place counts whatever the rule's name there, on its line only; with a commit, for that commit only."""
    (tmp_path / ".gitleaksignore").write_text(
        "# seen\n\n  a.py:aws-access-token:2  \ncafe1234:b.py:some-rule:1\nC:\\x\\c.py:r:1\nd:e.py:r:1\n"
    )
    check(tmp_path, "a.py", "\n" + AWS, [])
    check(tmp_path, "a.py", AWS, ["aws-access-key"])
    check(tmp_path, "b.py", AWS, ["aws-access-key"])
    check(tmp_path, "b.py", AWS, [], commit="CAFE1234" + "0" * 32)
    check(tmp_path, "b.py", AWS, ["aws-access-key"], commit="1234cafe" + "0" * 32)
    check(tmp_path, "d:e.py", AWS, [])


def test_paths_and_values_of_secretsignore(tmp_path: Path) -> None:
    """Patterns as in a `.gitignore`, then values below `[secrets]`."""
    (tmp_path / ".secretsignore").write_text(
        f"# made up\nfixtures/\n*.snap\n!keep.snap\n/top.py\n\n[secrets]\n{github_token()}\n"
    )
    for path in ("fixtures/a.py", "x/fixtures/y/a.py", "b.snap", "x/b.snap", "top.py", "fixtures/keep.snap"):
        assert check(tmp_path, path, AWS, []).ignores(path)
    for path in ("a.py", "keep.snap", "x/top.py", "fixtures"):
        assert not check(tmp_path, path, AWS, ["aws-access-key"]).ignores(path)
    check(tmp_path, "a.py", AWS + GITHUB, ["aws-access-key"])


def exclusion(kind: str, *patterns: object) -> str:
    """A baseline with nothing but patterns, as detect-secrets writes those of its options."""
    path = f"detect_secrets.filters.regex.should_exclude_{kind}"
    return json.dumps({"results": {}, "filters_used": [{"path": path, "pattern": patterns}]})


def test_patterns_of_a_baseline(tmp_path: Path) -> None:
    """What `--exclude-files`, `--exclude-lines` and `--exclude-secrets` left out is left out here too."""
    file = tmp_path / ".secrets.baseline"
    file.write_text(exclusion("file", r".*/fixtures/.*", r"\.ya?ml$", "^top\\.py$"))
    for path in ("src/fixtures/a.py", "a/b.yaml", "a.yml", "top.py"):
        assert check(tmp_path, path, AWS, []).ignores(path)
    for path in ("fixtures.py", "a/top.py", "yaml.py"):
        assert not check(tmp_path, path, AWS, ["aws-access-key"]).ignores(path)
    file.write_text(exclusion("line", "(?i)EXAMPLE_[a-z]+ ="))
    check(tmp_path, "a.py", f"x = 1\nexample_key = '{aws_key()}'\n" + GITHUB, ["github-token"])
    file.write_text(exclusion("secret", "^AKIA"))
    check(tmp_path, "a.py", AWS + GITHUB, ["github-token"])


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a|aa)*b",
        "a*a*b",
        "(?:a?){40}b",
        "a?" * 40 + "b",
        "(a)\\1",
        "(?=a)b",
        "[",
        "a" * 2000,
        "(" * 500,
        7,
        None,
    ],
)
def test_patterns_that_may_run_for_ever_are_named_and_not_used(tmp_path: Path, pattern: object) -> None:
    """A repository cannot keep a scan busy."""
    (tmp_path / ".secrets.baseline").write_text(exclusion("file", pattern))
    known = read_known(tmp_path)
    assert known.problems == (
        ".secrets.baseline: patterns that are not used, as they could take very long: 1",
    )
    assert len(known.new(scan(AWS, "a.py"), "a.py", AWS)) == 1


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.sampled_from(["a", ".", "b", "a*", ".*", "a+", "(a|b)", "a?", "[ab]{1,4}", "(ab)*", "$", "^"]),
        max_size=6,
    ).map("".join)
)
def test_patterns_that_are_used_are_quick(pattern: str) -> None:
    """What is taken finds the same as before, and says so at once on the text that is worst for it."""
    exclusions, n_refused = read_exclusions(json.loads(exclusion("file", pattern)))
    assert len(exclusions.file) + n_refused == 1
    for used in exclusions.file:
        start = time.process_time()
        for text in ("a" * MAX_TEXT, "ab" * (MAX_TEXT // 2)):
            found_in((used,), text + "c")
            found_in((used,), text[:-1] + "c")
        assert time.process_time() - start < 5
        for text in ("", "a", "ab", "aab", "bbaac", "xaby"):
            assert bool(used.search(text)) == bool(re.search(pattern, text))


BROKEN = {
    "no JSON": "{",
    "a list": "[]",
    "no results": "{}",
    "results of a wrong type": '{"results": []}',
    "entries of a wrong type": '{"results": {"a.py": 1, "b.py": [1, {}, {"type": 1}, null]}}',
    "deep": "[" * 200_000,
    "a deep field": '{"results": {}, "x": ' + "[" * 200_000,
    "a long number": '{"results": {}, "x": ' + "1" * 10_000 + "}",
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_baseline_is_a_problem_and_nothing_more(tmp_path: Path, case: str) -> None:
    """Whatever stands in it, findings are reported and the problem is named."""
    (tmp_path / ".secrets.baseline").write_text(BROKEN[case])
    known = read_known(tmp_path)
    assert len(known.problems) == 1
    assert ".secrets.baseline" in known.problems[0]
    assert known.baseline_problem == ("" if case == "entries of a wrong type" else known.problems[0])
    assert len(known.new(scan(AWS, "a.py"), "a.py", AWS)) == 1


def test_files_that_are_none(tmp_path: Path) -> None:
    """Folders, links out of the tree, other encodings and files of any length are named, and never followed."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "outside").write_text(baseline(("a.py", "AWS Access Key", aws_key())))
    (root / ".secrets.baseline").symlink_to(tmp_path / "outside")
    (root / ".gitleaksignore").mkdir()
    (root / ".secretsignore").write_bytes(b"\xff\xfe\x00")
    with (root / ".betterleaksignore").open("wb") as file:
        file.truncate(40_000_000)
    known = read_known(root)
    assert sorted(problem.split()[0] for problem in known.problems) == [
        ".betterleaksignore", ".gitleaksignore", ".secrets.baseline", ".secretsignore"
    ]  # fmt: skip
    assert len(known.new(scan(AWS, "a.py"), "a.py", AWS)) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe would keep us waiting for ever."""
    os.mkfifo(tmp_path / ".secrets.baseline")
    assert read_known(tmp_path).problems == (".secrets.baseline is not a regular file",)


def test_hostile_patterns_take_linear_time(tmp_path: Path) -> None:
    """Patterns made to backtrack are answered at once."""
    (tmp_path / ".secretsignore").write_text("a*" * 500 + "b\n" + "**/" * 300 + "x\n")
    assert not read_known(tmp_path).ignores("a" * 4000 + "/" + "a/" * 500 + "a")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["type", "hashed_secret", "line_number", "a.py", "results"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(JSON, st.text(max_size=80), st.text(max_size=80))
def test_any_content_is_read(
    tmp_path_factory: pytest.TempPathFactory, results: Any, ignored: str, paths: str
) -> None:
    """Reading never raises, and what it cannot read hides nothing but what was named."""
    root = tmp_path_factory.mktemp("any")
    (root / ".secrets.baseline").write_text(json.dumps({"results": results}))
    (root / ".gitleaksignore").write_text(ignored, encoding="utf-8", errors="surrogatepass")
    (root / ".secretsignore").write_text(paths, encoding="utf-8", errors="surrogatepass")
    known = read_known(root)
    assert known.ignores("src/a.py") or len(known.new(scan(AWS, "src/a.py"), "src/a.py", AWS)) == 1


def test_a_secretsignore_of_very_many_patterns(tmp_path: Path) -> None:
    """The first ones count, the rest is told; all of them as one expression would take minutes to prepare."""
    lines = ["kept/", *(f"**/x{number}*/**/y*" for number in range(20_000)), "late/"]
    (tmp_path / ".secretsignore").write_text("\n".join(lines), encoding="utf-8")
    known = read_known(tmp_path)
    before = time.process_time()
    assert known.ignores("kept/a.py")
    assert not known.ignores("late/a.py")
    assert known.problems[0].startswith(".secretsignore: patterns that are not used")
    assert time.process_time() - before < 10
