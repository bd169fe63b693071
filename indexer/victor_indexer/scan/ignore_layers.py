"""The layers of ignore rules that have a say about a folder, lowest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from victor_indexer.scan import git
from victor_indexer.scan.filenames import DEFAULT_FOLDERS
from victor_indexer.scan.gitignore import (
    Rule,
    Rules,
    make_rules,
    only_reaching,
    read_rules,
    ways_into_ignored,
)
from victor_indexer.scan.paths import below, label


@dataclass(frozen=True, slots=True)
class Repository:
    """A git working tree. `inside` is the way from the root down to `top`, `lead` from `top` down to the root."""

    top: Path
    inside: str
    lead: str


@dataclass(frozen=True, slots=True)
class OwnRules:
    """A `.victorignore` file or the settings' patterns. `reaching` counts in ignored folders, `ways` lead there."""

    rules: Rules
    reaching: Rules | None
    ways: Rules | None


def last_match(layers: tuple[Rules, ...], path: str, *, is_dir: bool) -> Rule | None:
    """What the last layer with an opinion says."""
    for layer in reversed(layers):
        rule = layer.match(path, is_dir=is_dir)
        if rule is not None:
            return rule
    return None


def rules_in(folder: str, path: str, name: str) -> Rules | None:
    """The rules in a file of a folder (`folder` ends in a separator, `path` in a slash)."""
    return read_rules(folder + name, path + name, below=path)


def rules_above(
    root: Path, personal: Path | None, repository: Repository | None, path: str
) -> tuple[Rules, ...]:
    """What git would apply to a folder from outside it: the person's file, the repository's, each parent's."""
    if repository is None:
        return _rules_without_repository(root, personal)
    files = [personal, git.repository_excludes(repository.top)]
    found = [_rules_at(root, repository.top, file) for file in files if file is not None]
    folder = repository.top
    for part in (root / path).relative_to(repository.top).parts:
        found.append(_rules_at(root, folder, folder / ".gitignore", follow=False))
        folder /= part
    return present(found)


def _rules_without_repository(root: Path, personal: Path | None) -> tuple[Rules, ...]:
    """What applies where no version control says anything: folders that are fetched or built, the person's file."""
    defaults = make_rules(
        Rule("default", 0, name, name, negated=False, only_dirs=True, by_name=True)
        for name in DEFAULT_FOLDERS
    )
    return present((defaults, None if personal is None else _rules_at(root, root, personal)))


def _rules_at(root: Path, folder: Path, file: Path, *, follow: bool = True) -> Rules | None:
    """The rules in a file that speaks of what is under `folder`, which may lie above the root or below it."""
    source = label(root, file)
    if folder != root and root.is_relative_to(folder):
        return read_rules(file, source, lead=below(folder, root), follow=follow)
    return read_rules(file, source, below=below(root, folder), follow=follow)


def own_layer(rules: Rules | None) -> tuple[OwnRules, ...]:
    """Rules as a layer of ours; nothing where there are none."""
    return () if rules is None else (OwnRules(rules, only_reaching(rules), ways_into_ignored(rules)),)


def with_rules(layers: tuple[Rules, ...], rules: Rules | None) -> tuple[Rules, ...]:
    """The layers with one more on top, if there is one."""
    return layers if rules is None else (*layers, rules)


def present(layers: Iterable[Rules | None]) -> tuple[Rules, ...]:
    """The layers that hold anything."""
    return tuple(rules for rules in layers if rules is not None)
