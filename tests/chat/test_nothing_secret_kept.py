"""What is kept of a chat holds no secret, whoever wrote it: the person, the model, or a server in its errors."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from chat.talk import Talk, end_of, saying, shown, told
from secrets_samples import aws_key, github_token

from victor_server.agent.run_events import (
    Noted,
    PlanChanged,
    RunEvent,
    ToolAsked,
    ToolEnded,
    ToolPrinted,
    ToolStarted,
    TurnEnded,
)
from victor_server.agent.text_kinds import KeptText, ShownText
from victor_server.agent.tools.tool import Diff, Place, PlanEntry
from victor_server.agent.turn import Turn
from victor_server.errors import ProviderUnavailable


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    """A chat in a scratch home."""
    return Talk(tmp_path / "home" / "sessions.db")


def on_disk(talk: Talk) -> bytes:
    """Everything that was written."""
    return b"".join(path.read_bytes() for path in talk.file.parent.rglob("*") if path.is_file())


async def test_titles(talk: Talk) -> None:
    """Those that a person gives, to a chat that is open and to one that is not."""
    token, key = github_token(), aws_key()
    async with talk.open() as chat:
        session = await chat.new(None, title=f"leak of {token}")
        assert token not in session.title
        await told(chat.prompt(session.id, "hello"))
        await chat.rename(session.id, f"again {key}")
        assert (await chat.session(session.id)).title.startswith("again [REDACTED:aws-access-key:1:")
        await chat.let_go(session.id)
        await chat.rename(session.id, f"once more {token}")
    assert token.encode() not in on_disk(talk)
    assert key.encode() not in on_disk(talk)


@pytest.mark.parametrize("size", [1, 5, 500])
async def test_what_the_model_says(talk: Talk, size: int) -> None:
    """The person reads it as it was said, each character once; what is kept has a placeholder."""
    token = github_token()
    text = f"It is {token} in a.py:1, they say."
    talk.reply = saying(*(text[at : at + size] for at in range(0, len(text), size)))
    talk.options = {"batch_s": 0.0}
    async with talk.open() as chat:
        session = await chat.new(None)
        updates = await told(chat.prompt(session.id, "what is it?"))
        assert shown(updates) == text
        again = shown((await chat.load(session.id)).updates)
    assert token[4:] not in again
    assert again.endswith("] in a.py:1, they say.")
    assert token[4:].encode() not in on_disk(talk)


async def test_what_is_told_besides(talk: Talk) -> None:
    """Errors that quote, remarks that quote, arguments of tools."""
    token, key = github_token(), aws_key()

    async def reply(_: Turn) -> AsyncGenerator[RunEvent, None]:
        yield Noted(f"{token} did not answer")
        yield ToolAsked("1", "run", {"deep": [{"key": key}]})
        yield ToolStarted("1", "run", f"Run {key}", "execute", (Place(Path(f"/{token}")),))
        yield ToolPrinted("1", ShownText(f"out {key}"))
        diff = Diff(Path(f"/{token}"), key, token)
        gave = ShownText(key), KeptText("out")
        yield ToolEnded(
            "1", "failed", *gave, f"Ran {key}", f"because of {token}", (Place(Path(f"/{token}")),), (diff,)
        )
        yield PlanChanged((PlanEntry(f"Use {key}", "pending"),))
        raise ProviderUnavailable(f"It says: {key}", f"Ask without {token}.")

    talk.reply = reply
    async with talk.open() as chat:
        session = await chat.new(None)
        end = end_of(await told(chat.prompt(session.id, "hello")))
        assert end == TurnEnded("failed", "provider_unavailable", f"It says: {key}", f"Ask without {token}.")
        again = [update.event for update in (await chat.load(session.id)).updates]
        assert [type(each) for each in again if isinstance(each, ToolStarted | ToolEnded | PlanChanged)] == [
            ToolStarted, ToolEnded, PlanChanged,
        ]  # fmt: skip
    assert token.encode() not in on_disk(talk)
    assert key.encode() not in on_disk(talk)


async def test_what_needs_saying_once(talk: Talk) -> None:
    """A remark that holds for the whole conversation is not repeated, also after a restart; others are."""

    async def reply(_: Turn) -> AsyncGenerator[RunEvent, None]:
        yield Noted("The model gets no tools.", once=True)
        yield Noted("Again.")
        yield TurnEnded("end_turn")

    talk.reply = reply
    async with talk.open() as chat:
        session = (await chat.new(None)).id
        for _ in range(2):
            await told(chat.prompt(session, "hello"))
    async with talk.open() as chat:
        await told(chat.prompt(session, "hello"))
        notes = [
            each.event.text for each in (await chat.load(session)).updates if isinstance(each.event, Noted)
        ]
    assert notes == ["The model gets no tools.", "Again.", "Again.", "Again."]
