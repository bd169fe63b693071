"""Builds what MCP servers are started and asked with."""

import time
from collections.abc import Mapping

from victor_server.agent.mcp.running import Surroundings
from victor_server.audit.journal import Journal
from victor_server.compose.models import recorder
from victor_server.egress.factory import Egress
from victor_server.policy.policy import HoldsPolicy
from victor_server.settings.resolved import Settings


def mcp_surroundings(
    settings: Settings, environment: Mapping[str, str], policy: HoldsPolicy, journal: Journal
) -> Surroundings:
    """A person's environment, and connections that the policy allows."""
    connections = Egress(
        policy, record=recorder(journal), environment=environment, ca_file=settings.network.ca_file
    )
    return Surroundings(environment, policy, connections, time.monotonic)
