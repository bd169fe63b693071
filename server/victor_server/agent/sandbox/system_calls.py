"""Which calls of the Linux kernel a sandboxed program may not make: a filter that bubblewrap loads before it starts.

What it refuses would be refused anyway, or is of no use to a build or a test: each is a way that programs have got out
of namespaces by, or a way to type into somebody's terminal.
"""

import errno
import platform
import struct
import sys
from dataclasses import dataclass

from victor_server.egress.bpf import Instruction, allow, fail, if_equal, if_greater, if_in, load, masked

_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32 = 0x3FFF_FFFF
_NEW_USER_NAMESPACE = 0x1000_0000
_TYPE_INTO_TERMINAL = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
_UNIX, _INET, _INET6, _NETLINK = 1, 2, 10, 16

_EVERYWHERE = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "pidfd_getfd": 438,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "open_tree_attr": 467,
}
_NO_FLAGS_TO_SEE = {"clone3": 435, "openat2": 437}
"""Their flags lie in memory, where no filter can look. Libraries take the older calls where these are not known."""

_SET_ID = 0o6000
_CREATES = 0x40 | 0x40_0000  # O_CREAT, O_TMPFILE


@dataclass(frozen=True, slots=True)
class Machine:
    """The numbers that one architecture has for system calls; `refused` by their names.

    `modes` and `opens` say by a call's number which argument holds a file's mode: those of `opens` have flags before it.
    """

    audit: int
    clone: int
    unshare: int
    ioctl: int
    socket: int
    modes: dict[int, int]
    opens: dict[int, int]
    refused: dict[str, int]


_FCHMODAT2 = 452

MACHINES = {
    "x86_64": Machine(
        audit=0xC000003E,
        clone=56,
        unshare=272,
        ioctl=16,
        socket=41,
        modes={85: 1, 90: 1, 91: 1, 133: 1, 259: 2, 268: 2, _FCHMODAT2: 2},
        opens={2: 2, 257: 3},
        refused={
            "ptrace": 101,
            "syslog": 103,
            "vhangup": 153,
            "pivot_root": 155,
            "acct": 163,
            "settimeofday": 164,
            "mount": 165,
            "umount2": 166,
            "swapon": 167,
            "swapoff": 168,
            "reboot": 169,
            "sethostname": 170,
            "setdomainname": 171,
            "iopl": 172,
            "ioperm": 173,
            "init_module": 175,
            "delete_module": 176,
            "quotactl": 179,
            "lookup_dcookie": 212,
            "clock_settime": 227,
            "kexec_load": 246,
            "add_key": 248,
            "request_key": 249,
            "keyctl": 250,
            "perf_event_open": 298,
            "fanotify_init": 300,
            "open_by_handle_at": 304,
            "setns": 308,
            "process_vm_readv": 310,
            "process_vm_writev": 311,
            "kcmp": 312,
            "finit_module": 313,
            "kexec_file_load": 320,
            "bpf": 321,
            "userfaultfd": 323,
        },
    ),
    "aarch64": Machine(
        audit=0xC00000B7,
        clone=220,
        unshare=97,
        ioctl=29,
        socket=198,
        modes={33: 2, 52: 1, 53: 2, _FCHMODAT2: 2},
        opens={56: 3},
        refused={
            "lookup_dcookie": 18,
            "umount2": 39,
            "mount": 40,
            "pivot_root": 41,
            "vhangup": 58,
            "quotactl": 60,
            "acct": 89,
            "kexec_load": 104,
            "init_module": 105,
            "delete_module": 106,
            "clock_settime": 112,
            "syslog": 116,
            "ptrace": 117,
            "reboot": 142,
            "sethostname": 161,
            "setdomainname": 162,
            "settimeofday": 170,
            "add_key": 217,
            "request_key": 218,
            "keyctl": 219,
            "swapon": 224,
            "swapoff": 225,
            "perf_event_open": 241,
            "fanotify_init": 262,
            "open_by_handle_at": 265,
            "setns": 268,
            "process_vm_readv": 270,
            "process_vm_writev": 271,
            "kcmp": 272,
            "finit_module": 273,
            "bpf": 280,
            "userfaultfd": 282,
            "kexec_file_load": 294,
        },
    ),
}


def filter_program() -> bytes | None:
    """The filter for this machine as the kernel takes it, 8 bytes an instruction; None where none is known for it."""
    known = sys.platform == "linux" and sys.maxsize > 2**32
    machine = MACHINES.get(platform.machine()) if known else None
    return None if machine is None else b"".join(struct.pack("=HBBI", *each) for each in filter_for(machine))


def filter_for(machine: Machine) -> tuple[Instruction, ...]:
    """What the kernel asks at each system call; the first answer counts."""
    no_such_call = fail(errno.ENOSYS)
    return (
        *load(_ARCHITECTURE),
        *if_equal(machine.audit, no_such_call, negated=True),
        *load(_NUMBER),
        *if_greater(_X32, no_such_call),
        *if_in(tuple(_NO_FLAGS_TO_SEE.values()), no_such_call),
        *if_in((*machine.refused.values(), *_EVERYWHERE.values()), fail(errno.EPERM)),
        *if_equal(machine.clone, _no_new_user()),
        *if_equal(machine.unshare, _no_new_user()),
        *if_equal(machine.ioctl, _no_typing()),
        *if_equal(machine.socket, _known_sockets()),
        *(step for call, at in machine.modes.items() for step in if_equal(call, (*_no_set_id(at), *allow()))),
        *(step for call, at in machine.opens.items() for step in if_equal(call, _no_set_id_if_new(at))),
        *allow(),
    )


def _no_set_id(mode_at: int) -> tuple[Instruction, ...]:
    """No file of the workspace becomes a way to be its owner: it would be that outside too."""
    return (
        *load(_ARGUMENTS + 8 * mode_at),
        *masked(_SET_ID),
        *if_equal(0, fail(errno.EPERM), negated=True),
    )


def _no_set_id_if_new(mode_at: int) -> tuple[Instruction, ...]:
    return (
        *load(_ARGUMENTS + 8 * (mode_at - 1)),
        *masked(_CREATES),
        *if_equal(0, _no_set_id(mode_at), negated=True),
        *allow(),
    )


def _no_new_user() -> tuple[Instruction, ...]:
    """Nobody becomes root in a namespace of their own: much of the kernel is reached that way only."""
    return (
        *load(_ARGUMENTS),
        *masked(_NEW_USER_NAMESPACE),
        *if_equal(0, fail(errno.EPERM), negated=True),
        *allow(),
    )


def _no_typing() -> tuple[Instruction, ...]:
    return (*load(_ARGUMENTS + 8), *if_in(_TYPE_INTO_TERMINAL, fail(errno.EPERM)), *allow())


def _known_sockets() -> tuple[Instruction, ...]:
    """Those that a network namespace holds: sockets of the machine that runs this one as a guest are not."""
    return (
        *load(_ARGUMENTS),
        *if_in((_UNIX, _INET, _INET6, _NETLINK), allow()),
        *fail(errno.EAFNOSUPPORT),
    )
