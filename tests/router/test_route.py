"""The decision, row by row: policy, task, health, abilities and cost, each with what a person is told."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.providers.provider import Capabilities
from victor_server.agent.router.decision import Decision, Need, RuledOut
from victor_server.agent.router.facts import Facts, ServerHealth
from victor_server.agent.router.route import route
from victor_server.errors import ContextTooLong, NoModel, OfflineBlocked, UsageError, VictorError
from victor_server.ledger.model import Price
from victor_server.policy.policy import Policy
from victor_server.settings.profiles import Profile, Profiles, Routing

LOCAL = Profile("default", "ollama", "qwen")
CLOUD = Profile("production", "anthropic", "sonnet", api_key="k")
INSIDE = Profile("team", "vllm", "coder", ("http://gpu.corp.example:8000/v1",))
ROUTING = Routing(frozenset({"code_review"}), frozenset({"security_analysis"}))
FREE, DEAR = Price(0, 0), Price(3, 15)
OFFLINE = Policy(offline=True, origin=(("offline", "profiles.yaml"),))
OFFLINE_SAYS = (
    "api.anthropic.com is out of reach, as offline mode is on (profiles.yaml): only this machine and listed hosts may"
    " be reached"
)


def facts(*profiles: Profile, routing: Routing = ROUTING, **changes: Any) -> Facts:
    """What is known, with the usual prices: nothing on this machine, three and fifteen dollars elsewhere."""
    prices = {each.name: DEAR if each.provider == "anthropic" else FREE for each in profiles}
    return replace(Facts(Profiles({each.name: each for each in profiles}, routing), prices=prices), **changes)


def down(*names: str, state: Any = "closed") -> dict[str, list[ServerHealth]]:
    """These profiles' servers do not answer."""
    return {name: [ServerHealth("", state, "it failed 3 times in a row")] for name in names}


def outcome(need: Need, known: Facts) -> Decision | VictorError:
    """What comes of it: one of the errors that are promised, or a decision."""
    try:
        return route(need, known)
    except (NoModel, OfflineBlocked, UsageError, ContextTooLong) as error:
        return error


@dataclass(frozen=True)
class Row:
    """One row of the table: who answers (or the kind of the error) and the whole sentence."""

    task: str
    policy: Policy
    down: tuple[str, ...]
    expected: str
    says: str


QWEN = "default answers with qwen (ollama, on this machine) because"
SONNET = "production answers with sonnet (anthropic, at api.anthropic.com) because"
ASKS = "it costs $3 for a million tokens in and $15 out"
FAILED = "it failed 3 times in a row"
NO_OLLAMA = Policy(
    allowed_providers=frozenset({"anthropic"}), origin=(("allowed_providers", "/etc/victor/policy.yaml"),)
)
OTHERS = "/etc/victor/policy.yaml allows other providers only: anthropic"

TABLE = [
    Row(
        "code_review",
        Policy(),
        (),
        "default",
        f"{QWEN} code_review stays on local models; it costs nothing.",
    ),
    Row(
        "code_review",
        Policy(),
        ("default",),
        "no_model",
        f"No model can answer code_review: default: {FAILED}; production: code_review stays on local models.",
    ),
    Row(
        "code_review",
        OFFLINE,
        (),
        "default",
        f"{QWEN} code_review stays on local models; it costs nothing; production cannot: {OFFLINE_SAYS}.",
    ),
    Row(
        "code_review",
        NO_OLLAMA,
        (),
        "offline_blocked",
        f"No model can answer code_review: default: {OTHERS}; production: code_review stays on local models.",
    ),
    Row(
        "security_analysis",
        Policy(),
        (),
        "production",
        f"{SONNET} security_analysis goes to cloud models; {ASKS}.",
    ),
    Row(
        "security_analysis",
        Policy(),
        ("production",),
        "default",
        f"{QWEN} security_analysis goes to cloud models and none of them can answer; it costs nothing;"
        f" production cannot: {FAILED}.",
    ),
    Row(
        "security_analysis",
        OFFLINE,
        (),
        "default",
        f"{QWEN} security_analysis goes to cloud models and none of them can answer; it costs nothing;"
        f" production cannot: {OFFLINE_SAYS}.",
    ),
    Row(
        "security_analysis",
        OFFLINE,
        ("default",),
        "offline_blocked",
        f"No model can answer security_analysis: production: {OFFLINE_SAYS}; default: {FAILED}.",
    ),
    Row(
        "security_analysis",
        Policy(),
        ("default", "production"),
        "no_model",
        f"No model can answer security_analysis: production and default: {FAILED}.",
    ),
    Row("chat", Policy(), (), "default", f"{QWEN} it is the default; it costs nothing."),
    Row(
        "chat",
        Policy(),
        ("default",),
        "no_model",
        f"No model can answer chat: default: {FAILED}; production: it is not the default.",
    ),
    Row(
        "chat",
        OFFLINE,
        (),
        "default",
        f"{QWEN} it is the default; it costs nothing; production cannot: {OFFLINE_SAYS}.",
    ),
    Row(
        "chat",
        NO_OLLAMA,
        (),
        "offline_blocked",
        f"No model can answer chat: default: {OTHERS}; production: it is not the default.",
    ),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.task}-{row.expected}-{len(row.down)}")
def test_each_row(row: Row) -> None:
    """Policy first, then the lists, then health; every answer and every refusal says why in whole words."""
    found = outcome(Need(row.task), facts(LOCAL, CLOUD, policy=row.policy, health=down(*row.down)))
    if isinstance(found, Decision):
        assert (found.profile, found.reason) == (row.expected, row.says)
        assert found.leaves_machine == (row.expected == "production")
    else:
        assert (found.kind, found.message) == (row.expected, row.says)
        assert found.fix


def test_nothing_set_up() -> None:
    """Without a profile one is told what to install and what to write."""
    with pytest.raises(NoModel) as caught:
        route(Need("chat"), facts())
    assert caught.value.message == "No model is set up."
    for word in ("ollama pull", "profiles.yaml", "ANTHROPIC_API_KEY", "provider: embedded"):
        assert word in caught.value.fix


def test_asked_for_by_name() -> None:
    """A name decides, over every list; the policy still counts, and nobody else answers in its place."""
    decision = route(Need("code_review", "production"), facts(LOCAL, CLOUD))
    assert decision.reason == f"{SONNET} it was asked for; {ASKS}."
    assert (decision.fallbacks, decision.ruled_out) == (
        (),
        (RuledOut("default", "production was asked for"),),
    )
    with pytest.raises(OfflineBlocked) as blocked:
        route(Need("chat", "production"), facts(LOCAL, CLOUD, policy=OFFLINE))
    assert OFFLINE_SAYS in blocked.value.message
    assert "offline_mode: false" in blocked.value.fix
    with pytest.raises(UsageError, match="no profile prod") as unknown:
        route(Need("chat", "prod"), facts(LOCAL, CLOUD))
    assert unknown.value.fix == "There are: default, production."


def test_what_is_private_stays_here() -> None:
    """Not even a server inside the organisation is given it."""
    inside = Policy(offline=True, allowed_hosts=("gpu.corp.example",))
    assert route(Need("chat", private=True), facts(LOCAL, CLOUD)).profile == "default"
    for profile, policy in ((CLOUD, Policy()), (INSIDE, inside)):
        with pytest.raises(OfflineBlocked, match="must not leave this machine"):
            route(Need("chat", private=True), facts(profile, policy=policy))


def test_inside_the_organisation() -> None:
    """A listed host counts as local for the lists, and leaves the machine all the same; one that is not listed is cloud."""
    listed = facts(INSIDE, CLOUD, policy=Policy(offline=True, allowed_hosts=("gpu.corp.example",)))
    decision = route(Need("code_review"), listed)
    assert (decision.profile, decision.leaves_machine) == ("team", True)
    assert "at gpu.corp.example" in decision.reason
    with pytest.raises(NoModel) as caught:
        route(Need("code_review"), facts(INSIDE, CLOUD))
    assert caught.value.message.endswith("team and production: code_review stays on local models.")


@pytest.mark.parametrize(
    "sent_on",
    [
        Profile("default", "ollama", "gpt-oss:120b-cloud"),
        Profile("default", "ollama", "Big:Cloud"),
        Profile("default", "openai-compatible", "gpt-oss:120b-cloud", ("http://localhost:11434/v1",)),
        Profile("default", "anthropic", "qwen3-coder:480b-cloud", ("http://127.0.0.1:11434",)),
    ],
    ids=lambda profile: f"{profile.provider} {profile.model}",
)
def test_a_server_here_that_sends_on(sent_on: Profile) -> None:
    """A cloud model of an Ollama on this machine is answered elsewhere, and counts as what it is."""
    decision = route(Need("chat"), facts(sent_on))
    assert decision.leaves_machine
    assert "at ollama.com" in decision.reason
    with pytest.raises(OfflineBlocked, match=r"ollama\.com is out of reach, as offline mode is on"):
        route(Need("chat"), facts(sent_on, policy=OFFLINE))
    with pytest.raises(OfflineBlocked, match="must not leave"):
        route(Need("chat", private=True), facts(sent_on))
    with pytest.raises(NoModel, match="stays on local models"):
        route(Need("code_review"), facts(sent_on))


def test_fallbacks_in_their_order() -> None:
    """Who stands in for the first is named, those who cannot are left out, and local tasks stay local."""
    routing = Routing(frozenset({"code_review"}), frozenset(), ("production", "second", "third"))
    second, third = replace(LOCAL, name="second"), replace(LOCAL, name="third", unusable="KEY is not set")
    known = facts(LOCAL, CLOUD, second, third, routing=routing)
    assert route(Need("chat"), known).fallbacks == ("production", "second")
    assert route(Need("code_review"), known).fallbacks == ("second",)
    decision = route(Need("chat"), replace(known, after=[RuledOut("default", "it broke off")]))
    assert decision.reason == (f"{SONNET} it stands in for default; {ASKS}; default cannot: it broke off.")
    assert decision.ruled_out == (
        RuledOut("default", "it broke off"),
        RuledOut("third", "KEY is not set"),
    )


def test_the_cheapest_that_can() -> None:
    """Among cloud models cost decides, an unknown price comes last, and what cannot do the work is not asked."""
    small, dear = replace(CLOUD, name="small"), replace(CLOUD, name="dear")
    odd = replace(CLOUD, name="odd")
    known = facts(odd, dear, small, routing=ROUTING)
    known = replace(known, prices={"odd": None, "dear": Price(15, 75), "small": Price(1, 5)})
    need = Need("security_analysis", input_tokens=10_000, max_output_tokens=2_000, tools=True)
    first = route(need, known)
    assert (first.profile, first.fallbacks, first.cost_usd) == ("small", ("dear", "odd"), 0.02)
    assert "; it costs at most $0.02." in first.reason
    assert route(Need("security_analysis"), known).profile == "small"  # by the price alone
    no_tools = {"small": Capabilities(context_tokens=200_000), "dear": Capabilities(tools=True)}
    second = route(need, replace(known, capabilities=no_tools))
    assert (second.profile, second.cost_usd) == ("dear", 0.3)
    assert "small cannot: its model calls no tools" in second.reason
    last = route(need, replace(known, after=[RuledOut("small", "x"), RuledOut("dear", "y")]))
    assert "what it costs is not known" in last.reason


@pytest.mark.parametrize(
    ("need", "capabilities", "reason"),
    [
        (Need("chat", tools=True), Capabilities(), "its model calls no tools"),
        (Need("chat", json_schema=True), Capabilities(), "its model cannot be held to a JSON schema"),
        (Need("chat", fim=True), Capabilities(), "its model does not fill in the middle"),
    ],
)
def test_what_a_model_cannot_do(need: Need, capabilities: Capabilities, reason: str) -> None:
    """Each thing that a model lacks rules it out, in its own words; what is not known does not."""
    with pytest.raises(NoModel, match=reason):
        route(need, facts(LOCAL, capabilities={"default": capabilities}))
    able = Capabilities(100_000, None, tools=True, json_schema=True, fim=True)
    assert route(need, facts(LOCAL, capabilities={"default": able})).profile == "default"
    assert route(need, facts(LOCAL)).profile == "default"


@pytest.mark.parametrize(
    ("n_input", "n_answer", "context", "by_profile", "by_server", "room"),
    [
        (1000, 200, 8192, None, None, 200),  # as asked
        (1000, 0, 8192, None, None, 4096),  # as the profile has it
        (1000, 9000, 8192, None, 2000, 2000),  # as the model can
        (7000, 4096, 8192, None, None, 1192),  # what is left
        (7000, 4096, 32_000, 8192, None, 1192),  # the profile's limit holds too
        (7936, 4096, 8192, None, None, 256),
        (7937, 4096, 8192, None, None, None),  # no room for an answer worth its name
        (8092, 100, 8192, None, None, 100),  # unless it is meant to be short
        (8093, 100, 8192, None, None, None),
        (9000, 100, None, None, None, 100),  # nobody knows
        (0, 100, 300, None, None, 100),
    ],
)
def test_how_long_an_answer_may_be(
    n_input: int,
    n_answer: int,
    context: int | None,
    by_profile: int | None,
    by_server: int | None,
    room: int | None,
) -> None:
    """The answer is made shorter where the question is long; where nothing worth its name is left, the model is out."""
    known = facts(
        replace(LOCAL, context_tokens=by_profile),
        capabilities={"default": Capabilities(context, by_server)},
    )
    found = outcome(Need("chat", input_tokens=n_input, max_output_tokens=n_answer), known)
    if isinstance(found, Decision):
        assert found.max_output_tokens == room
    else:
        assert (room, found.kind) == (None, "context_too_long")
        assert f"its context of 8,192 tokens has no room for {n_input:,} and an answer" in found.message


def test_a_demo_model_says_what_it_is() -> None:
    """Nobody is to take it for more."""
    decision = route(Need("chat"), facts(Profile("default", "embedded", "demo")))
    assert decision.reason.endswith("; it is a demo model, to try things with and not to rely on.")


def test_servers_that_share_a_profile() -> None:
    """The least loaded of those that are well; one failure in this call leaves the others, as many as there are do not."""
    urls = ("http://localhost:1", "http://localhost:2", "http://localhost:3")
    health = {
        "default": [
            ServerHealth(urls[0], load=2.0),
            ServerHealth(urls[1], "troubled", "it failed", 3),
            ServerHealth(urls[2], load=1.0),
        ]
    }
    known = facts(replace(LOCAL, base_urls=urls), health=health)
    assert route(Need("chat"), known).base_url == urls[2]
    health["default"][2] = ServerHealth(urls[2], failures=1, load=0.0)
    once = replace(known, health=health, after=[RuledOut("default", "gone")])
    assert route(Need("chat"), once).base_url == urls[0]
    with pytest.raises(NoModel, match="default: gone"):
        route(Need("chat"), replace(once, after=[RuledOut("default", "gone")] * 3))


def test_a_server_in_trouble_is_the_last_to_be_asked() -> None:
    """Somebody who is well goes first; where nobody is, it is tried, and the sentence says so."""
    routing = Routing(fallback=("production",))
    known = facts(LOCAL, CLOUD, routing=routing, health=down("default", state="troubled"))
    decision = route(Need("chat"), known)
    assert (decision.profile, decision.fallbacks) == ("production", ("default",))
    assert decision.reason.endswith(f"; default cannot: {FAILED}.")
    alone = route(Need("chat"), facts(LOCAL, health=down("default", state="troubled")))
    assert alone.reason == (
        f"{QWEN} it is the default; it costs nothing;"
        f" it is tried although {FAILED}, as nothing else can answer."
    )


def test_a_profile_that_is_written_wrongly() -> None:
    """It is ruled out with what is wrong in it; if it was the default, nothing takes its place."""
    broken = "profiles.default.model is missing"
    profiles = Profiles({"production": CLOUD}, ROUTING, default="default", unreadable={"default": broken})
    with pytest.raises(NoModel) as caught:
        route(Need("chat"), Facts(profiles))
    assert f"default: {broken}" in caught.value.message
    assert route(Need("security_analysis"), Facts(profiles)).profile == "production"


_NAMES = st.sampled_from(["a", "b", "c", "d"])
_PROFILES = st.builds(
    Profile,
    name=_NAMES,
    provider=st.sampled_from(["ollama", "anthropic", "vllm", "embedded", "openai"]),
    model=st.just("m"),
    base_urls=st.sampled_from(
        [
            (),
            ("http://gpu.corp.example",),
            ("http://127.0.0.1:1", "https://far.example"),
            ("http://10.1.2.3",),
        ]
    ),
    unusable=st.sampled_from(["", "", "KEY is not set"]),
)
_TASKS = ["chat", "code_review", "security_analysis"]


@given(
    profiles=st.lists(_PROFILES, max_size=4, unique_by=lambda each: each.name),
    routing=st.builds(
        Routing,
        st.frozensets(st.sampled_from(_TASKS)),
        st.frozensets(st.sampled_from(_TASKS)),
        st.lists(_NAMES, max_size=3, unique=True).map(tuple),
    ),
    policy=st.builds(
        Policy,
        offline=st.booleans(),
        allowed_hosts=st.sampled_from([(), ("gpu.corp.example",), ("10.0.0.0/8",)]),
        allowed_providers=st.none() | st.frozensets(st.sampled_from(["ollama", "anthropic"])),
    ),
    need=st.builds(
        Need,
        st.sampled_from(_TASKS),
        st.just("") | _NAMES,
        private=st.booleans(),
        input_tokens=st.integers(0, 99),
    ),
    health=st.dictionaries(
        _NAMES,
        st.builds(
            lambda state: [ServerHealth("", state, "w")], st.sampled_from(["ready", "troubled", "closed"])
        ),
    ),
)
@settings(deadline=None, max_examples=300)
def test_no_decision_breaks_a_rule(
    profiles: list[Profile], routing: Routing, policy: Policy, need: Need, health: Any
) -> None:
    """Whatever is written: nothing private leaves, offline reaches nothing that is not listed, local tasks stay."""
    known = facts(*profiles, routing=routing, policy=policy, health=health)
    decision = outcome(need, known)
    if not isinstance(decision, Decision):
        assert decision.message
        assert decision.fix
        return
    chosen = known.profiles.profiles[decision.profile]
    host = decision.base_url or {"anthropic": "https://c.example", "openai": "https://c.example"}.get(
        chosen.provider, ""
    )
    listed = any(part in host for part in ("gpu.corp", "10.1.2.3")) and (
        policy.allowed_hosts == (("gpu.corp.example",) if "gpu.corp" in host else ("10.0.0.0/8",))
    )
    elsewhere = bool(host) and "127.0.0.1" not in host
    assert decision.leaves_machine == elsewhere
    assert not (need.private and elsewhere)
    assert not (policy.offline and elsewhere and not listed)
    assert policy.allowed_providers is None or chosen.provider in policy.allowed_providers
    assert not chosen.unusable
    if need.task in routing.local_tasks and not need.profile:
        assert not elsewhere or listed
    assert decision.profile not in {out.profile for out in decision.ruled_out if out.reason != "w"}
    assert decision.profile in decision.reason
    for out in decision.ruled_out:
        assert out.reason
