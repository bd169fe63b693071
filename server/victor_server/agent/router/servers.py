"""Where the servers of a profile are, as far as one can say without asking them."""

from dataclasses import replace
from urllib.parse import urlsplit

from victor_server.policy.destinations import Verdict, decide
from victor_server.policy.hosts import is_this_machine, plain_host
from victor_server.policy.policy import Policy
from victor_server.policy.providers import decide_provider
from victor_server.policy.team_policy import TEAM_PROVIDER, for_models
from victor_server.settings.profiles import Profile

OWN_ADDRESSES = {
    "ollama": "http://localhost:11434",
    "vllm": "http://localhost:8000/v1",
    "lmstudio": "http://localhost:1234/v1",
    "llamacpp": "http://localhost:8080/v1",
    "anthropic": "https://api.anthropic.com",
    "openai": "https://api.openai.com/v1",
    "google": "https://generativelanguage.googleapis.com/v1beta/openai",
}
"""Where a profile's server is that names none. `embedded` and `scripted` run in processes of Victor's own."""

OLLAMA_CLOUD = "ollama.com"
"""Where an Ollama server sends what is asked of its cloud models."""


def servers_of(profile: Profile) -> tuple[str, ...]:
    """The servers that share the load of a profile: their addresses, or "" for the provider's own."""
    return profile.base_urls or ("",)


def host_of(profile: Profile, base_url: str) -> str:
    """The host of one server, "" for what runs in a process of Victor's own."""
    address = base_url or OWN_ADDRESSES.get(profile.provider, "")
    return (urlsplit(address).hostname or "") if address else ""


def leaves_machine(profile: Profile, base_url: str) -> bool:
    """Whether what this server is sent goes elsewhere."""
    host = host_of(profile, base_url)
    if profile.provider == TEAM_PROVIDER:
        return True  # wherever the backend is, it asks others
    return is_sent_on(profile) or (bool(host) and not is_this_machine(host))


def is_sent_on(profile: Profile) -> bool:
    """Whether the server is known to send what it is asked to its maker's machines: Ollama, for its cloud models."""
    model = profile.model.lower()
    if profile.provider == "ollama":
        return model.endswith(("-cloud", ":cloud"))
    # Ollama also speaks other providers' languages; nobody else's models have such a tag.
    return (":" + model.partition(":")[2]).endswith(("-cloud", ":cloud"))


def may_use(profile: Profile, base_url: str, policy: Policy) -> Verdict:
    """Whether the policy allows this server; names are not looked up for it."""
    verdict = decide_provider(policy, profile.provider)
    if profile.provider != TEAM_PROVIDER:
        policy = for_models(policy)
    host = host_of(profile, base_url)
    if not verdict.allowed or not host:
        return verdict
    verdict = decide(policy, plain_host(host) or host)
    if verdict.allowed and is_sent_on(profile):
        # Its name never stands in a connection of ours: the policy is asked about it here, or nowhere.
        host, verdict = OLLAMA_CLOUD, decide(policy, OLLAMA_CLOUD)
    if verdict.allowed:
        return verdict
    return replace(verdict, reason=f"{_printable(host)} is out of reach, as {verdict.reason}")


def _printable(host: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in host)[:255]


def is_local(profile: Profile, policy: Policy) -> bool:
    """Whether all servers of a profile are on this machine or listed as inside the organisation."""
    if profile.provider == TEAM_PROVIDER:
        return False
    listed = Policy(offline=True, allowed_hosts=policy.allowed_hosts)
    return all(
        not leaves_machine(profile, url) or may_use(profile, url, listed).allowed
        for url in servers_of(profile)
    )
