"""`victor team …` and `victor audit …` against a backend that listens: what an operator reads."""

import asyncio
from pathlib import Path

import pytest
from team_backend import running_backend

from victor_server.cli.main import run
from victor_server.team.connection.hub import Hub
from victor_server.team.operations.serve import listening


async def test_what_is_not_there_is_told_with_a_way_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each names the list that has the right names."""
    monkeypatch.setenv("VICTOR_HOME", str(tmp_path / "home"))
    async with running_backend(tmp_path) as it, listening(it.backend, Hub(it.backend)) as serving:
        where = _where(tmp_path, serving.url, it.operator)
        for words, way_on in (
            (["budgets", "remove", "team", "core"], "victor team budgets list"),
            (["keys", "remove", "nope"], "victor team keys list"),
            (["models", "remove", "nope"], "victor team models list"),
            (["tokens", "revoke", "nope"], "victor team tokens list"),
            (["users", "remove", "nope"], "victor team users list"),
        ):
            assert await asyncio.to_thread(run, ["team", *words, *where]) == 2
            assert way_on in capsys.readouterr().err


async def test_a_search_tells_who_recorded_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A call stands in the log twice, by the gateway and by the edge: the table tells them apart."""
    monkeypatch.setenv("VICTOR_HOME", str(tmp_path / "home"))
    async with running_backend(tmp_path) as it, listening(it.backend, Hub(it.backend)) as serving:
        where = _where(tmp_path, serving.url, it.operator)
        await it.rpc("users/set", {"subject": "ada", "role": "developer"})
        assert await asyncio.to_thread(run, ["audit", "search", *where]) == 0
        head, *rows = capsys.readouterr().out.splitlines()
        at = head.index("source")
        assert rows
        assert {row[at:].split()[0] for row in rows} == {"gateway"}


async def test_whoever_may_not_see_all_usage_sees_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A developer is refused the tenant's usage, and told of `--mine`, which answers."""
    monkeypatch.setenv("VICTOR_HOME", str(tmp_path / "home"))
    async with running_backend(tmp_path) as it, listening(it.backend, Hub(it.backend)) as serving:
        where = _where(tmp_path, serving.url, await it.token("developer"))
        assert await asyncio.to_thread(run, ["team", "usage", *where]) != 0
        assert "victor team usage --mine" in capsys.readouterr().err
        assert await asyncio.to_thread(run, ["team", "usage", "--mine", *where]) == 0
        assert "in all" in capsys.readouterr().out


def _where(folder: Path, url: str, token: str) -> list[str]:
    file = folder / "operator.token"
    file.touch(mode=0o600)
    file.write_text(token, encoding="utf-8")
    return ["--url", url, "--token-file", str(file)]
