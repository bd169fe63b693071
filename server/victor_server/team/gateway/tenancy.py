"""What holds for the calls of a tenant: its region, its policy, and the models that it may ask for."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from victor_server.errors import Forbidden, NoModel, NotFound, StoreFailed
from victor_server.protocol import ModelSet, PolicySet
from victor_server.team.configuration.resolved import ModelSettings, TeamSettings
from victor_server.team.principal import Principal
from victor_server.team.store.database import Database, Transaction

MAX_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Offered:
    """A model. `is_own`: the tenant named it itself, so where it leads is nobody's word but the tenant's."""

    model: ModelSettings
    is_own: bool


@dataclass(frozen=True, slots=True)
class Tenancy:
    """As it was at `revision`. `region` "": any."""

    tenant: str
    revision: int
    region: str
    policy: PolicySet
    offers: Mapping[str, Offered]

    def allowed(self) -> list[Offered]:
        """What may be asked for: of the tenant's region and of a provider that its policy lists."""
        return [each for each in self.offers.values() if not why_not(self, each)]


def why_not(tenancy: Tenancy, offered: Offered) -> str:
    """What keeps the tenant from a model; "" for nothing."""
    model = offered.model
    if tenancy.region and model.region != tenancy.region:
        return f"The tenant is served in the region {tenancy.region} only, and {model.name} is not there."
    if tenancy.policy.providers is not None and model.provider not in tenancy.policy.providers:
        return f"The tenant's policy does not allow the provider {model.provider}."
    return ""


class Tenancies:
    """Keeps each until somebody comes whose principal is of another revision: every change raises it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[str, tuple[TeamSettings, Tenancy]] = OrderedDict()

    async def of(self, principal: Principal, settings: TeamSettings) -> Tenancy:
        """What holds for `principal`. Raises `Forbidden` where the tenant is disabled."""
        kept = self._kept.get(principal.tenant)
        if kept is not None and kept[0] is settings and kept[1].revision == principal.revision:
            return kept[1]
        async with self._database.reading(principal.tenant) as tx:
            tenancy = await read_tenancy(tx, principal.tenant, settings)
        self._kept[principal.tenant] = (settings, tenancy)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return tenancy

    def forget(self, tenant: str) -> None:
        """Read it anew next time."""
        self._kept.pop(tenant, None)


async def read_tenancy(tx: Transaction, tenant: str, settings: TeamSettings) -> Tenancy:
    """As it stands in the store."""
    row = await tx.row("select region, disabled, revision, policy from tenants where name = $1", tenant)
    if row is None:
        raise NotFound("There is no such tenant any more.")
    if row["disabled"]:
        raise Forbidden("The tenant is disabled.", "Ask whoever runs the backend.")
    try:
        policy = PolicySet.model_validate_json(row["policy"])
    except ValidationError:
        raise StoreFailed("The tenant's policy in the database cannot be read.", "Set it anew.") from None
    own = await tx.rows("select name, document from models where tenant = $1 order by name", tenant)
    offers = {model.name: Offered(model, is_own=False) for model in settings.models}
    # A tenant's model never takes the place of one of the operator's.
    offers |= {
        each["name"]: Offered(own_model(each["document"]), is_own=True)
        for each in own
        if each["name"] not in offers
    }
    region = row["region"] or settings.compliance.region
    return Tenancy(tenant, int(row["revision"]), region, policy, offers)


def own_model(document: str) -> ModelSettings:
    """A model as a tenant set it."""
    read = ModelSet.model_validate(json.loads(document))
    return ModelSettings(
        name=read.name,
        provider=read.provider,
        model=read.model,
        base_urls=(read.base_url,) if read.base_url else (),
        key=read.key,
        region=read.region,
        context_tokens=read.context_tokens,
        max_output_tokens=read.max_output_tokens,
        input_usd=read.input_usd,
        output_usd=read.output_usd,
    )


def decide(tenancy: Tenancy, settings: TeamSettings, name: str, task: str) -> Offered:
    """The model that answers: the one that is named, else the task's, else the default. Raises `NoModel`, `Forbidden`."""
    if name:
        return _named(tenancy, name)
    for wanted in (settings.routing.get(task, ""), settings.default_model):
        if wanted and wanted in tenancy.offers:
            return _named(tenancy, wanted)
    allowed = tenancy.allowed()
    if not allowed:
        raise NoModel("The backend has no model for your tenant.", "Ask an administrator to add one.")
    return allowed[0]


def _named(tenancy: Tenancy, name: str) -> Offered:
    offered = tenancy.offers.get(name)
    if offered is None:
        raise NoModel("The backend has no model of that name.", "`victor models` lists those that it has.")
    if why := why_not(tenancy, offered):
        raise Forbidden(why, "Ask for another model, or leave the choice to the backend.")
    return offered
