"""Turns and sessions: what is told, what is kept, and what is left after whatever goes wrong."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from chat.talk import Hanging, Talk, end_of, said, saying, shown, told
from secrets_samples import github_token

from victor_server.agent.context.piece import Context, Piece
from victor_server.agent.messages import text_of
from victor_server.agent.run_events import Answered, Cited, Noted, RunEvent, Thought, TurnEnded
from victor_server.agent.text_kinds import KeptText, ShownText
from victor_server.agent.turn import Turn
from victor_server.errors import BudgetExceeded, HistoryFailed, UsageError
from victor_server.features.chat.chat import Chat
from victor_server.features.chat.model import Asked, ChatUpdate, Prompted, Retried, Steered, Titled
from victor_server.history.history import History

TIMEOUT_S = 20.0
KILLED = Path(__file__).with_name("killed.py")


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    """A chat in a scratch home."""
    return Talk(tmp_path / "home" / "sessions.db")


async def until_begun(talk: Talk, chat: Chat, session_id: str) -> "asyncio.Task[list[ChatUpdate]]":
    """A turn that hangs after its first words."""
    talk.reply = hanging = Hanging()
    task = asyncio.create_task(told(chat.prompt(session_id, "why?")))
    await asyncio.wait_for(hanging.begun.wait(), TIMEOUT_S)
    return task


async def test_a_turn(talk: Talk, tmp_path: Path) -> None:
    """The question, the title, the answer, the end: in this order, with rising numbers, the same again from disk."""
    async with talk.open() as chat:
        session = await chat.new(tmp_path)
        updates = await told(chat.prompt(session.id, "Why is\nit so?"))
        assert [type(each.event) for each in updates] == [Prompted, Titled, Answered, TurnEnded]
        assert [each.seq for each in updates] == [1, 2, 3, 4]
        assert (shown(updates), end_of(updates).reason) == ("Because.", "end_turn")
        assert (await chat.load(session.id)).updates == updates
    async with talk.open() as chat:
        assert [each.title for each in await chat.sessions(tmp_path)] == ["Why is"]
        loaded = await chat.load(session.id, after_seq=2)
        assert loaded.updates == updates[2:]
        assert loaded.session.workspace == str(tmp_path)


async def test_the_model_is_told_the_conversation(talk: Talk) -> None:
    """Earlier questions and answers go along, across restarts; a turn without an answer does not."""
    async with talk.open() as chat:
        session = await chat.new(None)
        await told(chat.prompt(session.id, "one"))
        talk.reply = saying(end=TurnEnded("failed", "provider_unavailable"))
        await told(chat.prompt(session.id, "two"))
    async with talk.open() as chat:
        talk.reply = saying("Yes.")
        await told(chat.prompt(session.id, "three"))
    assert [text_of(message) for message in talk.turns[-1].earlier] == ["one", "Because."]
    assert [message.role for message in talk.turns[-1].earlier] == ["user", "assistant"]
    assert (talk.turns[-1].prompt, talk.turns[-1].root) == ("three", None)


async def test_text_is_joined(talk: Talk) -> None:
    """The first words are told at once, what follows quickly in one piece; nothing is lost or swapped."""
    talk.options = {"batch_s": 3600.0}

    async def reply(_: Turn) -> AsyncGenerator[RunEvent, None]:
        for number in range(100):
            yield said(f"{number} ")
        yield Thought(ShownText("hm"), KeptText("hm"))
        yield said("end")
        yield TurnEnded("end_turn")

    talk.reply = reply
    async with talk.open() as chat:
        updates = await told(chat.prompt((await chat.new(None)).id, "count"))
    texts = [each.event.shown for each in updates if isinstance(each.event, Answered | Thought)]
    assert texts == ["0 ", "".join(f"{number} " for number in range(1, 100)), "hm", "end"]


async def test_a_long_answer_is_loaded_in_one_piece(talk: Talk) -> None:
    """However often it was interrupted on its way, and from whatever number on."""
    talk.options = {"batch_s": 0.0}

    async def reply(_: Turn) -> AsyncGenerator[RunEvent, None]:
        for number in range(50):
            yield Thought(ShownText("hm "), KeptText("hm ")) if number < 10 else said(f"{number} ")
        yield Noted("well")
        yield said("end")
        yield TurnEnded("end_turn")

    talk.reply = reply
    async with talk.open() as chat:
        session = await chat.new(None)
        updates = await told(chat.prompt(session.id, "count"))
        loaded = (await chat.load(session.id)).updates
        kinds = [Prompted, Titled, Thought, Answered, Noted, Answered, TurnEnded]
        assert [type(each.event) for each in loaded] == kinds
        assert shown(loaded) == shown(updates)
        assert loaded[-1] == updates[-1]
        for after in range(updates[-1].seq + 1):
            rest = (await chat.load(session.id, after)).updates
            assert shown(rest) == shown([each for each in updates if each.seq > after])
            assert [each.seq for each in rest] == sorted({each.seq for each in rest})


async def test_text_does_not_wait_for_more(talk: Talk) -> None:
    """What was joined goes out although the model says nothing more."""
    waiting = asyncio.Event()

    async def reply(_: Turn) -> AsyncGenerator[RunEvent, None]:
        yield said("one")
        yield said(" two")
        await waiting.wait()
        yield TurnEnded("end_turn")

    talk.reply = reply
    async with talk.open() as chat:
        updates = chat.prompt((await chat.new(None)).id, "count")
        texts = []
        async with asyncio.timeout(TIMEOUT_S):
            async for update in updates:
                if isinstance(update.event, Answered):
                    texts.append(update.event.shown)
                if texts == ["one", " two"]:
                    waiting.set()
    assert waiting.is_set()


async def test_secrets_are_not_kept(talk: Talk) -> None:
    """The person sees what they wrote; on disk, in the title and in what is told again there is a placeholder."""
    token = github_token()
    async with talk.open() as chat:
        session = await chat.new(None)
        updates = await told(chat.prompt(session.id, f"token = '{token}' leaks?"))
        assert isinstance(updates[0].event, Prompted)
        assert token in updates[0].event.shown
        assert talk.turns[0].prompt.count(token) == 1
        kept = repr([each.event.kept for each in (await chat.load(session.id)).updates[:1]])  # type: ignore[union-attr]
        assert token not in kept
        assert "[REDACTED:" in kept
        assert token not in (await chat.sessions())[0].title
    assert token.encode() not in b"".join(
        path.read_bytes() for path in talk.file.parent.iterdir() if path.is_file()
    )


async def test_cancel(talk: Talk) -> None:
    """The stream is closed before `cancel` returns, the turn ends as cancelled, what was said stays."""
    async with talk.open() as chat:
        session = await chat.new(None)
        task = await until_begun(talk, chat, session.id)
        assert await chat.cancel(session.id)
        assert isinstance(talk.reply, Hanging)
        assert talk.reply.closed
        updates = await task
        assert (shown(updates), end_of(updates).reason) == ("so far", "cancelled")
        assert not await chat.cancel(session.id)
        talk.reply = saying("Done.")
        assert shown(await told(chat.prompt(session.id, "again"))) == "Done."
    assert [text_of(message) for message in talk.turns[-1].earlier] == ["why?", "so far"]


async def test_cancel_before_anything_happened(talk: Talk) -> None:
    """Whatever the moment, the updates end, and another question can be asked."""
    talk.reply = Hanging()
    async with talk.open() as chat:
        session = await chat.new(None)
        for n_steps in range(12):
            task = asyncio.create_task(told(chat.prompt(session.id, "why?")))
            for _ in range(n_steps):
                await asyncio.sleep(0)
            while not (await chat.cancel(session.id) or task.done()):  # noqa: ASYNC110 - any moment is meant
                await asyncio.sleep(0)
            updates = await asyncio.wait_for(task, TIMEOUT_S)
            assert not updates or end_of(updates).reason == "cancelled"
        seqs = [each.seq for each in chat._open[session.id].kept]
        assert seqs == list(range(1, len(seqs) + 1))


async def test_a_reader_that_leaves(talk: Talk) -> None:
    """Nobody reads the answer any more: it is stopped, and kept as cancelled."""
    async with talk.open() as chat:
        session = await chat.new(None)
        talk.reply = Hanging()
        updates = chat.prompt(session.id, "why?")
        await anext(updates)
        await updates.aclose()
        assert end_of((await chat.load(session.id)).updates).reason == "cancelled"


async def test_steer(talk: Talk) -> None:
    """What is said meanwhile reaches the turn, is told and kept; afterwards there is nothing to steer."""

    async def reply(turn: Turn) -> AsyncGenerator[RunEvent, None]:
        assert turn.steer is not None
        yield said("Python: ")
        begun.set()
        yield said(await turn.steer.get())
        yield TurnEnded("end_turn")

    begun = asyncio.Event()
    talk.reply = reply
    async with talk.open() as chat:
        session = await chat.new(None)
        task = asyncio.create_task(told(chat.prompt(session.id, "which language?")))
        await asyncio.wait_for(begun.wait(), TIMEOUT_S)
        await chat.steer(session.id, "rather Rust")
        updates = await task
        assert [each.event.shown for each in updates if isinstance(each.event, Steered)] == ["rather Rust"]
        with pytest.raises(UsageError, match="No answer"):
            await chat.steer(session.id, "hello?")
        talk.reply = saying("ok")
        await told(chat.prompt(session.id, "next"))
    assert text_of(talk.turns[-1].earlier[0]) == "which language?\n\nrather Rust"


async def test_one_turn_at_a_time(talk: Talk) -> None:
    """A second question while the answer comes is refused; the first goes on."""
    async with talk.open() as chat:
        session = await chat.new(None)
        task = await until_begun(talk, chat, session.id)
        with pytest.raises(UsageError, match="being written"):
            await told(chat.prompt(session.id, "and?"))
        await chat.cancel(session.id)
        assert end_of(await task).reason == "cancelled"


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (
            BudgetExceeded("The day's budget is used up.", "Wait."),
            TurnEnded("failed", "budget_exceeded", "The day's budget is used up.", "Wait."),
        ),
        (ZeroDivisionError("secret"), TurnEnded("failed", "fault", "A fault in Victor; see its log.")),
    ],
)
async def test_errors_end_the_turn(talk: Talk, error: Exception, end: TurnEnded) -> None:
    """Whatever is raised, the turn has one end that says so; a bug says nothing of itself."""

    async def reply(_: Turn) -> AsyncGenerator[RunEvent, None]:
        yield said("Well")
        raise error

    talk.reply = reply
    async with talk.open() as chat:
        session = await chat.new(None)
        updates = await told(chat.prompt(session.id, "why?"))
        assert (shown(updates), end_of(updates)) == ("Well", end)
        assert (await chat.load(session.id)).updates == updates


async def test_retry(talk: Talk) -> None:
    """The question is asked again as it was written; the turn that it replaces counts no more."""
    token = github_token()
    async with talk.open() as chat:
        session = await chat.new(None)
        await told(chat.prompt(session.id, "one"))
        first = await told(chat.prompt(session.id, f"two {token}"))
        talk.reply = saying("Better.")
        again = await told(chat.retry(session.id))
        assert Retried(first[0].turn_id) in [each.event for each in again]
        assert token in talk.turns[-1].prompt
        assert [text_of(message) for message in talk.turns[-1].earlier] == ["one", "Because."]
        await told(chat.prompt(session.id, "three"))
        assert [text_of(message) for message in talk.turns[-1].earlier][-1] == "Better."
        assert len(talk.turns[-1].earlier) == 4
    async with talk.open() as chat:
        await told(chat.retry(session.id))
    assert talk.turns[-1].prompt == "three"


async def test_retry_of_nothing(talk: Talk) -> None:
    """There must be a question."""
    async with talk.open() as chat:
        with pytest.raises(UsageError, match="Nothing was asked"):
            await told(chat.retry((await chat.new(None)).id))


async def test_fork_rename_delete(talk: Talk) -> None:
    """A fork goes its own way; a name is one line; what is deleted is gone even while its answer comes."""
    async with talk.open() as chat:
        session = await chat.new(None)
        first = await told(chat.prompt(session.id, "one"))
        await told(chat.prompt(session.id, "two"))
        fork = await chat.fork(session.id, first[0].turn_id)
        await told(chat.prompt(fork.id, "other"))
        assert [text_of(message) for message in talk.turns[-1].earlier] == ["one", "Because."]
        await chat.rename(fork.id, "  a\n b ")
        assert {each.title for each in await chat.sessions()} == {"one", "a b"}
        with pytest.raises(UsageError, match="title"):
            await chat.rename(fork.id, " \n")
        task = await until_begun(talk, chat, session.id)
        await chat.delete(session.id)
        await task
        assert talk.deleted == [session.id]
        assert [each.id for each in await chat.sessions()] == [fork.id]
        with pytest.raises(UsageError, match="no such chat"):
            await told(chat.prompt(session.id, "hello?"))


async def test_another_window(talk: Talk) -> None:
    """A session that is open elsewhere is not taken, but can be forked; it is free once that window is closed."""
    async with talk.open() as other:
        async with talk.open() as chat:
            session = await chat.new(None)
            await told(chat.prompt(session.id, "one"))
            with pytest.raises(UsageError, match="another window"):
                await other.load(session.id)
            fork = await other.fork(session.id)
            assert len((await other.load(fork.id)).updates) == 4
        assert len((await other.load(session.id)).updates) == 4


async def test_let_go(talk: Talk) -> None:
    """A session is free for others between two questions, but not in the middle of an answer."""
    async with talk.open() as other, talk.open() as chat:
        session = await chat.new(None)
        await chat.let_go(session.id)
        assert (await other.load(session.id)).updates == []
        await other.let_go(session.id)
        task = await until_begun(talk, chat, session.id)
        await chat.let_go(session.id)
        with pytest.raises(UsageError, match="another window"):
            await other.load(session.id)
        await chat.cancel(session.id)
        await task
        await chat.let_go(session.id)
        assert end_of((await other.load(session.id)).updates).reason == "cancelled"


async def test_a_chat_without_a_disk(talk: Talk) -> None:
    """A history that cannot be written is said once, the chat goes on, and all is written when it can be."""
    talk.file.parent.parent.mkdir(exist_ok=True)
    talk.file.parent.write_text("a file where the folder should be")
    async with talk.open() as chat:
        session = await chat.new(None)
        first = await told(chat.prompt(session.id, "one"))
        notes = [each.event.text for each in first if isinstance(each.event, Noted)]
        assert len(notes) == 1
        assert "not being saved" in notes[0]
        assert shown(first) == "Because."
        second = await told(chat.prompt(session.id, "two"))
        assert not [each for each in second if isinstance(each.event, Noted)]
        with pytest.raises(HistoryFailed):
            await chat.sessions()
        talk.file.parent.unlink()
        third = await told(chat.prompt(session.id, "three"))
        assert "saved again" in next(each.event.text for each in third if isinstance(each.event, Noted))
    history = History(talk.file)
    events = history.events(session.id)
    assert [each.seq for each in events] == list(range(1, len(first + second + third) + 1))
    assert [each.state for each in history.turns(session.id)] == ["ended"] * 3
    history.close()


async def test_a_chat_that_was_never_saved_can_be_deleted(talk: Talk) -> None:
    """It lives in memory alone, and nothing of it comes to the disk later."""
    talk.file.parent.write_text("a file where the folder should be")
    async with talk.open() as chat:
        session = await chat.new(None)
        await told(chat.prompt(session.id, "one"))
        talk.file.parent.unlink()
        await chat.delete(session.id)
        assert await chat.sessions() == []


async def test_a_disk_that_fills_in_a_turn(talk: Talk) -> None:
    """The answer comes to its end, and the person is told that the rest is not on disk."""
    async with talk.open() as chat:
        session = await chat.new(None)
        await told(chat.prompt(session.id, "one"))
        db = chat._history._db
        assert db is not None
        db.execute(f"pragma max_page_count = {db.execute('pragma page_count').fetchone()[0]}")
        talk.reply = saying("x" * 200_000)
        updates = await told(chat.prompt(session.id, "two"))
        assert len(shown(updates)) == 200_000
        notes = [each.event.text for each in updates if isinstance(each.event, Noted)]
        assert len(notes) == 1
        assert "no room on the disk" in notes[0]
        db.execute("pragma max_page_count = 1000000")
    async with talk.open() as chat:
        assert shown((await chat.load(session.id)).updates).endswith("x" * 200_000)


async def test_a_kill_in_a_turn(talk: Talk) -> None:
    """What was shown more than the bound ago is there again, the turn ends as interrupted, and the chat goes on."""
    command = [sys.executable, "-P", str(KILLED), str(talk.file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220 - nothing else runs
    assert process.stdout is not None
    session_id, *lines = [process.stdout.readline().strip() for _ in range(30)]
    process.kill()
    lines += process.stdout.read().split("\n")[:-1]
    process.wait()
    process.stdout.close()
    async with talk.open() as chat:
        loaded = await chat.load(session_id)
        seqs = [each.seq for each in chat._open[session_id].kept]
        assert seqs == list(range(1, len(seqs) + 1))
        assert end_of(loaded.updates).reason == "interrupted"
        # Each line says how much had been shown when the writer was told that it is on disk.
        assert shown(loaded.updates).startswith(lines[-1])
        talk.reply = saying("Well?")
        assert shown(await told(chat.prompt(session_id, "go on"))) == "Well?"
    assert text_of(talk.turns[-1].earlier[0]) == "count"


@pytest.mark.torture
@pytest.mark.parametrize("n_lines", range(1, 60, 2))
async def test_many_kills(talk: Talk, n_lines: int) -> None:
    """At whatever moment: rising numbers without a gap, one end, everything that was acknowledged."""
    command = [sys.executable, "-P", str(KILLED), str(talk.file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220 - nothing else runs
    assert process.stdout is not None
    session_id, *lines = [process.stdout.readline().strip() for _ in range(n_lines)]
    process.kill()
    lines += process.stdout.read().split("\n")[:-1]
    process.wait()
    process.stdout.close()
    async with talk.open() as chat:
        loaded = await chat.load(session_id)
        seqs = [each.seq for each in chat._open[session_id].kept]
        assert seqs == list(range(1, len(seqs) + 1))
        if loaded.updates:
            assert end_of(loaded.updates).reason == "interrupted"
        assert shown(loaded.updates).startswith(lines[-1] if lines else "")


async def test_citations(talk: Talk, tmp_path: Path) -> None:
    """The places that the answer names come with its end."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("x")
    talk.context = Context([Piece("file", "lib/b.py", 3, 9, "mentioned", 10, "secret text")])
    talk.reply = saying("See src/a", ".py:2-4 and b.py, not c.py.")
    async with talk.open() as chat:
        session = await chat.new(tmp_path)
        updates = await told(chat.prompt(session.id, "where?"))
    assert end_of(updates).citations == (Cited("src/a.py", 1, 4),)
    assert talk.asked[0].root == tmp_path


async def test_local_commands_ask_no_model(talk: Talk) -> None:
    """They are answered here, and kept like any turn, but no model hears of them later."""

    async def models(asked: Asked) -> str:
        return f"| {asked.words} |"

    talk.local = {"models": models}
    async with talk.open() as chat:
        session = await chat.new(None)
        assert shown(await told(chat.prompt(session.id, "/models all of them"))) == "| all of them |"
        assert "/review" in shown(await told(chat.prompt(session.id, "/help")))
        assert talk.turns == []
        await told(chat.prompt(session.id, "hello"))
        assert talk.turns[-1].earlier == []


async def test_commands_have_tasks(talk: Talk) -> None:
    """A command becomes an instruction, which the conversation repeats; the person sees what they wrote."""
    async with talk.open() as chat:
        session = await chat.new(None)
        updates = await told(chat.prompt(session.id, "/test the parser"))
        assert isinstance(updates[0].event, Prompted)
        assert updates[0].event.shown == "/test the parser"
        assert talk.turns[-1].task == "test_generation"
        assert talk.turns[-1].prompt.endswith("the parser")
        await told(chat.prompt(session.id, "/review all of it"))
        assert text_of(talk.turns[-1].earlier[0]) == talk.turns[0].prompt
        assert talk.asked[-1].mentions == ("@diff",)


async def test_a_profile_for_the_session(talk: Talk) -> None:
    """A profile holds for the session, one that is named with the question for that question."""
    async with talk.open() as chat:
        session = await chat.new(None)
        await chat.set_profile(session.id, "cloud")
        await told(chat.prompt(session.id, "one"))
        await told(chat.prompt(session.id, "two", profile="local"))
    assert [turn.profile for turn in talk.turns] == ["cloud", "local"]


async def test_close_stops_what_runs(talk: Talk) -> None:
    """The end of the window cancels its turns in order, and lets the sessions go."""
    async with talk.open() as chat:
        session = await chat.new(None)
        task = await until_begun(talk, chat, session.id)
    assert end_of(await task).reason == "cancelled"
    history = History(talk.file)
    assert [each.state for each in history.turns(session.id)] == ["ended"]
    assert not history.take(session.id).open_elsewhere
    history.close()


async def test_a_chat_that_is_let_go_of_twice_and_asked_meanwhile(talk: Talk) -> None:
    """The second time nothing is left to do; a question that comes first keeps the chat."""
    async with talk.open() as chat, talk.open() as other:
        session = await chat.new(None)
        await asyncio.gather(chat.let_go(session.id), chat.let_go(session.id), chat.let_go_of_idle())
        await told(other.prompt(session.id, "mine now?"))
        await other.let_go(session.id)
        letting_go = asyncio.ensure_future(chat.let_go(session.id))
        assert end_of(await told(chat.prompt(session.id, "and now?"))).reason == "end_turn"
        await letting_go
