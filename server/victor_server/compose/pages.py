"""Builds what fetches web pages for a model."""

from collections.abc import Mapping
from functools import partial

from victor_server.agent.tools.fetch_url import FetchPage
from victor_server.audit.journal import Journal
from victor_server.compose.models import recorder
from victor_server.egress.page import fetch_page
from victor_server.egress.public_only import PublicOnly
from victor_server.policy.policy import HoldsPolicy
from victor_server.settings.resolved import Settings


def page_fetcher(
    settings: Settings, environment: Mapping[str, str], policy: HoldsPolicy, journal: Journal
) -> FetchPage | None:
    """What gets a page; None unless the person has switched that on."""
    if not settings.tools.fetch_url:
        return None
    clients = PublicOnly(
        policy,
        record=recorder(journal),
        environment=environment,
        fix="Add the host to `network.allowed_hosts` if it may be fetched from.",
        ca_file=settings.network.ca_file,
    )
    return partial(fetch_page, clients)
