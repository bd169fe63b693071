"""Who decides in the end: files read anew, answers kept and taken back, everything on record."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from victor_server.agent.permissions.answers import AnswerStore
from victor_server.agent.permissions.model import Answer, AnswerKind, Permitted, Question, Rule, Wanted
from victor_server.agent.permissions.permissions import RulePermissions
from victor_server.agent.permissions.rules_file import (
    FILE_NAME,
    WORKSPACE_FILE,
    read_rules,
    read_workspace_rules,
)
from victor_server.agent.tools.tool import ToolKind, Touched
from victor_server.audit.journal import Journal
from victor_server.audit.record import read_records
from victor_server.errors import AuditFailed, SettingsError, UsageError
from victor_server.policy.private_files import PrivateFiles
from victor_server.settings.profiles import Mode
from victor_server.settings.resolved import AuditSettings


class Person:
    """A face whose person answers the same each time, or does something first."""

    def __init__(self, kind: AnswerKind, reason: str = "") -> None:
        self.answer = Answer(kind, reason)
        self.asked: list[Question] = []
        self.before: list[Any] = []

    async def ask(self, question: Question) -> Answer:
        """Note the question and answer."""
        self.asked.append(question)
        await asyncio.sleep(0)
        for act in self.before:
            act()
        return self.answer


class Bench:
    """Permissions over a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.home, self.root = folder / "home", folder / "work"
        self.home.mkdir()
        self.root.mkdir()
        self.mode: Mode = "build"
        self.trusted = False
        self.log = folder / "audit.log"
        self.permissions = self.opened()

    def opened(self) -> RulePermissions:
        """Those of another window."""
        journal = Journal(AuditSettings(enabled=True, path=self.log), "somebody")
        return RulePermissions(
            self.home, journal, lambda: self.mode, PrivateFiles(), is_trusted=lambda _: self.trusted
        )

    def write(self, *rules: str) -> None:
        """The person's file anew."""
        file = self.home / "permissions.yaml"
        draft = file.with_suffix(".new")
        draft.write_text("\n".join(["rules:", *(f"  - {rule}" for rule in rules), ""]), encoding="utf-8")
        draft.chmod(0o600)
        draft.replace(file)

    def command(self, line: str, session: str = "s1") -> Wanted:
        """A call that would run it."""
        return Wanted(
            "run_command",
            "execute",
            Touched("Run", command=line, folder=self.root),
            self.root,
            session,
            "t1",
            "c1",
        )

    def file(self, path: str, kind: ToolKind = "edit") -> Wanted:
        """A call that would touch it."""
        return Wanted(
            "edit_file", kind, Touched("Edit", paths=(self.root / path,)), self.root, "s1", "t1", "c2"
        )

    async def decision(self, wanted: Wanted) -> str:
        """What is said without a question."""
        return (await self.permissions.judge(wanted)).decision

    async def permit(self, line: str, person: Person | None, session: str = "s1") -> Permitted:
        """What is said of a command in the end."""
        return await self.permissions.permit(self.command(line, session), person)

    def records(self) -> list[dict[str, Any]]:
        """What is on record."""
        return list(read_records(self.log)) if self.log.exists() else []


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """An empty VICTOR_HOME and an empty workspace."""
    return Bench(tmp_path)


async def test_rules_are_read_anew(bench: Bench) -> None:
    """What is written while Victor runs holds from the next question on."""
    assert await bench.decision(bench.command("make")) == "ask"
    bench.write("{tool: run_command, command: make, decision: allow}")
    assert await bench.decision(bench.command("make")) == "allow"
    bench.write("{tool: run_command, command: make, decision: deny}")
    assert await bench.decision(bench.command("make")) == "deny"


@pytest.mark.parametrize(
    ("rule", "line", "message"),
    [
        ("{tool: run_command, command: x, decision: maybe}", 3, "decision must be allow, ask or deny"),
        ("{tool: run_command, command: x}", 3, "decision is missing"),
        ("{command: x, decision: allow}", 3, "tool is missing"),
        ("{tool: run_command, comand: x, decision: allow}", 3, "'comand' is no part of a rule"),
        ("{tool: run_command, command: 'a; b', decision: deny}", 3, "words of one command"),
        ("{tool: x, path: a, url: b, decision: deny}", 3, "only one of them"),
        ("{tool: x, path: '!a', decision: deny}", 3, "cannot take back"),
        ("{tool: [x], decision: deny}", 3, "tool must be a text"),
        ("{tool: 1, decision: deny}", 3, "tool must be a text"),
        ("just words", 3, "a rule must hold"),
        ("{tool: x, decision: deny", 4, "this is not YAML"),
    ],
)
async def test_a_rule_that_is_wrong_closes(bench: Bench, rule: str, line: int, message: str) -> None:
    """With its line; what allows is left out, what denies holds, and reading goes on."""
    good = "{tool: run_command, command: ls, decision: allow}"
    bench.write(good, rule, "{tool: run_command, command: rm, decision: deny}")
    (problem, *_) = bench.permissions.problems(bench.root)
    assert (problem.line, problem.restricts) == (line, True)
    assert message in problem.message
    verdict = await bench.permissions.judge(bench.command("ls"))
    assert verdict.decision == "ask"
    assert f"permissions.yaml, line {line}: " in verdict.reason
    assert verdict.remembers == ()
    if "YAML" not in message:
        assert await bench.decision(bench.command("rm")) == "deny"
    assert await bench.decision(bench.file("a", "read")) == "allow"


async def test_a_mistake_in_the_own_file_is_not_laid_to_the_workspace(tmp_path: Path) -> None:
    """Though VICTOR_HOME has the name that a workspace's folder has: it is `~/.victor` by itself."""
    home = tmp_path / ".victor"
    home.mkdir()
    (tmp_path / WORKSPACE_FILE).write_text("rules: 1", encoding="utf-8")
    (tmp_path / WORKSPACE_FILE).chmod(0o600)
    assert read_rules(home).closed.startswith(f"{FILE_NAME}: ")
    assert read_workspace_rules(tmp_path).closed.startswith(f"{WORKSPACE_FILE}: ")


@pytest.mark.parametrize(
    "text",
    [
        b"rules: 1",
        b"- a",
        b"\xff\xfe",
        b"rule: []",
        b"rules: []\nrules: []",
        b"x: &a [*a]",
        b"rules: [" * 2_000,
        b"#" * 300_000,
    ],
)
async def test_whatever_the_file_holds(bench: Bench, text: bytes) -> None:
    """It closes and says so."""
    file = bench.home / "permissions.yaml"
    file.write_bytes(text)
    file.chmod(0o600)
    assert bench.permissions.problems()
    assert await bench.decision(bench.file("a")) == "ask"
    assert (await bench.permissions.judge(bench.command("ls"))).reason.startswith("permissions.yaml")


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
async def test_a_file_that_others_may_write_closes(bench: Bench) -> None:
    """What they wrote is not the person's word."""
    bench.write("{tool: '*', decision: allow}")
    (bench.home / "permissions.yaml").chmod(0o666)
    verdict = await bench.permissions.judge(bench.command("ls"))
    assert verdict.decision == "ask"
    assert "others than you may have written it" in verdict.reason


async def test_a_file_that_goes_or_breaks_keeps_its_denies(bench: Bench) -> None:
    """It may just be written, and nobody knows what it will say."""
    file = bench.home / "permissions.yaml"
    bench.write(
        "{tool: run_command, command: make, decision: deny}",
        "{tool: run_command, command: ls, decision: allow}",
    )
    assert await bench.decision(bench.command("ls")) == "allow"
    for text in (None, "", "rules: ["):
        file.unlink() if text is None else file.write_text(text, encoding="utf-8")
        assert await bench.decision(bench.command("make")) == "deny"
        assert await bench.decision(bench.command("ls")) == "ask"
        assert bench.permissions.problems()
    bench.write("{tool: run_command, command: ls, decision: allow}")
    assert await bench.decision(bench.command("ls")) == "allow"
    assert await bench.decision(bench.command("make")) == "ask"
    assert not bench.permissions.problems()


async def test_a_workspace_tightens_where_it_is_trusted(bench: Bench) -> None:
    """Untrusted, its file is not even read; trusted, what it allows is told and does not count."""
    folder = bench.root / ".victor"
    folder.mkdir()
    (folder / "permissions.yaml").write_text(
        "rules:\n - {tool: run_command, command: ls, decision: deny}\n - {tool: '*', decision: allow}\n",
        encoding="utf-8",
    )
    bench.write("{tool: run_command, command: ls, decision: allow}")
    assert await bench.decision(bench.command("ls")) == "allow"
    assert not bench.permissions.problems(bench.root)
    bench.trusted = True
    assert await bench.decision(bench.command("ls")) == "deny"
    assert await bench.decision(bench.command("make")) == "ask"
    (problem,) = bench.permissions.problems(bench.root)
    assert (problem.line, problem.message) == (3, "a workspace's own rules may only ask and deny")


@pytest.mark.parametrize(
    ("kind", "allowed", "again", "elsewhere"),
    [
        ("once", True, True, True),
        ("session", True, False, True),
        ("always", True, False, False),
        ("no", False, True, True),
    ],
)
async def test_answers(bench: Bench, kind: AnswerKind, allowed: bool, again: bool, elsewhere: bool) -> None:
    """How long each holds: in this session, and in another window."""
    person = Person(kind, "not now")
    assert (await bench.permit("make", person)).allowed is allowed
    await bench.permit("make", person)
    assert len(person.asked) == 1 + again
    bench.permissions = bench.opened()
    await bench.permit("make", person, session="s2")
    assert len(person.asked) == 1 + again + elsewhere
    await bench.permit("make test", person)
    assert person.asked[-1].wanted.touched.command == "make test"


async def test_a_no_tells_the_model_why(bench: Bench) -> None:
    """And a question that nobody can be asked, or nobody answers, is a no."""
    permitted = await bench.permit("make", Person("no", "Use ninja."))
    assert (permitted.allowed, permitted.reason) == (False, "The person said no: Use ninja.")
    assert not (await bench.permit("make", Person("cancelled"))).allowed
    alone = await bench.permit("make", None)
    assert not alone.allowed
    assert "obody can be asked here" in alone.reason


async def test_what_may_not_be_remembered_is_not(bench: Bench) -> None:
    """Though a face says "always"."""
    person = Person("always")
    for line in ("sudo ls", "cat $X", "sudo ls"):
        assert (await bench.permit(line, person)).allowed
    assert len(person.asked) == 3
    assert not AnswerStore(bench.home).listed()


async def test_a_deny_that_comes_while_a_person_thinks_holds(bench: Bench) -> None:
    """The file is the person's later word."""
    person = Person("always")
    person.before = [lambda: bench.write("{tool: run_command, command: make, decision: deny}")]
    permitted = await bench.permit("make", person)
    assert not permitted.allowed
    assert "permissions.yaml, line 2" in permitted.reason
    assert not AnswerStore(bench.home).listed()


async def test_one_answer_settles_the_questions_behind_it(bench: Bench) -> None:
    """Calls side by side of one session are asked for one after the other."""
    person = Person("session")
    done = await asyncio.gather(*(bench.permit("make", person) for _ in range(5)))
    assert all(each.allowed for each in done)
    assert len(person.asked) == 1


async def test_a_question_that_is_taken_back_leaves_the_next_one(bench: Bench) -> None:
    """A cancelled turn must not block others of its session."""
    waiting = asyncio.Event()

    class Silent:
        async def ask(self, question: Question) -> Answer:
            waiting.set()
            await asyncio.Event().wait()
            raise AssertionError(question)

    task = asyncio.create_task(bench.permissions.permit(bench.command("make"), Silent()))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await bench.permit("make", Person("once"))).allowed


async def test_answers_are_found_and_taken_back(bench: Bench) -> None:
    """Those of the session as well; what is forgotten is asked for again."""
    await bench.permit("make", Person("session"))
    await bench.permit("ninja", Person("always"))
    ids = [each.id for each in bench.permissions.rules(bench.root) if each.id]
    assert len(ids) == 3  # the lasting answer holds for the session too
    for each in ids:
        bench.permissions.forget(each)
    assert await bench.decision(bench.command("make")) == "ask"
    assert await bench.decision(bench.command("ninja")) == "ask"
    with pytest.raises(UsageError):
        bench.permissions.forget(ids[0])


async def test_a_session_ends_with_its_answers(bench: Bench) -> None:
    """And another session never had them."""
    await bench.permit("make", Person("session"))
    assert await bench.decision(bench.command("make", "s2")) == "ask"
    assert await bench.decision(bench.command("make")) == "allow"
    bench.permissions.end_session("s1")
    assert await bench.decision(bench.command("make")) == "ask"


async def test_rules_may_be_set_for_a_folder_or_for_all(bench: Bench) -> None:
    """An answer of one folder is none in another; the later one for the same takes the place of the earlier."""
    bench.permissions.set(Rule("run_command", "allow", command="make"), bench.root)
    assert await bench.decision(bench.command("make")) == "allow"
    bench.permissions.set(Rule("run_command", "deny", command="make"), bench.root)
    assert await bench.decision(bench.command("make")) == "deny"
    (kept,) = AnswerStore(bench.home).listed()
    assert (kept.rule.decision, kept.root) == ("deny", bench.root.resolve().as_posix())
    bench.permissions.forget(kept.id)
    other = bench.root.parent / "other"
    other.mkdir()
    bench.permissions.set(Rule("run_command", "allow", command="make"), other)
    assert await bench.decision(bench.command("make")) == "ask"
    bench.permissions.set(Rule("run_command", "allow", command="make"), None)
    assert await bench.decision(bench.command("make")) == "allow"
    with pytest.raises(UsageError, match="words of one command"):
        bench.permissions.set(Rule("run_command", "allow", command="a; b"), None)


_WINDOW = """
import sys
from pathlib import Path
from victor_server.agent.permissions.answers import AnswerStore
from victor_server.agent.permissions.model import Rule

for number in range(10):
    AnswerStore(Path(sys.argv[1])).add([Rule("run_command", "allow", command=f"{sys.argv[2]} {number}")], "")
"""


def test_windows_do_not_lose_each_others_answers(bench: Bench) -> None:
    """Several processes that answer at once, each some."""
    others = [
        subprocess.Popen([sys.executable, "-P", "-c", _WINDOW, str(bench.home), name])
        for name in ("a", "b", "c")
    ]
    assert [each.wait(60) for each in others] == [0, 0, 0]
    kept = {each.rule.command for each in AnswerStore(bench.home).listed()}
    assert kept == {f"{name} {number}" for name in "abc" for number in range(10)}
    if os.name == "posix":
        assert AnswerStore(bench.home).file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 2}', '{"version": 1, "answers": [{}]}', "null", "[" * 9_999]
)
async def test_answers_that_cannot_be_read_close(bench: Bench, text: str) -> None:
    """Nobody knows what was denied there."""
    bench.write("{tool: run_command, command: ls, decision: allow}")
    store = AnswerStore(bench.home)
    store.file.write_text(text, encoding="utf-8")
    store.file.chmod(0o600)
    verdict = await bench.permissions.judge(bench.command("ls"))
    assert verdict.decision == "ask"
    assert store.file.name in verdict.reason
    with pytest.raises(SettingsError):
        store.add([Rule("x", "allow")], "")


async def test_every_decision_is_on_record(bench: Bench) -> None:
    """With what decided it and why; a command without its secrets; a question only once."""
    key = "ghp_" + "a1B2" * 9
    bench.write("{tool: run_command, command: 'git *', decision: allow}")
    await bench.decision(bench.command(f"git fetch --header={key}"))
    await bench.decision(bench.file(".env"))
    await bench.permit("make", Person("session"))
    await bench.permit("make", Person("once"))
    await bench.permit("ninja", Person("no"))
    first, second, third, fourth, fifth = bench.records()
    assert key not in bench.log.read_text("ascii")
    assert (first["action"], first["success"], first["session_id"]) == ("tool_decided", True, "s1")
    (call,) = first["tool_calls"]
    assert call["command"].startswith("git fetch --header=[REDACTED:")
    assert (call["id"], call["name"], call["by"]) == (
        "c1",
        "run_command",
        "permissions.yaml, line 2: commands `git *`",
    )
    assert second["success"] is False
    assert second["files_accessed"] == [(bench.root / ".env").as_posix()]
    assert [(each["success"], each["tool_calls"][0]["by"], each["tool_calls"][0].get("answer")) for each in (third, fourth, fifth)] == [
        (True, "person", "session"),
        (True, "your answer for this session: commands `make`", None),
        (False, "person", "no"),
    ]  # fmt: skip


async def test_a_command_with_a_secret_is_kept_for_the_session_only(bench: Bench) -> None:
    """It would stand in a file for as long as nobody looks."""
    line = "deploy --token=ghp_" + "a1B2" * 9
    person = Person("always")
    assert (await bench.permit(line, person)).allowed
    assert (await bench.permit(line, person)).allowed
    assert len(person.asked) == 1
    assert not AnswerStore(bench.home).file.exists()
    assert "ghp_" not in bench.log.read_text("ascii")
    with pytest.raises(UsageError, match="secret"):
        bench.permissions.set(Rule("run_command", "allow", command=line), None)


async def test_what_cannot_be_recorded_does_not_happen(bench: Bench) -> None:
    """Neither the call, nor an answer that would allow others."""
    bench.log.mkdir()
    bench.write("{tool: run_command, command: ls, decision: allow}")
    with pytest.raises(AuditFailed):
        await bench.permissions.judge(bench.command("ls"))
    with pytest.raises(AuditFailed):
        await bench.permit("make", Person("always"))
    assert not AnswerStore(bench.home).listed()


async def test_an_address_is_recorded_without_its_keys(bench: Bench) -> None:
    """Neither user nor query."""
    url = "https://user:word@example.com:8443/docs?key=value#x"
    await bench.permissions.permit(
        Wanted("fetch_url", "fetch", Touched("", url=url), bench.root), Person("once")
    )
    (record,) = bench.records()
    assert record["tool_calls"][0]["url"] == "https://example.com:8443/docs"
    assert "word" not in json.dumps(record)
    assert "value" not in json.dumps(record)


async def test_the_mode_is_that_of_now(bench: Bench) -> None:
    """As a person changes it in the middle of a turn."""
    bench.write("{tool: '*', decision: allow}")
    found: list[str] = []
    modes: Sequence[Mode] = ("build", "ask", "plan", "build")
    for mode in modes:
        bench.mode = mode
        found.append(await bench.decision(bench.file("a")))
    assert found == ["allow", "ask", "deny", "allow"]


async def test_where_the_editor_restricts_the_folder(tmp_path: Path) -> None:
    """No rule and no person lets anything be changed, run or fetched; nobody is asked; looking is free, as ever."""
    bench = Bench(tmp_path)
    bench.write('{tool: "*", decision: allow}', '{tool: run_command, command: "*", decision: allow}')
    journal = Journal(AuditSettings(enabled=True, path=bench.log), "somebody")
    held = RulePermissions(
        bench.home, journal, lambda: "build", PrivateFiles(), lambda _: True, restricted=True
    )
    person = Person("always")
    kinds: tuple[ToolKind, ...] = ("edit", "delete", "move", "execute", "fetch", "other")
    for kind in kinds:
        permitted = await held.permit(bench.file("a.py", kind), person)
        assert not permitted.allowed
        assert permitted.reason.startswith("The editor restricts this folder")
        assert (await held.judge(bench.file("a.py", kind))).decision == "deny"
        assert held.would(bench.file("a.py", kind)).decision == "deny"
    assert not (await held.permit(bench.command("ls"), person)).allowed
    assert person.asked == []
    assert (await held.judge(bench.file("a.py", "read"))).decision == "allow"
    decided = [record["tool_calls"][0]["by"] for record in read_records(bench.log)]
    assert set(decided[:-1]) == {"the editor's trust"}
