"""`POST /v1/rpc/<method>`: asks one method of the protocol over plain HTTP, with its params as the body."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from victor_server.errors import NotFound
from victor_server.protocol import METHODS, Method
from victor_server.team.backend import Backend
from victor_server.team.dispatch import Request as Asked
from victor_server.team.dispatch import answer
from victor_server.team.http.bearer import principal_of
from victor_server.team.http.body import read_object
from victor_server.team.http.operation import JSON, Operation, answering

RPC_PATH = "/v1/rpc/"


def rpc_route(backend: Backend) -> Route:
    """The route of all of them."""

    async def ask(request: Request) -> Response:
        return await _answer(backend, request)

    return Route(RPC_PATH + "{method:path}", answering(backend, ask), methods=["POST"], name="rpc")


def rpc_operations() -> list[Operation]:
    """Each of them, as it is described."""
    return [
        Operation(
            method.name,
            "POST",
            RPC_PATH + method.name,
            method.about,
            told={JSON: method.result},
            asked=method.params,
            takes=JSON,
            description=_who(method),
        )
        for method in METHODS.values()
        if not method.streams
    ]


def _who(method: Method) -> str:
    if method.operator:
        return "For whoever runs the backend."
    return (
        f"Needs the permission `{method.permission}`." if method.permission else "Anybody of the tenant may."
    )


async def _answer(backend: Backend, request: Request) -> Response:
    principal = await principal_of(backend, request)
    method = METHODS.get(request.path_params["method"])
    if method is None or method.streams:
        raise NotFound("There is no such method over HTTP.", "See /v1/openapi.json.")
    params = await read_object(request, backend.settings.limits.max_frame_bytes)
    result = await answer(backend, Asked(principal, method.name, params))
    return Response(result.model_dump_json(), media_type="application/json")
