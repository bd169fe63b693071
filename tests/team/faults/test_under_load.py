"""Faults in the midst of load: no event lost or double, no budget passed, the log whole, everybody back at once."""

import contextlib
import random
from pathlib import Path

import pytest
from faulty_team import FaultyTeam, faulty_team
from postgres_server import PostgresServer
from redis_server import RedisServer
from small_disk import small_disk

from victor_server.team.configuration.resolved import DatabaseSettings

pytestmark = pytest.mark.e2e

UNTIL_NOTHING_IS_LEFT = 1_000
"""More calls than the budget holds: the load ends when everybody was refused."""

MOST_BACK_S = 3.0
"""Edges are back within a second on a machine that has one to spare; the test's own bound leaves it room."""


async def _killed(team: FaultyTeam) -> None:
    await team.until_more_calls(6)
    await team.served.kill()
    await team.served.start()
    await team.come_back()
    await team.until_more_calls(UNTIL_NOTHING_IS_LEFT)


async def _cut(team: FaultyTeam) -> None:
    await team.until_more_calls(6)
    await team.wire.cut()
    team.wire.up = True
    await team.come_back()
    await team.until_more_calls(UNTIL_NOTHING_IS_LEFT)


async def test_a_killed_backend(tmp_path: Path) -> None:
    """SIGKILL, and a start where it was."""
    async with faulty_team(tmp_path) as team:
        await team.under_load(_killed)
        await team.check()
        assert max(team.back_s) < MOST_BACK_S


async def test_a_cut_network(tmp_path: Path) -> None:
    """All connections end at once; the backend lives on."""
    async with faulty_team(tmp_path) as team:
        await team.under_load(_cut)
        await team.check()
        assert max(team.back_s) < MOST_BACK_S


async def test_postgresql_is_restarted(
    tmp_path: Path, postgres: PostgresServer, postgres_settings: DatabaseSettings
) -> None:
    """At once, without asking anybody; the backend goes on when it is back."""

    async def restarted(team: FaultyTeam) -> None:
        await team.until_more_calls(6)
        postgres.restart("immediate")
        await team.come_back()
        await team.until_more_calls(UNTIL_NOTHING_IS_LEFT)

    async with faulty_team(tmp_path, database=postgres_settings) as team:
        await team.under_load(restarted)
        await team.check()


async def test_redis_is_gone(tmp_path: Path, redis: RedisServer) -> None:
    """Rates are counted by the replica itself meanwhile; nobody is refused for that."""

    async def gone(team: FaultyTeam) -> None:
        await team.until_more_calls(6)
        redis.stop()
        await team.until_more_calls(6)
        redis.start()
        await team.until_more_calls(UNTIL_NOTHING_IS_LEFT)

    async with faulty_team(tmp_path, redis_url=redis.url) as team:
        await team.under_load(gone)
        await team.check()
        assert not any(edge.ended.keys() - {"done", "budget_exceeded"} for edge in team.edges)


async def test_the_disk_is_full(tmp_path: Path) -> None:
    """Nothing is called that cannot be recorded; once there is room again all goes on, and nothing is missing."""

    async def filled(team: FaultyTeam) -> None:
        await team.until_more_calls(4)
        ballast = team.served.folder / "ballast"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4_096))
        n_asked = team.model.n_asked + len(team.edges)
        await team.until_refused()
        assert team.model.n_asked <= n_asked, "somebody was asked, and nobody could record it"
        ballast.unlink()
        await team.come_back()
        await team.until_more_calls(UNTIL_NOTHING_IS_LEFT)

    with small_disk(tmp_path / "backend", "6m"):
        async with faulty_team(tmp_path) as team:
            await team.under_load(filled)
            await team.check()


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(5))
async def test_all_of_it_over_and_over(
    tmp_path: Path, postgres: PostgresServer, postgres_settings: DatabaseSettings, seed: int
) -> None:
    """In any order, on PostgreSQL."""
    chance = random.Random(seed)

    async def anything(team: FaultyTeam) -> None:
        for _ in range(8):
            await team.until_more_calls(chance.randint(1, 8))
            match chance.choice(("kill", "cut", "postgresql")):
                case "kill":
                    await team.served.kill()
                    await team.served.start()
                case "cut":
                    await team.wire.cut()
                    team.wire.up = True
                case _:
                    postgres.restart(chance.choice(("fast", "immediate")))
            await team.come_back()

    async with faulty_team(tmp_path, n_edges=6, database=postgres_settings, limit_tokens=30_000) as team:
        await team.under_load(anything)
        await team.check()
