"""Closes, now and then, the calls that a replica has lost."""

import asyncio
import logging

from victor_server.errors import VictorError
from victor_server.team.gateway.gateway import Gateway

_log = logging.getLogger(__name__)


async def keep_reaping(gateway: Gateway, every_s: float) -> None:
    """Until it is cancelled. Every replica may do it: a call is closed once."""
    while True:
        try:
            n_reaped = await gateway.reap()
            if n_reaped:
                _log.warning("calls that a replica lost were closed: %d", n_reaped)
        except VictorError as error:
            _log.warning("Lost calls could not be closed: %s", error.message)
        await asyncio.sleep(every_s)
