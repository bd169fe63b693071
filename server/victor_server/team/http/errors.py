"""Turns errors into HTTP answers."""

import math

from starlette.responses import JSONResponse

from victor_server.team.failures import Failure, failure_of


def error_response(error: Exception) -> JSONResponse:
    """`{"error": {"kind", "message", "fix"}}` with the status that belongs to it."""
    return failure_response(failure_of(error))


def failure_response(failure: Failure) -> JSONResponse:
    """The same, of what is to be told."""
    headers: dict[str, str] = {}
    if failure.retry_after_s is not None:
        headers["retry-after"] = str(max(1, math.ceil(failure.retry_after_s)))
    elif failure.status == 503:
        headers["retry-after"] = "1"
    if failure.status == 401:
        headers["www-authenticate"] = "Bearer"
    told = {"kind": failure.kind, "message": failure.message, "fix": failure.fix}
    return JSONResponse({"error": told}, failure.status, headers)
