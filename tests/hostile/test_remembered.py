"""Answers that are remembered: "for this session" and "always" allow what was shown, and nothing that looks like it."""

from pathlib import Path

import pytest
from permissions_judged import HOME, PRIVATE

from victor_server.agent.permissions.judge import judge
from victor_server.agent.permissions.model import Verdict, Wanted
from victor_server.agent.permissions.ruleset import DEFAULTS, Listed, Ruleset
from victor_server.agent.tools.tool import ToolKind, Touched


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with a folder in it."""
    (tmp_path / "src").mkdir()
    return tmp_path.resolve()


def judged(wanted: Wanted, after: Verdict | None = None) -> Verdict:
    """What is said of a call, once what the other question offered to remember was remembered."""
    said = () if after is None else after.remembers
    answers = [Listed(rule, "answer", "your answer", wanted.root.as_posix()) for rule in said]
    return judge(wanted, Ruleset(DEFAULTS, answers=answers), "build", PRIVATE, HOME)


def file(root: Path, path: str, tool: str = "edit_file", kind: ToolKind = "edit") -> Wanted:
    """A call that touches a file."""
    return Wanted(tool, kind, Touched("", (root / path,)), root)


def line(root: Path, command: str, folder: str = ".") -> Wanted:
    """A command."""
    return Wanted(
        "run_command", "execute", Touched("", command=command, folder=(root / folder).resolve()), root
    )


@pytest.mark.parametrize(
    ("allowed", "then"),
    [
        ("src/a.py", "b.py"),
        ("src/a.py", "src2/a.py"),
        ("src/a.py", "../src/a.py"),
        ("src/a.py", "src/.env"),
        ("src/a.py", "src/AGENTS.md"),
        ("src/a.py", "src/.vscode/tasks.json"),
        ("src/a.py", "src/.git"),
        ("*/a", "b/a"),
        ("[ab]/a", "a/a"),
        ("?/a", "b/a"),
        ("a\\b/a", "ab/a"),
        ("a\nb/a", "b/a"),
        ("!a/a", "b/a"),
        ("#a/a", "b/a"),
        ("**/a", "b/a"),
        ("a /a", "a/a"),
        ("a ", "a"),
    ],
)
def test_files(root: Path, allowed: str, then: str) -> None:
    """An allowed change is one of its folder, by that very name."""
    first = judged(file(root, allowed))
    assert first.decision == "ask"
    assert judged(file(root, then), first).decision != "allow"


@pytest.mark.parametrize(
    "tool", [("delete_file", "delete"), ("move_file", "move"), ("mcp__t__write", "other")]
)
def test_another_tool(root: Path, tool: tuple[str, ToolKind]) -> None:
    """Who may change a file may not delete it, nor hand it to somebody else's tool."""
    first = judged(file(root, "src/a.py"))
    assert judged(file(root, "src/a.py", *tool), first).decision == "ask"


@pytest.mark.parametrize(
    ("allowed", "then", "folder"),
    [
        ("./run.sh", "./run.sh", "src"),
        ("./run.sh", "cd src && ./run.sh", "."),
        ("./run.sh", "timeout 9 ./run.sh", "src"),
        ("./run.sh", "src/../../run.sh", "."),
        ("tools/lint", "tools/lint", "src"),
        ("npm test", "npm test --prefix /elsewhere", "."),
        ("npm test", "PATH=. npm test", "."),
        ("npm test", "npm test; npm publish", "."),
        ("npm test", "npm test > AGENTS.md", "."),
        ("npm test", "./npm test", "."),
        ("npm test", "np\u200bm test", "."),
        ("npm test", "npm test $(touch x)", "."),
        ("git log -3", "git log --output=x", "."),
        ("git log -3", "git -c core.pager=x log", "."),
        ("git log -3", "git push", "."),
        ("cat a | sort", "sort -o b", "."),
        ("cat a", "cat /etc/passwd", "."),
        ("cat a", "cat .env", "."),
        ("cat a", "cat < .env", "."),
        ("echo hi", "echo hi > a", "."),
        ("echo hi", "echo `id`", "."),
        ("grep x a", "grep -f .env a", "."),
    ],
)
def test_commands(root: Path, allowed: str, then: str, folder: str) -> None:
    """An allowed command is that one, in its folder where its words mean another program elsewhere."""
    first = judged(line(root, allowed))
    assert first.decision == "ask"
    assert judged(line(root, allowed), first).decision == "allow"
    assert judged(line(root, then, folder), first).decision != "allow"


@pytest.mark.parametrize(
    "then",
    [
        "https://docs.example.org.evil.example/",
        "https://docs.example.org@evil.example/",
        "https://docs.example.org\\@evil.example/",
        "https://evil.example/#https://docs.example.org/",
        "https://docs.example.org\t.evil.example/",
        "http://docs.example.org/",
        "https://docs.example.org:8443/",
        "https://user:word@docs.example.org/",
        "https://xdocs.example.org/",
    ],
)
def test_addresses(root: Path, then: str) -> None:
    """An allowed page is one of that host, spoken to in the same way."""

    def page(url: str) -> Wanted:
        return Wanted("fetch_url", "fetch", Touched("", url=url), root)

    first = judged(page("https://docs.example.org/3/x"))
    assert judged(page("https://docs.example.org/3/y"), first).decision == "allow"
    assert judged(page(then), first).decision != "allow"


def test_another_workspace(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What was said in one workspace holds in no other, whatever that one is called."""
    other = tmp_path_factory.mktemp("other").resolve()
    first = judged(line(root, "npm test"))
    answers = [Listed(rule, "answer", "your answer", root.as_posix()) for rule in first.remembers]
    there = judge(line(other, "npm test"), Ruleset(DEFAULTS, answers=answers), "build", PRIVATE, HOME)
    inner = judge(line(root / "src", "npm test"), Ruleset(DEFAULTS, answers=answers), "build", PRIVATE, HOME)
    assert (there.decision, inner.decision) == ("ask", "ask")
