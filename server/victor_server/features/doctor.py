"""What may be wrong with this installation, looked at piece by piece: what was found, and how to mend it."""

import importlib.metadata
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from victor_indexer.errors import IndexerError
from victor_indexer.languages import LANGUAGES, grammar
from victor_indexer.manifest import open_manifest
from victor_indexer.scan import git
from victor_indexer.wire import INDEX_FORMAT
from victor_server.egress import guard
from victor_server.egress.children import child
from victor_server.errors import VictorError
from victor_server.policy.policy import Policy
from victor_server.settings.home import too_open
from victor_server.settings.layer import Problem
from victor_server.settings.resolved import Settings

DISTRIBUTION = "victor-language-server"
OLDEST_PYTHON = (3, 11)
LITTLE_DISK_BYTES = 500_000_000
FEW_WATCHES = 8_192
_PROGRAM_TIME_LIMIT_S = 5
_CONNECT_TIME_LIMIT_S = 0.2

EDITORS = ("nvim", "vim", "code", "codium", "code-server", "cursor", "emacs", "hx", "kak", "subl", "zed")
OLDEST_NEOVIM = (0, 11)
MODEL_SERVERS = (("Ollama", 11434), ("LM Studio", 1234), ("vLLM", 8000))


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `fix` says what to do; it may be there for a thing that is all right."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined. `ask_worker` says which worker answers, or raises from the indexer's tree; `look_at_team` looks at
    what there is of a team's backend.
    """

    settings: Settings
    problems: Sequence[Problem]
    environment: Mapping[str, str]
    ask_worker: Callable[[], str]
    look_at_team: "Callable[[], Iterable[Check]]" = tuple


def examine(patient: Patient) -> Iterator[Check]:
    """Every check, one after the other; one that fails itself is reported like any other trouble."""
    for name, look in _LOOKS.items():
        try:
            yield from look(patient)
        except (VictorError, IndexerError) as error:
            yield Check(name, False, error.message, error.fix)
        except Exception as error:  # noqa: BLE001 - a doctor who faints helps nobody
            yield Check(
                name, False, f"could not be looked at: {type(error).__name__}", "Please report this as a bug."
            )


def _python(patient: Patient) -> Iterator[Check]:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    ok = sys.version_info >= OLDEST_PYTHON
    yield Check("python", ok, found, "" if ok else f"Install Python {_dotted(OLDEST_PYTHON)} or later.")


def _packages(patient: Patient) -> Iterator[Check]:
    try:
        needed = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        fix = f"Install it with `pip install {DISTRIBUTION}`."
        yield Check("packages", False, f"{DISTRIBUTION} itself is not installed", fix)
        return
    wrong = [trouble for requirement in needed if (trouble := unmet(requirement, _installed))]
    if wrong:
        fix = f"Run `pip install --upgrade {DISTRIBUTION}`."
        yield Check("packages", False, "; ".join(wrong), fix)
    else:
        yield Check("packages", True, f"{len(needed)} as needed")


def unmet(requirement: str, installed: Callable[[str], str | None]) -> str:
    """What is wrong with one requirement of a distribution, "" if nothing. One that only some systems need may lack."""
    wanted, _, marker = requirement.partition(";")
    match = re.match(r"\s*([A-Za-z0-9._-]+)\s*(?:\[[^]]*\])?\s*\(?([^)]*)\)?\s*$", wanted)
    if match is None:
        return ""
    name, limits = match.group(1), match.group(2).strip()
    version = installed(name)
    if version is None:
        return "" if marker.strip() else f"{name} is not installed"
    if all(_holds(version, limit.strip()) for limit in limits.split(",") if limit.strip()):
        return ""
    return f"{name} is {version}, needed is {limits}"


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _holds(version: str, limit: str) -> bool:
    match = re.match(r"(>=|<=|==|!=|<|>)\s*([\d.]+)$", limit)
    if match is None:
        return True
    have, want = _numbers(version), _numbers(match.group(2))
    length = max(len(have), len(want))
    have, want = have + (0,) * (length - len(have)), want + (0,) * (length - len(want))
    match match.group(1):
        case ">=":
            return have >= want
        case "<=":
            return have <= want
        case "==":
            return have == want
        case "!=":
            return have != want
        case "<":
            return have < want
        case _:
            return have > want


def _grammars(patient: Patient) -> Iterator[Check]:
    broken: list[str] = []
    for language in LANGUAGES:
        try:
            grammar(language)
        except Exception as error:  # noqa: BLE001 - a wheel for another system fails in its own way
            broken.append(f"{language.name} ({type(error).__name__})")
    if broken:
        fix = f"Run `pip install --force-reinstall {DISTRIBUTION}`."
        yield Check("grammars", False, f"cannot be loaded: {', '.join(broken)}", fix)
    else:
        yield Check("grammars", True, f"{len(LANGUAGES)} languages")


def _home(patient: Patient) -> Iterator[Check]:
    home = patient.settings.home
    if not home.exists():
        above = next(folder for folder in home.parents if folder.exists())
        if os.access(above, os.W_OK | os.X_OK):
            yield Check("home", True, f"{home} is not there yet; it is made when it is needed")
        else:
            fix = "Set VICTOR_HOME to a folder that you may write to."
            yield Check("home", False, f"{home} cannot be made in {above}", fix)
        return
    if not home.is_dir():
        yield Check("home", False, f"{home} is not a folder", "Move it away, or set VICTOR_HOME to a folder.")
        return
    trouble = [text for text in [too_open(home)] if text]
    if trouble:  # what lies in a folder that nobody else can enter is as closed as the folder
        files = [path for path in sorted(home.iterdir()) if path.is_file() and not path.is_symlink()]
        trouble += [text for path in files if (text := too_open(path))]
    if not os.access(home, os.W_OK | os.X_OK):
        trouble.append(f"{home} cannot be written to")
    if trouble:
        yield Check("home", False, "; ".join(trouble), f"Run `chmod -R u=rwX,go= {home}` as its owner.")
    else:
        yield Check("home", True, f"{home}, for you alone")


def _disk(patient: Patient) -> Iterator[Check]:
    folder = patient.settings.index_folder
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    ok = free >= LITTLE_DISK_BYTES
    fix = "" if ok else "Free some space, or let LANCEDB_URI name a folder on another disk."
    yield Check("disk", ok, f"{_size(free)} free at {folder}", fix)


def _settings(patient: Patient) -> Iterator[Check]:
    if not patient.problems:
        yield Check("settings", True, "nothing wrong")
    for problem in patient.problems:
        place = problem.source if problem.line is None else f"{problem.source}, line {problem.line}"
        fix = "Correct it; `victor config show` prints what holds meanwhile."
        yield Check("settings", False, f"{place}: {problem.message}", fix)


def _permissions(patient: Patient) -> Iterator[Check]:
    # Loaded here: rules are nothing to the other checks.
    from victor_server.agent.permissions.current_rules import CurrentRules

    rules = CurrentRules(patient.settings.home, lambda _: False)
    problems = rules.problems(None)
    for problem in problems:
        place = problem.source if problem.line is None else f"{problem.source}, line {problem.line}"
        fix = (
            "Correct it, and let nobody else write it (`chmod 600`): until then all but reading is asked for."
            " `victor permissions` prints what holds."
        )
        yield Check("permissions", False, f"{place}: {problem.message}", fix)
    if not problems:
        n_own = sum(each.source == "file" for each in rules.of(None).own)
        yield Check(
            "permissions", True, f"{n_own} rules of yours, {len(rules.of(None).answers)} answers remembered"
        )


def _assists(patient: Patient) -> Iterator[Check]:
    # Loaded here: they are nothing to the other checks.
    from victor_server.features.assists.own_files import OwnAssistFiles

    assists, problems = OwnAssistFiles(patient.settings.home, lambda _: False).now(None)
    for problem in problems:
        place = problem.source if problem.line is None else f"{problem.source}, line {problem.line}"
        yield Check(
            "assists", False, f"{place}: {problem.message}", "Correct it; docs/assists.md has the names."
        )
    if assists and not problems:
        yield Check("assists", True, f"actions of your own: {len(assists)}")


def _git(patient: Patient) -> Iterator[Check]:
    program = git.find_git(patient.environment)
    if program is None:
        fix = "Install git: without it, tracked files that are ignored too are left out."
        yield Check("git", True, "not found; ignore files are read without it", fix)
        return
    version = _version_of([program, "--version"])
    yield Check(
        "git", bool(version), f"{version or 'does not run'} ({program})", "" if version else "Reinstall git."
    )


def _worker(patient: Patient) -> Iterator[Check]:
    try:
        yield Check("index worker", True, patient.ask_worker())
    except IndexerError as error:
        yield Check("index worker", False, error.message, error.fix)


def _indexes(patient: Patient) -> Iterator[Check]:
    folder = patient.settings.index_folder
    found = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    if not found:
        yield Check("indexes", True, "none yet", "Open a folder in your editor, or run `victor index`.")
    for path in found:
        yield _index(path)


def _index(folder: Path) -> Check:
    name, size = f"index {folder.name}", _size(_bytes_below(folder))
    if not folder.name.endswith(f"-{INDEX_FORMAT}"):
        return Check(
            name, True, f"{size}, of another version of Victor", f"If that one is gone, delete {folder}."
        )
    if not (folder / "manifest.sqlite").is_file():
        return Check(name, True, f"{size}, empty")
    try:
        manifest = open_manifest(folder / "manifest.sqlite")
    except IndexerError as error:
        return Check(
            name, False, f"{size}; {error.message}", error.fix or "Run `victor index --rebuild` there."
        )
    try:
        totals = manifest.totals()
    except IndexerError as error:
        return Check(
            name, False, f"{size}; {error.message}", error.fix or "Run `victor index --rebuild` there."
        )
    finally:
        manifest.close()
    remarks = f", {len(totals.errors)} with a remark" if totals.errors else ""
    return Check(name, True, f"{totals.files:,} files{remarks}, {totals.chunks:,} chunks, {size}")


def _watching(patient: Patient) -> Iterator[Check]:
    limit = Path("/proc/sys/fs/inotify/max_user_watches")
    if not limit.is_file():
        yield Check("file watching", True, "this system sets no limit")
        return
    watches = int(limit.read_text(encoding="ascii"))
    fix = "Run `sudo sysctl fs.inotify.max_user_watches=524288`: in larger trees changes go unseen until they are saved."
    ok = watches >= FEW_WATCHES
    yield Check("file watching", ok, f"{watches:,} folders can be watched", "" if ok else fix)


def _editors(patient: Patient) -> Iterator[Check]:
    found = {name: program for name in EDITORS if (program := _on_path(name, patient.environment))}
    if not found:
        yield Check("editors", True, "none found on PATH", "README.md says how to set one up.")
        return
    neovim = _version_of([found["nvim"], "--version"]) if "nvim" in found else ""
    shown = [f"nvim {neovim.removeprefix('NVIM v')}" if name == "nvim" and neovim else name for name in found]
    is_old = bool(neovim) and _numbers(neovim.removeprefix("NVIM v")) < OLDEST_NEOVIM
    fix = f"Victor's plugin needs Neovim {_dotted(OLDEST_NEOVIM)} or later." if is_old else ""
    yield Check("editors", True, ", ".join(shown), fix)


def _network(patient: Patient) -> Iterator[Check]:
    # Loaded here: policy and certificates are nothing to the other checks.
    from victor_server.features.doctor_network import look_at_network

    for name, ok, detail, fix in look_at_network(patient.settings, patient.environment):
        yield Check(name, ok, detail, fix)


def _sandbox(patient: Patient) -> Iterator[Check]:
    # Loaded here: the sandbox is nothing to the other checks.
    from victor_server.features.doctor_sandbox import look_at_sandbox

    yield Check("sandbox", *look_at_sandbox(patient.settings))


def _team(patient: Patient) -> Iterator[Check]:
    yield from patient.look_at_team()


def _model_servers(patient: Patient) -> Iterator[Check]:
    found = [f"{name} (port {port})" for name, port in MODEL_SERVERS if _listens(port)]
    yield Check("model servers", True, ", ".join(found) or "none found on this machine; none is needed")


def _listens(port: int) -> bool:
    try:
        with (
            guard.announced("127.0.0.1", port),
            socket.create_connection(("127.0.0.1", port), timeout=_CONNECT_TIME_LIMIT_S),
        ):
            return True
    except OSError:
        return False


def _on_path(name: str, environment: Mapping[str, str]) -> str | None:
    """A program in an absolute folder of PATH: what lies in the current folder may be a repository's."""
    folders = [
        folder for folder in environment.get("PATH", "").split(os.pathsep) if Path(folder).is_absolute()
    ]
    return shutil.which(name, path=os.pathsep.join(folders)) if folders else None


def _version_of(command: Sequence[str]) -> str:
    """The first line that a program prints, "" if it does not run."""
    held = child(command, os.environ, Policy())
    try:
        done = subprocess.run(
            held.words,
            env=held.environment,
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_PROGRAM_TIME_LIMIT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return lines[0].strip() if lines and done.returncode == 0 else ""


def _bytes_below(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).lstat().st_size
            except OSError:
                continue  # the table is being tidied
    return total


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(?:\.\d+)*", version.strip())
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))


def _size(n_bytes: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}" if unit == "bytes" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} TB"


_LOOKS: dict[str, Callable[[Patient], Iterator[Check]]] = {
    "python": _python,
    "packages": _packages,
    "grammars": _grammars,
    "home": _home,
    "disk": _disk,
    "settings": _settings,
    "permissions": _permissions,
    "assists": _assists,
    "git": _git,
    "index worker": _worker,
    "indexes": _indexes,
    "file watching": _watching,
    "editors": _editors,
    "network": _network,
    "model servers": _model_servers,
    "sandbox": _sandbox,
    "team": _team,
}
"""The order in which things are looked at, and said."""
