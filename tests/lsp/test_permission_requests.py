"""How a person in front of an editor is asked, with the whole agent behind it: only what the model says is played."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from acp import schema
from hypothesis import given, settings
from hypothesis import strategies as st
from lsp.chatting import ask, new_chat, text_block
from lsp.editor import Editor, Json, ServerError, running_server
from lsp.fake_services import FakeServices
from repositories import write_tree
from sandboxed import need_bubblewrap

from victor_server.agent.permissions.model import Question, Rule, Verdict, Wanted
from victor_server.agent.tools.tool import Diff, Touched
from victor_server.audit.record import read_records
from victor_server.compose.agent import Agent, open_agent
from victor_server.errors import UsageError
from victor_server.lsp import uris
from victor_server.lsp.asker import ALWAYS, NO, ONCE, SESSION, LspAsker, message_of
from victor_server.lsp.permission_request import read_outcome, to_permission_request
from victor_server.settings.resolved import default_settings

ANNOUNCES: Json = {"experimental": {"victor": {"chat": True, "permission": True}}}
REQUEST = "victor/permission/request"
MESSAGE = "window/showMessageRequest"


@dataclass(slots=True)
class Desk:
    """An editor, the agent behind its server, and their folder."""

    editor: Editor
    agents: list[Agent]
    root: Path
    home: Path

    async def turn(self) -> list[str]:
        """Ask something; what the model was told of each call, by the receipts of its tools."""
        session_id = await new_chat(self.editor)
        await ask(self.editor, session_id, "go")
        return [
            each["params"]["update"]["content"][0]["content"]["text"]
            for each in self.updates()
            if each["params"]["update"]["sessionUpdate"] == "tool_call_update"
            and each["params"]["update"]["status"] in ("completed", "failed")
        ]

    def updates(self) -> list[Json]:
        """What came of chats."""
        return [each for each in self.editor.received if each.get("method") == "victor/chat/update"]

    def asked(self, method: str) -> list[Json]:
        """What the server asked by this method."""
        return [
            each["params"]
            for side, each in self.editor.log
            if side == "server" and each.get("method") == method
        ]

    def decided(self) -> list[Json]:
        """What was recorded of what was decided."""
        records = read_records(self.home / "audit.log")
        return [each["tool_calls"][0] for each in records if each["action"] == "tool_decided"]


def run(command: str) -> Json:
    """What a model asks for."""
    return {"tool": {"name": "run_command", "arguments": {"command": command}}}


@asynccontextmanager
async def desk(
    folder: Path, *replies: Any, answers: dict[str, Any] | None = None, capabilities: Json = ANNOUNCES
) -> AsyncIterator[Desk]:
    """An editor whose model says these and then "done"; it runs commands in no sandbox, as they are refused or listed."""
    root, home = folder / "work", folder / "home"
    script = json.dumps(str(home / "script.jsonl"))
    lines = "".join(json.dumps(reply) + "\n" for reply in (*replies, {"text": "done"}))
    profiles = f"profiles:\n  default: {{provider: scripted, model: demo, script: {script}}}\n"
    write_tree(root, {"a.txt": "one\ntwo\n", "sub/b.txt": "three\n"})
    write_tree(home, {"profiles.yaml": profiles, "script.jsonl": lines})
    agents: list[Agent] = []

    def bring(services: FakeServices) -> None:
        def opened() -> Agent:
            agents.append(open_agent(default_settings(home), {}))
            return agents[-1]

        services.open_agent = opened

    try:
        async with running_server(answers, bring) as editor:
            await editor.initialize(
                capabilities,
                workspaceFolders=[{"uri": uris.from_path(str(root)), "name": "work"}],
                initializationOptions={"home": str(home)},
            )
            yield Desk(editor, agents, root, home)
    finally:
        for agent in agents:
            await agent.close()


def selects(option: str, **more: Any) -> Callable[[Json], Json]:
    """A client that answers so."""

    def answer(params: Json) -> Json:
        schema.RequestPermissionRequest.model_validate(params)
        return {"outcome": {"outcome": "selected", "optionId": option}, **more}

    return answer


async def test_the_four_kinds(tmp_path: Path) -> None:
    """A question is the Agent Client Protocol's, says all that is wanted and why, and what each answer remembers."""
    need_bubblewrap()
    async with desk(tmp_path, run("ls sub"), answers={REQUEST: selects("once")}) as it:
        (told,) = await it.turn()
        (params,) = it.asked(REQUEST)
    assert "b.txt" in told
    asked = schema.RequestPermissionRequest.model_validate(params)
    assert [(each.option_id, each.kind) for each in asked.options] == [
        ("once", "allow_once"),
        ("session", "allow_always"),
        ("always", "allow_always"),
        ("no", "reject_once"),
        ("never", "reject_always"),
    ]
    assert params["options"][2]["_meta"] == {"victor": {"patterns": ["commands `ls *`"]}}
    assert asked.tool_call.kind == "execute"
    assert asked.tool_call.title == "Victor wants to run a command: ls sub"
    assert params["toolCall"]["content"][0]["content"]["text"] == "```sh\nls sub\n```"
    victor = params["_meta"]["victor"]
    assert victor["things"] == ["ls sub"]
    assert victor["reason"] == "No rule allows it."
    assert victor["commands"] == [
        {"argv": ["ls", "sub"], "decision": "ask", "rule": victor["commands"][0]["rule"]}
    ]


@pytest.mark.parametrize(
    ("option", "n_asked"), [("once", 2), ("session", 1), ("always", 1), ("never", 1), ("no", 2)]
)
async def test_what_is_remembered(tmp_path: Path, option: str, n_asked: int) -> None:
    """`once` and `no` are asked again, the others not in this session, and always and never not in the next either."""
    need_bubblewrap()
    replies = (run("ls sub"), run("ls ."))
    async with desk(tmp_path, *replies, answers={REQUEST: selects(option)}) as it:
        told = await it.turn()
        assert len(it.asked(REQUEST)) == n_asked
        result = await it.editor.request("victor/permissions/list", {})
    assert [each.startswith("Not allowed.") for each in told] == [option in ("no", "never")] * 2
    listed = [(each["command"], each["decision"]) for each in result["rules"] if each["source"] == "answer"]
    assert listed == {"always": [("ls *", "allow")], "never": [("ls *", "deny")]}.get(option, [])
    assert it.decided()[0].get("answer") == option


async def test_a_no_with_a_reason(tmp_path: Path) -> None:
    """The model is told it, in the person's words, and not to go around it."""
    no = selects("no", _meta={"victor": {"reason": "It is slow"}})
    async with desk(tmp_path, run("touch x"), answers={REQUEST: no}) as it:
        (told,) = await it.turn()
    assert told.startswith(
        "Not allowed. The person said no: It is slow. Do not try to reach the same in another way"
    )
    assert not (it.root / "x").exists()


NONSENSE: list[Any] = [
    None,
    {},
    [],
    "yes",
    {"outcome": "selected"},
    {"outcome": {"outcome": "selected"}},
    {"outcome": {"outcome": "selected", "optionId": "sudo"}},
    {"outcome": {"outcome": "selected", "optionId": ["once"]}},
    {"outcome": {"outcome": "allowed", "optionId": "once"}},
    {"outcome": {"outcome": "cancelled", "optionId": "once"}},
    ServerError({"code": -32601, "message": "no such method"}),
]


@pytest.mark.parametrize("answer", NONSENSE, ids=str)
async def test_nonsense_is_no_yes(tmp_path: Path, answer: Any) -> None:
    """Whatever a client answers that is not one of the options, nothing happens, and nobody is said to have said no."""
    async with desk(tmp_path, run("touch x"), answers={REQUEST: answer}) as it:
        (told,) = await it.turn()
    assert told.startswith("Not allowed. ")
    assert "person said no" not in told
    assert not (it.root / "x").exists()
    assert it.decided()[-1]["decision"] == "deny"


async def test_what_is_asked_each_time_has_two_options(tmp_path: Path) -> None:
    """Where nothing can be remembered, no answer that remembers is offered, and none is taken."""
    async with desk(tmp_path, run("sudo ls"), answers={REQUEST: selects("always")}) as it:
        (told,) = await it.turn()
        (params,) = it.asked(REQUEST)
    assert [each["optionId"] for each in params["options"]] == ["once", "no"]
    assert told.startswith("Not allowed. The editor's answer could not be understood")


def chooses(title: str) -> Callable[[Json], Json]:
    """An editor whose person presses this button."""
    return lambda params: next(each for each in params["actions"] if each["title"] == title)


@pytest.mark.parametrize(
    ("title", "runs", "n_asked"), [(ONCE, True, 2), (SESSION, True, 1), (ALWAYS, True, 1), (NO, False, 2)]
)
async def test_by_a_message(tmp_path: Path, title: str, runs: bool, n_asked: int) -> None:
    """An editor that knows nothing of permissions shows a message with buttons."""
    need_bubblewrap()
    replies = (run("ls sub"), run("ls ."))
    async with desk(
        tmp_path, *replies, answers={MESSAGE: chooses(title)}, capabilities=without_permission()
    ) as it:
        told = await it.turn()
        asked = it.asked(MESSAGE)
    assert len(asked) == n_asked
    assert asked[0]["message"] == (
        "Victor wants to run a command: ls sub · No rule allows it. · “For this session” and “Always” allow: commands `ls *`"
    )
    assert [each["title"] for each in asked[0]["actions"]] == [ONCE, SESSION, ALWAYS, NO]
    assert all(each.startswith("Not allowed.") is not runs for each in told)


def without_permission() -> Json:
    """What a client announces that has chats and nothing for questions."""
    return {"experimental": {"victor": {"chat": True}}}


@pytest.mark.parametrize("answer", [None, {}, [], {"title": "Yes"}, {"title": 1}, "Allow once"], ids=str)
async def test_a_message_that_is_answered_by_nonsense(tmp_path: Path, answer: Any) -> None:
    """Closed, or answered by what is no button: nothing happens."""
    async with desk(
        tmp_path, run("touch x"), answers={MESSAGE: answer}, capabilities=without_permission()
    ) as it:
        (told,) = await it.turn()
    assert told.startswith("Not allowed. ")
    assert not (it.root / "x").exists()


async def test_an_editor_that_cannot_ask(tmp_path: Path) -> None:
    """The person is told what was not done, and how to allow it."""
    async with desk(tmp_path, run("npm test"), capabilities=without_permission()) as it:
        (told,) = await it.turn()
        shown = await it.editor.notification("window/showMessage")
    assert "The editor cannot ask the person." in told
    assert "`victor permissions allow 'npm test'` in a terminal allows it." in shown["message"]


async def test_a_stopped_turn_takes_its_question_back(tmp_path: Path) -> None:
    """The client is told by `$/cancelRequest`, the turn ends as cancelled, and a late yes does nothing."""
    async with desk(tmp_path, run("touch x"), answers={REQUEST: ...}) as it:
        session_id = await new_chat(it.editor)
        turn = it.editor.send_request(
            "victor/chat/prompt", {"sessionId": session_id, "prompt": text_block("go")}
        )
        question = await it.editor.wait(lambda message: message.get("method") == REQUEST)
        await it.editor.request("victor/chat/cancel", {"sessionId": session_id})
        assert (await it.editor.response(turn))["stopReason"] == "cancelled"
        assert (await it.editor.notification("$/cancelRequest"))["id"] == question["id"]
        # Clients whose libraries do not tell the id of a request find it in its params.
        assert question["params"]["_meta"]["victor"]["question"] == question["id"]
        late = {"outcome": {"outcome": "selected", "optionId": "once"}}
        it.editor.send({"jsonrpc": "2.0", "id": question["id"], "result": late})
        await it.editor.settle()
        assert [(each["decision"], each["answer"]) for each in it.decided()] == [("deny", "cancelled")]
    assert not (it.root / "x").exists()


async def test_modes(tmp_path: Path) -> None:
    """The mode that a client sets holds from the next call on: in plan nothing runs and nobody is asked."""
    write_tree(
        tmp_path / "home",
        {"permissions.yaml": "rules: [{tool: run_command, command: 'ls *', decision: allow}]\n"},
    )
    async with desk(
        tmp_path, run("ls sub"), {"text": "x"}, run("ls ."), answers={REQUEST: selects("no")}
    ) as it:
        assert (await it.editor.request("victor/mode/set", {"mode": "ask"}))["mode"] == "ask"
        (asked,) = await it.turn()
        assert asked.startswith("Not allowed. The person said no.")
        it.editor.received.clear()
        command = {"command": "victor.mode.set", "arguments": ["plan"]}
        assert (await it.editor.request("workspace/executeCommand", command))["mode"] == "plan"
        (planned,) = await it.turn()
        assert len(it.asked(REQUEST)) == 1
        assert "is not offered in mode plan" in planned
        assert (await it.editor.request("victor/permissions/list", {}))["mode"] == "plan"


async def test_rules_are_listed_set_and_forgotten(tmp_path: Path) -> None:
    """As on the command line; what is set holds at once, and is on record."""
    need_bubblewrap()
    async with desk(
        tmp_path, run("ls sub"), {"text": "x"}, run("ls sub"), answers={REQUEST: selects("no")}
    ) as it:
        asked = {"tool": "run_command", "command": "ls *", "decision": "allow"}
        rule = (await it.editor.request("victor/permissions/set", asked))["rule"]
        assert rule["root"] == it.root.resolve().as_posix()
        assert "b.txt" in (await it.turn())[0]
        it.editor.received.clear()
        assert rule in (await it.editor.request("victor/permissions/list", {"root": str(it.root)}))["rules"]
        gone = await it.editor.request("victor/permissions/set", {"forget": rule["id"]})
        assert gone["rule"]["id"] == rule["id"]
        assert (await it.turn())[0].startswith("Not allowed.")
        for wrong in (
            {},
            {"tool": "x", "decision": "maybe"},
            {"forget": "nosuch"},
            {**asked, "root": "/elsewhere"},
        ):
            with pytest.raises(ServerError):
                await it.editor.request("victor/permissions/set", wrong)
    actions = [each["action"] for each in read_records(it.home / "audit.log")]
    assert "permission_remembered" in actions
    assert "permission_forgotten" in actions


async def test_two_windows(tmp_path: Path) -> None:
    """Each is asked about its own chats; what one has said always to holds in the other from its next call on."""
    need_bubblewrap()
    async with (
        desk(tmp_path, run("ls sub"), answers={REQUEST: selects("always")}) as one,
        desk(tmp_path, run("ls ."), answers={REQUEST: selects("no")}) as other,
    ):
        await one.turn()
        (told,) = await other.turn()
        assert (len(one.asked(REQUEST)), len(other.asked(REQUEST))) == (1, 0)
    assert "a.txt" in told


async def test_two_chats_of_one_window(tmp_path: Path) -> None:
    """Their messages are shown one after the other; by the protocol's own request they may stand side by side."""
    async with desk(tmp_path, run("touch x"), run("touch y"), answers={MESSAGE: ...}, capabilities={}) as it:
        for _ in range(2):
            session_id = await new_chat(it.editor)
            it.editor.send_request(
                "victor/chat/prompt", {"sessionId": session_id, "prompt": text_block("go")}
            )
        first = await it.editor.wait(lambda message: message.get("method") == MESSAGE)
        asker = it.agents[0]._acting._asker
        assert isinstance(asker, LspAsker)
        await it.editor.until(lambda: bool(asker._turn._waiters))
        assert len(it.asked(MESSAGE)) == 1
        it.editor.send({"jsonrpc": "2.0", "id": first["id"], "result": {"title": NO}})
        second = await it.editor.wait(lambda message: message.get("method") == MESSAGE)
        assert second["params"]["message"] != first["params"]["message"]
        it.editor.send({"jsonrpc": "2.0", "id": second["id"], "result": {"title": NO}})
    assert not list(it.root.glob("[xy]"))


def question(command: str = "", title: str = "Do it", **more: Any) -> Question:
    """What is asked."""
    root = Path("/work")
    touched = Touched(title, command=command, folder=root / "sub" if command else None, **more)
    verdict = Verdict("ask", "No rule allows it.", remembers=(Rule("run_command", "allow", command=command),))
    return Question(
        "q",
        Wanted("run_command" if command else "mcp__x__y", "execute" if command else "other", touched, root),
        verdict,
    )


def test_hostile_words_are_seen() -> None:
    """Lines, directions, what nobody sees, links and fences of others change nothing of what a person reads."""
    bad = "echo safe\u202e\n\u200bfs- mr\x1b[2K\r [click](command:evil) ``` \u3164"
    message = message_of(question(bad))
    assert "\n" not in message
    assert all(char.isprintable() for char in message)
    assert "\\u{202e} ⏎ \\u{200b}fs- mr\\u{1b}[2K\\u{d} [click] (command:evil)" in message
    assert "\\u{3164}" in message
    params = to_permission_request(question(bad))
    text = params.toolCall["content"][0]["content"]["text"]
    assert text.startswith("````sh\n")
    assert text.count("````") == 4
    assert params.toolCall["title"].isprintable()


def test_what_cannot_be_shown_whole_is_not_asked_by_a_message() -> None:
    """Nobody can say yes to what they were not shown; the model is told to make it shorter."""
    with pytest.raises(UsageError, match="too long to be shown"):
        message_of(question("echo " + "x" * 2_000 + "; rm -rf ~"))


def test_diffs_are_shown() -> None:
    """What becomes of files stands beside, as the protocol has it."""
    asked = Question("q", question().wanted, question().verdict, (Diff(Path("/srv/a"), "one\n", None),))
    params = to_permission_request(asked)
    assert params.toolCall["content"][1] == {
        "type": "diff",
        "path": "/srv/a",
        "oldText": "one\n",
        "newText": "",
    }


_TEXT = st.text(max_size=60)
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["outcome", "optionId", "_meta", "victor", "reason"]) | _TEXT, inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=200)
@given(_ANY)
def test_any_answer_is_read(found: Any) -> None:
    """No answer makes reading fail, and a yes is only what says so in the right place."""
    answer = read_outcome(found, question("ls"))
    if answer.kind in ("once", "session", "always"):
        assert found["outcome"]["outcome"] == "selected"
        assert found["outcome"]["optionId"] == answer.kind


@settings(deadline=None, max_examples=200)
@given(_TEXT, _TEXT)
def test_any_words_can_be_asked(command: str, title: str) -> None:
    """Whatever a model writes, the message is one printable line and the request is the protocol's."""
    asked = question(command, title)
    assert message_of(asked).isprintable()
    params = to_permission_request(asked)
    schema.RequestPermissionRequest.model_validate(
        {"sessionId": params.sessionId, "toolCall": params.toolCall, "options": params.options}
    )
    assert params.toolCall["title"].isprintable()
