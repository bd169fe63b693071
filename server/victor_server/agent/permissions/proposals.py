"""What "for this session" and "always" would remember of a call: narrow, and readable."""

from collections.abc import Iterator
from pathlib import Path

from victor_server.agent.permissions.model import JudgedCommand, Rule, Verdict, Wanted
from victor_server.agent.permissions.patterns import quoted, relative_to
from victor_server.agent.permissions.wrappers import SHELLS, name_of

_READING = frozenset(
    {
        "ls",
        "pwd",
        "wc",
        "head",
        "tail",
        "cat",
        "grep",
        "rg",
        "du",
        "df",
        "file",
        "stat",
        "which",
        "tree",
        "diff",
    }
    | {
        "cmp",
        "nl",
        "cut",
        "date",
        "uname",
        "whoami",
        "basename",
        "dirname",
        "realpath",
        "readlink",
        "echo",
        "true",
    }
)
_READING_OF_GIT = frozenset(
    {"status", "log", "diff", "show", "blame", "shortlog", "describe", "rev-parse", "ls-files"}
)
_NEVER = frozenset(
    {
        "sudo",
        "doas",
        "su",
        "pkexec",
        "run0",
        "runuser",
        "rm",
        "rmdir",
        "unlink",
        "shred",
        "dd",
        "mkfs",
        "truncate",
    }
    | {
        "curl",
        "wget",
        "nc",
        "ncat",
        "netcat",
        "socat",
        "ssh",
        "scp",
        "sftp",
        "rsync",
        "telnet",
        "ftp",
        "eval",
        "source",
    }
    | {
        ".",
        "exec",
        "trap",
        "alias",
        "export",
        "chmod",
        "chown",
        "kill",
        "pkill",
        "killall",
        "shutdown",
        "reboot",
        "env",
    }
    | {
        "xargs",
        "parallel",
        "watch",
        "chroot",
        "unshare",
        "nsenter",
        "busybox",
        "crontab",
        "at",
        "batch",
        "npx",
        "uvx",
    }
    | SHELLS
)
"""Commands that are asked for each time: what they do is for their words of that moment only."""
_LONGEST = 400


def proposed(wanted: Wanted, verdict: Verdict) -> tuple[Rule, ...]:
    """The rules that would allow what is asked for; none where nothing can be remembered of it."""
    touched = wanted.touched
    if touched.command:
        return _of_commands(wanted.tool, verdict)
    if touched.url:
        return (Rule(wanted.tool, "allow", url=_origin(touched.url)),) if _origin(touched.url) else ()
    if touched.paths:
        tool = "@edit" if wanted.kind == "edit" else wanted.tool
        return tuple(
            dict.fromkeys(Rule(tool, "allow", path=_pattern(path, wanted)) for path in touched.paths)
        )
    return (Rule(wanted.tool, "allow"),)


def _of_commands(tool: str, verdict: Verdict) -> tuple[Rule, ...]:
    asked = [each for each in verdict.commands if each.decision == "ask"] or verdict.commands
    patterns = [_command(each) for each in asked]
    if not patterns or not all(patterns):
        return ()
    return tuple(dict.fromkeys(Rule(tool, "allow", command=pattern) for pattern in patterns))


def _command(judged: JudgedCommand) -> str:
    """A pattern with a star only for what reads; the very words for the rest; "" for what is never remembered."""
    argv = judged.argv
    name = name_of(argv[0])
    if name in _NEVER or any(word == "…" for word in argv):
        return ""
    if name == "git" and len(argv) > 1 and argv[1] in _READING_OF_GIT:
        return f"git {argv[1]} *"
    if argv[0] in _READING:
        return f"{name} *"
    text = quoted(argv)
    return text if len(text) <= _LONGEST and "\n" not in text else ""


def _pattern(path: Path, wanted: Wanted) -> str:
    """The folder of a file that is changed in the workspace; the file alone anywhere else."""
    inside = relative_to(path.as_posix(), wanted.root.as_posix())
    if inside is None:
        return _escaped(path.as_posix())
    folder = inside.rpartition("/")[0]
    if wanted.kind == "edit" and folder:
        return f"./{_escaped(folder)}/**"
    return f"./{_escaped(inside)}" if inside else "**"


def _escaped(path: str) -> str:
    return "".join(_marks(path))


def _marks(path: str) -> Iterator[str]:
    for char in path:
        yield f"\\{char}" if char in "*?[\\" else char


def _origin(url: str) -> str:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}/"
