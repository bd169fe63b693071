"""The walk over a workspace: which files belong to it, and why the others do not.

In a git repository a file belongs if git tracks it, or would let it be added: git itself says so. Elsewhere, and
where git is missing or will not read the repository, the same ignore files are read here. On top come
`.victorignore` files, which may also take back what git ignores, and the settings' own patterns. Links are never
followed.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from victor_indexer import git
from victor_indexer.errors import RequestCancelled, WorkspaceNotFound
from victor_indexer.filenames import DEFAULT_FOLDERS, DEFAULT_MARKERS, VCS_FOLDERS, left_out
from victor_indexer.gitignore import (
    Rule,
    Rules,
    only_reaching,
    read_rules,
    rules_from_patterns,
    ways_into_ignored,
)
from victor_indexer.model import FoundFile, SkippedFile

MAX_FILE_BYTES = 1_000_000
MAX_REPOSITORIES = 200
"""Repositories inside the workspace that git is asked about; the rest are read without it."""

IGNORE_FILE = ".victorignore"


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a walk found, both lists sorted by path; `note` says what did not go as it should ("" if nothing).

    Folders that were left out as a whole appear once, with a slash at the end. What git ignores does not appear.
    """

    files: list[FoundFile]
    skipped: list[SkippedFile]
    note: str = ""


class Verdict(NamedTuple):
    """Whether the walk takes a path; `reason` is the word a skipped file bears, `rule` what decided."""

    indexed: bool
    reason: str
    rule: str


def scan(
    root: Path,
    *,
    cancelled: Callable[[], bool] = git.never_cancelled,
    max_bytes: int = MAX_FILE_BYTES,
    exclude: Sequence[str] = (),
) -> ScanResult:
    """Every file of a workspace that should be indexed, and every other one that is not simply ignored.

    `exclude` holds further patterns in the syntax of ignore files. Raises `WorkspaceNotFound` if `root` is no
    folder and `RequestCancelled` if `cancelled` says so, which is asked once per folder.
    """
    walk = _Walk(_real_folder(root), max_bytes, cancelled)
    _run(walk, exclude)
    walk.files.sort(key=lambda found: found.path)
    walk.skipped.sort(key=lambda skipped: skipped.path)
    return ScanResult(walk.files, walk.skipped, " ".join(walk.notes))


def explain(
    root: Path, path: Path | str, *, max_bytes: int = MAX_FILE_BYTES, exclude: Sequence[str] = ()
) -> Verdict:
    """Whether `scan` takes a path, and why. Relative paths are relative to `root`."""
    folder = _real_folder(root)
    relative = _relative_to(folder, path)
    if relative is None:
        return Verdict(False, "outside", "")
    if not os.path.lexists(folder / relative):
        return Verdict(False, "not_found", "")
    walk = _Walk(folder, max_bytes, git.never_cancelled, only=relative)
    _run(walk, exclude)
    if walk.files:
        return Verdict(True, "", str(walk.taken_back or ""))
    if walk.skipped:
        return Verdict(False, walk.skipped[0].reason, walk.skipped[0].rule)
    if any(part.lower() in VCS_FOLDERS for part in relative.split("/")):
        return Verdict(False, "version_control", "")
    if walk.dropped is None:
        return Verdict(False, "directory", "")
    return Verdict(False, "ignored", _rule_text(walk, walk.dropped))


class _State(Enum):
    """Who decides about what is in a folder: git's list, the rules read here, or nobody (it is ignored)."""

    LISTED = 1
    OPEN = 2
    SHUT = 3


@dataclass(slots=True)
class _Node:
    """One folder of git's list. A repository inside the repository is marked, and nothing in it is listed."""

    files: set[str] = field(default_factory=set)
    folders: dict[str, "_Node"] = field(default_factory=dict)
    is_repository: bool = False


@dataclass(frozen=True, slots=True)
class _Repository:
    """A git working tree. `inside` is the way from the root down to `top`, `lead` from `top` down to the root."""

    top: Path
    inside: str
    lead: str


@dataclass(frozen=True, slots=True)
class _OwnRules:
    """A `.victorignore` file or the settings' patterns. `reaching` counts in ignored folders, `ways` lead there."""

    rules: Rules
    reaching: Rules | None
    ways: Rules | None


@dataclass(frozen=True, slots=True)
class _Place:
    """One folder to look into. `path` is "" or ends in a slash; rules stand lowest first."""

    path: str
    state: _State
    listed: _Node
    repository: _Repository | None
    git_rules: tuple[Rules, ...]
    own_rules: tuple[_OwnRules, ...]


class _Dropped(NamedTuple):
    path: str
    rule: Rule | None
    repository: _Repository | None


@dataclass(slots=True)
class _Walk:
    """What one walk carries along. `only` keeps it on the way to one path, to explain that path."""

    root: Path
    max_bytes: int
    cancelled: Callable[[], bool]
    only: str | None = None
    exclude: tuple[_OwnRules, ...] = ()
    program: str | None = None
    n_repositories: int = 0
    files: list[FoundFile] = field(default_factory=list)
    skipped: list[SkippedFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    dropped: _Dropped | None = None
    taken_back: Rule | None = None


def _run(walk: _Walk, exclude: Sequence[str]) -> None:
    walk.program = git.find_git()
    walk.exclude = _own(rules_from_patterns(exclude, "index.exclude"))
    places = [_first_place(walk)]
    while places:
        if walk.cancelled():
            raise RequestCancelled("The walk was cancelled.")
        places.extend(_visit(walk, places.pop()))


# Where a walk begins: at the root, and again at every repository inside it.


def _first_place(walk: _Walk) -> _Place:
    for top in (walk.root, *walk.root.parents):
        if not os.path.lexists(top / ".git"):
            continue
        repository = _Repository(top, "", _below(top, walk.root))
        place = _repository_place(walk, repository, "", ())
        if place is not None:
            return place
    return _Place("", _State.OPEN, _Node(), None, _rules_without_repository(walk), ())


def _repository_place(
    walk: _Walk, repository: _Repository, path: str, own_rules: tuple[_OwnRules, ...]
) -> _Place | None:
    """A place that git answers for; failing that, one judged by its ignore files; None if it is no repository."""
    listed = _ask_git(walk, repository, walk.root / path)
    if listed is None:
        return None
    if not isinstance(listed, git.Refusal):
        return _Place(path, _State.LISTED, _tree(listed), repository, (), own_rules)
    note = f"A repository's ignore files were read without git: {listed.why}."
    if note not in walk.notes:
        walk.notes.append(note)
    rules = _rules_above(walk, repository, path)
    return _Place(path, _State.OPEN, _Node(), repository, rules, own_rules)


def _ask_git(walk: _Walk, repository: _Repository, folder: Path) -> list[str] | git.Refusal | None:
    """Git's list; None where it says that this is no repository, or that it ignores this folder as a whole."""
    walk.n_repositories += 1
    if walk.program is None:
        return git.Refusal("git was not found")
    if walk.n_repositories > MAX_REPOSITORIES:
        return git.Refusal(f"there are more than {MAX_REPOSITORIES} repositories")
    listed = git.list_files(walk.program, repository.top, folder, cancelled=walk.cancelled)
    if isinstance(listed, git.Refusal):
        return None if listed.is_no_repository else listed
    if not listed and repository.lead and git.ignores(walk.program, repository.top, repository.lead[:-1]):
        return None
    return listed


def _tree(listed: Iterable[str]) -> _Node:
    """Git's list as a tree. What could lead out of the folder is dropped: an index can hold any path."""
    top = _Node()
    nodes: dict[str, _Node | None] = {"": top}
    for path in listed:
        folder, _, name = path.rpartition("/")
        node = nodes[folder] if folder in nodes else _grow(nodes, folder)
        if node is None:
            continue
        if not name:
            node.is_repository = True
        elif _is_plain_name(name):
            node.files.add(name)
    return top


def _grow(nodes: dict[str, _Node | None], folder: str) -> _Node | None:
    missing = [folder]
    while (parent := missing[-1].rpartition("/")[0]) not in nodes:
        missing.append(parent)
    node = nodes[parent]
    for path in reversed(missing):
        name = path.rpartition("/")[2]
        child = _Node() if node is not None and _is_plain_name(name) else None
        if node is not None and child is not None:
            node.folders[name] = child
        nodes[path] = node = child
    return node


def _is_plain_name(name: str) -> bool:
    if name in ("", ".", ".."):
        return False
    return os.sep == "/" or not any(char in name for char in '\\:*?"<>|')


# Looking into one folder.


@dataclass(frozen=True, slots=True)
class _Here:
    """A folder that is being looked into, with all that has a say about what is in it."""

    walk: _Walk
    place: _Place
    folder: str
    own_rules: tuple[_OwnRules, ...]
    judges: tuple[Rules, ...]
    ways: tuple[Rules, ...]
    git_rules: tuple[Rules, ...]


def _visit(walk: _Walk, place: _Place) -> Iterator[_Place]:
    """Records the files of a folder and gives the folders in it that need a look."""
    here = _look_around(walk, place)
    names = _names(here)
    if names is None:
        return
    trusted = place.listed.files if place.state is _State.LISTED and not here.judges else frozenset[str]()
    for name in names:
        try:
            info = os.lstat(here.folder + name)
        except OSError:
            continue  # gone meanwhile, or tracked and deleted
        if stat.S_ISDIR(info.st_mode):
            if name.lower() not in VCS_FOLDERS and not _is_junction(info):
                yield from _visit_folder(here, name)
        elif name in trusted:
            _record(walk, place.path + name, name, info)
        else:
            _visit_file(here, name, info)


def _look_around(walk: _Walk, place: _Place) -> _Here:
    folder = f"{walk.root}{os.sep}{place.path}"
    own_rules = place.own_rules + _own(_rules_in(place, folder, IGNORE_FILE))
    git_rules = place.git_rules
    if place.state is _State.OPEN:
        git_rules = _with(git_rules, _rules_in(place, folder, ".gitignore"))
    judges = own_rules + walk.exclude
    asked = (own.reaching if place.state is _State.SHUT else own.rules for own in judges)
    ways = (own.ways for own in judges)
    return _Here(walk, place, folder, own_rules, _present(asked), _present(ways), git_rules)


def _names(here: _Here) -> Iterable[str] | None:
    """The names to look at: git's where nothing can be taken back, else all on disk; None for a cache folder."""
    walk, place = here.walk, here.place
    if walk.only is not None:
        name = _next_part(walk.only, place.path)
        return (name,) if name else ()
    if place.state is _State.LISTED and not any(rules.has_negations for rules in here.judges):
        return place.listed.files | place.listed.folders.keys()
    try:
        with os.scandir(here.folder) as entries:
            return [entry.name for entry in entries]
    except OSError:
        _skip(walk, place.path, "unreadable", "")
        return None


def _next_part(path: str, folder: str) -> str:
    return path[len(folder) :].partition("/")[0] if path.startswith(folder) else ""


def _visit_file(here: _Here, name: str, info: os.stat_result) -> None:
    place, path = here.place, here.place.path + name
    is_special = not (stat.S_ISREG(info.st_mode) or stat.S_ISLNK(info.st_mode))
    kept, rule = _judge(here, path, is_dir=False, is_listed=name in place.listed.files or is_special)
    if kept:
        _record(here.walk, path, name, info)
    elif rule is not None and place.state is not _State.SHUT and _is_own(here, rule):
        _skip(here.walk, path, "ignored", str(rule))


def _visit_folder(here: _Here, name: str) -> Iterator[_Place]:
    walk, place, path = here.walk, here.place, f"{here.place.path}{name}/"
    node = place.listed.folders.get(name)
    is_gitlink = node is None and name in place.listed.files
    kept, rule = _judge(here, path[:-1], is_dir=True, is_listed=node is not None or is_gitlink)
    if kept and not _is_text(path):
        _skip(walk, path, "name_not_utf8", "")
    elif kept:
        child = _kept_folder(here, path, node, is_gitlink=is_gitlink, rule=rule)
        if child is not None:
            yield child
    elif _last_match(here.ways, path[:-1], is_dir=True) is not None:
        yield _Place(path, _State.SHUT, node or _Node(), place.repository, (), here.own_rules)
    elif rule is not None and place.state is not _State.SHUT and _is_own(here, rule):
        _skip(walk, path, "ignored", str(rule))


def _kept_folder(
    here: _Here, path: str, node: _Node | None, *, is_gitlink: bool, rule: Rule | None
) -> _Place | None:
    walk, place = here.walk, here.place
    if node is None or node.is_repository:
        nested = _nested_repository(walk, path, here.own_rules)
        if nested is not None or is_gitlink:
            return nested
    taken_back = rule is not None and _is_own(here, rule)
    if place.state is _State.LISTED and not taken_back:
        return _Place(path, _State.LISTED, node or _Node(), place.repository, (), here.own_rules)
    marker = None if taken_back or place.repository else _cache_marker(here.walk.root / path)
    if marker is not None:
        _skip(walk, path, "ignored", f"default:{marker}")
        return None
    rules = here.git_rules
    if place.state is not _State.OPEN:
        rules = _rules_above(walk, place.repository, path)
    return _Place(path, _State.OPEN, node or _Node(), place.repository, rules, here.own_rules)


def _nested_repository(walk: _Walk, path: str, own_rules: tuple[_OwnRules, ...]) -> _Place | None:
    top = walk.root / path
    if not os.path.lexists(top / ".git"):
        return None
    return _repository_place(walk, _Repository(top, path, ""), path, own_rules)


def _cache_marker(folder: Path) -> str | None:
    return next((name for name in DEFAULT_MARKERS if os.path.lexists(folder / name)), None)


def _judge(here: _Here, path: str, *, is_dir: bool, is_listed: bool) -> tuple[bool, Rule | None]:
    """Whether a path is kept, and the rule that said so, if it was a rule."""
    state = here.place.state
    rule = _last_match(here.judges, path, is_dir=is_dir)
    if rule is not None:
        kept = rule.negated
        here.walk.taken_back = rule if kept else None
    elif is_listed and state is not _State.SHUT:
        kept = True
    else:
        rule = _last_match(here.git_rules, path, is_dir=is_dir)
        kept = state is _State.OPEN and (rule is None or rule.negated)
    if not kept and here.walk.only is not None:
        here.walk.dropped = here.walk.dropped or _Dropped(path, rule, here.place.repository)
    return kept, rule


def _last_match(layers: tuple[Rules, ...], path: str, *, is_dir: bool) -> Rule | None:
    """What the last layer with an opinion says."""
    for layer in reversed(layers):
        rule = layer.match(path, is_dir=is_dir)
        if rule is not None:
            return rule
    return None


def _is_own(here: _Here, rule: Rule) -> bool:
    """Whether a rule is ours to report: what git would ignore is not recorded file by file."""
    return rule.line == 0 or any(rule in rules.rules for rules in here.judges)


def _record(walk: _Walk, path: str, name: str, info: os.stat_result) -> None:
    verdict: tuple[str, str] | None
    if not _is_text(path):
        verdict = ("name_not_utf8", "")
    elif not stat.S_ISREG(info.st_mode):
        verdict = ("symlink" if stat.S_ISLNK(info.st_mode) else "special_file", "")
    else:
        verdict = left_out(name)
        if verdict is None and info.st_size > walk.max_bytes:
            verdict = ("too_large", f"index.max_file_bytes:{walk.max_bytes}")
    if verdict is None:
        walk.files.append(FoundFile(path, info.st_size, info.st_mtime_ns, info.st_ctime_ns))
    else:
        _skip(walk, path, *verdict)


def _skip(walk: _Walk, path: str, reason: str, rule: str) -> None:
    walk.skipped.append(SkippedFile(_shown(path), reason, rule))


# Rules and where they come from.


def _rules_in(place: _Place, folder: str, name: str) -> Rules | None:
    return read_rules(folder + name, place.path + name, below=place.path)


def _rules_above(walk: _Walk, repository: _Repository | None, path: str) -> tuple[Rules, ...]:
    """What git would apply to a folder from outside it: the person's file, the repository's, each parent's."""
    if repository is None:
        return _rules_without_repository(walk)
    files = [git.global_excludes(walk.program), git.repository_excludes(repository.top)]
    found = [_rules_at(walk, repository.top, file) for file in files if file is not None]
    folder = repository.top
    for part in (walk.root / path).relative_to(repository.top).parts:
        found.append(_rules_at(walk, folder, folder / ".gitignore", follow=False))
        folder /= part
    return _present(found)


def _rules_without_repository(walk: _Walk) -> tuple[Rules, ...]:
    mine = git.global_excludes(walk.program)
    defaults = rules_from_patterns([f"{name}/" for name in DEFAULT_FOLDERS], "default")
    return _present((defaults, None if mine is None else _rules_at(walk, walk.root, mine)))


def _rules_at(walk: _Walk, folder: Path, file: Path, *, follow: bool = True) -> Rules | None:
    """The rules in a file that speaks of what is under `folder`, which may lie above the root or below it."""
    source = _label(walk.root, file)
    if folder != walk.root and walk.root.is_relative_to(folder):
        return read_rules(file, source, lead=_below(folder, walk.root), follow=follow)
    return read_rules(file, source, below=_below(walk.root, folder), follow=follow)


def _own(rules: Rules | None) -> tuple[_OwnRules, ...]:
    return () if rules is None else (_OwnRules(rules, only_reaching(rules), ways_into_ignored(rules)),)


def _with(layers: tuple[Rules, ...], rules: Rules | None) -> tuple[Rules, ...]:
    return layers if rules is None else (*layers, rules)


def _present(layers: Iterable[Rules | None]) -> tuple[Rules, ...]:
    return tuple(rules for rules in layers if rules is not None)


def _rule_text(walk: _Walk, dropped: _Dropped) -> str:
    """The rule behind a path that is not taken; git knows it where git decided."""
    if dropped.rule is not None:
        return str(dropped.rule)
    repository = dropped.repository
    if repository is None or walk.program is None:
        return ""
    path = f"{repository.lead}{dropped.path[len(repository.inside) :]}"
    match = git.ignore_match(walk.program, repository.top, path)
    return (
        ""
        if match is None
        else f"{_label(walk.root, repository.top / match.source)}:{match.line}:{match.text}"
    )


# Paths.


def _real_folder(root: Path) -> Path:
    try:
        folder = root.resolve(strict=True)
    except OSError:
        folder = None
    if folder is None or not folder.is_dir():
        raise WorkspaceNotFound(f"{root} is not a folder.", "Name a folder that exists.")
    return folder


def _relative_to(root: Path, path: Path | str) -> str | None:
    """A path as the walk would name it, or None if it lies elsewhere. The path itself may be a link."""
    whole = Path(os.path.normpath(root / path))
    if not whole.is_relative_to(root):
        whole = whole.parent.resolve() / whole.name
    if whole == root or not whole.is_relative_to(root):
        return None
    return whole.relative_to(root).as_posix()


def _below(top: Path, folder: Path) -> str:
    """The way from `top` down to `folder`: "" or ending in a slash."""
    way = folder.relative_to(top).as_posix()
    return "" if way == "." else f"{way}/"


def _label(root: Path, file: Path) -> str:
    """A file as a person would name it: relative to the workspace if it lies there."""
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)


def _is_text(path: str) -> bool:
    if path.isascii():
        return True
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(path: str) -> str:
    """A path that can be stored and printed: bytes that are no UTF-8 as `\\xNN`."""
    return path if _is_text(path) else os.fsencode(path).decode("utf-8", "backslashreplace")


def _is_junction(info: os.stat_result) -> bool:
    """Windows' other kind of link between folders, which `lstat` calls a folder."""
    return getattr(info, "st_reparse_tag", 0) == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)
