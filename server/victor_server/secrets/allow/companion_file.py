"""The file that lies beside a baseline and helps detect-secrets to find again what it would not find itself."""

from importlib.resources import files
from pathlib import Path

from victor_server.secrets.allow.named_file import read_named
from victor_server.secrets.allow.shared_file import change_file

COMPANION_CLASS = "KeywordDetector"
"""The plugin of detect-secrets whose place it takes."""

_NAMED_INSIDE = '_BASELINE = ".secrets.baseline"'


def companion_beside(baseline: Path) -> Path | None:
    """Where it lies; None if something else lies there."""
    beside = baseline.with_name(f"{baseline.stem}.plugins.py")
    text, problem = read_named(beside, beside.parent)
    if problem or (text is None and beside.is_symlink()):
        return None
    is_ours = text is None or text.splitlines()[:1] == companion_source(baseline).splitlines()[:1]
    return beside if is_ours else None


def write_companion(baseline: Path, beside: Path) -> None:
    """Writes it where there is none yet; one that an older Victor wrote does as well. Raises `UsageError`."""
    change_file(beside, lambda text: companion_source(baseline) if text is None else text)


def companion_source(baseline: Path) -> str:
    """Its text, for a baseline of that name."""
    source = files("victor_server.secrets.allow").joinpath("companion.py").read_text(encoding="utf-8")
    return source.replace(_NAMED_INSIDE, f"_BASELINE = {baseline.name!a}")
