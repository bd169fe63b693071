"""The scene of the sandbox's tests."""

from pathlib import Path

import pytest
from sandboxed import Scene, scene


@pytest.fixture
async def here(tmp_path: Path) -> Scene:
    """A fresh scene."""
    return await scene(tmp_path)
