"""Says of each address what it takes and tells: routes and `/v1/openapi.json` are both made of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from victor_server.errors import Unauthenticated
from victor_server.team.backend import Backend
from victor_server.team.http.errors import ErrorTold, error_response

JSON, FORM, TEXT, EVENTS = (
    "application/json",
    "application/x-www-form-urlencoded",
    "text/plain",
    "text/event-stream",
)
GONE = 499
"""Nobody reads it: the client went away before there was an answer."""

FAILURES = (400, 401, 403, 404, 409, 413, 429, 500, 503)
Scheme = Literal["", "bearer", "apiKey"]
Answer = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One address and verb. `asked`: the shape of the body in `takes`, or of the query where that is "".

    `told`: what it answers, by its kind; str stands for any text. `failed`: the shape of an error, beside `ErrorTold`,
    which whoever stands before all addresses tells; `statuses`: theirs. `schemes`: any of them says who asks; "" is
    nobody. `headers`: what it knows, by their names.
    """

    name: str
    verb: Literal["GET", "POST"]
    path: str
    about: str
    told: Mapping[str, Any]
    asked: Any = None
    takes: str = ""
    headers: Mapping[str, Any] = field(default_factory=dict)
    statuses: tuple[int, ...] = FAILURES
    failed: type[BaseModel] = ErrorTold
    schemes: tuple[Scheme, ...] = ("bearer",)
    description: str = ""


def route_of(operation: Operation, answer: Answer) -> Route:
    """Where it is asked."""
    return Route(operation.path, answer, methods=[operation.verb], name=operation.name)


def answering(
    backend: Backend, answer: Answer, failure: Callable[[Exception], Response] = error_response
) -> Answer:
    """`answer`, with every error told and counted: this is the edge of the backend."""

    async def endpoint(request: Request) -> Response:
        try:
            return await answer(request)
        except ClientDisconnect:
            return Response(status_code=GONE)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told as an answer
            if not isinstance(error, Unauthenticated):
                backend.metrics.error(getattr(error, "kind", "bug"))
            return failure(error)

    return endpoint
