"""`victor team migrate|rotate-master-key`: what is done at the database itself, beside no running backend."""

import asyncio
import json as jsonlib
import os
from dataclasses import asdict
from pathlib import Path

from victor_server.compose.team_reach import reach_stores
from victor_server.errors import UsageError
from victor_server.settings.home import create_home
from victor_server.team.configuration.read import load_configuration
from victor_server.team.configuration.resolved import MasterKey, TeamSettings
from victor_server.team.sealing.master import MasterKeyBytes, read_master_key
from victor_server.team.sealing.rotation import rotate_master_key
from victor_server.team.store.migrate import Migrated, migrate, migrate_sqlite
from victor_server.team.store.open import open_database, sqlite_file


def run_migrate(config: Path | None, *, json: bool) -> int:
    """Bring the database to the newest schema."""
    settings = load_configuration(config, os.environ)
    done = _migrated(settings)
    if json:
        print(jsonlib.dumps(asdict(done)))
    elif done.before == done.after:
        print(f"The database has the newest schema, {done.after}.")
    else:
        print(f"The database has the schema {done.after} now; it had {done.before or 'none'}.")
    return 0


def run_rotate(config: Path | None, new_key: Path, *, json: bool) -> int:
    """Wrap everything with the key in `new_key`; the configuration names the old one still."""
    settings = load_configuration(config, os.environ)
    old = read_master_key(settings.master_key, os.environ)
    new = read_master_key(MasterKey("file", file=new_key.absolute()), os.environ)
    n_wrapped = asyncio.run(_rotated(settings, old, new))
    if json:
        print(jsonlib.dumps({"data_keys": n_wrapped, "key_id": new.key_id}))
    else:
        print(f"{n_wrapped} data keys are sealed with the master key {new.key_id} now.")
        print(
            "Name it in the configuration before the backend starts, and keep a copy apart from the backups."
        )
    return 0


def _migrated(settings: TeamSettings) -> Migrated:
    database = settings.database
    if database.url.startswith("sqlite:"):
        return migrate_sqlite(sqlite_file(database.url, create_home(settings.home)))
    if not database.owner_url:
        raise UsageError(
            "database.owner_url is not set: the role that the backend runs as may change no table.",
            "Set it to the address of the tables' owner for this command.",
        )
    reach_stores(settings)
    return asyncio.run(migrate(database.owner_url, database.url))


async def _rotated(settings: TeamSettings, old: MasterKeyBytes, new: MasterKeyBytes) -> int:
    reach_stores(settings)
    database = await open_database(settings.database, create_home(settings.home))
    try:
        return await rotate_master_key(database, old, new)
    finally:
        await database.close()
