"""The router over real providers: scripts that are there or not stand for servers that answer or not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from victor_server.agent.providers.provider import Provider
from victor_server.agent.providers.scripted import ScriptedProvider
from victor_server.agent.router import router as router_module
from victor_server.agent.router.decision import Decision, Need, RuledOut
from victor_server.agent.router.router import Router
from victor_server.errors import (
    NoModel,
    OfflineBlocked,
    ProviderUnavailable,
    RateLimited,
    SettingsError,
    UsageError,
)
from victor_server.ledger.model import Price
from victor_server.policy.policy import Policy
from victor_server.settings.profiles import Profile, Profiles, Routing

GONE = ProviderUnavailable("It is gone.")


class Clock:
    """Time that passes when the test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Asked(ScriptedProvider):
    """A script that must be readable to say what it can do, as a server must be there."""

    async def capabilities(self, model: str):  # type: ignore[no-untyped-def]  # as its parent
        await self.check()
        return await super().capabilities(model)


def profile(name: str, folder: Path, *urls: str, context: int | None = None) -> Profile:
    """A profile whose script is `name`.jsonl; addresses only tell its servers apart."""
    return Profile(name, "scripted", name, urls, script=folder / f"{name}.jsonl", context_tokens=context)


@asynccontextmanager
async def opened(
    *profiles: Profile,
    routing: Routing = Routing(),  # noqa: B008 - frozen
    policy: Policy = Policy(),  # noqa: B008 - frozen
    clock: Callable[[], float] | None = None,
    price: Price | None = None,
) -> AsyncIterator[Router]:
    """A router over scripts."""

    def open_provider(wanted: Profile, base_url: str) -> Provider:
        if wanted.script is None:
            raise SettingsError("It names no script.", "Name one.")
        return Asked(wanted.script, context_tokens=wanted.context_tokens)

    written = Profiles({each.name: each for each in profiles}, routing)
    router = Router(written, policy, open_provider, lambda _: price, clock or Clock(), lambda: 0.5)
    try:
        yield router
    finally:
        await router.close()


def fail(router: Router, decision: Decision, times: int) -> None:
    """So many calls that fail."""
    for _ in range(times):
        router.begun(decision)
        router.failed(decision, GONE)
        router.ended(decision)


def ready(folder: Path, *names: str) -> None:
    """Let these scripts be there."""
    for name in names:
        (folder / f"{name}.jsonl").write_text('{"text": "yes"}\n', encoding="utf-8")


async def test_a_decision_leads_to_its_provider(tmp_path: Path) -> None:
    """Profile and provider of a decision are those it names, the same each time."""
    ready(tmp_path, "default")
    async with opened(profile("default", tmp_path), price=Price(1, 2)) as router:
        decision = await router.decide(Need("chat", input_tokens=100_000, max_output_tokens=0))
        assert decision.reason.startswith("default answers with default (scripted, on this machine)")
        assert decision.cost_usd == 0.1
        assert router.profile_of(decision).name == "default"
        assert router.provider_of(decision) is router.provider_of(decision)
        assert (await router.capabilities(decision)).tools


async def test_context_sizes_are_asked_for(tmp_path: Path) -> None:
    """A model that is too small by its own word is passed over before anything is sent."""
    ready(tmp_path, "default", "large")
    small = profile("default", tmp_path, context=1000)
    routing = Routing(fallback=("large",))
    async with opened(small, profile("large", tmp_path), routing=routing) as router:
        assert (await router.decide(Need("chat", input_tokens=700))).profile == "default"
        found = await router.decide(Need("chat", input_tokens=745))
        assert found.profile == "large"
        assert "default cannot: its context of 1,000 tokens has no room for 745 and an answer" in found.reason


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    """It is passed over when it cannot say what it can do; alone, its own error is told."""
    ready(tmp_path, "spare")
    routing = Routing(fallback=("spare",))
    need = Need("chat", tools=True)
    async with opened(profile("default", tmp_path), profile("spare", tmp_path), routing=routing) as router:
        found = await router.decide(need)
        assert (found.profile, found.ruled_out[0].profile) == ("spare", "default")
        assert "cannot be read" in found.ruled_out[0].reason
    async with opened(profile("default", tmp_path)) as router:
        with pytest.raises(ProviderUnavailable, match="cannot be read"):
            await router.decide(need)


async def test_what_failed_in_this_call(tmp_path: Path) -> None:
    """Each failure takes the next server or profile, until none is left; then every reason is named."""
    ready(tmp_path, "default", "spare")
    two = profile("default", tmp_path, "http://localhost:1", "http://localhost:2")
    async with opened(two, profile("spare", tmp_path), routing=Routing(fallback=("spare",))) as router:
        after: list[RuledOut] = []
        seen = []
        for _ in range(3):
            decision = await router.decide(Need("chat"), after=after)
            seen.append((decision.profile, decision.base_url))
            fail(router, decision, 1)
            after.append(RuledOut(decision.profile, GONE.message))
        assert sorted(seen[:2]) == [("default", "http://localhost:1"), ("default", "http://localhost:2")]
        assert seen[2] == ("spare", "")
        with pytest.raises(NoModel) as caught:
            await router.decide(Need("chat"), after=after)
        assert caught.value.message == "No model can answer chat: default and spare: It is gone."


async def test_calls_are_spread_by_load(tmp_path: Path) -> None:
    """Of two servers the one with less to do is next; the slower one gets less."""
    ready(tmp_path, "default")
    two = profile("default", tmp_path, "http://localhost:1", "http://localhost:2")
    async with opened(two) as router:
        running = []
        for _ in range(6):
            decision = await router.decide(Need("chat"))
            router.begun(decision)
            running.append(decision)
        urls = [decision.base_url for decision in running]
        assert urls.count("http://localhost:1") == urls.count("http://localhost:2") == 3
        slow = {"http://localhost:1": 0.9, "http://localhost:2": 0.3}
        for decision in running:
            router.answered(decision, slow[decision.base_url])
            router.ended(decision)
        for _ in range(8):
            decision = await router.decide(Need("chat"))
            router.begun(decision)
            running.append(decision)
        urls = [decision.base_url for decision in running[6:]]
        assert (urls.count("http://localhost:1"), urls.count("http://localhost:2")) == (2, 6)


async def test_a_resting_server_is_checked_beside_the_calls(tmp_path: Path) -> None:
    """After three failures the stand-in answers; when the rest is over a check, not a call, finds it well again."""
    clock = Clock()
    ready(tmp_path, "default", "spare")
    routing = Routing(fallback=("spare",))
    async with opened(
        profile("default", tmp_path), profile("spare", tmp_path), routing=routing, clock=clock
    ) as router:
        fail(router, await router.decide(Need("chat")), 3)
        found = await router.decide(Need("chat"))
        assert found.reason.endswith("; default cannot: it failed 3 times in a row.")
        assert found.fallbacks == ("default",)
        clock.now += 6
        assert (await router.decide(Need("chat"))).profile == "spare"
        await asyncio.gather(*router._checks)
        assert (await router.decide(Need("chat"))).profile == "default"


async def test_calls_that_break_off_in_the_middle(tmp_path: Path) -> None:
    """First words alone make no good server; a call that came to its end, or was stopped by the person, does."""
    ready(tmp_path, "default", "spare")
    routing = Routing(fallback=("spare",))
    async with opened(profile("default", tmp_path), profile("spare", tmp_path), routing=routing) as router:
        for is_good in (False, False, True, False, False, False):
            decision = await router.decide(Need("chat"))
            assert decision.profile == "default"
            router.begun(decision)
            router.answered(decision, 0.1)
            if not is_good:
                router.failed(decision, GONE)
            router.ended(decision)
        assert (await router.decide(Need("chat"))).profile == "spare"


async def test_a_server_that_asks_to_wait_is_not_asked(tmp_path: Path) -> None:
    """A storm of refusals is not answered by a storm of calls, even where there is nobody else."""
    clock = Clock()
    ready(tmp_path, "default")
    async with opened(profile("default", tmp_path), clock=clock) as router:
        decision = await router.decide(Need("chat"))
        router.begun(decision)
        router.failed(decision, RateLimited("Slowly.", retry_after_s=30))
        router.ended(decision)
        with pytest.raises(RateLimited, match="default: it asks to wait 30 seconds more") as caught:
            await router.decide(Need("chat"))
        assert caught.value.retry_after_s == 30
        clock.now += 30
        assert (await router.decide(Need("chat"))).profile == "default"
        assert router.retry_wait_s(RateLimited("Slowly.", retry_after_s=30), 1) == pytest.approx(31.5)


async def test_nobody_waits_where_another_can_answer(tmp_path: Path) -> None:
    """A server that is gone is asked again only if it is the only one; a moment is waited for in any case."""
    ready(tmp_path, "default", "spare")
    soon, late = RateLimited("Slowly.", retry_after_s=0.5), RateLimited("Slowly.", retry_after_s=30)
    only, two = (
        profile("default", tmp_path),
        profile("default", tmp_path, "http://localhost:1", "http://localhost:2"),
    )
    spare, fallback = profile("spare", tmp_path), Routing(fallback=("spare",))
    for profiles, routing, expected in (
        ([only], Routing(), [True, True, True]),
        ([two], Routing(), [False, True, False]),
        ([only, spare], fallback, [False, True, False]),
    ):
        async with opened(*profiles, routing=routing) as router:
            decision = await router.decide(Need("chat"))
            waits = [router.retry_wait_s(error, 1, decision) for error in (GONE, soon, late)]
            assert [wait is not None for wait in waits] == expected


async def test_the_policy_holds(tmp_path: Path) -> None:
    """What the policy rules out is neither asked what it can do nor checked."""
    cloud = Profile("production", "anthropic", "m", api_key="k")
    async with opened(cloud, policy=Policy(offline=True)) as router:
        with pytest.raises(OfflineBlocked, match="offline mode is on"):
            await router.decide(Need("chat", tools=True))
        assert not router._providers
        with pytest.raises(UsageError):
            await router.decide(Need("chat", "nobody"))


async def test_a_profile_that_cannot_be_opened(tmp_path: Path) -> None:
    """What keeps a provider from being made is told as the reason."""
    async with opened(Profile("default", "scripted", "m")) as router:
        with pytest.raises(SettingsError, match="names no script"):
            await router.decide(Need("chat", tools=True))


async def test_checking(tmp_path: Path) -> None:
    """A check raises what is wrong, and what it finds is remembered."""
    async with opened(profile("default", tmp_path)) as router:
        for _ in range(3):
            with pytest.raises(ProviderUnavailable):
                await router.check(("default", ""))
        assert "although it failed 3 times in a row" in (await router.decide(Need("chat"))).reason
        ready(tmp_path, "default")
        await router.check(("default", ""))
        assert "although" not in (await router.decide(Need("chat"))).reason


class _Hanging(ScriptedProvider):
    async def check(self) -> None:
        await asyncio.Event().wait()


async def test_the_first_check_has_time_to_load_a_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes seconds on a busy machine, and is no fault of the server's; after that a server has less time."""
    monkeypatch.setattr(router_module, "FIRST_TIME_LIMIT_S", 0.02)
    monkeypatch.setattr(router_module, "ASK_TIME_LIMIT_S", 0.01)
    hanging = _Hanging(tmp_path / "none.jsonl")
    written = Profiles({"default": profile("default", tmp_path)})
    router = Router(written, Policy(), lambda *_: hanging, lambda _: None, Clock(), lambda: 0.5)
    for limit_s in ("0.02", "0.01"):
        with pytest.raises(ProviderUnavailable, match=f"within {limit_s} seconds"):
            await router.check(("default", ""))
    await router.close()
