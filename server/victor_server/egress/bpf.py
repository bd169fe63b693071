"""The few instructions of the kernel's packet filter that a rule about system calls is made of."""

from collections.abc import Sequence

Instruction = tuple[int, int, int, int]
"""Code, how many to skip if true, if false, and a constant."""

_LOAD, _AND, _EQUAL, _GREATER, _RETURN = 0x20, 0x54, 0x15, 0x25, 0x06
_ALLOW, _ERRNO = 0x7FFF_0000, 0x0005_0000


def load(offset: int) -> tuple[Instruction, ...]:
    """Look at the 32 bits that stand at `offset` of what the kernel knows of the call."""
    return ((_LOAD, 0, 0, offset),)


def masked(mask: int) -> tuple[Instruction, ...]:
    """Keep only these bits of what is looked at."""
    return ((_AND, 0, 0, mask),)


def allow() -> tuple[Instruction, ...]:
    """Let the call happen."""
    return ((_RETURN, 0, 0, _ALLOW),)


def fail(number: int) -> tuple[Instruction, ...]:
    """Let the call fail with an errno."""
    return ((_RETURN, 0, 0, _ERRNO | number),)


def if_equal(value: int, then: Sequence[Instruction], *, negated: bool = False) -> tuple[Instruction, ...]:
    """Do `then` if what is looked at is `value` (`negated`: if it is not), else go on behind it."""
    skip = (len(then), 0) if negated else (0, len(then))
    return ((_EQUAL, *skip, value), *then)


def if_greater(value: int, then: Sequence[Instruction]) -> tuple[Instruction, ...]:
    """Do `then` if what is looked at is greater than `value`, else go on behind it."""
    return ((_GREATER, 0, len(then), value), *then)


def if_in(values: Sequence[int], then: Sequence[Instruction]) -> tuple[Instruction, ...]:
    """Do `then` if what is looked at is one of `values`, else go on behind it."""
    return tuple(each for value in values for each in if_equal(value, then))
