"""`POST /v1/rpc/<method>`: asks one method of the protocol over plain HTTP, with its params as the body."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from victor_server.errors import NotFound, Unauthenticated
from victor_server.protocol import METHODS
from victor_server.team.backend import Backend
from victor_server.team.dispatch import Request as Asked
from victor_server.team.dispatch import answer
from victor_server.team.http.bearer import principal_of
from victor_server.team.http.body import read_object
from victor_server.team.http.errors import error_response

RPC_PATH = "/v1/rpc/"


def rpc_route(backend: Backend) -> Route:
    """The route."""

    async def ask(request: Request) -> Response:
        try:
            return await _answer(backend, request)
        except Exception as error:  # noqa: BLE001 - the edge of the backend: whatever it is, it is told as an answer
            response = error_response(error)
            if not isinstance(error, Unauthenticated):
                backend.metrics.error(getattr(error, "kind", "bug"))
            return response

    return Route(RPC_PATH + "{method:path}", ask, methods=["POST"], name="rpc")


async def _answer(backend: Backend, request: Request) -> Response:
    principal = await principal_of(backend, request)
    method = METHODS.get(request.path_params["method"])
    if method is None or method.streams:
        raise NotFound("There is no such method over HTTP.", "See /v1/openapi.json.")
    params = await read_object(request, backend.settings.limits.max_frame_bytes)
    result = await answer(backend, Asked(principal, method.name, params))
    return Response(result.model_dump_json(), media_type="application/json")
