"""The filter of system calls, read as the kernel reads it, for machines that this one is not."""

import errno
import struct

import pytest

from victor_server.agent.sandbox.system_calls import MACHINES, Machine, filter_for

ALLOW, ERRNO = 0x7FFF_0000, 0x0005_0000
NEW_USER, NEW_MOUNTS, CREATE = 0x1000_0000, 0x2_0000, 0x40


def answer(machine: Machine, number: int, *arguments: int, audit: int | None = None) -> int:
    """0 where the call may happen, else the errno that it fails with."""
    words = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("<iIQ6Q", number, machine.audit if audit is None else audit, 0, *words)
    program, at, looked_at = filter_for(machine), 0, 0
    while True:
        code, if_true, if_false, value = program[at]
        at += 1
        match code:
            case 0x20:
                (looked_at,) = struct.unpack_from("<I", data, value)
            case 0x54:
                looked_at &= value
            case 0x15:
                at += if_true if looked_at == value else if_false
            case 0x25:
                at += if_true if looked_at > value else if_false
            case 0x06:
                return 0 if value == ALLOW else value & ~ERRNO
            case _:
                raise AssertionError(hex(code))


@pytest.fixture(params=sorted(MACHINES))
def machine(request: pytest.FixtureRequest) -> Machine:
    """Each architecture that is known."""
    return MACHINES[request.param]


def test_refused(machine: Machine) -> None:
    """Every call of the list fails, whatever its arguments."""
    for name, number in machine.refused.items():
        assert answer(machine, number, 1, 2, 3) == errno.EPERM, name
    assert answer(machine, 425) == errno.EPERM
    assert answer(machine, 435) == errno.ENOSYS


def test_flags_decide(machine: Machine) -> None:
    """Processes, terminals and sockets work but for what gets out of a namespace, in the low half of an argument too."""
    assert answer(machine, machine.clone, 17) == 0
    assert answer(machine, machine.clone, NEW_USER | 17) == errno.EPERM
    assert answer(machine, machine.unshare, NEW_MOUNTS) == 0
    assert answer(machine, machine.unshare, NEW_USER) == errno.EPERM
    assert answer(machine, machine.ioctl, 0, 0x5401) == 0
    assert answer(machine, machine.ioctl, 0, 0x5412 | 1 << 32) == errno.EPERM
    for family, expected in {1: 0, 2: 0, 10: 0, 16: 0, 17: errno.EAFNOSUPPORT, 38: 97, 40: 97}.items():
        assert answer(machine, machine.socket, family, 1) == expected, family


def test_modes(machine: Machine) -> None:
    """A file may be made and given any mode but one that lends its owner's power."""
    for number, at in machine.modes.items():
        for mode, expected in {0o755: 0, 0o1777: 0, 0o4755: errno.EPERM, 0o2755: errno.EPERM}.items():
            assert answer(machine, number, *[0] * at, mode) == expected, (number, oct(mode))
    for number, at in machine.opens.items():
        before = [0] * (at - 1)
        assert answer(machine, number, *before, CREATE, 0o4755) == errno.EPERM
        assert answer(machine, number, *before, CREATE, 0o644) == 0
        assert (
            answer(machine, number, *before, 0, 0o4755) == 0
        )  # no file is made: the mode is whatever lay there


def test_other_numbers(machine: Machine) -> None:
    """Calls of another architecture do not exist: their numbers mean something else."""
    assert answer(machine, 1, audit=0x4000_0003) == errno.ENOSYS
    assert answer(machine, 0x4000_0000 | 41) == errno.ENOSYS
    assert len(filter_for(machine)) < 4096
