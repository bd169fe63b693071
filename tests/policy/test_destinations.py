"""Which hosts may be reached, row by row, and why."""

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.errors import SettingsError
from victor_server.policy.destinations import decide
from victor_server.policy.hosts import is_this_machine, parse_destination, plain_host
from victor_server.policy.policy import Policy

ONLINE = Policy()
OFFLINE = Policy(
    offline=True,
    allowed_hosts=("llm.corp.example", ".models.example", "10.0.0.0/8", "198.51.100.7/32", "fd00::/8"),
    origin=(("offline", "profiles.yaml"),),
)
MACHINE = Policy(offline=True, origin=(("offline", "/etc/victor/policy.yaml"),))
CLOSED = Policy(offline=True, closed="profiles.yaml, line 3: this is not YAML")
ONLY = Policy(
    only_hosts=("api.example.com", "10.0.0.0/8"), origin=(("only_hosts", "/etc/victor/policy.yaml"),)
)

# policy, host, addresses, allowed, what the reason says
TABLE = [
    (ONLINE, "api.example.com", (), True, "offline mode is off"),
    (ONLINE, "api.example.com", ("93.184.216.34",), True, "offline mode is off"),
    (ONLINE, "10.1.2.3", (), True, "offline mode is off"),
    (OFFLINE, "127.0.0.1", (), True, "this machine"),
    (OFFLINE, "127.8.9.10", (), True, "this machine"),
    (OFFLINE, "::1", (), True, "this machine"),
    (OFFLINE, "[::1]", (), True, "this machine"),
    (OFFLINE, "::ffff:127.0.0.1", (), True, "this machine"),
    (OFFLINE, "localhost", ("127.0.0.1", "::1"), True, "this machine"),
    (OFFLINE, "LOCALHOST.", (), True, "this machine"),
    (OFFLINE, "ollama.localhost", ("127.0.0.1",), True, "this machine"),
    (OFFLINE, "localhost", ("10.0.0.1",), False, "leads to 10.0.0.1"),
    (OFFLINE, "localhost.example.com", (), False, "offline mode is on (profiles.yaml)"),
    (OFFLINE, "127.0.0.1.example.com", (), False, "offline mode is on (profiles.yaml)"),
    (OFFLINE, "api.example.com", (), False, "offline mode is on (profiles.yaml)"),
    (OFFLINE, "api.example.com", ("10.0.0.1",), False, "only this machine and listed hosts"),
    (OFFLINE, "api.example.com", ("127.0.0.1",), False, "only this machine and listed hosts"),
    (OFFLINE, "llm.corp.example", (), True, "listed"),
    (OFFLINE, "LLM.Corp.Example.", ("10.1.1.1",), True, "listed"),
    (OFFLINE, "llm.corp.example", ("192.168.1.1", "fd00::1"), True, "listed"),
    (OFFLINE, "llm.corp.example", ("198.51.100.7",), True, "listed"),
    (OFFLINE, "llm.corp.example", ("93.184.216.34",), False, "leads to 93.184.216.34, outside"),
    (OFFLINE, "llm.corp.example", ("10.1.1.1", "93.184.216.34"), False, "outside"),
    (OFFLINE, "llm.corp.example", ("::ffff:93.184.216.34",), False, "outside"),
    (OFFLINE, "llm.corp.example", ("2002:5db8:d822::1",), False, "outside"),
    (OFFLINE, "llm.corp.example", ("64:ff9b::7f00:1",), False, "outside"),
    (OFFLINE, "evil-llm.corp.example", (), False, "offline"),
    (OFFLINE, "llm.corp.example.evil.example", (), False, "offline"),
    (OFFLINE, "a.models.example", ("10.1.1.1",), True, "listed"),
    (OFFLINE, "a.b.models.example", (), True, "listed"),
    (OFFLINE, "models.example", (), False, "offline"),
    (OFFLINE, "evilmodels.example", (), False, "offline"),
    (OFFLINE, "10.200.1.1", (), True, "listed"),
    (OFFLINE, "::ffff:10.200.1.1", (), True, "listed"),
    (OFFLINE, "11.0.0.1", (), False, "offline"),
    (OFFLINE, "192.168.1.1", (), False, "offline"),
    (OFFLINE, "fd12::1", (), True, "listed"),
    (OFFLINE, "10.0.0.1", ("10.0.0.2",), False, "no address"),
    (ONLINE, "0.0.0.0", (), False, "no machine"),
    (ONLINE, "::", (), False, "no machine"),
    (ONLINE, "::ffff:0.0.0.0", (), False, "no machine"),
    (ONLINE, "api.example.com", ("0.0.0.0",), False, "no machine"),
    (ONLINE, "169.254.169.254", (), False, "link-local"),
    (ONLINE, "metadata.example", ("169.254.169.254",), False, "link-local"),
    (ONLINE, "metadata.example", ("::ffff:169.254.169.254",), False, "link-local"),
    (ONLINE, "fe80::1", (), False, "link-local"),
    (ONLINE, "fe80::1%eth0", (), False, "link-local"),
    (Policy(allowed_hosts=("169.254.7.7/32",)), "169.254.7.7", (), True, "offline mode is off"),
    (ONLINE, "224.0.0.1", (), False, "group"),
    (ONLINE, "ff02::1", (), False, "group"),
    (ONLINE, "255.255.255.255", (), False, "group"),
    (ONLINE, "api.example.com", ("not an address",), False, "no address"),
    (ONLINE, "2130706433", (), False, "no plain host"),
    (ONLINE, "0x7f.1", (), False, "no plain host"),
    (ONLINE, "0x7f000001", (), False, "no plain host"),
    (ONLINE, "0177.0.0.1", (), False, "no plain host"),
    (ONLINE, "127.1", (), False, "no plain host"),
    (ONLINE, "127.0.0.1.", (), False, "no plain host"),
    (ONLINE, "1.2.3.4.5", (), False, "no plain host"),
    (ONLINE, "256.1.1.1", (), False, "no plain host"),
    (ONLINE, "bücher.example", (), False, "no plain host"),
    (ONLINE, "xn--bcher-kva.example", (), True, "offline mode is off"),
    (ONLINE, "\u212aube.localhost", (), False, "no plain host"),
    (ONLINE, "\uff11\uff12\uff17.0.0.1", (), False, "no plain host"),
    (ONLINE, "good.example@evil.example", (), False, "no plain host"),
    (ONLINE, "a b", (), False, "no plain host"),
    (ONLINE, "a\r\nb", (), False, "no plain host"),
    (ONLINE, "", (), False, "no plain host"),
    (ONLINE, ".", (), False, "no plain host"),
    (ONLINE, "a..b", (), False, "no plain host"),
    (ONLINE, "[127.0.0.1]", (), False, "no plain host"),
    (ONLINE, "/run/docker.sock", (), False, "no plain host"),
    (MACHINE, "api.example.com", (), False, "/etc/victor/policy.yaml"),
    (CLOSED, "api.example.com", (), False, "cannot be read (profiles.yaml, line 3"),
    (CLOSED, "127.0.0.1", (), True, "this machine"),
    (ONLY, "api.example.com", ("93.184.216.34",), True, "offline mode is off"),
    (ONLY, "other.example.com", (), False, "/etc/victor/policy.yaml names the only hosts"),
    (ONLY, "10.1.1.1", (), True, "offline mode is off"),
    (ONLY, "127.0.0.1", (), True, "this machine"),
]


@pytest.mark.parametrize(("policy", "host", "addresses", "allowed", "reason"), TABLE)
def test_decide(policy: Policy, host: str, addresses: tuple[str, ...], allowed: bool, reason: str) -> None:
    """Each row of policy, host and addresses has its answer and its reason."""
    verdict = decide(policy, host, addresses)
    assert verdict.allowed is allowed
    assert reason in verdict.reason


def test_a_refusal_says_what_to_do() -> None:
    """The person's own switch can be turned, the machine's cannot, and what is broken is to be mended."""
    assert "offline_mode: false" in decide(OFFLINE, "api.example.com").fix
    assert "offline_mode" not in decide(MACHINE, "api.example.com").fix
    assert "looks after this machine" in decide(MACHINE, "api.example.com").fix
    assert "Put that right" in decide(CLOSED, "api.example.com").fix


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:11434", "localhost:11434"),
        ("HTTP://LocalHost", "localhost:80"),
        ("https://api.example.com/v1?a=b#c", "api.example.com:443"),
        ("https://api.example.com.:8443/", "api.example.com:8443"),
        ("http://[::1]:80/", "[::1]:80"),
        ("http://[::ffff:10.0.0.1]", "10.0.0.1:80"),
    ],
)
def test_addresses_of_servers(url: str, expected: str) -> None:
    """A destination is scheme, host and port, the host in its one form."""
    assert str(parse_destination(url)) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:11434",
        "ftp://example.com",
        "file:///etc/passwd",
        "unix:///run/docker.sock",
        "http+unix://%2Frun%2Fdocker.sock/",
        "http://",
        "http://:80",
        "http://good.example@evil.example/",
        "http://user:hunter2@evil.example/",
        "http://good.example\\@evil.example/",
        "http://good.example\t.evil.example/",
        "http://a b/",
        "http://example.com:0/",
        "http://example.com:65536/",
        "http://example.com:x/",
        "http://[::1",
        "http://bücher.example/",
        "http://0x7f.1/",
        "http://2130706433/",
        "http://ex%61mple.com/",
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    """Everything that two readers could take for two places is refused, and no password is shown."""
    with pytest.raises(SettingsError) as caught:
        parse_destination(url)
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("127.3.4.5", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("localhost.evil.example", False),
        ("0x7f.1", False),
    ],
)
def test_this_machine(host: str, here: bool) -> None:
    """What says of itself that it is loopback, and nothing that a name service could make so."""
    assert is_this_machine(host) is here


def test_plain_hosts_stay_as_they_are() -> None:
    """The one form of a host is the form of itself."""
    for host in ("api.example.com", "10.0.0.1", "fd00::1", "localhost", "a_b.example"):
        assert plain_host(host) == host


@given(st.text(max_size=30), st.lists(st.text(max_size=20) | st.ip_addresses().map(str), max_size=3))
@settings(max_examples=300, deadline=None)
def test_every_question_has_an_answer(host: str, addresses: list[str]) -> None:
    """No host and no answer of a name service makes the question fail; offline, none of them is let through that is
    not this machine or listed.
    """
    for policy in (ONLINE, OFFLINE, CLOSED, ONLY):
        assert decide(policy, host, addresses).reason
    if decide(CLOSED, host, addresses).allowed:
        assert is_this_machine(host)
        assert all(is_this_machine(address) for address in addresses)


@given(st.ip_addresses())
@settings(max_examples=200, deadline=None)
def test_every_address_has_one_form(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Written out, wrapped in IPv6, in brackets: the answer is the same."""
    forms = [str(address), str(address).upper()]
    if address.version == 4:
        forms += [f"::ffff:{address}", f"[::ffff:{address}]"]
    else:
        forms += [address.exploded, f"[{address}]"]
    answers = {decide(policy, form).allowed for form in forms for policy in (OFFLINE,)}
    assert len(answers) == 1
    assert len({plain_host(form) for form in forms}) == 1
