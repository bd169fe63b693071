"""Turns errors into HTTP answers."""

import math

from pydantic import BaseModel
from starlette.responses import JSONResponse

from victor_server.protocol import Shape
from victor_server.team.failures import Failure, failure_of


class Told(Shape):
    """What went wrong, as a word, as a sentence, and what to do."""

    kind: str
    message: str
    fix: str


class ErrorTold(Shape):
    """An error."""

    error: Told


def error_response(error: Exception) -> JSONResponse:
    """An `ErrorTold` with the status that belongs to it."""
    return failure_response(failure_of(error))


def failure_response(failure: Failure, told: BaseModel | None = None) -> JSONResponse:
    """The same, of what is to be told; `told` instead where a client knows errors otherwise."""
    headers: dict[str, str] = {}
    if failure.retry_after_s is not None:
        headers["retry-after"] = str(max(1, math.ceil(failure.retry_after_s)))
    elif failure.status == 503:
        headers["retry-after"] = "1"
    if failure.status == 401:
        headers["www-authenticate"] = "Bearer"
    told = told or ErrorTold(error=Told(kind=failure.kind, message=failure.message, fix=failure.fix))
    return JSONResponse(told.model_dump(mode="json"), failure.status, headers)
