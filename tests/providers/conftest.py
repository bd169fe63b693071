"""One real model server for all tests of a run."""

from collections.abc import Iterator

import pytest
from model_server import ModelServer, model_server


@pytest.fixture(scope="session")
def real_server() -> Iterator[ModelServer]:
    """Shared: tests that stop or kill it start one of their own."""
    with model_server() as server:
        yield server
