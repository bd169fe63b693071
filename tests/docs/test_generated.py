"""Files that are made from code."""

import json
from pathlib import Path

import pytest
from tools.generate import GENERATED, ROOT

from victor_server.settings.vscode import properties


@pytest.mark.parametrize("path", GENERATED)
def test_generated_files_are_up_to_date(path: str) -> None:
    """Each is what the schemas say: run `make generate` after a change."""
    assert (ROOT / path).read_text(encoding="utf-8") == GENERATED[path]()


def test_nothing_that_a_repository_must_not_set_is_offered_in_an_editor() -> None:
    """Workspace settings come with a repository: where data is kept and what may be reached are not among them."""
    offered = set(properties())
    assert "victor.index.exclude" in offered
    assert not {
        each for each in offered if each.startswith(("victor.network", "victor.home", "victor.audit"))
    }


def test_the_lock_file_names_no_registry() -> None:
    """Which registry answers is each machine's own business."""
    packages = json.loads((Path(ROOT) / "clients/vscode/package-lock.json").read_text())["packages"]
    assert packages
    assert not [name for name, each in packages.items() if "resolved" in each]
