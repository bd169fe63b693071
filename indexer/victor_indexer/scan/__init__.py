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

from victor_indexer.errors import RequestCancelled
from victor_indexer.model import FoundFile, SkippedFile
from victor_indexer.scan import git
from victor_indexer.scan.filenames import DEFAULT_MARKERS, VCS_FOLDERS, left_out
from victor_indexer.scan.gitignore import Rule, Rules, rules_from_patterns
from victor_indexer.scan.ignore_layers import (
    OwnRules,
    Repository,
    last_match,
    own_layer,
    present,
    rules_above,
    rules_in,
    with_rules,
)
from victor_indexer.scan.listing import Node, tree_of
from victor_indexer.scan.paths import below, is_junction, is_text, label, real_folder, relative_to, shown

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
    walk = _Walk(real_folder(root), max_bytes, cancelled)
    _run(walk, exclude)
    walk.files.sort(key=lambda found: found.path)
    walk.skipped.sort(key=lambda skipped: skipped.path)
    return ScanResult(walk.files, walk.skipped, " ".join(walk.notes))


def explain(
    root: Path, path: Path | str, *, max_bytes: int = MAX_FILE_BYTES, exclude: Sequence[str] = ()
) -> Verdict:
    """Whether `scan` takes a path, and why. Relative paths are relative to `root`."""
    folder = real_folder(root)
    relative = relative_to(folder, path)
    if relative is None:
        return Verdict(False, "outside", "")
    if not relative:
        return Verdict(False, "directory", "")
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
    rule = "" if walk.dropped is None else _rule_text(walk, walk.dropped)
    if not rule and (folder / relative).is_dir():
        return Verdict(False, "directory", "")
    return Verdict(False, "ignored", rule)


class _State(Enum):
    """Who decides about what is in a folder: git's list, the rules read here, or nobody (it is ignored)."""

    LISTED = 1
    OPEN = 2
    SHUT = 3


@dataclass(frozen=True, slots=True)
class _Place:
    """One folder to look into. `path` is "" or ends in a slash; rules stand lowest first."""

    path: str
    state: _State
    listed: Node
    repository: Repository | None
    own_rules: tuple[OwnRules, ...]
    git_rules: tuple[Rules, ...] | None = None
    """The rules that git would apply, as far as they stand outside this folder; None until somebody asks."""


class _Dropped(NamedTuple):
    path: str
    rule: Rule | None
    is_ours: bool
    place: _Place


@dataclass(slots=True)
class _Walk:
    """What one walk carries along. `only` keeps it on the way to one path, to explain that path."""

    root: Path
    max_bytes: int
    cancelled: Callable[[], bool]
    only: str | None = None
    exclude: tuple[OwnRules, ...] = ()
    program: str | None = None
    personal: tuple[Path | None] | None = None
    """The person's own ignore file, once it has been looked for."""
    n_repositories: int = 0
    files: list[FoundFile] = field(default_factory=list)
    skipped: list[SkippedFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    dropped: _Dropped | None = None
    taken_back: Rule | None = None


def _run(walk: _Walk, exclude: Sequence[str]) -> None:
    walk.program = git.find_git()
    walk.exclude = own_layer(rules_from_patterns(exclude, "index.exclude"))
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
        repository = Repository(top, "", below(top, walk.root))
        place = _repository_place(walk, repository, "", ())
        if place is not None:
            return place
    return _Place("", _State.OPEN, Node(), None, ())


def _repository_place(
    walk: _Walk, repository: Repository, path: str, own_rules: tuple[OwnRules, ...]
) -> _Place | None:
    """A place that git answers for; failing that, one judged by its ignore files; None if it is no repository."""
    listed = _ask_git(walk, repository, walk.root / path)
    if listed is None:
        return None
    if not isinstance(listed, git.Refusal):
        return _Place(path, _State.LISTED, tree_of(listed), repository, own_rules)
    note = f"A repository's ignore files were read without git: {listed.why}."
    if note not in walk.notes:
        walk.notes.append(note)
    return _Place(path, _State.OPEN, Node(), repository, own_rules)


def _ask_git(walk: _Walk, repository: Repository, folder: Path) -> list[str] | git.Refusal | None:
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


# Looking into one folder.


@dataclass(frozen=True, slots=True)
class _Here:
    """A folder that is being looked into, with all that has a say about what is in it."""

    walk: _Walk
    place: _Place
    folder: str
    own_rules: tuple[OwnRules, ...]
    judges: tuple[Rules, ...]
    ways: tuple[Rules, ...]
    git_rules: tuple[Rules, ...] | None
    """None where git's list is all that is needed: no rule takes anything back."""


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
            if name.lower() not in VCS_FOLDERS and not is_junction(info):
                yield from _visit_folder(here, name)
        elif name in trusted:
            _record(walk, place.path + name, name, info)
        else:
            _visit_file(here, name, info)


def _look_around(walk: _Walk, place: _Place) -> _Here:
    folder = f"{walk.root}{os.sep}{place.path}"
    own_rules = place.own_rules + own_layer(rules_in(folder, place.path, IGNORE_FILE))
    layers = own_rules + walk.exclude
    judges = present(own.reaching if place.state is _State.SHUT else own.rules for own in layers)
    ways = present(own.ways for own in layers)
    is_simple = walk.only is None and not any(rules.has_negations for rules in judges)
    if place.state is _State.LISTED and is_simple:
        return _Here(walk, place, folder, own_rules, judges, ways, None)
    return _Here(walk, place, folder, own_rules, judges, ways, _git_rules(walk, place, folder))


def _git_rules(walk: _Walk, place: _Place, folder: str) -> tuple[Rules, ...]:
    """What git would apply to this folder's entries, its own .gitignore included."""
    outside = place.git_rules
    if outside is None:
        outside = rules_above(walk.root, _personal(walk), place.repository, place.path)
    return with_rules(outside, rules_in(folder, place.path, ".gitignore"))


def _names(here: _Here) -> Iterable[str] | None:
    """The names to look at: git's where nothing can be taken back, else all on disk; None for a cache folder."""
    walk, place = here.walk, here.place
    if walk.only is not None:
        name = _next_part(walk.only, place.path)
        return (name,) if name else ()
    if here.git_rules is None:
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
    judged = _judge(here, path, is_dir=False, is_listed=name in place.listed.files or is_special)
    if judged.kept:
        _record(here.walk, path, name, info)
    elif judged.is_ours and place.state is not _State.SHUT:
        _skip(here.walk, path, "ignored", str(judged.rule))


def _visit_folder(here: _Here, name: str) -> Iterator[_Place]:
    walk, place, path = here.walk, here.place, f"{here.place.path}{name}/"
    node = place.listed.folders.get(name)
    is_gitlink = node is None and name in place.listed.files
    judged = _judge(here, path[:-1], is_dir=True, is_listed=node is not None or is_gitlink)
    if judged.kept and not is_text(path):
        _skip(walk, path, "name_not_utf8", "")
    elif judged.kept:
        child = _kept_folder(here, path, node, is_gitlink=is_gitlink, taken_back=judged.is_ours)
        if child is not None:
            yield child
    elif last_match(here.ways, path[:-1], is_dir=True) is not None:
        yield _Place(path, _State.SHUT, node or Node(), place.repository, here.own_rules, here.git_rules)
    elif judged.is_ours and place.state is not _State.SHUT:
        _skip(walk, path, "ignored", str(judged.rule))


def _kept_folder(
    here: _Here, path: str, node: Node | None, *, is_gitlink: bool, taken_back: bool
) -> _Place | None:
    walk, place = here.walk, here.place
    if node is None or node.is_repository:
        nested = _nested_repository(walk, path, here.own_rules)
        if nested is not None or is_gitlink:
            return nested
    if place.state is _State.LISTED and not taken_back:
        return _Place(path, _State.LISTED, node or Node(), place.repository, here.own_rules, here.git_rules)
    marker = None if taken_back or place.repository else _cache_marker(f"{walk.root}{os.sep}{path}")
    if marker is not None:
        _skip(walk, path, "ignored", f"default:{marker}")
        return None
    return _Place(path, _State.OPEN, node or Node(), place.repository, here.own_rules, here.git_rules)


def _nested_repository(walk: _Walk, path: str, own_rules: tuple[OwnRules, ...]) -> _Place | None:
    if not os.path.lexists(f"{walk.root}{os.sep}{path}.git"):
        return None
    return _repository_place(walk, Repository(walk.root / path, path, ""), path, own_rules)


def _cache_marker(folder: str) -> str | None:
    return next((name for name in DEFAULT_MARKERS if os.path.lexists(folder + name)), None)


class _Judgement(NamedTuple):
    """Whether a path is kept, the rule that said so, and whether that rule is ours to report.

    What git ignores is not recorded file by file.
    """

    kept: bool
    rule: Rule | None
    is_ours: bool


def _judge(here: _Here, path: str, *, is_dir: bool, is_listed: bool) -> _Judgement:
    state, is_ours = here.place.state, False
    rule = last_match(here.judges, path, is_dir=is_dir)
    if rule is not None:
        kept, is_ours = rule.negated, True
        here.walk.taken_back = rule if kept else None
    elif is_listed and state is not _State.SHUT:
        kept = True
    else:
        rule = last_match(here.git_rules or (), path, is_dir=is_dir)
        may_hold = state is _State.OPEN or (state is _State.LISTED and is_dir)
        kept = may_hold and (rule is None or rule.negated)
        is_ours = rule is not None and rule.source == "default"
    if not kept and here.walk.only is not None:
        here.walk.dropped = here.walk.dropped or _Dropped(path, rule, is_ours, here.place)
    return _Judgement(kept, rule, is_ours)


def _record(walk: _Walk, path: str, name: str, info: os.stat_result) -> None:
    verdict: tuple[str, str] | None
    if not is_text(path):
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
    walk.skipped.append(SkippedFile(shown(path), reason, rule))


def _rule_text(walk: _Walk, dropped: _Dropped) -> str:
    """The rule behind a path that is not taken; git knows it where git decided."""
    place, repository = dropped.place, dropped.place.repository
    if repository is None or walk.program is None or place.state is not _State.LISTED or dropped.is_ours:
        return str(dropped.rule or "")
    path = f"{repository.lead}{dropped.path[len(repository.inside) :]}"
    match = git.ignore_match(walk.program, repository.top, path)
    if match is None:
        return ""
    return f"{label(walk.root, repository.top / match.source)}:{match.line}:{match.text}"


def _personal(walk: _Walk) -> Path | None:
    if walk.personal is None:
        walk.personal = (git.global_excludes(walk.program),)
    return walk.personal[0]
