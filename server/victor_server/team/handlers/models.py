"""Answers which models there are, and changes those that a tenant names itself."""

from victor_server.errors import Conflict, NotFound
from victor_server.protocol import Empty, ModelOffers, ModelSet, NamedModel
from victor_server.team.audit.event import AuditEvent
from victor_server.team.backend import Backend
from victor_server.team.gateway.providers import check_own_model
from victor_server.team.gateway.tenancy import own_model
from victor_server.team.identity.changes import raise_revision
from victor_server.team.principal import Principal


async def list_all(backend: Backend, principal: Principal, params: Empty) -> ModelOffers:
    """The models that one may ask for."""
    return await backend.gateway.offers(principal)


async def set_one(backend: Backend, principal: Principal, params: ModelSet) -> ModelOffers:
    """Offer a model. Its address must be a public server's, by https."""
    principal.require("models:write")
    if any(params.name == model.name for model in backend.settings.models):
        raise Conflict("The backend's configuration has a model of that name.", "Use another name.")
    document = params.model_dump_json()
    check_own_model(own_model(document))
    async with backend.database.transaction(principal.tenant) as tx:
        await tx.execute(
            "insert into models (tenant, name, document) values ($1, $2, $3)"
            " on conflict (tenant, name) do update set document = excluded.document",
            principal.tenant,
            params.name,
            document,
        )
        await raise_revision(tx, principal.tenant)
        event = _event("model.set", principal, params.model_dump())
        await backend.audit.append(tx, principal.tenant, [event])
    backend.gateway.changed(principal.tenant)
    return await backend.gateway.offers(principal)


async def remove(backend: Backend, principal: Principal, params: NamedModel) -> ModelOffers:
    """Offer it no more."""
    principal.require("models:write")
    async with backend.database.transaction(principal.tenant) as tx:
        sql = "delete from models where tenant = $1 and name = $2"
        if not await tx.execute(sql, principal.tenant, params.name):
            raise NotFound(
                "Your tenant has no model of that name.",
                "See `victor team models list`; those of the configuration are taken out there.",
            )
        await raise_revision(tx, principal.tenant)
        event = _event("model.removed", principal, {"name": params.name})
        await backend.audit.append(tx, principal.tenant, [event])
    backend.gateway.changed(principal.tenant)
    return await backend.gateway.offers(principal)


def _event(action: str, principal: Principal, details: dict[str, object]) -> AuditEvent:
    return AuditEvent(action, principal.subject, personal={"user": principal.subject, "details": details})
