"""Nothing gets out of the sandbox: each test tries one way, for real."""

import asyncio
import errno
import os
import platform
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from sandboxed import FEW, PYTHON, Scene, scene

from victor_server.agent.sandbox.growth import Growth
from victor_server.agent.sandbox.system_calls import MACHINES


def was_planted() -> bool:
    """Whether the system got a program that it did not have."""
    return Path("/usr/bin/planted").exists()


async def test_nothing_outside_is_written(here: Scene, tmp_path: Path) -> None:
    """Neither what lies beside the workspace, nor the system, nor the root folder; and nothing of it is even there."""
    beside = tmp_path / "work" / "beside"
    beside.write_text("theirs", "utf-8")
    text = await here.prints(
        f"for each in {beside} /usr/bin/planted /etc/planted /planted /usr/local/bin/planted; do"
        " echo bad >$each && echo wrote $each; done; cat ../beside; ls ..; echo good >inside"
    )
    assert "wrote /usr" not in text
    assert "wrote /etc" not in text
    assert "wrote /planted" not in text
    assert "theirs" not in text
    assert beside.read_text("utf-8") == "theirs"
    assert not was_planted()
    assert (here.root / "inside").read_text("utf-8") == "good\n"


async def test_keys_and_victors_own_data_are_not_there(here: Scene) -> None:
    """A person's keys and VICTOR_HOME cannot be read, by no way of writing their path."""
    (here.person / ".ssh" / "id_ed25519").write_text("secret-key", "utf-8")
    (here.home / "permissions.yaml").write_text("secret-rules", "utf-8")
    text, _ = await here.run(
        f"cat ~/.ssh/* {here.person}/.ssh/id_ed25519 {here.home}/permissions.yaml /proc/1/root{here.home}/*;"
        f" cd / && cat .{here.person}/.ssh/id_ed25519; ls -la {here.home}; cat /etc/shadow /etc/gshadow"
    )
    assert "secret" not in text
    assert "root:" not in text


async def test_victors_data_stays_hidden_within_a_workspace(tmp_path: Path, here: Scene) -> None:
    """Also what a setting makes readable shows neither VICTOR_HOME nor keys that lie in it."""
    (tmp_path / "other").mkdir()
    other = await scene(tmp_path / "other", readable=(tmp_path,))
    (other.home / "permissions.yaml").write_text("secret-rules", "utf-8")
    (other.person / ".ssh" / "id").write_text("secret-key", "utf-8")
    text, _ = await other.run(f"ls {tmp_path}; cat {other.home}/permissions.yaml {other.person}/.ssh/id")
    assert "victor-home" in text
    assert "secret" not in text


@contextmanager
def listening(kind: int, family: int, address: str | tuple[str, int]) -> Iterator[socket.socket]:
    """A socket of this machine, outside every sandbox."""
    with socket.socket(family, kind) as server:
        server.bind(address)
        if kind == socket.SOCK_STREAM:
            server.listen()
        server.settimeout(0)
        yield server


CONNECT = """
import socket, sys
for family, kind, address in {tries}:
    try:
        with socket.socket(family, kind) as each:
            each.settimeout(2)
            each.connect(address)
            each.send(b"x")
        print("reached", address)
    except OSError as error:
        print("refused", type(error).__name__)
"""


async def test_no_network_and_no_socket_of_this_machine(here: Scene) -> None:
    """TCP, UDP, IPv6, abstract sockets and those in the workspace: no program outside is reached."""
    in_workspace = str(here.root / "s")
    abstract = f"\0victor-{uuid.uuid4().hex}"
    stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
    with (
        listening(stream, socket.AF_INET, ("127.0.0.1", 0)) as tcp,
        listening(datagram, socket.AF_INET, ("127.0.0.1", 0)) as udp,
        listening(stream, socket.AF_UNIX, abstract) as hidden,
        listening(stream, socket.AF_UNIX, in_workspace) as file,
    ):
        tries = [
            (int(socket.AF_INET), int(stream), tcp.getsockname()),
            (int(socket.AF_INET), int(stream), ("192.0.2.1", 80)),
            (int(socket.AF_UNIX), int(stream), abstract),
            (int(socket.AF_UNIX), int(stream), in_workspace),
            (int(socket.AF_UNIX), int(stream), "/run/docker.sock"),
            (int(socket.AF_UNIX), int(stream), "/var/run/docker.sock"),
            (40, int(stream), (2, 1024)),
            (int(socket.AF_INET), int(datagram), udp.getsockname()),
        ]
        text = await here.python(CONNECT.format(tries=tries))
        for server in (tcp, hidden, file):
            with pytest.raises(BlockingIOError):
                server.accept()
        with pytest.raises(BlockingIOError):
            udp.recv(1)
    assert text.count("refused") >= 7, text


async def test_no_power_is_gained(here: Scene) -> None:
    """No capability, no new privilege; a file that would lend its owner's power cannot be made, in any way."""
    text = await here.prints("grep -E '^(CapEff|CapPrm|CapBnd|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status")
    found = dict(line.split(":\t") for line in text.splitlines())
    assert {name: int(value, 16) for name, value in found.items()} == {
        **dict.fromkeys(("CapEff", "CapPrm", "CapBnd", "CapAmb"), 0),
        "NoNewPrivs": 1,
        "Seccomp": 2,
    }
    text = await here.python(
        "import os\n"
        "os.open('plain', os.O_CREAT | os.O_WRONLY, 0o755)\n"
        "for name, way in {'chmod': lambda: os.chmod('plain', 0o4755), 'fchmod': lambda: os.chmod(3, 0o2755),\n"
        "    'open': lambda: os.open('new', os.O_CREAT | os.O_WRONLY, 0o6755),\n"
        "    'mknod': lambda: os.mknod('node', 0o104755)}.items():\n"
        "    try:\n        way(); print('did', name)\n"
        "    except OSError as error:\n        print(error.errno)\n"
    )
    assert text.split() == [str(errno.EPERM)] * 4
    assert not lends_power(here.root)
    text, _ = await here.run("su -c 'echo became root' </dev/null; sudo -n echo became root")
    assert "became root" not in text.replace("'echo became root'", "")


def lends_power(folder: Path) -> list[Path]:
    """The files whose owner one becomes by running them."""
    return [path for path in folder.iterdir() if path.stat().st_mode & 0o6000]


def core_pattern() -> str:
    """What the kernel does where a program crashes."""
    return Path("/proc/sys/kernel/core_pattern").read_text("utf-8")


async def test_the_kernels_own_files_stay_as_they_are(here: Scene) -> None:
    """Nothing below /proc/sys or /sys can be written, no other process is seen, no root of one leads outside."""
    before = core_pattern()
    outside = here.person / "outside.txt"
    outside.write_text("from-outside", "utf-8")
    text, _ = await here.run(
        "echo '|/tmp/x' >/proc/sys/kernel/core_pattern && echo wrote;"
        " echo h >/proc/sysrq-trigger && echo wrote; echo 1 >/proc/sys/vm/drop_caches && echo wrote;"
        f" cat /proc/1/root{outside} /proc/self/root{outside} /proc/1/cwd/{'../' * 20}{outside};"
        " echo looked;"
        f" ls /proc/{os.getpid()} && echo found-host; echo -1000 >/proc/self/oom_score_adj && echo wrote;"
        " (umount /proc || umount -l /tmp || mount -t tmpfs x /mnt || mount -o remount,rw / || mount -o remount,rw /usr)"
        " && echo wrote"
    )
    assert "wrote" not in text
    assert "found-host" not in text
    assert "looked" in text
    assert "from-outside" not in text
    assert core_pattern() == before


CALLS = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
for name, number, *words in {calls}:
    result = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(each) for each in words), *[ctypes.c_long(0)] * 6)
    print(name, "did" if result >= 0 else errno.errorcode[ctypes.get_errno()])
"""


async def test_calls_that_get_out_of_namespaces_are_refused(here: Scene) -> None:
    """Each call of the filter fails as the filter makes it fail, with arguments that could work without it."""
    machine = MACHINES[platform.machine()]
    new_user = 0x1000_0000
    calls = [
        *((name, number) for name, number in machine.refused.items()),
        *(("io_uring_setup", 425, 1), ("open_tree", 428), ("fsopen", 430), ("pidfd_getfd", 438)),
        *(("unshare", machine.unshare, new_user), ("clone", machine.clone, new_user | 17)),
        *(("tiocsti", machine.ioctl, 0, 0x5412, 0), ("tiocsti-high", machine.ioctl, 0, 0x5412 | 1 << 40, 0)),
        *(("tioclinux", machine.ioctl, 0, 0x541C, 0), ("vsock", machine.socket, 40, 1, 0)),
        *(("clone3", 435), ("openat2", 437)),
    ]
    text = await here.python(CALLS.format(calls=calls))
    answers = dict(line.split() for line in text.splitlines())
    assert len(answers) == len(calls)
    wrong = {name: answer for name, answer in answers.items() if answer != "EPERM"}
    assert wrong == {"vsock": "EAFNOSUPPORT", "clone3": "ENOSYS", "openat2": "ENOSYS"}


async def test_links_lead_nowhere(here: Scene, tmp_path: Path) -> None:
    """A link in the workspace, or one swapped in while a command runs, reaches nothing that is not shown anyway."""
    theirs = tmp_path / "theirs"
    theirs.write_text("secret", "utf-8")
    (here.root / "link").symlink_to(theirs)
    (here.root / "up").symlink_to("../../..")
    text, _ = await here.run(
        f"cat link up/theirs; echo bad >link; rm link; ln -s {here.home} again; ls again;"
        " for i in $(seq 50); do ln -sfn /etc swap; ln -sfn .. swap; echo bad >swap/planted; done 2>&1 | tail -1"
    )
    assert "secret" not in text
    assert theirs.read_text("utf-8") == "secret"
    assert not (here.root.parent / "planted").exists()


async def test_what_runs_later_cannot_be_planted(here: Scene) -> None:
    """git's hooks and settings, editors' and Victor's: not written, not made, not renamed away; and no trace is left."""
    hooks = here.root / ".git" / "hooks"
    hooks.mkdir(parents=True)
    (here.root / ".git" / "config").write_text("[core]\n", "utf-8")
    (here.root / ".husky").mkdir()
    module = here.root / "lib" / "sub"
    module.mkdir(parents=True)
    (module / ".git").write_text("gitdir: ../../.git/modules/sub\n", "utf-8")
    (here.root / ".gitmodules").write_text('[submodule "sub"]\n\tpath = lib/sub\n', "utf-8")
    text, _ = await here.run(
        "for each in .git/hooks/pre-commit .git/config .git/commondir .vscode/tasks.json .victor/settings.yaml"
        " .idea/x .husky/pre-commit lib/sub/.git; do echo bad >$each && echo wrote $each; done;"
        " mv .git .git2 && echo moved; rm -rf .git/hooks && echo removed; mv .vscode x && echo moved;"
        " mv lib lib2 && echo moved; mv lib/sub lib/sub2 && echo moved; rm -rf .husky && echo removed;"
        " mkdir -p .vscode && touch .vscode/settings.json && echo made; ln -sfn /tmp .victor/x && echo linked; true"
    )
    for each in ("wrote", "moved", "removed", "made", "linked"):
        assert each not in text, text
    names = {path.name for path in here.root.iterdir()}
    assert names == {".git", ".gitmodules", ".husky", "lib"}
    assert (here.root / ".git" / "config").read_text("utf-8") == "[core]\n"


async def test_git_may_be_written_where_a_person_says_so(tmp_path: Path) -> None:
    """Then a commit works, and hooks and settings are closed still, also by way of renaming git's folder."""
    here = await scene(tmp_path, git_writable=True)
    script = (
        "git -c init.defaultBranch=main init -q . && git -c user.name=a -c user.email=a@example.org"
        " commit -q --allow-empty -m first"
    )
    first = await asyncio.create_subprocess_exec(
        "sh", "-c", script, cwd=here.root, env={"PATH": "/usr/bin:/bin"}
    )
    assert await first.wait() == 0
    text, ended = await here.run(
        "git config user.name x; mv .git g && echo moved; echo bad >.git/hooks/pre-commit && echo wrote;"
        " echo new >new; git add new && git -c user.name=a -c user.email=a@example.org commit -q -m second && git log --oneline"
    )
    assert ended.exit_code == 0, text
    assert "second" in text
    assert "moved" not in text
    assert "wrote" not in text


async def test_private_files_show_nothing(here: Scene) -> None:
    """What is hidden reads as empty, cannot be changed, moved or linked, and a hidden folder has nothing in it."""
    (here.root / ".env").write_text("TOKEN=secret", "utf-8")
    (here.root / "keys").mkdir()
    (here.root / "keys" / "a.pem").write_text("secret", "utf-8")
    text, _ = await here.run(
        "cat .env keys/*; ln .env other && cat other; cp .env copy; cat copy; mv .env moved; cat moved; ls -A keys;"
        " grep -r secret .; echo bad >.env; rm -f .env",
        hidden=(here.root / ".env", here.root / "keys", here.root / "not-there"),
    )
    assert "TOKEN" not in text
    assert "a.pem" not in text
    assert (here.root / ".env").read_text("utf-8") == "TOKEN=secret"


async def test_no_process_outside_is_reached(here: Scene) -> None:
    """Killing all that can be killed kills only what is inside."""
    with psutil.Popen(["sleep", "60"]) as bystander:
        text, ended = await here.run(
            f"kill -9 {bystander.pid} {os.getpid()} $PPID 1; kill -9 -1; echo still here"
        )
        assert bystander.poll() is None
        bystander.kill()
    assert "still here" not in text or ended.how == "exited"


@pytest.mark.parametrize(
    "line",
    [
        "setsid nohup sleep {n} >/dev/null 2>&1 & exit 0",
        "(setsid sh -c 'sleep {n} & sleep {n}' &) </dev/null >/dev/null 2>&1; exit 3",
        "sleep {n} & disown; exec true",
    ],
)
async def test_no_daemon_outlives_its_command(here: Scene, line: str) -> None:
    """What was put into the background, in however many steps, ends with the command."""
    marker = f"6{uuid.uuid4().int % 10**8:08d}"
    _, ended = await here.run(line.format(n=marker))
    assert ended.how == "exited"
    assert not alive(marker)


def alive(marker: str) -> list[int]:
    """The processes of this machine that have `marker` in their command line."""
    return [
        each.pid
        for each in psutil.process_iter(["cmdline"])
        if marker in " ".join(each.info["cmdline"] or [])
    ]


async def test_a_fork_bomb_is_held(here: Scene) -> None:
    """It gets no more processes than it may have, this machine goes on, and nothing of it is left."""
    before = len(psutil.pids())
    few = replace(FEW, n_processes=40, wall_s=3.0)
    _, ended = await here.run("bomb() { bomb | bomb & }; bomb; sleep 100", limits=few)
    assert ended.how in ("timed_out", "killed", "exited"), ended
    assert len(psutil.pids()) < before + 30
    code = "import os\nn = 0\ntry:\n    while True:\n        if os.fork() == 0:\n            import time; time.sleep(60)\n        n += 1\n"
    code += "except OSError as error:\n    print(n, error.errno)\n"
    n, number = (await here.python(code, limits=few)).split()
    assert (int(n) < 40, int(number)) == (True, errno.EAGAIN)


async def test_a_memory_bomb_is_held(here: Scene) -> None:
    """One process cannot take more than the limit, nor can many together."""
    few = replace(FEW, memory_bytes=300 << 20)
    text = await here.python("try:\n    b'x' * (1 << 30)\nexcept MemoryError:\n    print('no')\n", limits=few)
    assert text == "no\n"
    code = "import os, time\nfor _ in range(5):\n    if os.fork() == 0:\n        kept = b'x' * (120 << 20)\n        time.sleep(60)\ntime.sleep(60)\n"
    (here.root / "many.py").write_text(code, "utf-8")
    _, ended = await here.run(f"{PYTHON} many.py", limits=few)
    assert ended.how == "killed"
    assert "memory" in ended.limit


async def test_a_disk_is_not_filled(here: Scene) -> None:
    """No file grows past its limit, no folder in memory past its own, and the disk is watched."""
    few = replace(FEW, file_bytes=1 << 20, disk_bytes=64 << 20)
    _, ended = await here.run("head -c 5M /dev/zero >big", limits=few)
    assert ended.exit_code != 0
    assert (here.root / "big").stat().st_size <= 1 << 20
    text, _ = await here.run(
        "head -c 300M /dev/zero >/dev/shm/x || echo full; head -c 2M /dev/zero >/run/x || echo full"
    )
    assert text.count("full") == 2
    code = "n = 0\nwhile True:\n    n += 1\n    open(f'f{n}', 'wb').write(b'x' * (1 << 20))\n"
    (here.root / "fill.py").write_text(code, "utf-8")
    _, ended = await here.run(f"{PYTHON} fill.py", limits=few)
    assert ended.how == "killed"
    assert "disk" in ended.limit


DETACHED = """
import ctypes, os, time
kept = [os.memfd_create("x") for _ in range(4)]
for each in kept:
    os.write(each, bytes(100 << 20))
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
for _ in range(4):
    segment = libc.shmget(0, ctypes.c_size_t(100 << 20), 0o1600)
    place = ctypes.c_void_p(libc.shmat(segment, None, 0))
    ctypes.memset(place, 1, 100 << 20)
    libc.shmdt(place)
print("took it", flush=True)
time.sleep(60)
"""


async def test_memory_that_no_process_is_charged_with_is_held(here: Scene) -> None:
    """Files in memory and segments that outlive who made them count as well."""
    few = replace(FEW, memory_bytes=500 << 20)
    (here.root / "program.py").write_text(DETACHED, "utf-8")
    _, ended = await here.run(f"{PYTHON} program.py", limits=few)
    assert ended.how == "killed"
    assert "memory" in ended.limit


def test_a_disk_is_not_filled_with_empty_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They take no bytes, but a disk holds only so many."""
    disk = os.statvfs(tmp_path)
    growth = Growth.of(tmp_path)
    assert not growth.over_limit(FEW)
    fewer = os.statvfs_result((*disk[:7], disk.f_favail // 3, *disk[8:10]))
    monkeypatch.setattr(os, "statvfs", lambda _: fewer)
    assert "files" in growth.over_limit(FEW)
