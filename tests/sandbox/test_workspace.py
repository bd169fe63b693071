"""What a command leaves in a workspace is no trap: neither for the next command, nor for the person's own programs."""

import asyncio
import os
import socket
from contextlib import chdir
from pathlib import Path

import pytest
from sandboxed import PYTHON, Scene

from victor_server.agent.tools.hidden_files import HiddenFiles
from victor_server.errors import Unavailable
from victor_server.policy.private_files import PrivateFiles


def hidden(here: Scene, *patterns: str) -> tuple[Path, ...]:
    """What the tool hides of a workspace."""
    return HiddenFiles().below(here.root, PrivateFiles(patterns).why)


async def git(folder: Path, *words: str) -> str:
    """What the person's own git prints."""
    process = await asyncio.create_subprocess_exec(
        "git",
        *words,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return said.decode()


async def test_private_files_cannot_be_moved_to_where_they_are_not_private(here: Scene) -> None:
    """Two commands in a row: the first moves the folder above, the second reads what no pattern names any more."""
    (here.root / "deploy" / "live").mkdir(parents=True)
    (here.root / "deploy" / "live" / "values.txt").write_text("the-secret", "utf-8")
    (here.root / "deploy" / "plain.txt").write_text("plain", "utf-8")
    pattern = "deploy/live/**"
    await here.run("mv deploy other; mv deploy/live live", hidden=hidden(here, pattern))
    text, _ = await here.run("cat */values.txt */*/values.txt; cat */plain.txt", hidden=hidden(here, pattern))
    assert "the-secret" not in text
    assert "plain" in text


async def test_sockets_and_pipes_of_the_workspace_are_hidden(here: Scene) -> None:
    """Also a socket that its program bound by a relative name, of which the kernel does not know where it lies."""
    os.mkfifo(here.root / "pipe")
    (here.root / "run").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        with chdir(here.root):
            server.bind("run/server.sock")
        server.listen()
        server.settimeout(0)
        tried = f"{PYTHON} -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"run/server.sock\")'; [ -p pipe ] && echo pipe"
        text, _ = await here.run(tried, hidden=hidden(here))
        with pytest.raises(BlockingIOError):
            server.accept()
    assert "PermissionError" in text or "ConnectionRefusedError" in text
    assert "pipe\n" not in text


async def test_more_private_files_than_can_be_hidden_are_refused(here: Scene) -> None:
    """None of them is shown: the command does not run at all."""
    for number in range(2_001):
        (here.root / f"{number}.pem").touch()
    with pytest.raises(Unavailable, match="too many to hide"):
        await here.run("cat *.pem", hidden=hidden(here, "*.pem"))


async def test_folders_in_folders_without_end_do_not_break_the_next_command(here: Scene) -> None:
    """What one command nested, deeper than a path can be written, the next one runs beside."""
    await here.python("import os\nfor _ in range(1100): os.mkdir('d'); os.chdir('d')")
    assert await here.prints("echo on", hidden=hidden(here)) == "on\n"
    await here.run("rm -rf d")


async def test_a_workspace_cannot_be_made_a_repository_that_runs_programs(here: Scene) -> None:
    """git takes the folder that it is called in for one without `.git`, if a few names are there."""
    await here.run(
        'rmdir HEAD; mv HEAD x; mkdir -p objects refs; echo "ref: refs/heads/main" >HEAD; printf "[core]\\nrepositoryformatversion=0\\n'
        'bare=false\\nworktree=.\\nfsmonitor=\\"touch $PWD/planted; false\\"\\n" >config'
    )
    assert not (here.root / "HEAD").exists()
    await git(here.root, "status")
    assert not (here.root / "planted").exists()


async def test_settings_of_a_repository_without_a_folder_of_its_own_stay(here: Scene) -> None:
    """A workspace that is itself what others have in `.git`."""
    await git(here.root, "init", "-q", "--bare")
    before = (here.root / "config").read_text("utf-8")
    text, _ = await here.run(
        "for each in config hooks/post-receive HEAD; do echo bad >$each && echo wrote; done; mv hooks x && echo moved"
    )
    assert "wrote" not in text
    assert "moved" not in text
    assert (here.root / "config").read_text("utf-8") == before


async def test_repositories_below_a_workspace_are_closed_too(here: Scene) -> None:
    """A folder of many projects: nothing is planted in the settings or hooks of any of them."""
    for name in ("one", "group/two"):
        (here.root / name).mkdir(parents=True)
        await git(here.root / name, "init", "-q")
    text, _ = await here.run(
        "mv group other && echo moved; for each in one group/two; do mv $each/.git $each/x && echo moved;"
        " echo bad >>$each/.git/config && echo wrote; echo bad >$each/.git/hooks/pre-commit && echo wrote;"
        " mkdir -p $each && touch $each/new; done"
    )
    assert "wrote" not in text, text
    assert "moved" not in text, text
    assert (here.root / "group" / "two" / "new").exists()
