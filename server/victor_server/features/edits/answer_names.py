"""The file that a line of prose or the tag of a fence names, if it names one and says nothing else."""

import re

_DECORATION = "*_`#>\"'()[]<>:,; \t"
_WORDS = re.compile(
    r"^(?:[-*\d.]+[ \t]+)?(?:(?:new|updated?|modified|changed?|create|edit|change|full)[ \t]+)?"
    r"(?:file(?:[ \t]?(?:name|path))?|path|in|filename)?[ \t]*[:=]?[ \t]+",
    re.IGNORECASE,
)
_COMMENTED = re.compile(r"^[ \t]*(?:#+|//|--|;|/\*|<!--)[ \t]*(.*?)[ \t]*(?:\*/|-->)?$")
_PATH = re.compile(r"(?:[A-Za-z]:[\\/])?[^\s:*?\"<>|`()]+")
_QUOTED = re.compile(r"`([^`\n]+)`")
_ENDING = re.compile(r"[^.\\/]\.[A-Za-z0-9_+-]{1,12}$")
_TAG_KEY = re.compile(r"(?:title|file|filename|path|name)=(\"[^\"]*\"|'[^']*'|\S+)", re.IGNORECASE)
_MAX_NAME = 500
_NAMES = frozenset(
    {"makefile", "dockerfile", "jenkinsfile", "gemfile", "rakefile", "procfile", "license", "readme"}
)


def name_in_line(line: str) -> str:
    """The path that a line names by itself, as a heading of what follows; "" for any other line."""
    if len(line) > _MAX_NAME:
        return ""
    quoted = _QUOTED.findall(line)
    if len(quoted) == 1 and _says_no_more(line.replace(f"`{quoted[0]}`", " ")):
        return quoted[0].strip() if _is_path(quoted[0].strip(), is_quoted=True) else ""
    commented = _COMMENTED.match(line)
    bare = (commented[1] if commented else line).strip(_DECORATION)
    bare = _WORDS.sub("", f"{bare}", count=1).strip(_DECORATION) if " " in bare else bare
    return bare if _is_path(bare) else ""


def name_in_tag(tag: str) -> str:
    """The path in a fence's tag: `python src/a.py`, `python:src/a.py`, `py title="src/a.py"`, `src/a.py`."""
    keyed = _TAG_KEY.search(tag)
    if keyed:
        return _without_lines(keyed[1].strip("\"'"))
    for word in reversed(tag.replace("{", " ").replace("}", " ").split()[:4]):
        language, colon, rest = word.partition(":")
        name = rest if colon and "/" not in language and len(language) > 1 and not rest.isdigit() else word
        if _is_path(_without_lines(name)):
            return _without_lines(name)
    return ""


def _without_lines(name: str) -> str:
    return re.sub(r":\d+(?:-\d+)?$", "", name)


def _says_no_more(rest: str) -> bool:
    words = [word.strip(_DECORATION).lower() for word in rest.split()]
    return all(
        word
        in ("", "file", "filename", "path", "in", "new", "update", "updated", "edit", "create", "change", "-")
        for word in words
    )


def _is_path(name: str, *, is_quoted: bool = False) -> bool:
    if (
        not name
        or name.endswith(("/", "\\"))
        or "://" in name
        or (not is_quoted and not _PATH.fullmatch(name))
    ):
        return False
    last = re.split(r"[\\/]", name)[-1]
    return (
        bool(_ENDING.search(last))
        or last.lower() in _NAMES
        or "/" in name
        or (last.startswith(".") and len(last) > 2)
    )
