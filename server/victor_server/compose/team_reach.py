"""Lets this process reach what a backend is built on: its database, and Redis. Everything else goes through `egress`."""

from urllib.parse import urlsplit

from victor_server.egress.guard import announce_service
from victor_server.team.configuration.resolved import TeamSettings

_PORTS = {"postgresql": 5432, "postgres": 5432, "redis": 6379, "rediss": 6379}


def reach_stores(settings: TeamSettings) -> None:
    """From now on, for the life of this process. To be called before the first connection."""
    for url in (settings.database.url, settings.database.owner_url, settings.redis_url):
        parts = urlsplit(url)
        if parts.scheme in _PORTS and parts.hostname:
            announce_service(parts.hostname, parts.port or _PORTS[parts.scheme])
