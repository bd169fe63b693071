"""The settings reference is generated."""

from pathlib import Path

from victor_server.settings.names import all_settings
from victor_server.settings.reference import reference
from victor_server.settings.resolved import default_settings, flatten

DOCUMENT = Path(__file__).parents[2] / "docs/settings.md"


def test_the_reference_is_up_to_date() -> None:
    """docs/settings.md says what the schema says; write it anew with `python -P -m victor_server.settings.reference`."""
    assert DOCUMENT.read_text(encoding="utf-8") == reference()


def test_the_schema_and_the_resolved_settings_hold_the_same_names() -> None:
    """A setting that can be written is one that code can read, and the other way round."""
    assert {setting.name for setting in all_settings()} == set(flatten(default_settings(Path())))


def test_names_in_the_environment_are_unique() -> None:
    """No two settings share a variable."""
    variables = [setting.environment for setting in all_settings()]
    assert len(variables) == len(set(variables))
