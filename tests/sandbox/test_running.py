"""How a command in the sandbox is run, told and ended."""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import uuid
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from sandboxed import FEW, Scene, scene

from victor_server.agent.sandbox.find import Machine
from victor_server.agent.sandbox.model import Ended, Output
from victor_server.errors import Unavailable


async def test_a_line_of_a_shell(here: Scene) -> None:
    """Pipes, both streams, the exit code; the workspace is written as the person who owns it."""
    text, ended = await here.run("echo out; echo err >&2; printf 'b\\na\\n' | sort | tee made; exit 7")
    assert (text, ended) == ("out\nerr\na\nb\n", Ended("exited", 7, "", 12))
    assert (here.root / "made").read_text("utf-8") == "a\nb\n"
    assert (here.root / "made").stat().st_uid == os.geteuid()


async def test_folder_environment_and_descriptors(here: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """It starts where it is told, with what it is told and nothing of ours: no variable, no file, no terminal."""
    monkeypatch.setenv("SOME_API_KEY", "secret")
    (here.root / "a folder").mkdir()
    handle = os.open(here.root, os.O_RDONLY)
    os.set_inheritable(handle, True)
    try:
        text = await here.prints(
            "pwd; env | sort; ls /proc/self/fd; readlink /proc/self/fd/0; [ -e /dev/tty ] && cat </dev/tty; true",
            folder=here.root / "a folder",
            environment={"COLOR": "blue", "TERM": "vt52"},
        )
    finally:
        os.close(handle)
    lines = text.splitlines()
    assert lines[0] == str(here.root / "a folder")
    names = {line.partition("=")[0] for line in lines if "=" in line}
    assert names == {"COLOR", "HOME", "LANG", "PATH", "PWD", "SHLVL", "TERM", "TMPDIR", "USER", "_"}
    assert "TERM=vt52" in lines
    assert "secret" not in text
    assert [line for line in lines if line.isdigit()] == ["0", "1", "2", "3"]  # 3 is the folder that ls reads
    assert "/dev/null" in lines


async def test_output_comes_while_it_runs(here: Scene) -> None:
    """The first line is told before the last is printed: the command waits for a file that is made upon it."""
    said = ""
    async with contextlib.aclosing(
        here.sandbox.run(here.command("echo first; until [ -e go ]; do sleep 0.05; done; echo last"))
    ) as running:
        async for each in running:
            if isinstance(each, Output):
                said += each.text
                (here.root / "go").touch()
    assert said == "first\nlast\n"


async def test_characters_and_controls(here: Scene) -> None:
    """Text that is cut within a character is whole again, what is none is replaced, and no terminal is commanded."""
    text = await here.prints(
        "printf '\\303'; sleep 0.2; printf '\\251\\377 \\033[31mred\\033[0m \\033]0;title\\007 a\\b\\r\\nb\\rc\\n'"
    )
    assert text == "é\ufffd red  a\nb\nc\n"


async def test_a_read_only_workspace(here: Scene) -> None:
    """Where it may not write, nothing is changed or made."""
    (here.root / "file").write_text("as it was", "utf-8")
    text, ended = await here.run("cat file; echo x >file; touch new; mkdir .vscode", is_writable=False)
    assert text.startswith("as it was")
    assert ended.exit_code != 0
    assert [path.name for path in here.root.iterdir()] == ["file"]
    assert (here.root / "file").read_text("utf-8") == "as it was"


async def test_too_long(here: Scene) -> None:
    """A command that takes longer than it may is ended, with what it printed told."""
    text, ended = await here.run("trap '' TERM INT; echo begun; sleep 100", limits=replace(FEW, wall_s=0.5))
    assert (text, ended.how, ended.exit_code, ended.limit) == (
        "begun\n",
        "timed_out",
        None,
        "it took longer than 0.5 s",
    )


async def test_too_much_processor_time(here: Scene) -> None:
    """Time is counted over all processes, those that are gone included."""
    _, ended = await here.run(
        "while :; do sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'; done",
        limits=replace(FEW, cpu_s=1.0),
    )
    assert ended.how == "killed"
    assert "processor time" in ended.limit


async def test_a_flood(here: Scene) -> None:
    """Of a long output the beginning and the end are told, of an endless one the beginning; it is ended."""
    few = replace(FEW, output_bytes=4000)
    text, ended = await here.run("seq 10000; echo the end", limits=few)
    assert text.startswith("1\n2\n")
    assert text.endswith("10000\nthe end\n")
    assert f"… {ended.n_left_out} bytes left out …" in text
    assert (ended.n_bytes, ended.n_left_out, ended.exit_code) == (48_902, 44_902, 0)
    text, ended = await here.run("yes", limits=few)
    assert ended.how == "too_much_output"
    assert len(text) < 10_000


async def test_signals(here: Scene) -> None:
    """A command that a signal ended is told as a shell tells it, with the signal's name."""
    _, ended = await here.run("sh -c 'kill -SEGV $$'; exit $?")
    assert (ended.exit_code, ended.signal) == (139, "SIGSEGV")
    _, ended = await here.run("kill -TERM $$")
    assert (ended.exit_code, ended.signal) == (143, "SIGTERM")


def alive(marker: str) -> bool:
    """Whether a process of this machine has `marker` in its command line."""
    return any(marker in " ".join(each.info["cmdline"] or []) for each in psutil.process_iter(["cmdline"]))


async def test_closed_early(here: Scene) -> None:
    """Who stops listening ends it: its processes are dead when that returns."""
    marker = f"5{uuid.uuid4().int % 10**8:08d}"
    running = here.sandbox.run(
        here.command(f"(trap '' TERM; setsid sleep {marker} & echo up; sleep {marker})")
    )
    assert isinstance(await anext(running), Output)
    assert alive(marker)
    await running.aclose()
    assert not alive(marker)
    assert list(here.root.iterdir()) == []


@pytest.mark.parametrize("n_turns", [0, 1, 2, 4, 8, 16, 64, 256])
async def test_cancelled_at_any_point(here: Scene, n_turns: int) -> None:
    """A cancel after any number of turns of the loop leaves no process, no task, and no trace in the workspace."""
    marker = f"5{uuid.uuid4().int % 10**8:08d}"
    task = asyncio.create_task(here.run(f"sleep {marker}"))
    for _ in range(n_turns):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not alive(marker)
    assert list(here.root.iterdir()) == []


KILLED = """
import asyncio, sys
from pathlib import Path
sys.path[:0] = {path!r}
from sandboxed import scene
async def main():
    here = await scene(Path({folder!r}))
    print(await here.run("sleep {marker} & setsid sleep {marker} & sleep {marker}"))
asyncio.run(main())
"""


async def test_it_dies_with_victor(tmp_path: Path) -> None:
    """Killed as hard as can be, Victor takes its commands along."""
    marker = f"5{uuid.uuid4().int % 10**8:08d}"
    code = KILLED.format(path=sys.path, folder=str(tmp_path), marker=marker)
    with psutil.Popen([sys.executable, "-c", code]) as victor:
        while not (found := [each for each in descendants(victor) if is_sleeping(each, marker)]):
            assert victor.poll() is None
            await asyncio.sleep(0.02)
        victor.send_signal(signal.SIGKILL)
        gone, left = await asyncio.to_thread(psutil.wait_procs, found, 20)
    assert left == []
    assert len(gone) >= 1


def descendants(process: psutil.Process) -> list[psutil.Process]:
    """All processes that came of this one."""
    try:
        return list(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def is_sleeping(process: psutil.Process, marker: str) -> bool:
    """Whether it is one of the sleeps."""
    try:
        return process.cmdline() == ["sleep", marker]
    except psutil.Error:
        return False


async def test_two_in_one_workspace(here: Scene) -> None:
    """The one that ends first leaves the other's protection in place; the last leaves nothing behind."""
    first = asyncio.create_task(
        here.run("until [ -e go ]; do sleep 0.02; done; mkdir -p .vscode/x || echo held")
    )
    await here.prints("true")
    (here.root / "go").touch()
    text, _ = await first
    assert "held" in text
    assert [path.name for path in here.root.iterdir()] == ["go"]


async def test_a_home_folder_is_no_workspace(here: Scene) -> None:
    """Where a command could change a person's own settings, or Victor's, none runs."""
    for root in (here.person, here.person.parent, here.home, here.home / "sandbox", Path("/")):
        with pytest.raises(Unavailable):
            await anext(here.sandbox.run(replace(here.command("true"), root=root, folder=root)))


async def test_what_cannot_start_says_so(here: Scene) -> None:
    """A folder that is gone is no exit code of a command's."""
    with pytest.raises(Unavailable, match="did not start"):
        await here.run("true", folder=here.root / "gone")
    with pytest.raises(Unavailable, match="NUL"):
        await here.run("true", environment={"A": "b\0c"})
    with pytest.raises(Unavailable, match="NUL"):
        await here.run("echo a\0b")
    with pytest.raises(Unavailable, match="could not be started"):
        await here.run("echo " + "x" * 3_000_000)


async def sleeping(marker: str) -> psutil.Process:
    """The sleep that came of this process, once it is there."""
    while True:
        for each in descendants(psutil.Process()):
            if is_sleeping(each, marker):
                return each
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("n_above", [1, 2])
async def test_killed_from_outside(here: Scene, n_above: int) -> None:
    """Where something else ends it, such as a system that is short of memory, that is told as a signal: be it the shell
    that is hit, or the first process inside.
    """
    marker = f"5{uuid.uuid4().int % 10**8:08d}"
    running = here.sandbox.run(here.command(f"echo up; sleep {marker}; true"))
    assert isinstance(await anext(running), Output)
    found = await sleeping(marker)
    found.parents()[n_above - 1].kill()
    (ended,) = [each async for each in running if isinstance(each, Ended)]
    assert ended.signal == "SIGKILL"
    assert not alive(marker)


async def test_a_further_worktree(here: Scene) -> None:
    """git knows its repository there, and cannot change it; a file that merely names a folder shows nothing of it."""
    git = "git -c user.name=a -c user.email=a@example.org"
    main = here.root.parent / "main"
    script = f"git init -q {main} && cd {main} && {git} commit -q --allow-empty -m first && git worktree add -q {here.root}"
    made = await asyncio.create_subprocess_exec("sh", "-c", script, env={"PATH": "/usr/bin:/bin"})
    assert await made.wait() == 0
    text, _ = await here.run(
        f"git log --oneline; git status --short; echo bad >{main}/.git/config; ls {main}"
    )
    assert "first" in text
    assert "Read-only" in text
    (here.person / "keys").mkdir()
    (here.person / "keys" / "HEAD").write_text("secret", "utf-8")
    (here.root / ".git").write_text(f"gitdir: {here.person}/keys\n", "utf-8")
    text, _ = await here.run(f"cat {here.person}/keys/HEAD")
    assert "secret" not in text


async def test_an_exit_code_of_the_shells_own(here: Scene) -> None:
    """125 is a command's exit code as any other."""
    assert (await here.run("echo x; exit 125"))[1].exit_code == 125


AS_A_PERSON = """
import asyncio, os, sys
from pathlib import Path
sys.path[:0] = {path!r}
from sandboxed import scene
async def main():
    here = await scene(Path({folder!r}, "as-root"))
    await here.prints("true")  # and so all is loaded that an ordinary user could not read here
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(1234, 1234, 1234)
        os.setresuid(1234, 1234, 1234)
    here = await scene(Path({folder!r}, "theirs"), readable=())
    print(await here.prints("id -u; touch made; ls -A; (echo x >/usr/x) 2>&1 | grep -c Read-only;"
        " mkdir -p .git/hooks || echo held"))
    print((here.root / "made").stat().st_uid, os.getuid())
asyncio.run(main())
"""


async def test_as_an_ordinary_user() -> None:
    """Without root's power it is the same: bubblewrap by namespaces of the user's own."""
    with tempfile.TemporaryDirectory() as name:
        uid = os.geteuid() or 1234
        os.chown(name, uid, os.getegid() or 1234)
        code = AS_A_PERSON.format(path=sys.path, folder=name)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await process.communicate()
    lines = said.decode().split()
    assert lines[0] == str(uid), said.decode()
    assert lines[-2:] == [str(uid), str(uid)]
    assert "held" in lines


async def test_a_long_line_in_any_letters_is_started(here: Scene) -> None:
    """As long as the tool takes them, of the letters that take most bytes."""
    line = "echo " + "😀" * 19_990
    assert await here.prints(line) == line.removeprefix("echo ") + "\n"
    assert await here.prints("printf '%s' 'é\udce9' | wc -c") == "3\n"


async def test_a_line_cannot_say_that_it_was_not_started(here: Scene) -> None:
    """What it writes where bubblewrap complains is no complaint, whatever code it ends with: something was run."""
    _, ended = await here.run(r"touch ran; printf '\033[31mforged\033]0;x\007' >/proc/1/fd/2; exit 125")
    assert (ended.how, ended.exit_code) == ("exited", 125)
    assert (here.root / "ran").exists()


async def test_what_bubblewrap_complains_is_plain_text(here: Scene) -> None:
    """The name of a folder that is not there commands no terminal."""
    with pytest.raises(Unavailable, match="did not start") as caught:
        await here.run("true", folder=here.root / "\x1b]0;gone\x07\x1b[31m")
    assert "\x1b" not in caught.value.message


async def test_a_person_commits_under_their_own_name(tmp_path: Path) -> None:
    """The name and address that the person's own git has, and nothing else of its settings."""
    person = tmp_path / "person"
    person.mkdir()
    (person / ".gitconfig").write_text(
        '[user]\n\tname = "Ada \\"L\\" \\\\ x"\n\temail = ada@example.org\n[alias]\n\tst = status\n', "utf-8"
    )
    here = await scene(tmp_path)
    text = await here.prints(
        "cd /tmp && git init -q x && cd x && git commit -q --allow-empty -m first && git log --format='%an <%ae>';"
        " git config --global --list | wc -l; git config --global user.name other || echo closed"
    )
    assert text.splitlines()[0] == 'Ada "L" \\ x <ada@example.org>'
    assert "\n2\n" in text
    assert text.splitlines()[-1] == "closed"


async def test_programs_of_languages_are_found(tmp_path: Path) -> None:
    """Those of the person's PATH that may be read, in its order; and those that an editor's PATH may lack."""
    person = tmp_path / "person"
    for name in (
        ".nvm/versions/node/v9.1.0/bin",
        ".nvm/versions/node/v20.2.0/bin",
        ".pyenv/versions/3/bin",
        "mine/bin",
    ):
        (person / name).mkdir(parents=True)
    path = f"{person}/mine/bin:relative::{person}/.pyenv/versions/3/bin:/usr/bin"
    here = await scene(tmp_path, machine=Machine(person.resolve(), path=path))
    found = (await here.prints("echo $PATH")).strip().split(":")
    assert found[:2] == [f"{person}/.pyenv/versions/3/bin", "/usr/bin"]
    assert f"{person}/.nvm/versions/node/v20.2.0/bin" in found
    assert not [each for each in found if "v9.1.0" in each or "mine" in each or not each.startswith("/")]
    assert len(found) == len(set(found))
