"""Reads the configuration again: what is wrong changes nothing, what is right holds at once and is on record."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from victor_server.team.audit.event import AuditEvent
from victor_server.team.backend import Backend
from victor_server.team.configuration.difference import FIXED, Change, changes
from victor_server.team.configuration.read import read_configuration

_log = logging.getLogger(__name__)

OPERATOR = "operator"
"""Whoever sends the signal, as the audit log calls them."""


async def reload(backend: Backend, environment: Mapping[str, str]) -> Sequence[Change]:
    """Read it again; returns what is different. It is on record before it holds; raises `AuditFailed`, `StoreFailed`
    where that cannot be, and then nothing has changed.
    """
    before = backend.settings
    read = read_configuration(before.file, environment)
    if read.settings is None:
        for problem in read.problems:
            _log.error("the configuration is wrong, so the old one goes on: %s", problem.told)
        return ()
    found = changes(before, read.settings)
    live = [each for each in found if not each.needs_restart]
    for each in found:
        _log.info("%s changed%s", each.name, ": it holds from the next start" if each.needs_restart else "")
    if live:
        await _record(backend, live)
    limits = replace(read.settings.limits, backend=before.limits.backend)
    kept = {name: getattr(before, name) for name in FIXED}
    backend.settings = replace(read.settings, limits=limits, **kept)
    backend.metrics.offer([(model.provider, model.name) for model in backend.settings.models])
    _log.info("the configuration was read again; changes that hold now: %d", len(live))
    return found


async def _record(backend: Backend, live: Sequence[Change]) -> None:
    """In every tenant's log: what holds for all of them is each one's business."""
    if not backend.settings.audit.enabled:
        return
    details = {each.name: {"before": each.before, "after": each.after} for each in live}
    async with backend.database.reading(None) as tx:
        tenants = [row["name"] for row in await tx.rows("select name from tenants order by name")]
    event = AuditEvent("configuration_changed", OPERATOR, personal={"details": {"changed": details}})
    for tenant in tenants:
        await backend.audit.record(tenant, event)
