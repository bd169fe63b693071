"""With offline mode on, nothing connects outside the allow-list, whatever else is configured."""

import asyncio
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import httpx2
import pytest
from connects import Connects, watched_connects
from egress_servers import Names, Records, http_server, redirect
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.egress.connections import Timeouts
from victor_server.egress.factory import Egress
from victor_server.errors import OfflineBlocked, SettingsError
from victor_server.policy.policy import Policy
from victor_server.policy.read import read_policy
from victor_server.settings.profiles import Profiles
from victor_server.settings.resolved import NetworkSettings

TIMES = Timeouts(connect_s=5, read_s=5)
NO_FILE = Path(__file__).with_name("no-policy.yaml")

# PORT is where a real server listens on this machine.
PLACES = [
    "127.0.0.1:PORT",
    "localhost:PORT",
    "LOCALHOST.:PORT",
    "[::1]:PORT",
    "[::ffff:127.0.0.1]:PORT",
    "127.1:PORT",
    "2130706433:PORT",
    "0x7f.0.0.1:PORT",
    "0.0.0.0:PORT",
    "[::]:PORT",
    "api.example.com:PORT",
    "api.example.com",
    "localhost.example.com:PORT",
    "llm.corp.example:PORT",
    "deep.llm.corp.example:PORT",
    "10.1.2.3:PORT",
    "93.184.216.34",
    "[::ffff:93.184.216.34]:PORT",
    "169.254.169.254",
    "user:word@93.184.216.34:PORT",
    "127.0.0.1:PORT@93.184.216.34",
    "b\u00fccher.example",
]
LISTED = [
    "llm.corp.example",
    "*.corp.example",
    "10.1.0.0/16",
    "93.184.216.0/24",
    "93.184.216.34",
    "localhost",
    "0.0.0.0/0",
    "*",
    "",
]
LEADS_TO = [
    "127.0.0.1",
    "::1",
    "10.1.2.3",
    "10.9.9.9",
    "93.184.216.34",
    "169.254.169.254",
    "0.0.0.0",
    "::ffff:8.8.8.8",
]
NAMES = ["api.example.com", "llm.corp.example", "deep.llm.corp.example", "localhost.example.com", "localhost"]
VARIABLES = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "NO_PROXY", "no_proxy"]

URLS = st.builds(
    "{}://{}{}".format,
    st.sampled_from(["http", "https"]),
    st.sampled_from(PLACES),
    st.sampled_from(["", "/v1"]),
)


@dataclass(frozen=True)
class Configuration:
    """One way in which everything around the switch may be set."""

    library: str
    base_url: str
    listed: tuple[str, ...]
    environment: Mapping[str, str]
    names: Mapping[str, Sequence[str]]
    redirects: tuple[str, ...]


CONFIGURATIONS = st.builds(
    Configuration,
    library=st.sampled_from(["httpx2", "httpx"]),
    base_url=st.sampled_from(["http://127.0.0.1:PORT", "http://llm.corp.example:PORT"]) | URLS,
    listed=st.lists(st.sampled_from(LISTED), max_size=3).map(tuple),
    environment=st.dictionaries(
        st.sampled_from(VARIABLES), URLS | st.sampled_from([*PLACES, "*"]), max_size=3
    ),
    names=st.fixed_dictionaries({name: st.lists(st.sampled_from(LEADS_TO), max_size=3) for name in NAMES}),
    redirects=st.lists(URLS, max_size=3).map(tuple),
)


@given(CONFIGURATIONS)
@settings(max_examples=400, deadline=None)
def test_offline_connects_nowhere_else(made: Configuration) -> None:
    """For any base URL, list, proxies, answers of the name service and redirects: this machine and the list only."""
    seen = asyncio.run(attempt(made))
    for address, at in seen.tried:
        assert may_be_reached(address, made), (address, at)
    assert seen.names == []


async def attempt(made: Configuration) -> Connects:
    """Make the request, and let the server on this machine answer with the redirects."""
    async with http_server() as server:

        def here(text: str) -> str:
            return text.replace("PORT", str(server.port))

        server.first = [redirect(here(url)) for url in made.redirects]
        network = NetworkSettings(allowed_hosts=made.listed)
        policy = read_policy(network, Profiles(offline_mode=True), closed="", machine_file=NO_FILE).policy
        environment = {name: here(value) for name, value in made.environment.items()}
        egress = Egress(policy, record=Records(), environment=environment, resolve=Names(made.names))
        with watched_connects() as seen:
            await ask(egress, made.library, here(made.base_url))
    return seen


async def ask(egress: Egress, library: str, base_url: str) -> None:
    """One request, which may fail in every way that it is meant to."""
    try:
        if library == "httpx2":
            async with egress.httpx2_client(base_url, purpose="test", timeouts=TIMES) as client:
                await client.get(base_url)
        else:
            transport = egress.httpx_transport(base_url, purpose="test", timeouts=TIMES)
            async with httpx.AsyncClient(transport=transport, follow_redirects=True) as other:
                await other.get(base_url)
    except (OfflineBlocked, SettingsError, httpx.HTTPError, httpx2.HTTPError):
        pass


def may_be_reached(address: str, made: Configuration) -> bool:
    """What the list allows, said once more and otherwise: networks, and inside addresses of listed names."""
    ip = ipaddress.ip_address(address)
    if ip.is_loopback:
        return True
    listed_networks = {"10.1.0.0/16", "93.184.216.0/24", "93.184.216.34"} & set(made.listed)
    if any(ip in ipaddress.ip_network(each) for each in listed_networks):
        return True
    listed_names = {"llm.corp.example", "*.corp.example"} & set(made.listed)
    leads = {each for name in NAMES if name.endswith("corp.example") for each in made.names[name]}
    return bool(listed_names) and address in leads and ip in ipaddress.ip_network("10.0.0.0/8")


@pytest.mark.parametrize("library", ["httpx2", "httpx"])
async def test_the_watch_sees_what_the_property_is_about(library: str) -> None:
    """Online, the same request does try the other machine: the property can fail."""
    egress = Egress(
        Policy(), record=Records(), environment={}, resolve=Names({"api.example.com": ["93.184.216.34"]})
    )
    with watched_connects() as seen:
        await ask(egress, library, "https://api.example.com/v1")
    assert seen.tried == [("93.184.216.34", 443)]
