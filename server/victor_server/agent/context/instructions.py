"""What a repository tells assistants: AGENTS.md and its like. They count only where the folder is trusted."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from victor_server.agent.context.files import Files, Text

NAMES = ("AGENTS.md", "CLAUDE.md", ".github/copilot-instructions.md")
"""In each folder the first of these counts."""

RULES_FOLDER = ".victor/rules"
MAX_RULES = 20
NOT_TRUSTED = "the folder is not trusted (`victor trust`)"


@dataclass(frozen=True, slots=True)
class Instructions:
    """A file with instructions: its text where it counts, else the reason why it does not."""

    path: str
    text: Text | None
    reason: str


def find_instructions(
    root: Path, files: Files, focus: Sequence[str], is_trusted: Callable[[Path], bool]
) -> Sequence[Instructions]:
    """The instructions for the files in `focus` (paths relative to `root`), or for the root without any. Blocks.

    Of the folders from a file up to the root the nearest with instructions wins; those farther up are named and left
    out. `.victor/rules/*.md` counts besides. A folder inside that is not trusted has no say.
    """
    found: dict[str, Instructions] = {}
    for folders in _ways_up(focus):
        nearest = ""
        for folder in folders:
            path, text = _in_folder(folder, files)
            if not path or found.get(path, _NOTHING).text is not None:
                nearest = nearest or path
                continue
            if not is_trusted(root / folder):
                found[path] = Instructions(path, None, NOT_TRUSTED)
            elif nearest:
                found[path] = Instructions(path, None, f"{nearest} is nearer")
            else:
                found[path] = Instructions(path, text, _reason(folder))
                nearest = path
    for path in _rules(root):
        rule = files.read(path)
        if isinstance(rule, Text):
            trusted = is_trusted(root)
            reason = "a rule of this repository" if trusted else NOT_TRUSTED
            found[path] = Instructions(path, rule if trusted else None, reason)
    return list(found.values())


_NOTHING = Instructions("", None, "")


def _ways_up(focus: Sequence[str]) -> Iterator[list[str]]:
    """For each folder that holds a file in focus: the folders from there to the root."""
    inside = [path for path in focus if not PurePosixPath(path).is_absolute()]
    for folder in dict.fromkeys(str(PurePosixPath(path).parent) for path in inside or ["file"]):
        place = PurePosixPath(folder)
        if ".." not in place.parts:
            yield [str(each) for each in (place, *place.parents)]


def _in_folder(folder: str, files: Files) -> tuple[str, Text | None]:
    for name in NAMES:
        path = name if folder == "." else f"{folder}/{name}"
        text = files.read(path)
        if isinstance(text, Text) and any(line.strip() for line in text.lines):
            return path, text
    return "", None


def _reason(folder: str) -> str:
    return "instructions of this repository" if folder == "." else f"instructions for {folder}"


def _rules(root: Path) -> Sequence[str]:
    folder = root / RULES_FOLDER
    try:
        names = sorted(each.name for each in folder.iterdir() if each.suffix == ".md")
    except OSError:
        return []
    return [f"{RULES_FOLDER}/{name}" for name in names[:MAX_RULES]]
