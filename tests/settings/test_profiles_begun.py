"""The `profiles.yaml` that somebody who has none begins with."""

import os
import stat
from pathlib import Path

import pytest

from victor_server.errors import SettingsError
from victor_server.settings.profiles_begun import WAYS, Way, begin_profiles, begun
from victor_server.settings.profiles_file import read_profiles


def test_it_names_no_model_and_nothing_is_wrong_in_it(tmp_path: Path) -> None:
    """Whoever only opened it is told what is told without it, and nothing is closed."""
    file = begin_profiles(tmp_path / "home")
    found = read_profiles(file.parent, {})
    assert (dict(found.profiles.profiles), found.profiles.trouble, found.problems, found.closed) == (
        {},
        "",
        (),
        "",
    )
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_one_line_uncommented_is_a_profile(way: Way, tmp_path: Path) -> None:
    """As the file says: nothing else is to be written."""
    (line,) = [each for each in begun().splitlines() if each.endswith(way.profile)]
    (tmp_path / "profiles.yaml").write_text(
        begun().replace(line, line.replace("# ", "", 1)), encoding="utf-8"
    )
    found = read_profiles(tmp_path, {"ANTHROPIC_API_KEY": "told"})
    assert (list(found.profiles.profiles), found.problems) == (["default"], ())
    assert not found.profiles.profiles["default"].unusable


def test_what_is_there_stays(tmp_path: Path) -> None:
    """A file is never written over, whatever stands in it."""
    (tmp_path / "profiles.yaml").write_text("mine: [", encoding="utf-8")
    assert begin_profiles(tmp_path).read_text(encoding="utf-8") == "mine: ["


def test_a_home_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """With the file that was wanted."""
    (tmp_path / "home").write_text("no folder", encoding="utf-8")
    with pytest.raises(SettingsError, match="home"):
        begin_profiles(tmp_path / "home")
