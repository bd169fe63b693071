"""The end of `victor serve` with an answer over HTTP in flight: it is waited for, and whoever says so twice does not wait."""

import contextlib
import signal
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from team_program import Served, configure, scripted_option, served

pytestmark = pytest.mark.e2e

_LONG_MS = 600_000
_ASK = {
    "model": "small",
    "stream": True,
    "max_tokens": 50,
    "messages": [{"role": "user", "content": "hi"}],
}


@pytest.mark.parametrize(
    ("number", "face"), [(signal.SIGTERM, "/v1/chat/completions"), (signal.SIGINT, "/v1/messages")]
)
async def test_a_second_signal_ends_it_at_once(tmp_path: Path, number: signal.Signals, face: str) -> None:
    """The first lets the stream go on; the second ends it with what was charged on record, long before its time is up."""
    async with served(tmp_path, _configured(tmp_path, _LONG_MS)) as it:
        async with _streamed(it, face) as lines:
            await _until(lines, "Hel")
            it.signal(number)
            await _drains(it)
            it.signal(number)
            await _is_cut(lines)
        assert await it.process.wait() == 0
    assert _calls(tmp_path) == [("cancelled", 0)]


async def test_a_stream_is_waited_for(tmp_path: Path) -> None:
    """One signal: no new call is taken, and the one that runs is heard to its end."""
    async with served(tmp_path, _configured(tmp_path, 3_000)) as it:
        async with _streamed(it, "/v1/chat/completions") as lines:
            await _until(lines, "Hel")
            it.signal(signal.SIGTERM)
            await _drains(it)
            async with it.http() as http:
                assert (await http.post("/v1/chat/completions", json=_ASK)).status_code == 503
            assert await _until(lines, "[DONE]")
        assert await it.process.wait() == 0
    assert _calls(tmp_path) == [("done", 0)]


async def test_what_takes_too_long_is_cut(tmp_path: Path) -> None:
    """After the time that is set, and settled."""
    async with served(tmp_path, _configured(tmp_path, _LONG_MS, drain_s=0.2)) as it:
        async with _streamed(it, "/v1/chat/completions") as lines:
            await _until(lines, "Hel")
            it.signal(signal.SIGTERM)
            await _is_cut(lines)
        assert await it.process.wait() == 0
    assert _calls(tmp_path) == [("cancelled", 0)]


def _configured(home: Path, pause_ms: int, drain_s: float = 600.0) -> Path:
    steps: list[dict[str, Any]] = [{"text": "Hel"}, {"sleep_ms": pause_ms}, {"text": "lo"}]
    return configure(
        home, models={"small": scripted_option(home, "small", *steps)}, sessions={"drain_s": drain_s}
    )


@contextlib.asynccontextmanager
async def _streamed(it: Served, face: str) -> AsyncIterator[AsyncIterator[str]]:
    async with it.http() as http, http.stream("POST", face, json=_ASK) as response:
        assert response.status_code == 200
        yield response.aiter_lines()


async def _until(lines: AsyncIterator[str], words: str) -> bool:
    async for line in lines:
        if words in line:
            return True
    return False


async def _is_cut(lines: AsyncIterator[str]) -> None:
    """The rest of the answer never comes."""
    with contextlib.suppress(httpx2.HTTPError):
        async for line in lines:
            assert "lo" not in line


async def _drains(it: Served) -> None:
    """Wait until it says that it is about to end."""
    async with it.http() as http:
        while (await http.get("/ready")).status_code == 200:
            pass


def _calls(home: Path) -> list[tuple[str, int]]:
    """The state of each call, and what is still set aside in all budgets."""
    with contextlib.closing(sqlite3.connect(home / "team.db")) as db:
        (reserved,) = db.execute("select sum(reserved_tokens) from budget_use").fetchone()
        return [(state, reserved) for (state,) in db.execute("select state from calls")]
