"""The sandbox of a Docker engine: its command line, word for word, and how it is asked and ended."""

import contextlib
import os
from pathlib import Path

import pytest

from victor_server.agent.sandbox.docker import Docker, find_docker
from victor_server.agent.sandbox.docker_words import run_words
from victor_server.agent.sandbox.find import Machine, find_sandbox, why_forbidden
from victor_server.agent.sandbox.model import Command, Ended, Limits, Output
from victor_server.agent.sandbox.mounts import Mount, Outside
from victor_server.errors import Unavailable
from victor_server.policy.policy import Policy
from victor_server.settings.resolved import SandboxSettings

ENGINE = """#!/bin/sh
echo "$@" >>{log}
case "$1" in
info) echo '["name=seccomp"]' ;;
image) [ "$5" = there ] || exit 1 ;;
ps) echo "c0ffee 999999999"; echo "cafe01 {pid}" ;;
run) case "$*" in *gone*) echo "docker: no such thing." >&2; exit 125 ;; esac
while [ "$1" != -c ]; do shift; done; echo up; exec sh -c "$4" ;;
rm) kill $(cat {folder}/pid) 2>/dev/null; true ;;
esac
"""


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """A program in the place of the engine's: it answers, writes down what it was asked, and runs lines itself."""
    program = tmp_path / "programs" / "docker"
    program.parent.mkdir()
    text = ENGINE.format(log=tmp_path / "log", pid=os.getpid(), folder=tmp_path)
    program.write_text(text, "utf-8")
    program.chmod(0o755)
    (tmp_path / "home").mkdir()
    (tmp_path / "root").mkdir()
    return program


def outside(folder: Path) -> Outside:
    """A machine in a folder."""
    return Outside(folder / "person", folder / "home", (), folder / "empty", folder / "none")


def test_the_command_line() -> None:
    """All of the promise: no network, no power, nothing writable but the workspace and a small /tmp, limits on all."""
    command = Command(
        "echo $HOME", Path("/w/a"), Path("/w"), {"A": "b c"}, limits=Limits(memory_bytes=1024, n_processes=9)
    )
    mounts = (
        Mount("bind", "/w", "/w"),
        Mount("ro-bind", "/w/.git", "/w/.git"),
        Mount("ro-bind", "/w/a,b", "/x/none"),
    )
    words = run_words(command, "debian:12", mounts, name="victor-1", user=(1000, 100))
    assert words[:-5] == (
        *("run", "--rm", "--interactive", "--init", "--pull", "never", "--name", "victor-1"),
        *("--label", f"victor.sandbox={os.getpid()}", "--network", "none"),
        *("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
        *("--tmpfs", "/tmp:rw,noexec,nosuid,nodev,size=104857600"),
        *("--pids-limit", "9", "--memory", "1024", "--memory-swap", "1024"),
        *("--ulimit", "core=0:0", "--ulimit", "cpu=120:120"),
        *("--ulimit", "fsize=1073741824:1073741824", "--ulimit", "nofile=4096:4096"),
        *("--user", "1000:100", "--hostname", "sandbox", "--workdir", "/w/a"),
        *("--env", "HOME=/tmp", "--env", "LANG=C.UTF-8", "--env", "TERM=dumb", "--env", "A=b c"),
        *("--mount", "type=bind,source=/w,target=/w"),
        *("--mount", "type=bind,source=/w/.git,target=/w/.git,readonly"),
        *("--mount", 'type=bind,source=/x/none,"target=/w/a,b",readonly'),
        *("--entrypoint", "sh", "debian:12"),
    )
    assert words[-5] == "-c"
    assert words[-4].startswith('echo "$2" >&2;')  # before the line can write there what the engine might say
    assert words[-3:] == ("sh", "echo $HOME", "victor: started")


async def test_found_and_tidied(engine: Path, tmp_path: Path) -> None:
    """An engine that has the image is taken; containers of a Victor that is gone are removed, others are not."""
    found = await find_docker(engine, "there", outside(tmp_path), Policy())
    assert isinstance(found, Docker)
    asked = (tmp_path / "log").read_text("utf-8")
    assert "rm --force c0ffee" in asked
    assert "rm --force cafe01" not in asked
    assert "pull" not in asked


def stopped(engine: Path) -> Path:
    """The program without an engine."""
    engine.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    return engine


async def test_why_not(engine: Path, tmp_path: Path) -> None:
    """No program, no such image, no engine that answers: each has its own words."""
    there = outside(tmp_path)
    assert await find_docker(None, "there", there, Policy()) == "Docker is not installed"
    assert await find_docker(engine, "missing", there, Policy()) == "it has no image missing"
    silent = stopped(engine)
    assert await find_docker(silent, "there", there, Policy()) == "no engine answers"


async def test_run_and_closed(engine: Path, tmp_path: Path) -> None:
    """It tells output and exit code; closed early, the container is removed."""
    docker = await find_docker(engine, "there", outside(tmp_path), Policy())
    assert isinstance(docker, Docker)
    root = tmp_path / "root"
    told = [each async for each in docker.run(Command("echo hi; exit 3", root, root))]
    assert "".join(each.text for each in told if isinstance(each, Output)) == "up\nhi\n"
    assert told[-1] == Ended("exited", 3, "", 6)
    told = [each async for each in docker.run(Command("exit 125", root, root))]
    assert told[-1] == Ended("exited", 125, "", 3)
    line = f"echo $$ >{tmp_path}/pid; echo ready; exec sleep 100"
    async with contextlib.aclosing(docker.run(Command(line, root, root))) as running:
        said = ""
        while "ready" not in said:
            said += getattr(await anext(running), "text", "")
    assert "rm --force victor-" in (tmp_path / "log").read_text("utf-8")


async def test_what_the_engine_does_not_start(engine: Path, tmp_path: Path) -> None:
    """It says so itself; that is no exit code of the command's."""
    docker = await find_docker(engine, "there", outside(tmp_path), Policy())
    assert isinstance(docker, Docker)
    root = tmp_path / "root"
    with pytest.raises(Unavailable, match="did not start the container: no such thing"):
        await anext(docker.run(Command("true", root / "gone", root)))


async def test_docker_is_taken_before_bubblewrap(engine: Path, tmp_path: Path) -> None:
    """Where an image is set and there, that is the sandbox; a person who wants Docker alone gets nothing else."""
    machine = Machine(tmp_path / "person", [engine.parent])
    home = tmp_path / "home"
    found = await find_sandbox(home, Policy(), SandboxSettings(image="there"), machine=machine)
    assert found.name == "docker"
    with pytest.raises(Unavailable, match="it has no image missing"):
        await find_sandbox(home, Policy(), SandboxSettings("docker", "missing"), machine=machine)


async def test_none(tmp_path: Path) -> None:
    """Without either no command runs, and the person is told what to install."""
    with pytest.raises(Unavailable, match="not installed") as caught:
        await find_sandbox(tmp_path, Policy(), SandboxSettings(), machine=Machine(tmp_path, [tmp_path]))
    assert "apt install bubblewrap" in caught.value.fix


@pytest.mark.parametrize(
    ("file", "text", "fix"),
    [
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "AppArmor"),
        ("kernel/unprivileged_userns_clone", "0", "unprivileged_userns_clone=1"),
        ("user/max_user_namespaces", "0", "max_user_namespaces=15000"),
        ("user/other", "0", ""),
    ],
)
def test_forbidden_namespaces(tmp_path: Path, file: str, text: str, fix: str) -> None:
    """Systems that keep user namespaces from their users: the fix is the one for that system."""
    (tmp_path / file).parent.mkdir()
    (tmp_path / file).write_text(text + "\n", "utf-8")
    assert fix in why_forbidden(tmp_path)
    assert bool(fix) == bool(why_forbidden(tmp_path))
