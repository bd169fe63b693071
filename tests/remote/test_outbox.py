"""The outbox and its drainer against a backend that counts as the real one does: nothing lost, nothing double."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.audit.journal import Journal
from victor_server.errors import AuditFailed, HistoryFailed, Unavailable, UsageError, VictorError
from victor_server.protocol import Deliver, Delivered, Quarantined, Shape
from victor_server.remote.drain import Drainer
from victor_server.remote.journal import forwarding
from victor_server.remote.membership import Membership
from victor_server.remote.outbox import Outbox
from victor_server.settings.resolved import AuditSettings


class Counting:
    """Takes events as the backend does. `loses`: what of the next answers is lost on the way back, True for lost."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.acked: dict[str, int] = {}
        self.loses: list[bool] = []
        self.bad: set[str] = set()
        self.refuses: set[str] = set()

    async def ask(self, method: str, params: Shape) -> Delivered:
        assert method == "events/deliver"
        assert isinstance(params, Deliver)
        named = [(event["seq"], event["body"]["name"]) for event in params.events]
        if any(name in self.refuses for _, name in named):
            raise UsageError("It is too long.")
        acked, refused = self.acked.get(params.install, 0), []
        for seq, name in named:
            if seq == acked + 1:
                acked = seq
                if name in self.bad:
                    refused.append(Quarantined(seq=seq, reason="it is bad"))
                else:
                    self.taken.append(name)
        self.acked[params.install] = acked
        if self.loses and self.loses.pop(0):
            raise Unavailable("The answer was lost.")
        return Delivered(acked=acked, quarantined=tuple(refused))


def opened(home: Path, **limits: int) -> Outbox:
    outbox = Outbox(home / "outbox.db", **limits)
    outbox.belong_to("somewhere")
    return outbox


async def drained(outbox: Outbox, home: Path, backend: Counting) -> None:
    drainer = Drainer(outbox, home, backend.ask)
    try:
        for _ in range(50):
            try:
                await drainer.drain()
            except VictorError:
                continue
            return
    finally:
        await drainer.close()


@settings(max_examples=25, deadline=None)
@given(
    steps=st.lists(st.sampled_from(["add", "add", "add", "drain", "reopen", "lose", "bad"]), max_size=30),
    loses=st.lists(st.booleans(), max_size=6),
)
def test_everything_arrives_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str], loses: list[bool]
) -> None:
    """However adding, delivering, lost answers, bad events and new processes follow each other."""
    home = tmp_path_factory.mktemp("home")
    backend, outbox, said, bad = Counting(), opened(home), list[str](), set[str]()
    for at, step in enumerate(steps):
        name = f"e{at}"
        if step in ("add", "bad"):
            outbox.append("audit", {"name": name})
            said.append(name)
            if step == "bad":
                bad.add(name)
                backend.bad.add(name)
        elif step == "lose":
            backend.loses = list(loses)
        elif step == "reopen":
            outbox.close()
            outbox = opened(home)
        else:
            asyncio.run(drained(outbox, home, backend))
    asyncio.run(drained(outbox, home, backend))
    assert backend.taken == [name for name in said if name not in bad]
    assert outbox.backlog().n_events == 0
    assert outbox.backlog().n_bytes == 0
    outbox.close()


async def test_what_the_backend_does_not_take_is_kept_aside(tmp_path: Path) -> None:
    """With its reason; a batch that it refuses whole loses nothing but the event at fault."""
    backend, outbox = Counting(), opened(tmp_path)
    backend.bad, backend.refuses = {"b"}, {"d"}
    for name in "abcde":
        outbox.append("audit", {"name": name})
    await drained(outbox, tmp_path, backend)
    assert backend.taken == ["a", "c", "e"] or backend.taken == list("ace")
    backlog = outbox.backlog()
    assert (backlog.n_events, backlog.n_aside) == (0, 1 + ("it is bad" in backlog.reasons))
    assert "It is too long." in backlog.reasons
    outbox.close()


@pytest.mark.parametrize("acked", [0, 1_000_000])
async def test_a_count_that_was_set_back_is_begun_again(tmp_path: Path, acked: int) -> None:
    """Whether the backend or this home was restored from a backup: what waits arrives."""
    backend, outbox = Counting(), opened(tmp_path)
    for name in "ab":
        outbox.append("audit", {"name": name})
    await drained(outbox, tmp_path, backend)
    backend.acked = dict.fromkeys(backend.acked, acked)
    outbox.append("audit", {"name": "c"})
    await drained(outbox, tmp_path, backend)
    assert backend.taken == list("abc")
    outbox.close()


@pytest.mark.parametrize("acked", [lambda first: first - 1, lambda _: 10**9, lambda _: 0])
async def test_a_backend_that_does_not_count_is_not_asked_over_and_over(
    tmp_path: Path, acked: Callable[[int], int]
) -> None:
    """Whatever it answers, a round ends, and what waits goes on waiting."""
    outbox, n_asked = opened(tmp_path), 0
    outbox.append("audit", {"name": "a"})
    outbox.put_aside(outbox.append("audit", {"name": "b"}), "bad")
    outbox.append("audit", {"name": "c"})

    async def ask(_: str, params: Shape) -> Delivered:
        nonlocal n_asked
        n_asked += 1
        assert n_asked < 5
        assert isinstance(params, Deliver)
        return Delivered(acked=acked(params.events[0]["seq"]))

    drainer = Drainer(outbox, tmp_path, ask)
    with contextlib.suppress(Unavailable):
        await drainer.drain()
    assert outbox.backlog().n_events == 2
    await drainer.close()
    outbox.close()


def test_usage_is_added_with_its_record_or_not_at_all(tmp_path: Path) -> None:
    """And neither holds anything of what was asked or answered, whoever passes it by."""
    member = Membership("https://v.example", "core", "ada", {}, {})
    outbox = Outbox(tmp_path / "outbox.db", max_bytes=2_000)
    outbox.belong_to(member.id)
    journal = forwarding(
        Journal(AuditSettings(enabled=False, path=tmp_path / "audit.jsonl"), "me"), member, outbox
    )
    end: dict[str, Any] = {"outcome": "done", "input_tokens": 3, "output_tokens": 4, "cost_usd": 0.5}
    journal.record("model_call.end", provider="openai", model="m", **end)
    _, batch = outbox.next_batch(10, 10_000)
    assert [each.kind for each in batch] == ["audit", "usage"]
    assert json.loads(batch[1].body).keys() == {
        "at_us", "provider", "model", "input_tokens", "output_tokens", "cost_nano"
    }  # fmt: skip
    assert json.loads(batch[1].body)["cost_nano"] == 500_000_000
    n_before = outbox.backlog().n_events

    def fill(journal: Journal) -> None:
        for _ in range(100):
            journal.record("model_call.end", provider="openai", model="m", **end)

    with pytest.raises(AuditFailed, match="as much as it may"):
        fill(journal)
    assert (outbox.backlog().n_events - n_before) % 2 == 0
    outbox.close()


@pytest.mark.skipif(os.name != "posix", reason="the limit is the system's")
def test_a_full_disk_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    """What does not fit is refused, and all that was said to be kept is there; with room again it goes on."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", _FILL, str(tmp_path / "outbox.db")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    n_kept, error = done.stdout.split(" ", 1)
    assert "disk" in error
    outbox = opened(tmp_path)
    assert outbox.backlog().n_events == int(n_kept) > 0
    outbox.append("audit", {"name": "more"})
    outbox.close()


_FILL = """
import resource, signal, sys
from pathlib import Path
from victor_server.errors import HistoryFailed
from victor_server.remote.outbox import Outbox
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
outbox = Outbox(Path(sys.argv[1]))
outbox.belong_to("somewhere")
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
n = 0
try:
    while n < 10_000:
        outbox.append("audit", {"name": "x" * 1000})
        n += 1
except HistoryFailed as error:
    print(n, error.message)
"""


async def test_events_are_for_one_backend_alone(tmp_path: Path) -> None:
    """What waits for one is not told to another."""
    backend, outbox = Counting(), opened(tmp_path)
    outbox.append("audit", {"name": "secret"})
    outbox.belong_to("elsewhere")
    outbox.append("audit", {"name": "new"})
    await drained(outbox, tmp_path, backend)
    assert backend.taken == ["new"]
    assert outbox.backlog().n_aside == 1
    outbox.close()


def test_it_does_not_grow_for_ever(tmp_path: Path) -> None:
    """At its bound it takes nothing more, says so, and keeps what it has."""
    outbox = opened(tmp_path, max_bytes=100)
    outbox.append("audit", {"name": "x" * 50})
    with pytest.raises(HistoryFailed, match="as much as it may"):
        outbox.append("audit", {"name": "y" * 50})
    assert outbox.backlog().n_events == 1
    outbox.close()


_ADD = """
import sys
from pathlib import Path
from victor_server.remote.outbox import Outbox
outbox = Outbox(Path(sys.argv[1]))
outbox.belong_to("somewhere")
at = 0
while True:
    at += 1
    outbox.append("audit", {"name": f"{sys.argv[2]}{at}"})
    print(at, flush=True)
"""


async def test_what_was_said_to_be_kept_outlasts_kills(tmp_path: Path) -> None:
    """Two processes add and are killed: all that they heard of arrives once, each one's in its order."""
    processes = [
        subprocess.Popen(  # noqa: ASYNC220 - nothing else runs here
            [sys.executable, "-c", _ADD, str(tmp_path / "outbox.db"), letter],
            stdout=subprocess.PIPE,
            text=True,
        )
        for letter in "pq"
    ]
    told = {}
    for letter, process in zip("pq", processes, strict=True):
        assert process.stdout is not None
        for _ in range(15):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        rest, _ = process.communicate()
        told[letter] = 15 + len(rest.splitlines())
    backend, outbox = Counting(), opened(tmp_path)
    await drained(outbox, tmp_path, backend)
    for letter in "pq":
        mine = [name for name in backend.taken if name.startswith(letter)]
        assert mine == [f"{letter}{at + 1}" for at in range(len(mine))]
        assert told[letter] <= len(mine) <= told[letter] + 1
    outbox.close()


_HOLD = """
import sys
from filelock import FileLock
lock = FileLock(sys.argv[1], timeout=0)
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


async def test_one_process_delivers_and_another_takes_over(tmp_path: Path) -> None:
    """While one holds the lock others keep still; when it ends, whoever is there works."""
    backend, outbox = Counting(), opened(tmp_path)
    outbox.append("audit", {"name": "a"})
    holder = subprocess.Popen(  # noqa: ASYNC220 - nothing else runs here
        [sys.executable, "-c", _HOLD, str(tmp_path / "outbox.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    drainer = Drainer(outbox, tmp_path, backend.ask)
    assert not await drainer.drain()
    holder.kill()
    holder.communicate()
    assert await drainer.drain()
    assert backend.taken == ["a"]
    await drainer.close()
    outbox.close()


def test_nothing_of_it_stands_open(tmp_path: Path) -> None:
    """The file is its owner's alone, and what events hold is in no repr."""
    outbox = opened(tmp_path)
    outbox.append("audit", {"name": "private"})
    batch: Any = outbox.next_batch(10, 1_000)
    assert (tmp_path / "outbox.db").stat().st_mode & 0o077 == 0
    assert "private" not in repr(batch)
    assert json.loads(batch[1][0].body) == {"name": "private"}
    outbox.close()
