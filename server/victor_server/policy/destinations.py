"""Decides whether a host may be reached, before and after its name was looked up."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from victor_server.policy.host_list import HostList, host_list
from victor_server.policy.hosts import Address, is_this_machine, plain_host, read_address
from victor_server.policy.policy import PERSON, Policy

_INTERNAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "fc00::/7",
            "::1/128",
        ),
    )
)
"""Where the name of an internal host may lead: addresses that mean nothing outside."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something is allowed, and why, as the end of a sentence; `fix` says what to do where it is not."""

    allowed: bool
    reason: str
    fix: str = ""


def decide(policy: Policy, host: str, addresses: Sequence[str] = ()) -> Verdict:
    """Whether `host` may be reached at all of `addresses`, which its name was looked up to be.

    Without addresses the name alone is judged: before it is looked up, or where a proxy looks it up. A name that is
    not listed is refused without a look-up in offline mode; one that is listed must lead to internal addresses, or
    to listed ones.
    """
    name = plain_host(host)
    if not name:
        return Verdict(
            False, "it is no plain host name or address", "Write the name out, or an address like 127.0.0.1."
        )
    literal = read_address(name)
    found = [read_address(address) for address in addresses] or ([literal] if literal else [])
    for address in found:
        if address is None or (literal is not None and address != literal):
            return Verdict(False, "what its name leads to is no address")
        refused = _special(policy, address)
        if refused is not None:
            return refused
    known = [address for address in found if address is not None]
    if is_this_machine(name):
        return _here(known)
    return _elsewhere(policy, name, known)


def _special(policy: Policy, address: Address) -> Verdict | None:
    """Addresses that are no server's: those of nobody, of groups, and of the nearest wire unless it is listed."""
    if address.is_unspecified:
        fix = "Write 127.0.0.1 for this machine."
        return Verdict(False, f"{address} is the address of no machine", fix)
    if address.is_multicast or str(address) == "255.255.255.255":
        return Verdict(False, f"{address} is the address of a group of machines")
    if address.is_link_local and not host_list(policy.allowed_hosts).has_address(address):
        fix = f"Add {address} to `network.allowed_hosts` if it is a server of yours."
        return Verdict(
            False, f"{address} is link-local: cloud machines give out credentials at such addresses", fix
        )
    return None


def _here(addresses: Sequence[Address]) -> Verdict:
    strange = next((address for address in addresses if not address.is_loopback), None)
    if strange is not None:
        return Verdict(
            False, f"its name means this machine, but leads to {strange}", "Write 127.0.0.1 instead."
        )
    return Verdict(True, "it is this machine")


def _elsewhere(policy: Policy, name: str, addresses: Sequence[Address]) -> Verdict:
    if policy.only_hosts is not None and not _is_listed(host_list(policy.only_hosts), name):
        who = policy.decided_by("only_hosts") or "the policy"
        return Verdict(
            False, f"{who} names the only hosts that may be reached, and it is not among them", _ask(who)
        )
    if not policy.offline:
        return Verdict(True, "offline mode is off")
    listed = host_list(policy.allowed_hosts)
    if not _is_listed(listed, name):
        return _not_listed(policy, name)
    outside = next((address for address in addresses if not _may_lead_to(listed, address)), None)
    if outside is not None:
        fix = f"Add {outside} to `network.allowed_hosts` too if it lies inside your organisation."
        return Verdict(
            False, f"offline mode is on{_by(policy)}, and its name leads to {outside}, outside", fix
        )
    return Verdict(True, "it is listed in `network.allowed_hosts`")


def _is_listed(listed: HostList, name: str) -> bool:
    address = read_address(name)
    return listed.has_name(name) if address is None else listed.has_address(address)


def _may_lead_to(listed: HostList, address: Address) -> bool:
    internal = any(address.version == network.version and address in network for network in _INTERNAL)
    return internal or listed.has_address(address)


def _not_listed(policy: Policy, name: str) -> Verdict:
    if policy.closed:
        reason = (
            f"nothing but this machine may be reached, because a restriction cannot be read ({policy.closed})"
        )
        return Verdict(False, reason, "Put that right; `victor doctor` shows all of it.")
    who = policy.decided_by("offline")
    reason = f"offline mode is on{_by(policy)}: only this machine and listed hosts may be reached"
    if who not in ("", PERSON):
        return Verdict(False, reason, _ask(who))
    return Verdict(
        False,
        reason,
        f"Set `offline_mode: false` in {PERSON}, or add {name} to `network.allowed_hosts` if it is internal.",
    )


def _by(policy: Policy) -> str:
    who = policy.decided_by("offline")
    return f" ({who})" if who else ""


def _ask(who: str) -> str:
    return f"See {who}: whoever looks after this machine can change it."
