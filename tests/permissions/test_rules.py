"""Which rule fits which call, and what holds whatever the rules say."""

import os
from pathlib import Path

import pytest
from permissions_judged import HOME, NOTHING, PRIVATE, ROOT, of_command, of_file

from victor_server.agent.permissions.judge import judge
from victor_server.agent.permissions.model import Decision, Rule, Wanted
from victor_server.agent.permissions.patterns import command_pattern, quoted
from victor_server.agent.permissions.places import RUN_LATER
from victor_server.agent.permissions.ruleset import DEFAULTS, Listed, Ruleset
from victor_server.agent.tools.tool import ToolKind, Touched
from victor_server.settings.profiles import Mode


def written(*rules: Rule) -> Ruleset:
    """The defaults, and what a person wrote below them."""
    return Ruleset((*DEFAULTS, *(Listed(rule, "file", "permissions.yaml, line 2") for rule in rules)))


def of_url(url: str, rules: Ruleset) -> Decision:
    """What is said of a page."""
    return judge(
        Wanted("fetch_url", "fetch", Touched("", url=url), ROOT), rules, "build", PRIVATE, HOME
    ).decision


@pytest.mark.parametrize(
    ("kind", "path", "decision"),
    [
        ("read", "src/app.py", "allow"),
        ("search", "", "allow"),
        ("read", ".env", "deny"),
        ("read", "deep/.ssh/config", "deny"),
        ("read", ".ssh", "deny"),
        ("read", "../other", "ask"),
        ("read", "/etc/passwd", "ask"),
        ("edit", "src/app.py", "ask"),
        ("edit", ".env", "deny"),
        ("edit", ".victor/permissions.yaml", "deny"),
        ("edit", ".VICTOR/x", "deny"),
        ("delete", "src/app.py", "ask"),
        ("read", ".victor/settings.yaml", "allow"),
        ("read", str(HOME / "profiles.yaml"), "deny"),
        ("edit", str(HOME / "permissions.yaml"), "deny"),
        ("other", "src/app.py", "ask"),
    ],
)
def test_defaults(kind: ToolKind, path: str, decision: Decision) -> None:
    """What holds where nobody has written anything."""
    assert of_file("a_tool", kind, ROOT / path, NOTHING).decision == decision


@pytest.mark.parametrize("pattern", RUN_LATER)
def test_what_is_run_later_is_asked_for_each_time(pattern: str) -> None:
    """However much is allowed; and no answer is remembered for it."""
    rules = written(Rule("*", "allow"), Rule("@edit", "allow", path="**"))
    name = pattern.replace("**/", "deep/").replace("*", "a")
    for path in (name, f"deep/{name}", f"{name.upper()}", f"{name}/inside"):
        verdict = of_file("edit_file", "edit", ROOT / path, rules)
        assert (verdict.decision, verdict.remembers) == ("ask", ()), path
        assert of_file("read_file", "read", ROOT / path, rules).decision == "allow"


@pytest.mark.parametrize(
    ("pattern", "path", "narrow", "broad"),
    [
        ("src/**", "src/a.py", True, True),
        ("src/**", "src/deep/a.py", True, True),
        ("src/**", "lib/src/a.py", False, False),
        ("./src/**", "src/a.py", True, True),
        ("*.py", "deep/a.py", True, True),
        ("*.py", "a.PY", False, True),
        ("docs", "docs/a.md", True, True),
        ("docs/", "docs/a.md", True, True),
        ("docs/", "docs", False, True),
        ("**", "a", True, True),
        ("/workspace/src/**", "src/a.py", True, True),
        ("/src", "src/a.py", False, True),
        ("~/x", "src/x", False, False),
        ("src", "/elsewhere/src/x", False, True),
        ("/elsewhere/**", "/elsewhere/src/x", True, True),
        ("/elsewhere/*.txt", "/elsewhere/a.md", False, False),
    ],
)
def test_paths(pattern: str, path: str, narrow: bool, broad: bool) -> None:
    """An allow is read narrowly, a deny broadly."""
    place = ROOT / path
    allowed = of_file("edit_file", "edit", place, written(Rule("@edit", "allow", path=pattern)))
    denied = of_file("edit_file", "edit", place, written(Rule("@edit", "deny", path=pattern)))
    assert allowed.decision == ("allow" if narrow else "ask")
    assert denied.decision == ("deny" if broad else "ask")


def test_an_allow_without_a_path_stays_in_the_workspace() -> None:
    """Outside, only a rule that says so."""
    rules = written(Rule("*", "allow"))
    assert of_file("edit_file", "edit", ROOT / "a", rules).decision == "allow"
    assert of_file("edit_file", "edit", Path("/elsewhere/a"), rules).decision == "ask"
    assert of_file("edit_file", "edit", Path("/elsewhere/a"), written(Rule("*", "deny"))).decision == "deny"


def test_the_last_rule_wins() -> None:
    """In the order in which they are written."""
    allow, deny = Rule("@edit", "allow", path="src/**"), Rule("edit_*", "deny", path="src/gen/**")
    inside = ROOT / "src/gen/a.py"
    assert of_file("edit_file", "edit", inside, written(allow, deny)).decision == "deny"
    assert of_file("edit_file", "edit", inside, written(deny, allow)).decision == "allow"
    assert of_file("edit_file", "edit", ROOT / "src/a.py", written(allow, deny)).decision == "allow"


@pytest.mark.parametrize("kind", ["delete", "move"])
def test_who_denies_changes_denies_to_delete_and_to_move(kind: ToolKind) -> None:
    """As a command that does it is denied; who allows changes allows neither."""
    inside = ROOT / "gen/a.py"
    for decision in ("ask", "deny"):
        rules = written(Rule("*", "allow"), Rule("@edit", decision, path="gen/**"))
        assert of_file("a_tool", kind, inside, rules).decision == decision
    assert of_file("a_tool", kind, inside, written(Rule("@edit", "allow", path="gen/**"))).decision == "ask"


def test_links_are_followed(tmp_path: Path) -> None:
    """A link into another folder is that folder, and one to a private file is private."""
    root, other = tmp_path / "root", tmp_path / "other"
    for folder in (root, other):
        folder.mkdir()
    (other / ".env").write_text("", encoding="utf-8")
    for name, target in (("out", other), ("plain", other / ".env")):
        try:
            (root / name).symlink_to(target)
        except OSError:
            assert os.name == "nt"
            return
    rules = written(Rule("run_command", "allow", command="cat *"))
    assert of_file("read_file", "read", root / "out/a", rules, root=root).decision == "ask"
    assert of_file("read_file", "read", root / "plain", rules, root=root).decision == "deny"
    assert of_command("cat out/a", rules, root=root).decision == "ask"
    assert of_command("cat plain", rules, root=root).decision == "deny"
    assert of_command("cat other", rules, root=root).decision == "allow"


@pytest.mark.parametrize(
    ("pattern", "argv", "narrow", "broad"),
    [
        ("git status", "git status", True, True),
        ("git status", "git status -s", False, True),
        ("git status*", "git status -s", True, True),
        ("git status*", "git statusx", False, True),
        ("git *", "git", True, True),
        ("git * --stat", "git log -3 --stat", True, True),
        ("npm run test:*", "npm run test:unit", True, True),
        ("npm run test:*", "npm run test:unit x", False, True),
        ("npm run test:* *", "npm run test:unit x", True, True),
        ("./bin/*", "./bin/x", True, True),
        ("./bin/*", "./bin/../x", False, True),
        ("./bin/*", "/bin/x", False, False),
        ("rm", "/bin/rm", True, True),
        ("rm", "./rm", False, True),
        ("rm", "RM.exe", False, True),
        ("echo 'a b'", "echo a b", False, False),
        ("echo '*'", "echo x", False, False),
        ("echo \\*", "echo *", True, True),
        ("g?t log", "git log", True, True),
        ("*", "anything at all", True, True),
    ],
)
def test_commands(pattern: str, argv: str, narrow: bool, broad: bool) -> None:
    """A star within a word is of that word; one alone, or at the end of a plain word, is any further words."""
    compiled = command_pattern(pattern)
    assert compiled is not None
    assert (compiled.allows(argv.split(" ")), compiled.covers(argv.split(" "))) == (narrow, broad)


@pytest.mark.parametrize(
    "text", ["", "  ", "'a", "a; b", "a && b", "a | b", "a > b", "echo $x", "`a`", "a\nb"]
)
def test_what_is_no_pattern(text: str) -> None:
    """A rule is for one command: that of two would never fit, and a deny would deny nothing."""
    assert command_pattern(text) is None


@pytest.mark.parametrize(
    "argv", [["a"], ["a b", "c"], ["it's"], ['"', "'"], ["*", "?"], ["\\", ""], [";", "$x", "#"]]
)
def test_words_are_quoted_into_the_pattern_that_fits_them_only(argv: list[str]) -> None:
    """As what is remembered needs it."""
    pattern = command_pattern(quoted(argv))
    assert pattern is not None
    assert pattern.is_exact
    assert pattern.allows(argv)
    assert not pattern.allows([*argv, "x"])


@pytest.mark.parametrize(
    ("pattern", "url", "fits"),
    [
        ("example.com", "https://example.com/a", True),
        ("example.com", "https://EXAMPLE.com:8080/", True),
        ("example.com", "https://example.com.evil.org/", False),
        ("example.com", "https://example.com@evil.org/", False),
        ("example.com", "https://sub.example.com/", False),
        ("*.example.com", "https://sub.example.com/", True),
        ("*.example.com", "https://badexample.com/", False),
        ("https://example.com/docs/", "https://example.com/docs/a", True),
        ("https://example.com/docs/*", "https://example.com/docs/a", True),
        ("https://example.com/docs", "https://example.com/docsx", False),
        ("https://example.com/docs/", "https://example.com/docs/../a", False),
        ("https://example.com/", "http://example.com/", False),
        ("https://example.com/", "https://u:p@example.com/", False),
    ],
)
def test_addresses(pattern: str, url: str, fits: bool) -> None:
    """Hosts are compared whole, addresses by their beginning."""
    assert of_url(url, NOTHING) == "ask"
    assert of_url(url, written(Rule("fetch_url", "allow", url=pattern))) == ("allow" if fits else "ask")


@pytest.mark.parametrize(
    ("mode", "kind", "decision"),
    [
        ("plan", "read", "allow"),
        ("plan", "edit", "deny"),
        ("plan", "execute", "deny"),
        ("plan", "fetch", "deny"),
        ("plan", "other", "deny"),
        ("ask", "read", "allow"),
        ("ask", "edit", "ask"),
        ("ask", "execute", "ask"),
        ("ask", "other", "ask"),
        ("build", "edit", "allow"),
        ("build", "execute", "allow"),
        ("build", "other", "allow"),
    ],
)
def test_modes(mode: Mode, kind: ToolKind, decision: Decision) -> None:
    """Mode plan only reads, mode ask asks for every change, mode build lets the rules decide."""
    assert of_file("a_tool", kind, ROOT / "a", written(Rule("*", "allow")), mode=mode).decision == decision
    assert of_file("a_tool", kind, ROOT / "a", written(Rule("*", "deny")), mode=mode).decision == "deny"


def test_in_mode_ask_an_answer_for_the_session_holds_for_commands_only() -> None:
    """Else a person would be asked for the same tests again and again; every change they see."""
    rules = written(Rule("*", "allow"))
    session = [Listed(Rule("*", "allow"), "session", "your answer for this session")]
    assert of_command("pytest", rules, mode="ask").decision == "ask"
    assert of_command("pytest", NOTHING, mode="ask", answers=session).decision == "allow"
    assert of_command("pytest > out", NOTHING, mode="ask", answers=session).decision != "deny"
    answered = Ruleset(rules.own, answers=session)
    assert of_file("edit_file", "edit", ROOT / "a", answered, mode="ask").decision == "ask"


def test_a_deny_beats_an_answer() -> None:
    """Whichever was first; and an ask does not."""
    answers = [Listed(Rule("run_command", "allow", command="make"), "answer", "your answer")]
    assert (
        of_command("make", written(Rule("run_command", "deny", command="make*")), answers=answers).decision
        == "deny"
    )
    assert (
        of_command("make", written(Rule("run_command", "ask", command="make*")), answers=answers).decision
        == "allow"
    )
    elsewhere = [Listed(Rule("run_command", "allow", command="make"), "answer", "your answer", root="/other")]
    assert of_command("make", NOTHING, answers=elsewhere).decision == "ask"
    refused = [*answers, Listed(Rule("run_command", "deny", command="make"), "answer", "your answer")]
    assert of_command("make", NOTHING, answers=refused).decision == "deny"


def test_a_workspace_can_only_tighten() -> None:
    """What it allows is no word; what it denies holds against the person's allow."""
    own = written(Rule("run_command", "allow", command="make *")).own
    stricter = Ruleset(own, (Listed(Rule("run_command", "deny", command="make deploy"), "workspace", "it"),))
    assert of_command("make deploy", stricter).decision == "deny"
    assert of_command("make test", stricter).decision == "allow"


@pytest.mark.parametrize(
    ("line", "remembered"),
    [
        ("git log -3", ["git log *"]),
        ("ls -la", ["ls *"]),
        ("pytest -q tests", ["pytest -q tests"]),
        ("npm test && git diff", ["npm test", "git diff *"]),
        ("timeout 60 pytest", ["pytest"]),
        ("python -m pytest -q", ["python -m pytest -q"]),
        ("echo 'a b' | wc -l", ["echo *", "wc *"]),
        ("git push", ["git push"]),
        ("rm -rf build", []),
        ("sudo ls", []),
        ("curl https://example.com", []),
        ("bash -c 'rm x'", []),
        ("bash script.sh", []),
        ("ls | xargs cat", []),
        ("cat $FILE", []),
        ("echo $(ls)", []),
        ("for x in a; do ls; done", []),
        ("X=1 make", []),
        ("make > out", []),
        ("cat ../x", []),
        ("ls\u200b", []),
    ],
)
def test_what_would_be_remembered(line: str, remembered: list[str]) -> None:
    """Narrow; nothing where the same words may do something else the next time. It would allow the very line."""
    verdict = of_command(line, NOTHING)
    assert verdict.decision == "ask"
    assert [rule.command for rule in verdict.remembers] == remembered
    answers = [Listed(rule, "session", "your answer") for rule in verdict.remembers]
    assert of_command(line, NOTHING, answers=answers).decision == ("allow" if remembered else "ask")


def test_what_would_be_remembered_of_files() -> None:
    """The folder of a change in the workspace; nothing that is private or run later."""
    assert of_file("edit_file", "edit", ROOT / "src/a.py", NOTHING).remembers == (
        Rule("@edit", "allow", path="./src/**"),
    )
    assert of_file("edit_file", "edit", ROOT / "a[1].py", NOTHING).remembers == (
        Rule("@edit", "allow", path="./a\\[1].py"),
    )
    assert of_file("read_file", "read", Path("/etc/hosts"), NOTHING).remembers == (
        Rule("read_file", "allow", path="/etc/hosts"),
    )
    assert of_file("mcp__a__b", "other", ROOT, NOTHING).decision == "ask"
    wanted = Wanted("mcp__a__b", "other", Touched(""), ROOT)
    assert judge(wanted, NOTHING, "build", PRIVATE, HOME).remembers == (Rule("mcp__a__b", "allow"),)


def test_a_file_that_cannot_be_read_closes() -> None:
    """All but reading is asked for, and that is why; denies stay."""
    rules = written(Rule("*", "allow"), Rule("run_command", "deny", command="rm"))
    closed = Ruleset(rules.own, closed="permissions.yaml, line 3: broken.")
    assert of_file("read_file", "read", ROOT / "a", closed).decision == "allow"
    assert of_file("edit_file", "edit", ROOT / "a", closed).decision == "ask"
    verdict = of_command("ls", closed)
    assert (verdict.decision, verdict.reason, verdict.remembers) == ("ask", closed.closed, ())
    assert of_command("rm x", closed).decision == "deny"
