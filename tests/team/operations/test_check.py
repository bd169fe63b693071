"""`victor serve --check --deep`: looks at what a configuration names, and changes nothing of it."""

import base64
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from postgres_server import OWNER, PostgresServer
from team_backend import running_backend

from victor_server.cli.main import run
from victor_server.compose.team_check import look_deep
from victor_server.team.configuration.read import load_configuration
from victor_server.team.configuration.resolved import (
    DatabaseSettings,
    MasterKey,
    OidcSettings,
    TeamSettings,
)
from victor_server.team.sealing.master import read_master_key
from victor_server.team.sealing.vault import open_vault
from victor_server.team.store.open import open_database

MASTER = MasterKey("environment", variable="KEY_OF_ALL")


def key() -> dict[str, str]:
    """An environment with a master key."""
    return {"KEY_OF_ALL": base64.b64encode(os.urandom(32)).decode()}


def settings(tmp_path: Path, database: DatabaseSettings) -> TeamSettings:
    """A deployment on this database."""
    return replace(
        load_configuration(None, {"VICTOR_HOME": str(tmp_path)}), database=database, master_key=MASTER
    )


async def sealed(tmp_path: Path, database: DatabaseSettings, environment: dict[str, str]) -> None:
    """As a first start leaves it."""
    opened = await open_database(database, tmp_path)
    try:
        await open_vault(opened, read_master_key(MASTER, environment))
    finally:
        await opened.close()


async def test_the_right_key_is_right_and_another_is_told(
    tmp_path: Path, database_settings: DatabaseSettings
) -> None:
    """Before the first start any key is right: nothing is sealed yet, and looking seals nothing."""
    right, wrong = key(), key()
    looked_at = settings(tmp_path, database_settings)
    for environment in (right, wrong):
        assert [each.problem for each in await look_deep(looked_at, environment)] == [""]
    await sealed(tmp_path, database_settings, right)
    assert [each.problem for each in await look_deep(looked_at, right)] == [""]
    (found,) = await look_deep(looked_at, wrong)
    assert "sealed with another master key" in found.problem


def test_looking_at_a_bare_machine_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No key, no database, no folder: a first start makes them, and whoever starts it is who they belong to."""
    home = tmp_path / "home"
    monkeypatch.setenv("VICTOR_HOME", str(home))
    assert run(["serve", "--check", "--deep"]) == 0
    assert "All that it names answers." in capsys.readouterr().out
    assert not home.exists()


async def test_a_sealed_database_whose_key_is_gone_is_told(tmp_path: Path) -> None:
    """On a bare machine a start would make another key, which opens nothing."""
    bare = load_configuration(None, {"VICTOR_HOME": str(tmp_path)})
    await sealed(tmp_path, bare.database, key())
    (found,) = await look_deep(bare, {})
    assert "master.key is not there" in found.problem
    assert not (tmp_path / "master.key").exists()


async def test_it_can_be_looked_beside_a_running_backend(tmp_path: Path) -> None:
    """As before a reload: the file's lock, which a second backend would meet, is not asked for."""
    async with running_backend(tmp_path) as it:
        own = it.backend.settings
        assert [each.problem for each in await look_deep(own, os.environ)] == [""]


async def test_who_does_not_answer_is_named_without_passwords(tmp_path: Path) -> None:
    """Of three that do not answer each one is told, by its place."""
    gone = replace(
        settings(tmp_path, DatabaseSettings(url="postgresql://app:hunter-7@127.0.0.1:9/team")),
        redis_url="redis://:hunter-7@127.0.0.1:9/3",
        oidc=(OidcSettings("default", "http://127.0.0.1:9", "victor", ("victor",), allow_http=True),),
    )
    found = await look_deep(gone, key())
    assert [each.name for each in found] == [
        "master key and database (127.0.0.1:9/team)",
        "redis (127.0.0.1:9/3)",
        "oidc.default (http://127.0.0.1:9)",
    ]
    assert all(each.problem and each.fix for each in found)
    assert "hunter" not in json.dumps([[each.name, each.problem, each.fix] for each in found])


async def test_a_database_without_tables_is_told(tmp_path: Path, postgres: PostgresServer) -> None:
    """On PostgreSQL a start makes none."""
    async with postgres.empty_database() as name:
        empty = DatabaseSettings(url=postgres.url(name), owner_url=postgres.url(name, OWNER))
        (found,) = await look_deep(settings(tmp_path, empty), key())
    assert found.fix == "Run `victor team migrate`."
