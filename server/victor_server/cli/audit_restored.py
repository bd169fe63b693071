"""`victor audit accept-restored`: lets a backend go on from a backup, at the database itself."""

import asyncio
import json as jsonlib
import os
from pathlib import Path

from victor_server.compose.team_reach import reach_stores
from victor_server.settings.home import create_home
from victor_server.team.audit.opening import accept_restored
from victor_server.team.configuration.read import load_configuration
from victor_server.team.configuration.resolved import TeamSettings
from victor_server.team.sealing.master import read_master_key
from victor_server.team.sealing.vault import open_vault
from victor_server.team.store.open import open_database


def run_accept_restored(config: Path | None, *, json: bool) -> int:
    """Accept every log that is not what the heads say which were kept of it."""
    n_accepted = asyncio.run(_accept(load_configuration(config, os.environ)))
    if json:
        print(jsonlib.dumps({"accepted": n_accepted}))
    elif n_accepted:
        print(
            f"Audit logs that go on from the backup: {n_accepted}. That records are missing stands in them."
        )
    else:
        print("Every audit log is what it was: there was nothing to accept.")
    return 0


async def _accept(settings: TeamSettings) -> int:
    master = read_master_key(settings.master_key, os.environ)
    reach_stores(settings)
    database = await open_database(settings.database, create_home(settings.home))
    try:
        return await accept_restored(settings, database, await open_vault(database, master))
    finally:
        await database.close()
