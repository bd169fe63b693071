"""VICTOR_HOME is for its owner alone."""

import os
from pathlib import Path

import pytest

from victor_server.errors import SettingsError
from victor_server.settings.home import append_private, create_home, too_open


def test_folder_and_files_are_private(tmp_path: Path) -> None:
    """Folder 0700 and files 0600, whatever the umask."""
    before = os.umask(0)
    try:
        home = create_home(tmp_path / "a/victor")
        append_private(home / "f.yaml", "x: 1\n")
        append_private(home / "f.yaml", "x: 2\n")
    finally:
        os.umask(before)
    assert (home / "f.yaml").read_text(encoding="utf-8") == "x: 1\nx: 2\n"
    assert [too_open(path) for path in (home, home / "f.yaml")] == ["", ""]
    assert [path.name for path in home.iterdir()] == ["f.yaml"]


def test_open_to_others_is_said(tmp_path: Path) -> None:
    """A file that others may read is named with its mode."""
    file = tmp_path / "f"
    file.write_text("", encoding="utf-8")
    file.chmod(0o644)
    assert too_open(file) == f"{file} has mode 644 instead of 600"


def test_a_file_in_place_of_home(tmp_path: Path) -> None:
    """What cannot be created is an error with a way out."""
    (tmp_path / "f").write_text("", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        create_home(tmp_path / "f")
    assert "VICTOR_HOME" in caught.value.fix
