"""`/v1/openapi.json`: what can be asked over HTTP, made from the same tables as the routes."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from victor_server import __version__
from victor_server.team.http.errors import ErrorTold
from victor_server.team.http.operation import JSON, Operation

OPENAPI_PATH = "/v1/openapi.json"
_REF = "#/components/schemas/{model}"
_FAILED = {
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
_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
}
Mode = Literal["validation", "serialization"]
Schemas = Mapping[tuple[Any, Mode], Any]


def openapi_route(operations: Sequence[Operation]) -> Route:
    """The route; the document is made when it is first asked for."""
    made: list[Mapping[str, Any]] = []

    async def document(_: Request) -> Response:
        if not made:
            made.append(openapi_document(operations))
        return JSONResponse(made[0])

    return Route(OPENAPI_PATH, document, name="openapi")


def openapi_document(operations: Sequence[Operation]) -> Mapping[str, Any]:
    """The document, of OpenAPI 3.1."""
    schemas, definitions = _schemas(operations)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Victor's team backend", "version": __version__},
        "paths": {each.path: {each.verb.lower(): _operation(each, schemas)} for each in operations},
        "components": {"schemas": definitions, "securitySchemes": _SCHEMES},
    }


def _schemas(operations: Sequence[Operation]) -> tuple[Schemas, Mapping[str, Any]]:
    """How each shape is described, and what these descriptions refer to."""
    read = [shape for each in operations for shape in (each.asked, *each.headers.values()) if shape]
    said = [shape for each in operations for shape in (each.failed, *each.told.values())]
    asked: list[tuple[Any, Mode, TypeAdapter[Any]]] = [
        *((shape, "validation", TypeAdapter(shape)) for shape in dict.fromkeys(read)),
        *((shape, "serialization", TypeAdapter(shape)) for shape in dict.fromkeys([ErrorTold, *said])),
    ]
    found, document = TypeAdapter.json_schemas(asked, ref_template=_REF)
    return found, document.get("$defs", {})


def _operation(operation: Operation, schemas: Schemas) -> Mapping[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.name.replace("/", "_"),
        "summary": operation.about,
        "security": [{scheme: []} if scheme else {} for scheme in operation.schemes],
        "responses": {
            "200": {
                "description": "Done.",
                "content": {
                    kind: {"schema": schemas[shape, "serialization"]}
                    for kind, shape in operation.told.items()
                },
            },
            **{str(status): _failure(operation, status, schemas) for status in operation.statuses},
        },
    }
    if operation.description:
        told["description"] = operation.description
    if parameters := _parameters(operation, schemas):
        told["parameters"] = parameters
    if operation.takes:
        schema = schemas[operation.asked, "validation"]
        told["requestBody"] = {"required": True, "content": {operation.takes: {"schema": schema}}}
    return told


def _failure(operation: Operation, status: int, schemas: Schemas) -> Mapping[str, Any]:
    shapes = dict.fromkeys((operation.failed, ErrorTold))
    ways = [schemas[shape, "serialization"] for shape in shapes]
    schema = ways[0] if len(ways) == 1 else {"anyOf": ways}
    return {"description": _FAILED[status], "content": {JSON: {"schema": schema}}}


def _parameters(operation: Operation, schemas: Schemas) -> list[Mapping[str, Any]]:
    headers: list[Mapping[str, Any]] = [
        {"name": name, "in": "header", "schema": schemas[shape, "validation"]}
        for name, shape in operation.headers.items()
    ]
    if operation.takes or operation.asked is None:
        return headers
    fields = TypeAdapter(operation.asked).json_schema(ref_template=_REF)
    required = fields.get("required", ())
    return headers + [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in fields["properties"].items()
    ]
