"""Takes from this process, for good, the power to connect anywhere: a filter in the Linux kernel.

Unlike `guard` it holds for code in C and for every process that this one starts. What was already open stays open,
and connections that others make to this process are still accepted.
"""

import ctypes
import errno
import platform
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from victor_server.egress.bpf import Instruction, allow, fail, if_equal, if_greater, if_in, load, masked

_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_SET_MODE_FILTER = 1
_ALL_THREADS = 1
_FASTOPEN = 0x2000_0000
_UNIX, _INET, _INET6, _NETLINK = 1, 2, 10, 16
_STREAM = 1
_TCP_PROTOCOLS = (0, 6, 262)
_X32 = 0x3FFF_FFFF

_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16


@dataclass(frozen=True, slots=True)
class _Machine:
    """The numbers that one architecture has for system calls."""

    audit: int
    seccomp: int
    socket: int
    connect: int
    sendto: int
    sendmsg: int
    sendmmsg: int
    io_uring_setup: int = 425


_MACHINES = {
    "x86_64": _Machine(0xC000003E, 317, 41, 42, 44, 46, 307),
    "aarch64": _Machine(0xC00000B7, 277, 198, 203, 206, 211, 269),
}


def deny_connections() -> bool:
    """From now on no thread of this process, and no child of it, can connect or send to anywhere: False where this
    system has no such means. Cannot be undone.
    """
    machine = _machine()
    if machine is None:
        return False
    program = b"".join(struct.pack("=HBBI", *each) for each in _filter(machine))
    code = ctypes.create_string_buffer(program, len(program))

    class _Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    libc = ctypes.CDLL(None, use_errno=True)
    filtered = _Program(len(program) // 8, ctypes.addressof(code))
    # Longs: the C functions take any number of arguments, and ctypes would pass 32 bits of each.
    if libc.prctl(*map(ctypes.c_ulong, (_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))) != 0:
        return False
    words = map(ctypes.c_long, (machine.seccomp, _SECCOMP_SET_MODE_FILTER, _ALL_THREADS))
    return bool(libc.syscall(*words, ctypes.byref(filtered)) == 0)


def can_deny_connections() -> bool:
    """Whether this system is one on which `deny_connections` is known to work."""
    return _machine() is not None


def _machine() -> _Machine | None:
    known = sys.platform == "linux" and sys.maxsize > 2**32
    return _MACHINES.get(platform.machine()) if known else None


def _filter(machine: _Machine) -> Sequence[Instruction]:
    """What the kernel asks at each system call; the first answer counts."""
    refused = fail(errno.ENETUNREACH)
    no_such_call = fail(errno.ENOSYS)
    return (
        *load(_ARCHITECTURE),
        *if_equal(machine.audit, no_such_call, negated=True),
        *load(_NUMBER),
        *if_greater(_X32, no_such_call),
        *if_equal(machine.io_uring_setup, no_such_call),  # it connects without the call of that name
        *if_equal(machine.connect, refused),
        *if_equal(machine.sendto, (*_has_address(4), *allow())),
        *if_equal(machine.sendmsg, (*_connects_by_sending(2), *allow())),
        *if_equal(machine.sendmmsg, (*_connects_by_sending(3), *allow())),
        *if_equal(machine.socket, _socket_kinds()),
        *allow(),
    )


def _socket_kinds() -> tuple[Instruction, ...]:
    """Sockets of this machine, and those of TCP, which must be connected before anything leaves by them."""
    refused = fail(errno.EAFNOSUPPORT)
    return (
        *load(_argument(0)),
        *if_in((_UNIX, _NETLINK), allow()),
        *if_equal(_INET6, (*_only_tcp(), *allow())),
        *if_equal(_INET, (*_only_tcp(), *allow())),
        *refused,
    )


def _only_tcp() -> tuple[Instruction, ...]:
    refused = fail(errno.EAFNOSUPPORT)
    return (
        *load(_argument(1)),
        *masked(0xF),
        *if_equal(_STREAM, refused, negated=True),
        *load(_argument(2)),
        *if_in(_TCP_PROTOCOLS, allow()),
        *refused,
    )


def _has_address(at: int) -> tuple[Instruction, ...]:
    refused = fail(errno.ENETUNREACH)
    low, high = _argument(at), _argument(at) + 4
    return (
        *load(low),
        *if_equal(0, refused, negated=True),
        *load(high),
        *if_equal(0, refused, negated=True),
    )


def _connects_by_sending(flags_at: int) -> tuple[Instruction, ...]:
    return (
        *load(_argument(flags_at)),
        *masked(_FASTOPEN),
        *if_equal(0, fail(errno.ENETUNREACH), negated=True),
    )


def _argument(at: int) -> int:
    return _ARGUMENTS + 8 * at  # the low half: both architectures are little-endian
