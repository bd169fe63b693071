"""The README's examples are understood."""

import re
from pathlib import Path

import pytest

from victor_server.cli.main import run
from victor_server.settings.profiles_file import read_profiles

TEXT = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
(PROFILES,) = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)
COMMANDS = sorted(set(re.findall(r"^victor ([a-z][a-z-]*)", TEXT, flags=re.MULTILINE)))


def test_the_profiles(tmp_path: Path) -> None:
    """As they stand there, without a problem, once the key is set; offline is off until somebody says otherwise."""
    (tmp_path / "profiles.yaml").write_text(PROFILES, encoding="utf-8")
    read = read_profiles(tmp_path, {"ANTHROPIC_API_KEY": "none"})
    assert read.problems == ()
    assert set(read.profiles.profiles) == {"default", "production"}
    assert not read.profiles.offline_mode


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each one that is named exists and has a help."""
    assert run([command, "--help"]) == 0
    assert "usage:" in capsys.readouterr().out.lower()
