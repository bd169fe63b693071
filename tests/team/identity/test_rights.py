"""Every method of the protocol, asked by every role: a method that is added must be written down here with who may ask it."""

import pytest

from victor_server.errors import Forbidden
from victor_server.protocol import METHODS
from victor_server.team.configuration.resolved import DEFAULT_ROLES
from victor_server.team.dispatch import HANDLERS, authorise
from victor_server.team.principal import Principal

EVERYBODY = """consent/get consent/set events/deliver policy/get policy/keys team/whoami audit/head audit/consistency"""
READERS = "call/status calls/mine models/list usage/mine"
DEVELOPERS = "call/start call/cancel"
ADMINISTRATORS = """audit/inclusion audit/search audit/verify audit/erase audit/retain budgets/list budgets/set budgets/remove
keys/list keys/set keys/remove models/set models/remove policy/set policy/state tokens/list tokens/create tokens/revoke
usage/report users/list users/set users/remove users/revoke"""
OPERATORS = "tenants/list tenants/set tenants/token tenants/remove"

EXPECTED = {
    "nobody": EVERYBODY,
    "readonly": f"{EVERYBODY} {READERS}",
    "developer": f"{EVERYBODY} {READERS} {DEVELOPERS}",
    "admin": f"{EVERYBODY} {READERS} {DEVELOPERS} {ADMINISTRATORS}",
    "operator": f"{EVERYBODY} {READERS} {DEVELOPERS} {ADMINISTRATORS} {OPERATORS}",
}


def _principal(role: str) -> Principal:
    is_operator = role == "operator"
    permissions = DEFAULT_ROLES.get("admin" if is_operator else role, ())
    return Principal("default", "x", "user", role, permissions, "family:x", 1, 2**60, operator=is_operator)


@pytest.mark.parametrize("role", EXPECTED)
def test_who_may_ask_what(role: str) -> None:
    """Exactly what the table says, and nothing beside it."""
    allowed = set()
    for name in METHODS:
        try:
            authorise(_principal(role), name)
        except Forbidden:
            continue
        allowed.add(name)
    assert allowed == set(EXPECTED[role].split())


def test_every_method_is_in_the_table() -> None:
    """None is forgotten, neither here nor in the dispatch."""
    assert set(METHODS) == set(EXPECTED["operator"].split())
    assert set(HANDLERS) == {name for name, method in METHODS.items() if not method.streams}
