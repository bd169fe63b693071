"""Runs programs and asks the kernel what they and all their children connected to; or takes the network from them."""

import ipaddress
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

_CALLS = "connect,sendto,sendmsg,sendmmsg"
_PLACE = re.compile(
    r"sa_family=AF_INET6?,.*?sin6?_port=htons\((\d+)\).*?(?:inet_addr\(\"([^\"]+)\"\)|inet_pton\(AF_INET6, \"([^\"]+)\")"
)


_LOOPBACK_UP = """
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP
os.execvp(sys.argv[1], sys.argv[1:])
"""


@dataclass(frozen=True)
class Traced:
    """How a program ended, and every internet address that a process of it tried to reach: (address, port)."""

    done: "subprocess.CompletedProcess[str]"
    reached: tuple[tuple[str, int], ...]

    @property
    def elsewhere(self) -> list[tuple[str, int]]:
        """Those that are not this machine."""
        return [place for place in self.reached if not ipaddress.ip_address(place[0]).is_loopback]


def strace_words(log: Path) -> list[str]:
    """What to put before a command so that the kernel's view of its connections is in `log`."""
    # With the filter in the kernel, everything else that the program does runs at full speed.
    return [
        _strace(),
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-s",
        "128",
        "-e",
        f"trace={_CALLS}",
        "-o",
        str(log),
        "--",
    ]


def places_in(log: Path) -> tuple[tuple[str, int], ...]:
    """Every internet address in a log of strace."""
    found = _PLACE.findall(log.read_text("utf-8", "replace"))
    return tuple((four or six, int(port)) for port, four, six in found)


def trace(words: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path) -> Traced:
    """Run a command to the end of all its processes."""
    done = _run([*strace_words(log), *words], folder, environment)
    return Traced(done, places_in(log))


def without_route(
    words: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Run a command in a network namespace in which only loopback is up."""
    return _run([*_unshare(), sys.executable, "-P", "-c", _LOOPBACK_UP, *words], folder, environment)


def _run(
    words: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        words,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )


@cache
def _strace() -> str:
    if shutil.which("strace") is None and shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "-qq", "strace"]
        for words in (install, ["apt-get", "update", "-qq"], install):
            done = subprocess.run(words, capture_output=True, check=False, timeout=300)
            if words is install and done.returncode == 0:
                break
    found = shutil.which("strace")
    if found is None:
        pytest.skip("strace is not there and could not be installed: what connects was NOT looked at")
    return found


@cache
def _unshare() -> tuple[str, ...]:
    unshare = shutil.which("unshare")
    words = (unshare or "unshare", "-rn", "--")
    if unshare is None or subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("network namespaces are not allowed here: nothing was run without a route")
    return words
