"""The HTTP API holds to the document that it gives of itself, whatever it is asked."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from team_backend import running_backend

from victor_server.team.configuration.resolved import LimitSettings, Listen
from victor_server.team.connection.hub import Hub
from victor_server.team.operations.serve import listening

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
_EXAMPLES = 6


@pytest.mark.e2e
async def test_the_api_holds_to_its_document(tmp_path: Path) -> None:
    """An operator who may do everything asks all that the schema allows: no 5xx, and only what the document says."""
    limits = LimitSettings(requests_per_minute=0)
    async with (
        running_backend(tmp_path, listen=Listen(port=0), limits=limits) as it,
        listening(it.backend, Hub(it.backend)) as serving,
    ):
        document = (await it.http.get("/v1/openapi.json")).json()
        await asyncio.to_thread(_ask_everything, document, serving.url, it.operator)


def _ask_everything(document: dict[str, Any], url: str, token: str) -> None:
    schema = schemathesis.openapi.from_dict(document)
    for result in schema.get_all_operations():
        operation = getattr(result, "ok", None)
        assert operation is not None, "every operation of the document can be read"
        _ask(operation(), url, token)


def _ask(operation: Any, url: str, token: str) -> None:
    @settings(
        max_examples=_EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        response = case.call(base_url=url, headers={"Authorization": f"Bearer {token}"})
        case.validate_response(response, checks=_CHECKS)

    ask()
