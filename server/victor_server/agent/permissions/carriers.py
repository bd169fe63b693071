"""Commands that run what they are given in a form that cannot be read here: code, scripts, configuration."""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence

from victor_server.agent.permissions.shell_words import Word
from victor_server.agent.permissions.wrappers import SHELLS, name_of, what_it_runs, without_version

_CODE_OPTIONS: Mapping[str, str] = {
    "python": "c", "pypy": "c", "perl": "eEnpMm", "ruby": "ernp", "node": "epr", "nodejs": "epr", "php": "rBEFR",
    "lua": "e", "luajit": "e", "rscript": "e", "bun": "ep", "deno": "", "julia": "eE", "tclsh": "", "guile": "c",
    "osascript": "e", "pwsh": "cef", "powershell": "cef", "groovy": "e", "scala": "e", "ghc": "e", "elixir": "e",
    "r": "e", "octave": "", "racket": "e", "clojure": "e", "clj": "e", "dc": "e", "gnuplot": "e", "swipl": "gt", "sbcl": "",
    "nu": "c", "elvish": "c", "xonsh": "c", "rake": "eEp", "lftp": "ce", "erl": "", "runghc": "",
}  # fmt: skip
_LONG_CODE = (
    "--eval",
    "--print",
    "--require",
    "--import",
    "--command",
    "--run",
    "--encodedcommand",
    "--loader",
)
_MODULES_WITH_CODE = frozenset({"timeit", "pdb", "code", "cprofile", "profile", "trace", "runpy", "bdb"})
_TAKE_THE_NEXT = frozenset({"-W", "-X", "--check-hash-based-pycs"})
"""Options of Python's behind which a word is theirs: what follows that is an option still."""

_EDITORS = frozenset(
    {"vim", "vi", "nvim", "ex", "view", "vimdiff", "emacs", "emacsclient", "ed", "nano", "pico", "kak", "hx"}
)
_BUILTINS = frozenset(
    [
        "eval",
        "source",
        ".",
        "exec",
        "trap",
        "alias",
        "unalias",
        "hash",
        "enable",
        "set",
        "shopt",
        "bind",
        "complete",
        "export",
        "declare",
        "typeset",
        "local",
        "readonly",
        "unset",
        "read",
        "mapfile",
        "readarray",
        "coproc",
        "ulimit",
        "umask",
        "let",
        "getopts",
        "compgen",
        "compopt",
        "fc",
        "history",
        "jobs",
    ]
)
_ALWAYS = frozenset(
    [
        "sudo",
        "doas",
        "su",
        "pkexec",
        "run0",
        "runuser",
        "ssh",
        "xargs",
        "parallel",
        "watch",
        "flock",
        "chroot",
        "unshare",
        "nsenter",
        "setsid",
        "busybox",
        "toybox",
        "at",
        "batch",
        "crontab",
        "systemd-run",
        "start-stop-daemon",
        "screen",
        "tmux",
        "expect",
        "gdb",
        "lldb",
        "strace",
        "ltrace",
        "script",
        "cmd",
        "mshta",
        "wscript",
        "cscript",
        "rundll32",
        "regsvr32",
        "npx",
        "bunx",
        "uvx",
        "sem",
        "entr",
        "iex",
        "fakeroot",
        "taskset",
        "chrt",
        "caffeinate",
    ]
)
_DANGEROUS_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "tar": ("--checkpoint-action", "--to-command", "--use-compress-program", "--rsh-command", "--info-script",
            "--new-volume-script", "--rmt-command", "-I", "-F"),
    "rsync": ("-e", "--rsh", "--rsync-path", "--config"),
    "scp": ("-S", "-o", "-F"),
    "sftp": ("-S", "-o", "-F", "-b"),
    "sort": ("--compress-program", "-o", "--output", "-T"),
    "split": ("--filter",),
    "tree": ("-o",),
    "file": ("-C", "--compile"),
    "zip": ("-T", "--unzip-command"),
    "rg": ("--pre", "--hostname-bin"),
    "fd": ("-x", "-X", "--exec", "--exec-batch"),
    "man": ("-P", "-H", "--pager", "--html", "-C", "--config-file"),
    "curl": ("-K", "--config", "-o", "-O", "--output", "--remote-name", "--output-dir", "-D"),
    "wget": ("--use-askpass", "-e", "--execute", "--config", "-i", "-O", "-o", "-P"),
    "make": ("--eval", "-f", "--file", "--makefile", "-C", "--directory", "-I", "--include-dir", "-E"),
    "cmake": ("-E", "-P"),
    "go": ("-exec", "-toolexec", "-overlay", "-vettool"),
    "cargo": ("--config",),
    "gcc": ("-wrapper", "-specs", "-B", "-fplugin"),
    "cc": ("-wrapper", "-specs", "-B", "-fplugin"),
    "g++": ("-wrapper", "-specs", "-B", "-fplugin"),
    "psql": ("-c", "-f", "--command", "--file"),
    "mysql": ("-e", "--execute", "--init-command"),
    "sqlite3": ("-cmd", "-init"),
    "pytest": ("-p", "-c", "--rootdir", "--override-ini", "-o", "--confcutdir"),
    "less": ("-k", "-o", "-O", "--lesskey-src", "--log-file", "--lesskey-file"),
    "find": ("-exec", "-execdir", "-ok", "-okdir", "-delete", "-fprint", "-fprint0", "-fprintf", "-fls"),
    "env": ("-S", "--split-string", "-C", "--chdir", "-u", "--unset"),
    "xxd": ("-r",),
    "tee": (),
    "printf": ("-v",),
    "wait": ("-p",),
    "ag": ("--pager",),
    "ack": ("--pager", "--ackrc"),
    "npm": ("--script-shell", "--node-options", "--userconfig", "--globalconfig", "--init-module", "--git", "--editor",
            "--shell", "--viewer", "--browser"),
    "openssl": ("-engine", "-provider", "-provider-path", "-config"),
    "nc": ("-e", "-c", "--exec", "--sh-exec", "--lua-exec"),
    "mypy": ("--python-executable",),
    "nm": ("--plugin",),
    "ar": ("--plugin",),
}  # fmt: skip
_SAME_OPTIONS = {
    "gtar": "tar",
    "bsdtar": "tar",
    "gfind": "find",
    "fdfind": "fd",
    "gmake": "make",
    "clang": "gcc",
    "ncat": "nc",
    "netcat": "nc",
    "pnpm": "npm",
    "yarn": "npm",
}
_GIT_OPTIONS = (
    "-c", "--config-env", "--exec-path", "--git-dir", "--work-tree", "-C", "--upload-pack", "--receive-pack",
    "--exec", "-x", "--extcmd", "--ext-diff", "--textconv", "--open-files-in-pager", "-O", "--output", "--template",
    "--config", "--edit-description", "--paginate", "-p", "--no-index", "--attr-source", "--super-prefix",
)  # fmt: skip
_GIT_READS = frozenset(
    [
        "add",
        "annotate",
        "archive",
        "blame",
        "branch",
        "bundle",
        "cat-file",
        "check-attr",
        "check-ignore",
        "checkout",
        "cherry",
        "cherry-pick",
        "clean",
        "clone",
        "commit",
        "count-objects",
        "describe",
        "diff",
        "diff-files",
        "diff-index",
        "diff-tree",
        "fetch",
        "for-each-ref",
        "format-patch",
        "fsck",
        "gc",
        "grep",
        "help",
        "init",
        "log",
        "ls-files",
        "ls-remote",
        "ls-tree",
        "merge",
        "merge-base",
        "mv",
        "name-rev",
        "notes",
        "pack-refs",
        "prune",
        "pull",
        "push",
        "range-diff",
        "rebase",
        "reflog",
        "remote",
        "replace",
        "reset",
        "restore",
        "rev-list",
        "rev-parse",
        "revert",
        "rm",
        "shortlog",
        "show",
        "show-branch",
        "show-ref",
        "sparse-checkout",
        "stash",
        "status",
        "switch",
        "symbolic-ref",
        "tag",
        "update-ref",
        "verify-commit",
        "verify-tag",
        "version",
        "whatchanged",
        "worktree",
        "write-tree",
    ]
)
"""Subcommands of git itself that run nothing they are given; any other word may be an alias or a program."""
_SAFE_SED = re.compile(
    r"(?:(?:\d+|\$|/[^/;{}\n]*/)(?:,\s*(?:\d+|\$|/[^/;{}\n]*/))?)?\s*(?:[pdq=]|s([/|#,@])(?:(?!\1)[^\\\n]|\\.)*\1(?:(?!\1)[^\\\n]|\\.)*\1[gpiI\d]*)"
)
_UNSAFE_AWK = re.compile(r"system|\||>|getline|@|close|fflush|ENVIRON|PROCINFO")


def why_unreadable(words: Sequence[Word]) -> str:
    """Why a command runs what cannot be read here, as the end of a sentence; "" if it does not.

    For such a command only a rule counts that spells it out, without `*`.
    """
    texts = [word.text for word in words]
    name = name_of(texts[0])
    if any(ord(char) > 126 for char in texts[0]):
        return "its name holds letters that look like others"
    if "/" in texts[0] and not _is_of_system(texts[0]):
        return ""
    look = _LOOKS.get(without_version(name))
    if look is not None and (why := look(texts)):
        return why
    if name in _ALWAYS or name in _BUILTINS:
        return f"`{name}` runs or changes what it is given"
    option = _dangerous(texts[1:], _DANGEROUS_OPTIONS.get(_SAME_OPTIONS.get(name, name), ()))
    if option:
        return f"`{option}` of `{name}` runs or writes what it is given"
    runs = what_it_runs(words)
    if runs is not None and not runs.is_transparent:
        return f"`{name}` runs what it is given"
    return ""


def reads_script_from_input(words: Sequence[Word]) -> bool:
    """Whether a command is an interpreter that is told what to do by its standard input."""
    texts = [word.text for word in words]
    name = without_version(name_of(texts[0]))
    if name not in SHELLS and name not in _CODE_OPTIONS:
        return False
    if {"--version", "--help", "-V", "-h"} & set(texts[1:]):
        return False
    return not any(text not in ("-s", "-") and not text.startswith("-") for text in texts[1:])


def _is_of_system(path: str) -> bool:
    return posixpath.dirname(path) in ("/bin", "/usr/bin", "/sbin", "/usr/sbin", "/usr/local/bin")


def _dangerous(arguments: Sequence[str], options: Sequence[str]) -> str:
    """The first of the options that stands there, shortened or in a cluster as the programs allow it.

    Also behind `--`, which may be the value of an option before it.
    """
    for text in arguments:
        name = text.partition("=")[0]
        for option in options:
            is_letter = len(option) == 2 and option[0] == "-"
            if option.startswith("--") and len(name) > 2 and option.startswith(name):
                return option
            if name == option or (len(option) > 2 and name == f"-{option}"):
                return option
            if is_letter and re.match(r"-[A-Za-z0-9]", text) and option[1] in name[1:]:
                return option
    return ""


def _shell(texts: Sequence[str]) -> str:
    rest = texts[1:]
    if {"--version", "--help"} & set(rest):
        return ""
    if any(re.match(r"-[a-zA-Z]*c", text) for text in rest):
        words = [Word(text, text) for text in texts]
        runs = what_it_runs(words)
        return "" if runs is not None and runs.is_transparent else f"`{texts[0]}` runs it with options"
    return f"`{texts[0]}` runs a script"


def _interpreter(texts: Sequence[str]) -> str:
    name = name_of(texts[0])
    letters = _CODE_OPTIONS[without_version(name)]
    takes = _TAKE_THE_NEXT if letters == "c" else frozenset[str]()
    at = 1
    while at < len(texts) and texts[at].startswith("-"):
        text = texts[at]
        long = text.partition("=")[0].casefold()
        if text == "-":
            return f"`{name}` runs code that it reads"
        if text.startswith("--") and any(each.startswith(long) for each in _LONG_CODE):
            return f"`{name}` runs code in its words"
        if takes and (module := re.match(r"-[^-cmWX]*m(.*)", text, re.DOTALL)):
            of = module[1] or "".join(texts[at + 1 : at + 2])
            return f"`{name} -m {of}` runs code in its words" if of.casefold() in _MODULES_WITH_CODE else ""
        is_value = bool(takes) and text[:2] in takes
        if not (is_value or text.startswith("--")) and set(text[1:]) & set(letters):
            return f"`{name}` runs code in its words"
        at += 2 if text in takes else 1
    if "eval" in texts[1:2]:
        return f"`{name}` runs code in its words"
    is_asked = {"--version", "--help", "-V", "-v", "-h"} & set(texts[1:])
    return (
        ""
        if is_asked or any(not text.startswith("-") for text in texts[1:])
        else f"`{name}` runs code that it reads"
    )


def _awk(texts: Sequence[str]) -> str:
    for text in texts[1:]:
        if re.match(r"-[fieEl]|--(?:file|exec|include|load|source)", text) or _UNSAFE_AWK.search(text):
            return "`awk` can run and write what its program says"
    return ""


def _sed(texts: Sequence[str]) -> str:
    """Programs that only print, delete and replace are read; all others are not."""
    operands: list[str] = []
    for text in texts[1:]:
        if text in ("-n", "-E", "-r", "--quiet", "--silent", "-u", "-z", "-s"):
            continue
        if text.startswith("-"):
            return f"`{text}` of `sed` is not looked into"
        operands.append(text)
    is_safe = bool(operands) and _SAFE_SED.fullmatch(operands[0].strip()) is not None
    return "" if is_safe else "`sed` can run and write what its program says"


def _git(texts: Sequence[str]) -> str:
    at = 1
    while at < len(texts) and texts[at] in ("--no-pager", "--no-optional-locks", "--literal-pathspecs"):
        at += 1
    if at >= len(texts):
        return ""
    if texts[at] in ("--version", "--help"):
        return ""
    if texts[at].startswith("-"):
        return f"`{texts[at].partition('=')[0]}` of `git` changes what git runs"
    if texts[at] not in _GIT_READS:
        return f"`git {texts[at]}` may be an alias, or runs what it is given"
    patch = (
        "-p" if texts[at] in ("log", "show", "diff", "add", "checkout", "reset", "stash", "restore") else ""
    )
    options = [
        option for option in _GIT_OPTIONS if option not in (patch, "-C" if texts[at] != "clone" else "")
    ]
    if texts[at] in ("commit", "branch", "checkout", "switch", "tag", "stash", "log", "show", "diff"):
        options = [option for option in options if option not in ("-c", "-x", "-C", "-O", "-p")]
    found = _dangerous(texts[at + 1 :], options)
    if found:
        return f"`{found}` of `git` runs or writes what it is given"
    if any("ext::" in text or text.startswith("-u") for text in texts[at + 1 :] if texts[at] != "add"):
        is_harmless = texts[at] in ("push", "branch", "status", "commit", "stash", "ls-files", "diff", "log")
        return (
            "" if is_harmless and not any("ext::" in text for text in texts) else "git runs what it is given"
        )
    return ""


def _tar(texts: Sequence[str]) -> str:
    """Its first word may be letters of options without a `-`."""
    is_old = len(texts) > 1 and not texts[1].startswith("-") and set(texts[1]) & set("IF")
    return f"`{texts[1]}` of `tar` runs what it is given" if is_old else ""


def _test(texts: Sequence[str]) -> str:
    """To find whether an element is set, the shell computes what stands in its brackets, and runs what stands there."""
    is_computed = {"-v", "-R"} & set(texts[1:]) and any("[" in text for text in texts[1:])
    return f"`-v` of `{texts[0]}` computes what stands in brackets" if is_computed else ""


def _make(texts: Sequence[str]) -> str:
    variable = next((text for text in texts[1:] if re.match(r"[A-Za-z_]\w*\s*[:?+!]*=", text)), "")
    return f"`{variable.partition('=')[0]}` may be a command that make runs" if variable else ""


def _editor(texts: Sequence[str]) -> str:
    return f"`{name_of(texts[0])}` is an editor, which can run anything"


_LOOKS: Mapping[str, Callable[[Sequence[str]], str]] = {
    **dict.fromkeys(SHELLS, _shell),
    **dict.fromkeys(_CODE_OPTIONS, _interpreter),
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk"), _awk),
    **dict.fromkeys(("sed", "gsed"), _sed),
    **dict.fromkeys(("make", "gmake", "bmake", "just"), _make),
    **dict.fromkeys(_EDITORS, _editor),
    **dict.fromkeys(("tar", "gtar", "bsdtar"), _tar),
    **dict.fromkeys(("test", "["), _test),
    "git": _git,
}
