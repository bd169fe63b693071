"""The table of everything that can be asked of the backend: method → handler. Rights are looked at here, once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from victor_server.errors import Forbidden, NotFound, UsageError
from victor_server.protocol import METHODS, Shape
from victor_server.team.backend import Backend
from victor_server.team.handlers import (
    audit,
    budgets,
    calls,
    consents,
    events,
    keys,
    models,
    policies,
    team,
    tenants,
    tokens,
    usage,
    users,
)
from victor_server.team.principal import Principal

T = TypeVar("T")
Handler = Callable[[Backend, Principal, Any], Awaitable[Shape]]

HANDLERS: Mapping[str, Handler] = {
    "call/cancel": calls.cancel,
    "call/status": calls.status,
    "calls/mine": calls.mine,
    "usage/mine": usage.mine,
    "models/list": models.list_all,
    "events/deliver": events.deliver,
    "policy/get": policies.get,
    "policy/keys": policies.keys,
    "consent/get": consents.get,
    "consent/set": consents.set_one,
    "team/whoami": team.who_am_i,
    "audit/head": audit.head,
    "audit/consistency": audit.consistency,
    "audit/inclusion": audit.inclusion,
    "audit/search": audit.search,
    "audit/verify": audit.verify,
    "audit/erase": audit.erase,
    "audit/retain": audit.retain,
    "users/list": users.list_all,
    "users/set": users.set_one,
    "users/remove": users.remove,
    "users/revoke": users.revoke,
    "tokens/list": tokens.list_all,
    "tokens/create": tokens.create,
    "tokens/revoke": tokens.revoke,
    "budgets/list": budgets.list_all,
    "budgets/set": budgets.set_one,
    "budgets/remove": budgets.remove,
    "keys/list": keys.list_all,
    "keys/set": keys.set_one,
    "keys/remove": keys.remove,
    "models/set": models.set_one,
    "models/remove": models.remove,
    "usage/report": usage.report,
    "policy/set": policies.set_one,
    "policy/state": policies.state,
    "tenants/list": tenants.list_all,
    "tenants/set": tenants.set_one,
    "tenants/token": tenants.token,
    "tenants/remove": tenants.remove,
}
"""Every method of the protocol but `call/start`, which streams: the connection and the HTTP faces call it themselves."""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks."""

    principal: Principal
    method: str
    params: Mapping[str, Any]


async def answer(backend: Backend, request: Request) -> Shape:
    """Do what is asked. Raises NotFound (no such method), Forbidden, UsageError (params), and what the handler raises."""
    method = METHODS.get(request.method)
    handler = HANDLERS.get(request.method)
    if method is None or handler is None:
        raise NotFound(f"There is no method {request.method[:64]!r}.", "See the protocol's documentation.")
    authorise(request.principal, request.method)
    return await handler(backend, request.principal, read_params(method.params, request.params))


def authorise(principal: Principal, name: str) -> None:
    """Raise `Forbidden` unless `principal` may ask for the method."""
    method = METHODS[name]
    if method.operator and not principal.operator:
        raise Forbidden(f"{name} is for whoever runs the backend.", "Use an operator's token.")
    principal.require(method.permission)


def read_params(shape: type[Shape], params: Mapping[str, Any]) -> Shape:
    """The params as they must be. Raises `UsageError`, which names the field and never repeats what was sent."""
    return _read(shape.model_validate, params)


def read_shape(shape: TypeAdapter[T], document: Mapping[str, Any]) -> T:
    """The same for what is no method's params."""
    return _read(shape.validate_python, document)


def _read(read: Callable[[Mapping[str, Any]], T], document: Mapping[str, Any]) -> T:
    try:
        return read(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))[:200] or "the params"
        raise UsageError(f"{where}: {first['msg']}", "See the protocol's documentation.") from None
