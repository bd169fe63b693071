"""Picks who answers, with what it remembers of the servers."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence

from victor_server.agent.providers.provider import Capabilities, Provider
from victor_server.agent.router.backoff import retry_wait_s
from victor_server.agent.router.decision import Decision, Need, RuledOut
from victor_server.agent.router.facts import Facts
from victor_server.agent.router.health import Health, Server
from victor_server.agent.router.route import route
from victor_server.agent.router.servers import may_use, servers_of
from victor_server.errors import (
    NoModel,
    OfflineBlocked,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    SettingsError,
    VictorError,
)
from victor_server.ledger.model import Price
from victor_server.policy.policy import HoldsPolicy, Policy
from victor_server.settings.profiles import Profile, Profiles

ASK_TIME_LIMIT_S = 5.0
"""What a model can do is asked for so long; after that the call itself will tell."""

FIRST_TIME_LIMIT_S = 15.0
"""The first check of a server loads the library that speaks to it, which takes seconds where much else goes on."""

A_MOMENT_S = 1.0

OpenServer = Callable[[Profile, str], Provider]
PriceOf = Callable[[Profile], Price | None]


class Router:
    """One for a set of settings. Its coroutines run on one event loop; nothing here is for several threads.

    `open_provider` makes the provider of a profile at one of its addresses, `price_of` may read files (it is called
    in a thread). `clock` gives seconds that only grow, `random` numbers from 0 to 1. `offered` asks for the profiles
    with those that a server brings by itself.
    """

    def __init__(
        self,
        profiles: Profiles,
        policy: HoldsPolicy,
        open_provider: OpenServer,
        price_of: PriceOf,
        clock: Callable[[], float],
        random: Callable[[], float],
        offered: Callable[[], Awaitable[Profiles]] | None = None,
    ) -> None:
        self.profiles = profiles
        self._offered = offered
        self._policy = policy
        self._open_provider = open_provider
        self._price_of = price_of
        self._random = random
        self._health = Health(clock, random)
        self._providers: dict[Server, Provider] = {}
        self._checked: set[Server] = set()
        self._prices: dict[str, Price | None] = {}
        self._answered: set[int] = set()  # the decisions of running calls whose first event came, by identity
        self._checks: set[asyncio.Task[None]] = set()

    @property
    def policy(self) -> Policy:
        """The policy that holds now."""
        return self._policy.now()

    async def meet(self) -> None:
        """Take in the profiles that a server offers beside those that are written."""
        if self._offered is not None:
            self.profiles = await self._offered()

    async def decide(self, need: Need, *, after: Sequence[RuledOut] = ()) -> Decision:
        """Who answers. `after` names the profiles that have failed in this call, once for each failure.

        Asks servers what their models can do where that matters; one that does not answer is passed over. Raises
        what `route` raises, and that server's own error where it was the only one.
        """
        if need.profile and need.profile not in self.profiles.profiles:
            await self.meet()
        prices = await self.prices()
        known: dict[str, Capabilities | None] = {}
        failed: list[RuledOut] = list(after)
        error: VictorError | None = None
        while True:
            try:
                decision = route(need, self._facts(prices, known, failed))
            except NoModel:
                if error is not None:
                    raise error from None
                raise
            if decision.profile in known or not _abilities_matter(need):
                break
            try:
                known[decision.profile] = await self._ask_abilities(decision)
            except (ProviderError, OfflineBlocked, SettingsError) as found:
                error = found
                failed.append(RuledOut(decision.profile, found.message))
        self._try_due_servers(decision)
        return decision

    def provider_of(self, decision: Decision) -> Provider:
        """The provider that a decision names; the same object each time. Raises SettingsError."""
        return self.provider(self.profile_of(decision), decision.base_url)

    def provider(self, profile: Profile, base_url: str) -> Provider:
        """The provider of one server of a profile, whatever the policy says. Raises SettingsError."""
        server = (profile.name, base_url)
        if server not in self._providers:
            self._providers[server] = self._open_provider(profile, base_url)
        return self._providers[server]

    def profile_of(self, decision: Decision) -> Profile:
        """The profile that a decision names."""
        return self.profiles.profiles[decision.profile]

    def begun(self, decision: Decision) -> None:
        """The call that was decided on begins. Every `begun` has one `ended`."""
        self._health.begun(_server(decision))

    def answered(self, decision: Decision, first_event_s: float) -> None:
        """The first event came, so many seconds after the call began."""
        self._answered.add(id(decision))
        self._health.answered(_server(decision), first_event_s)

    def failed(self, decision: Decision, error: ProviderError) -> None:
        """The call failed, before its first event or after."""
        self._answered.discard(id(decision))
        self._health.failed(_server(decision), error)

    def ended(self, decision: Decision) -> None:
        """The call is over: done, failed or cancelled."""
        if id(decision) in self._answered:
            self._answered.discard(id(decision))
            self._health.succeeded(_server(decision))
        self._health.ended(_server(decision))

    async def capabilities(self, decision: Decision) -> Capabilities:
        """What the decision's model can do. Raises as `Provider.capabilities`."""
        return await self.provider_of(decision).capabilities(decision.model)

    def retry_wait_s(
        self, error: ProviderError, attempt: int, decision: Decision | None = None
    ) -> float | None:
        """Seconds to wait before the same server is asked again after its `attempt`-th failure (from 1); None: give up.

        A server that is gone is not waited for, and one that asks for more than a moment neither, where `decision`
        leaves somebody else to ask.
        """
        wait_s = retry_wait_s(error, attempt, self._random)
        if decision is None or wait_s is None or not self._has_others(decision):
            return wait_s
        return wait_s if isinstance(error, RateLimited) and wait_s <= A_MOMENT_S else None

    def _has_others(self, decision: Decision) -> bool:
        return bool(decision.fallbacks) or len(servers_of(self.profile_of(decision))) > 1

    async def prices(self) -> Mapping[str, Price | None]:
        """What each profile costs."""
        wanted = [profile for name, profile in self.profiles.profiles.items() if name not in self._prices]
        if wanted:
            found = await asyncio.to_thread(lambda: [self._price_of(profile) for profile in wanted])
            self._prices |= {profile.name: price for profile, price in zip(wanted, found, strict=True)}
        return self._prices

    async def check(self, server: Server) -> None:
        """Raise what keeps the server of a profile from answering; costs no tokens. Remembers what it finds."""
        limit_s = ASK_TIME_LIMIT_S if server in self._checked else FIRST_TIME_LIMIT_S
        self._checked.add(server)
        self._health.begun(server)
        try:
            async with asyncio.timeout(limit_s):
                await self.provider(self.profiles.profiles[server[0]], server[1]).check()
            self._health.answered(server, None)
        except TimeoutError:
            error = ProviderUnavailable(f"It did not answer within {limit_s:g} seconds.")
            self._health.failed(server, error)
            raise error from None
        except ProviderError as error:
            self._health.failed(server, error)
            raise
        finally:
            self._health.ended(server)

    async def close(self) -> None:
        """Let go of all providers."""
        for task in self._checks:
            task.cancel()
        await asyncio.gather(*self._checks, return_exceptions=True)
        for provider in self._providers.values():
            with contextlib.suppress(VictorError):
                await provider.close()
        self._providers.clear()

    def _facts(
        self,
        prices: Mapping[str, Price | None],
        capabilities: Mapping[str, Capabilities | None],
        after: Sequence[RuledOut],
    ) -> Facts:
        health = {}
        for name, profile in self.profiles.profiles.items():
            standing = [self._health.standing((name, url)) for url in servers_of(profile)]
            # Among servers that are equally good the first is taken: chance says which that is.
            health[name] = sorted(standing, key=lambda _: self._random()) if standing[1:] else standing
        return Facts(self.profiles, self.policy, health, capabilities, prices, after)

    async def _ask_abilities(self, decision: Decision) -> Capabilities | None:
        """What the model can do; None where its server takes too long to say."""
        try:
            async with asyncio.timeout(ASK_TIME_LIMIT_S):
                return await self.capabilities(decision)
        except TimeoutError:
            return None
        except ProviderError as error:
            self.failed(decision, error)
            raise

    def _try_due_servers(self, decision: Decision) -> None:
        """Checks servers whose rest is over beside the call, so that no call has to find out."""
        for name, profile in self.profiles.profiles.items():
            for url in servers_of(profile):
                server = (name, url)
                if server == _server(decision) or not self._health.is_due(server):
                    continue
                if not profile.unusable and may_use(profile, url, self.policy).allowed:
                    task = asyncio.create_task(self._try(server))
                    self._checks.add(task)
                    task.add_done_callback(self._checks.discard)

    async def _try(self, server: Server) -> None:
        with contextlib.suppress(VictorError):
            await self.check(server)


def _server(decision: Decision) -> Server:
    return (decision.profile, decision.base_url)


def _abilities_matter(need: Need) -> bool:
    return need.tools or need.json_schema or need.fim or need.input_tokens > 0
