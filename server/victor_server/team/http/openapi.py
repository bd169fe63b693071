"""`/v1/openapi.json`: what can be asked over HTTP, made from the protocol's own table."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from victor_server import __version__
from victor_server.protocol import METHODS, Method
from victor_server.team.http.rpc import RPC_PATH

OPENAPI_PATH = "/v1/openapi.json"
_REF = "#/components/schemas/{model}"
_ERRORS = {
    400: "What was asked is not right.",
    401: "No token, or one that is not taken.",
    403: "The role, the policy or a budget does not allow it.",
    404: "There is nothing of that name.",
    409: "It is there already, or is something else by now.",
    413: "The body is too large.",
    429: "A limit; `Retry-After` says when to come again.",
    500: "A bug in the backend.",
    503: "A part that is needed does not answer.",
}
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["kind", "message", "fix"],
            "properties": {name: {"type": "string"} for name in ("kind", "message", "fix")},
        }
    },
}


def openapi_route() -> Route:
    """The route; the document is made when it is first asked for."""
    made: list[Mapping[str, Any]] = []

    async def document(_: Request) -> Response:
        if not made:
            made.append(openapi_document())
        return JSONResponse(made[0])

    return Route(OPENAPI_PATH, document, name="openapi")


def openapi_document() -> Mapping[str, Any]:
    """The document, of OpenAPI 3.1."""
    methods = [method for method in METHODS.values() if not method.streams]
    shapes = {shape for method in methods for shape in (method.params, method.result)}
    refs, definitions = _schemas(sorted(shapes, key=lambda shape: shape.__name__))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Victor's team backend", "version": __version__},
        "paths": {
            **{RPC_PATH + method.name: {"post": _operation(method, refs)} for method in methods},
            **_WATCHED,
        },
        "components": {
            "schemas": {**definitions, "Error": _ERROR},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas(shapes: list[type[BaseModel]]) -> tuple[dict[tuple[str, str], Any], Mapping[str, Any]]:
    """Where each shape is described, by name and mode, and all descriptions."""
    asked = [(shape, mode) for shape in shapes for mode in ("validation", "serialization")]
    found, document = models_json_schema(asked, ref_template=_REF)  # type: ignore[arg-type]  # modes are literals
    return {(shape.__name__, mode): schema for (shape, mode), schema in found.items()}, document.get(
        "$defs", {}
    )


def _operation(method: Method, refs: Mapping[tuple[str, str], Any]) -> Mapping[str, Any]:
    return {
        "operationId": method.name.replace("/", "_"),
        "summary": method.about,
        "description": _who(method),
        "security": [{"bearer": []}],
        "requestBody": {"required": True, "content": _json(refs[method.params.__name__, "validation"])},
        "responses": {
            "200": {"description": "Done.", "content": _json(refs[method.result.__name__, "serialization"])},
            **{
                str(status): {"description": about, "content": _json({"$ref": _REF.format(model="Error")})}
                for status, about in _ERRORS.items()
            },
        },
    }


def _who(method: Method) -> str:
    if method.operator:
        return "For whoever runs the backend."
    return (
        f"Needs the permission `{method.permission}`." if method.permission else "Anybody of the tenant may."
    )


def _json(schema: Any) -> Mapping[str, Any]:
    return {"application/json": {"schema": schema}}


_STATUS = {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
_WATCHED: Mapping[str, Any] = {
    "/health": {
        "get": {
            "operationId": "health",
            "summary": "Whether the process answers.",
            "responses": {"200": {"description": "It does.", "content": _json(_STATUS)}},
        }
    },
    "/ready": {
        "get": {
            "operationId": "ready",
            "summary": "Whether to send it work.",
            "responses": {
                "200": {"description": "Yes.", "content": _json(_STATUS)},
                "503": {"description": "Not now.", "content": _json(_STATUS)},
            },
        }
    },
}
