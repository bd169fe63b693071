"""Commands that run other commands: what they run is taken out of their words."""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from victor_server.agent.permissions.shell_words import Word

SHELLS = frozenset(
    {"sh", "bash", "dash", "zsh", "ksh", "ash", "mksh", "rbash", "fish", "csh", "tcsh", "yash"}
)
_POSIX_SHELLS = frozenset({"sh", "bash", "dash"})
_UNKNOWN = Word("", "", is_known=False)
_MOST_GUESSES = 40


@dataclass(frozen=True, slots=True)
class Runs:
    """What a command runs. `commands` are words, `scripts` text in the shell's language.

    `is_transparent`: it does nothing else, and all of it was read; then what it runs decides. `guesses` are commands
    that it may run, where its options are not known well enough to say which. `assignments` are made for what it runs.
    """

    commands: tuple[tuple[Word, ...], ...] = ()
    scripts: tuple[Word, ...] = ()
    guesses: tuple[tuple[Word, ...], ...] = ()
    assignments: tuple[tuple[str, Word], ...] = ()
    is_transparent: bool = False


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a wrapper's words lie: options that take the next word, operands before the command.

    `plain` are the options with which it stays transparent, None where it never is.
    """

    valued: frozenset[str] = frozenset()
    operands: int = 0
    plain: frozenset[str] | None = None
    appends: bool = False
    assigns: bool = False


def _shape(valued: str = "", operands: int = 0, plain: str | None = None, **more: bool) -> _Shape:
    known = None if plain is None else frozenset(plain.split())
    return _Shape(frozenset(valued.split()), operands, known, **more)


_SHAPES: Mapping[str, _Shape] = {
    "nohup": _shape(plain=""),
    "nice": _shape("-n --adjustment", plain="-n --adjustment"),
    "ionice": _shape("-c -n -p --class --classdata", plain="-c -n --class --classdata"),
    "time": _shape("-f -o --format --output", plain="-p -v", assigns=True),
    "timeout": _shape(
        "-k --kill-after -s --signal", 1, "-k --kill-after -s --signal --foreground -v --preserve-status"
    ),
    "gtimeout": _shape("-k --kill-after -s --signal", 1, "-k --kill-after -s --signal --foreground"),
    "stdbuf": _shape("-i -o -e --input --output --error", plain="-i -o -e --input --output --error"),
    "command": _shape(plain="-p"),
    "builtin": _shape(plain=""),
    "env": _shape("-u --unset -C --chdir -S --split-string", plain="", assigns=True),
    "sudo": _shape(
        "-u -g -C -D -h -p -R -r -t -T -U --user --group --chdir --host --prompt --role --type --close-from"
        " --chroot --other-user --command-timeout",
        assigns=True,
    ),
    "doas": _shape("-u -C"),
    "setsid": _shape(),
    "exec": _shape("-a"),
    "coproc": _shape(),
    "xargs": _shape(
        "-a -E -I -L -n -P -s -d --arg-file --delimiter --max-lines --max-args --max-procs --max-chars"
        " --process-slot-var",
        appends=True,
    ),
    "chroot": _shape("--userspec --groups", 1),
    "flock": _shape("-w -E --timeout --wait --conflict-exit-code", 1),
    "busybox": _shape(),
    "toybox": _shape(),
    "fakeroot": _shape("-l -i -s -b"),
    "taskset": _shape("", 1),
    "chrt": _shape("-T -P -D", 1),
    "caffeinate": _shape("-t -w"),
    "noglob": _shape(plain=""),
    "nocorrect": _shape(plain=""),
}

_LOOSE = frozenset(
    [
        "unshare",
        "nsenter",
        "strace",
        "ltrace",
        "gdb",
        "lldb",
        "valgrind",
        "perf",
        "parallel",
        "sem",
        "entr",
        "nodemon",
        "watchexec",
        "systemd-run",
        "at",
        "batch",
        "start-stop-daemon",
        "screen",
        "tmux",
        "firejail",
        "bwrap",
        "proxychains",
        "proxychains4",
        "torsocks",
        "dbus-run-session",
        "xvfb-run",
        "unbuffer",
        "rlwrap",
        "prlimit",
        "cgexec",
        "faketime",
        "eatmydata",
        "catchsegv",
        "gosu",
        "su-exec",
        "setpriv",
        "capsh",
        "sshpass",
        "runuser",
        "docker",
        "podman",
        "nerdctl",
        "kubectl",
        "oc",
        "uv",
        "uvx",
        "pipx",
        "poetry",
        "pipenv",
        "hatch",
        "conda",
        "mamba",
        "nix",
        "nix-shell",
        "npx",
        "bunx",
        "bundle",
        "npm",
        "yarn",
        "pnpm",
        "bun",
        "direnv",
        "dotenv",
        "op",
        "cargo",
        "go",
        "systemd-inhibit",
        "pkexec",
        "run0",
        "sg",
        "newgrp",
        "chpst",
        "runcon",
        "arch",
        "setarch",
        "numactl",
        "linux32",
        "linux64",
        "ip",
        "tsocks",
        "script",
        "expect",
        "hyperfine",
        "just",
        "task",
        "overmind",
        "foreman",
        "ld.so",
        "mise",
        "asdf",
        "rtx",
    ]
)
_LOOSE_LATER: Mapping[str, frozenset[str]] = {
    "docker": frozenset({"run", "exec"}),
    "podman": frozenset({"run", "exec"}),
    "nerdctl": frozenset({"run", "exec"}),
    "kubectl": frozenset({"exec", "run", "debug"}),
    "oc": frozenset({"exec", "rsh", "debug"}),
    "npm": frozenset({"exec", "x"}),
    "yarn": frozenset({"exec", "dlx"}),
    "pnpm": frozenset({"exec", "dlx"}),
    "bun": frozenset({"x"}),
    "uv": frozenset({"run", "tool", "x"}),
    "poetry": frozenset({"run"}),
    "pipenv": frozenset({"run"}),
    "hatch": frozenset({"run", "-e"}),
    "conda": frozenset({"run"}),
    "mamba": frozenset({"run"}),
    "bundle": frozenset({"exec"}),
    "pipx": frozenset({"run"}),
    "cargo": frozenset({"watch"}),
    "go": frozenset({"run", "generate"}),
    "ip": frozenset({"netns", "vrf"}),
    "nix": frozenset({"run", "shell", "develop"}),
}
"""Subcommands with which a program runs others; with all other words it is a program like any."""


def name_of(word: str) -> str:
    """A program by its bare name: without its folder, `.exe`, and the case of its letters."""
    return posixpath.basename(word.replace("\\", "/")).casefold().removesuffix(".exe")


def without_version(name: str) -> str:
    """`python3.11` is `python`."""
    return re.sub(r"[-\d.]+$", "", name) or name


def what_it_runs(words: Sequence[Word]) -> Runs | None:
    """What a command runs besides itself; None for one that runs nothing else."""
    name = name_of(words[0].text)
    if name in SHELLS:
        return _shell(words)
    if name == "command" and len(words) > 1 and words[1].text in ("-v", "-V"):
        return None  # says where the program is
    special = _SPECIAL.get(name) or _SPECIAL.get(without_version(name))
    if special is not None:
        return special(words)
    if name in _SHAPES:
        return _shaped(words, _SHAPES[name])
    if name.startswith("ld-linux") or name in _LOOSE:
        later = _LOOSE_LATER.get(name)
        if later is None or later & {word.text for word in words[1:]}:
            return Runs(guesses=_guesses(words))
    return None


def _guesses(words: Sequence[Word]) -> tuple[tuple[Word, ...], ...]:
    starts = [at for at in range(1, len(words)) if not words[at].text.startswith("-")]
    return tuple(tuple(words[at:]) for at in starts[:_MOST_GUESSES])


def _shaped(words: Sequence[Word], shape: _Shape) -> Runs:
    at, is_plain, is_sure = 1, shape.plain is not None, True
    while at < len(words) and words[at].text.startswith("-") and words[at].text != "-":
        text = words[at].text
        at += 1
        if text == "--":
            break
        name, sign, _ = text.partition("=")
        short = name[:2] if not name.startswith("--") else name
        if name in ("-S", "--split-string") or (short == "-S" and name_of(words[0].text) == "env"):
            script = text[2:] if short == "-S" and len(text) > 2 else text.partition("=")[2]
            rest = words[at:] if script else words[at + 1 :]
            first = script or (words[at].text if at < len(words) else "")
            return Runs(scripts=(_joined([Word(first, first), *rest]),))
        is_plain = is_plain and shape.plain is not None and (name in shape.plain or short in shape.plain)
        if name in shape.valued and not sign:
            at += 1
        elif short not in shape.valued and name.startswith("--"):
            is_sure = is_sure and shape.plain is not None and name in shape.plain
    at += shape.operands
    assignments: list[tuple[str, Word]] = []
    if words[0].raw == "time" and at < len(words) and words[at].raw == "!":
        at += 1  # to a shell it is a word of its own language
    while shape.assigns and at < len(words) and "=" in words[at].text:
        name, _, value = words[at].text.partition("=")
        assignments.append((name, Word(value, value, words[at].is_known)))
        at += 1
    inner = tuple(words[at:])
    if not inner:
        return Runs()
    if shape.appends:
        inner = (*inner, _UNKNOWN)
    guesses = () if is_sure else _guesses(words)
    return Runs((inner,), guesses=guesses, assignments=tuple(assignments), is_transparent=is_plain)


def _shell(words: Sequence[Word]) -> Runs:
    """`sh -c TEXT`: transparent where the options change nothing of how the text is read."""
    at, reads_text, is_plain = 1, False, name_of(words[0].text) in _POSIX_SHELLS
    while at < len(words) and words[at].text[:1] in ("-", "+") and words[at].text not in ("-", "--"):
        text = words[at].text
        at += 1
        if text.startswith("--"):
            is_plain = is_plain and text in ("--norc", "--noprofile", "--posix")
            at += text in ("--rcfile", "--init-file")
            continue
        letters = text[1:]
        reads_text = reads_text or "c" in letters
        is_plain = is_plain and text[0] == "-" and set(letters) <= set("ceuxo")
        if letters.endswith(("o", "O")):
            is_plain = is_plain and at < len(words) and words[at].text == "pipefail"
            at += 1
    if at < len(words) and words[at].text in ("-", "--"):
        at += 1
    if not reads_text or at >= len(words):
        return Runs()
    return Runs(scripts=(words[at],), is_transparent=is_plain and words[at].is_known)


def _joined(words: Sequence[Word]) -> Word:
    text = " ".join(word.text for word in words)
    return Word(text, text, all(word.is_known for word in words))


def _eval(words: Sequence[Word]) -> Runs:
    return Runs(scripts=(_joined(words[1:]),)) if words[1:] else Runs()


def _first_as_script(words: Sequence[Word]) -> Runs:
    operands = [word for word in words[1:] if word.text != "--"]
    return Runs(scripts=tuple(operands[:1]))


def _alias(words: Sequence[Word]) -> Runs:
    values = (word.text.partition("=")[2] for word in words[1:])
    return Runs(scripts=tuple(Word(value, value) for value in values if value))


def _watch(words: Sequence[Word]) -> Runs:
    runs = _shaped(words, _shape("-n --interval -q --equexit"))
    return Runs(scripts=tuple(_joined(each) for each in runs.commands), guesses=runs.guesses)


def _ssh(words: Sequence[Word]) -> Runs:
    shape = _shape("-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w -B", 1)
    runs = _shaped(words, shape)
    return Runs(
        scripts=(*(_joined(each) for each in runs.commands), *_ssh_options(words)), guesses=runs.guesses
    )


_RUNS_ON_CONNECT = re.compile(
    r"(?:proxy|local|remote|knownhosts)command[\s=]+(.+)", re.IGNORECASE | re.DOTALL
)


def _ssh_options(words: Sequence[Word]) -> Iterator[Word]:
    for word in words:
        if found := _RUNS_ON_CONNECT.search(word.text):
            yield Word(found[1], found[1])


def _of_ssh(words: Sequence[Word]) -> Runs | None:
    scripts = tuple(_ssh_options(words))
    return Runs(scripts=scripts) if scripts else None


def _with_dash_c(words: Sequence[Word]) -> Runs:
    """`su -c TEXT`, `script -c TEXT`, `flock FILE -c TEXT`."""
    return Runs(scripts=tuple(_after(words, ("-c", "--command"))), guesses=_guesses(words))


def _after(words: Sequence[Word], options: Sequence[str]) -> Iterator[Word]:
    for at, word in enumerate(words):
        name, sign, value = word.text.partition("=")
        if name in options and sign:
            yield Word(value, value, word.is_known)
        elif word.text in options and at + 1 < len(words):
            yield words[at + 1]


_FIND_RUNS = ("-exec", "-execdir", "-ok", "-okdir", "-x", "-X", "--exec", "--exec-batch")


def _find(words: Sequence[Word]) -> Runs | None:
    commands: list[tuple[Word, ...]] = []
    for at, word in enumerate(words):
        if word.text in _FIND_RUNS:
            rest = list(words[at + 1 :])
            ends = [n for n, each in enumerate(rest) if each.text in (";", "+")]
            inner = rest[: ends[0]] if ends else rest
            filled = tuple(_UNKNOWN if "{" in each.text else each for each in inner)
            commands += [filled] if filled else []
    return Runs(tuple(commands)) if commands else None


_GIT_RUNS = ("-x", "--exec", "--upload-pack", "--receive-pack", "-u", "--extcmd", "--ssh-command")


def _git(words: Sequence[Word]) -> Runs | None:
    """Values of `-c`, and words that git hands to a shell."""
    scripts = list(_after(words, _GIT_RUNS))
    for value in _after(words, ("-c", "--config-env")):
        text = value.text.partition("=")[2].lstrip().removeprefix("!")
        scripts.append(Word(text, text, value.is_known))
    texts = [word.text for word in words]
    guesses: tuple[tuple[Word, ...], ...] = ()
    if ("bisect" in texts and "run" in texts) or "foreach" in texts or "filter-branch" in texts:
        guesses = _guesses(words)
        scripts += words[texts.index("foreach") + 1 :] if "foreach" in texts else []
    scripts = [script for script in scripts if script.text.strip()]
    return Runs(scripts=tuple(scripts), guesses=guesses) if scripts or guesses else None


_CALLS = re.compile(
    r"\b(?:system|popen\w*|exec\w*|spawn\w*|run|call|check_output|check_call|getoutput|Popen|execSync|qx)"
    r"\s*[({\s]\s*\[?\s*[\"']([^\"']{1,2000})"
)
_PIPES = re.compile(
    r"[\"']([^\"']{1,2000})[\"']\s*\|&?\s*getline|\|&?\s*[\"']([^\"']{1,2000})[\"']|`([^`]{1,2000})`"
)
_OF_SED = re.compile(r"(?:^|[\d$/;{!~\n])\s*e\s+([^\n]{1,2000})|([^/|,#@]{1,2000})([/|,#@])[gpiImM\d]*e")


def _code(words: Sequence[Word]) -> Runs | None:
    """What code in another language hands to a shell, where it is written there plainly."""
    found = [call for word in words[1:] for call in _CALLS.findall(word.text)]
    found += [text for word in words[1:] for match in _PIPES.findall(word.text) for text in match if text]
    if name_of(words[0].text) in ("sed", "gsed"):
        found += [
            each for word in words[1:] for match in _OF_SED.findall(word.text) for each in match[:2] if each
        ]
    for word in words[1:]:
        if "!" in word.text:
            found.append(word.text.partition("!")[2])
        if "exec=" in word.text:
            found.append(word.text.partition("exec=")[2])
    scripts = [*(Word(text, text) for text in found if text.strip())]
    return Runs(scripts=tuple(scripts)) if scripts else None


def _with_rsh(words: Sequence[Word]) -> Runs | None:
    options = (
        "-e",
        "--rsh",
        "--rsync-path",
        "--to-command",
        "-I",
        "--use-compress-program",
        "--compress-program",
    )
    scripts = [*_after(words, options), *_after(words, ("-F", "--info-script", "--pre", "--filter"))]
    code = _code(words)
    scripts += code.scripts if code is not None else ()
    return Runs(scripts=tuple(scripts)) if scripts else None


def _computed(words: Sequence[Word]) -> Runs | None:
    """Where a shell computes what stands in the brackets of a name, it runs the substitutions in there, quoted or not."""
    name = name_of(words[0].text)
    options = [word.text[:2] for word in words[1:]]
    if name in _COMPUTES_WITH and not set(_COMPUTES_WITH[name]) & set(options):
        return None
    texts = [word.text for word in words[1:]]
    if name == "compgen":
        scripts = [text for text in texts if not text.startswith("-")]
    else:
        scripts = [f"echo {text}" for text in texts if "$(" in text or "`" in text]
    return Runs(scripts=tuple(Word(text, text) for text in scripts)) if scripts else None


_COMPUTES_WITH: Mapping[str, tuple[str, ...]] = {
    "printf": ("-v",), "test": ("-v", "-R"), "[": ("-v", "-R"), "wait": ("-p", "-n", "-f"),
}  # fmt: skip


_SPECIAL: Mapping[str, Callable[[Sequence[Word]], Runs | None]] = {
    **dict.fromkeys(
        (
            "printf",
            "test",
            "[",
            "wait",
            "compgen",
            "let",
            "unset",
            "read",
            "declare",
            "typeset",
            "local",
            "export",
            "readonly",
            "getopts",
            "mapfile",
            "readarray",
        ),
        _computed,
    ),
    "jobs": lambda words: Runs(guesses=_guesses(words)),
    "eval": _eval,
    "trap": _first_as_script,
    "alias": _alias,
    "watch": _watch,
    "ssh": _ssh,
    "scp": _of_ssh,
    "sftp": _of_ssh,
    "coproc": lambda words: Runs(_shaped(words, _SHAPES["coproc"]).commands, guesses=_guesses(words)),
    "su": _with_dash_c,
    "runuser": _with_dash_c,
    "script": _with_dash_c,
    "flock": lambda words: Runs(
        _shaped(words, _SHAPES["flock"]).commands, tuple(_after(words, ("-c", "--command")))
    ),
    "find": _find,
    "gfind": _find,
    "fd": _find,
    "fdfind": _find,
    "git": _git,
    "tar": _with_rsh,
    "gtar": _with_rsh,
    "bsdtar": _with_rsh,
    "rsync": _with_rsh,
    "sort": _with_rsh,
    "split": _with_rsh,
    "rg": _with_rsh,
    **dict.fromkeys(
        (
            "awk",
            "gawk",
            "mawk",
            "nawk",
            "perl",
            "ruby",
            "node",
            "nodejs",
            "php",
            "lua",
            "osascript",
            "sed",
            "gsed",
        ),
        _code,
    ),
    **dict.fromkeys(
        ("vim", "vi", "nvim", "ex", "view", "emacs", "ed", "less", "ftp", "gdb", "sqlite3"), _code
    ),
    **dict.fromkeys(("python", "python2", "python3", "pypy", "pypy3", "psql", "mysql"), _code),
}
