"""What no rule can allow: files that are private or Victor's own, and files that something will run later."""

import os
import posixpath
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from victor_indexer.scan.gitignore import Rules, rules_from_patterns
from victor_server.agent.context.sources import Private
from victor_server.agent.permissions.patterns import relative_to

RUN_LATER = (
    ".git",
    ".gitmodules",
    ".gitattributes",
    ".gitconfig",
    ".husky",
    ".githooks",
    ".pre-commit-config.yaml",
    "lefthook.y*ml",
    ".lefthook.y*ml",
    ".vscode",
    "*.code-workspace",
    ".idea",
    ".fleet",
    ".zed",
    ".devcontainer",
    ".devcontainer.json",
    ".gitpod.yml",
    ".theia",
    ".vs",
    ".run",
    ".helix",
    ".nvim",
    ".nvim.lua",
    ".nvimrc",
    ".exrc",
    ".vimrc",
    "_vimrc",
    ".gvimrc",
    ".ideavimrc",
    ".lvimrc",
    ".local.vimrc",
    ".vim",
    ".emacs",
    ".emacs.d",
    ".dir-locals.el",
    "*.sublime-project",
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_logout",
    ".bash_aliases",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".zlogin",
    ".zlogout",
    ".kshrc",
    ".cshrc",
    ".tcshrc",
    ".xinitrc",
    ".xprofile",
    ".xsession",
    ".inputrc",
    ".tmux.conf",
    ".screenrc",
    ".gdbinit",
    ".lldbinit",
    ".pythonrc",
    ".ipython",
    ".irbrc",
    ".pryrc",
    ".Rprofile",
    ".curlrc",
    ".wgetrc",
    ".direnv",
    ".mise.toml",
    "mise.toml",
    ".mise",
    "**/.config/mise*",
    ".tool-versions",
    ".pnpmfile.cjs",
    ".mvn",
    ".bazelrc",
    "**/.cargo/config",
    "**/.cargo/config.toml",
    ".github",
    ".gitlab-ci.yml",
    ".gitlab",
    ".gitea",
    ".forgejo",
    ".circleci",
    ".buildkite",
    ".travis.yml",
    ".drone.yml",
    ".woodpecker*",
    ".appveyor.yml",
    "appveyor.yml",
    "azure-pipelines*.yml",
    "bitbucket-pipelines.yml",
    "cloudbuild.yaml",
    "Jenkinsfile*",
    "**/.config/fish",
    "**/.config/git",
    "**/.config/helix",
    "**/.config/hypr",
    "**/.config/nushell",
    "**/.config/zed",
    "**/.local/bin",
    "**/.local/share/applications",
    "**/.config/nvim",
    "**/.config/systemd",
    "**/.config/autostart",
    "**/LaunchAgents",
    "**/LaunchDaemons",
    "Microsoft.PowerShell_profile.ps1",
    "profile.ps1",
    "sitecustomize.py",
    "usercustomize.py",
    "*.pth",
    ".mcp.json",
    ".cursor",
    ".claude",
    ".gemini",
    ".codex",
    ".opencode",
    "opencode.json*",
    ".continue",
    ".aider.conf.yml",
    ".amazonq",
    ".clinerules*",
    ".junie",
    ".kiro",
    ".roo*",
    ".windsurf",
    "AGENTS*.md",
    "CLAUDE*.md",
    "GEMINI.md",
    "QWEN.md",
    ".cursorrules",
    ".windsurfrules",
    "copilot-instructions.md",
)
"""What a program runs, or a model obeys, at a time when nobody is asked any more. In the syntax of `.gitignore`."""

OWN_FOLDER = ".victor"
"""A repository's word to Victor."""

_RUN_LATER = rules_from_patterns([pattern.lower() for pattern in RUN_LATER], "")
_OWN = rules_from_patterns([OWN_FOLDER], "")
_HARMLESS_DEVICES = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/stdin", "/dev/tty"})


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one workspace. `home` is VICTOR_HOME; both are real paths."""

    root: str
    home: str
    private: Private

    def why_denied(self, path: str, *, changes: bool) -> str:
        """Why nobody may touch an absolute path with `/`, as a sentence; "" if somebody may."""
        if relative_to(_plain(path), _plain(self.home)) is not None:
            return "Victor's own files are not for its models."
        if changes and self._fits(_OWN, path):
            return f"{OWN_FOLDER} holds a workspace's word to Victor, which a model does not write."
        inside = relative_to(path, self.root)
        for asked in (inside or path, f"{inside or path}/·"):
            if why := self.private.why(asked):
                return f"It is private: {why}."
        return ""

    def why_asked(self, path: str) -> str:
        """Why a change of it is asked for each time, as a sentence; "" if it need not be."""
        name = self._fits(_RUN_LATER, path) or self._fits(_OWN, path)
        return f"What stands in {name} is run or obeyed later without a question." if name else ""

    def _fits(self, rules: Rules | None, path: str) -> str:
        """The part of a path that a table names."""
        inside = relative_to(path, self.root)
        parts = _plain(path if inside is None else inside).strip("/").split("/")
        for end in range(1, len(parts) + 1):
            way = "/".join(parts[:end])
            rule = rules.match(way, is_dir=True) if rules is not None else None
            if rule is not None and not rule.negated:
                return printable(parts[end - 1])
        return ""


def _plain(path: str) -> str:
    """A path as the most careless of systems would take it: letters of one case, no dots and blanks at the ends."""
    seen = "".join(char for char in path if unicodedata.category(char) != "Cf").casefold()
    parts = (re.sub(r":.*", "", part).rstrip(". ") or part for part in seen.split("/"))
    return "/".join(".git" if part == "git~1" else part for part in parts)


def printable(name: str) -> str:
    """A name as it can stand in a sentence: whoever wrote the repository has chosen it."""
    return "".join(char if char.isprintable() else "\ufffd" for char in name)


def is_harmless_device(path: str) -> bool:
    """Whether what is written there is gone, or goes where the command prints anyway."""
    return path in _HARMLESS_DEVICES


def paths_of(text: str, folder: str) -> Iterator[str]:
    """The absolute paths that a word means to a program in `folder`: as written, and where links lead."""
    if "\0" in text:
        return
    expanded = os.path.expanduser(text) if text.startswith("~") else text  # noqa: PTH111 - may name nobody
    whole = expanded.replace("\\", "/") if os.name == "nt" else expanded
    joined = posixpath.normpath(posixpath.join(folder, whole))
    joined = joined[1:] if joined.startswith("//") else joined
    yield joined
    try:
        real = Path(os.path.realpath(posixpath.join(folder, whole))).as_posix()
    except (OSError, ValueError):
        return
    if real != joined:
        yield real
