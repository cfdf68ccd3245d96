"""System calls that a stranger's code has no business with, refused with EPERM.

No socket but a unix one, so no network, whatever the machine's firewall; no tracing of other
processes, no namespaces or mounts, none of the interfaces with a record of holes in the kernel
(io_uring, which also goes past any rule about sockets; bpf, userfaultfd, keys, perf), and nothing
that holds memory where the memory guard cannot see it (memfd, System V shared memory).

The filter is classic BPF written here (seccomp(2); linux/filter.h): 60 lines instead of libseccomp
and its binding, which a machine may lack and which would have to be imported before each child. It
knows two machines; elsewhere the layer is missing, and is reported so.
"""

from __future__ import annotations

import ctypes
import os

from bot.observe.confine import kernel

ARCHITECTURES = {  # linux/audit.h: AUDIT_ARCH_*
    "x86_64": 0xC000003E,
    "aarch64": 0xC00000B7,
}
# name: numbers on x86_64 and aarch64 (asm/unistd_64.h, asm-generic/unistd.h); None: not there
CALLS: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "clone": (56, 220),
    "clone3": (435, 435),
    "ioctl": (16, 29),
    "kill": (62, 129),
}
REFUSED: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "perf_event_open": (298, 241),
    # the kernel's large interfaces
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "fanotify_init": (300, 262),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # namespaces, mounts, files past their paths
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # the machine
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "syslog": (103, 116),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "vhangup": (153, 58),
    "personality": (135, 92),
    # memory that outlives its process or is nobody's
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mq_open": (240, 180),
}
SYSTEM_V: dict[str, tuple[int | None, int | None]] = {  # a PostgreSQL server needs them
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
}
INTERNET = (2, 10, 16)  # AF_INET, AF_INET6, and AF_NETLINK, by which addresses are looked up

_AF_UNIX = 1
_NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW* flag of clone(2) (linux/sched.h)
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # typing into a terminal (ioctl_tty(2))
_EVERYBODY = 0xFFFFFFFF  # kill(2) with -1
_X32 = 0x40000000  # the bit of x86_64's second system call table (seccomp(2), NOTES)

_LOAD, _EQUAL, _AT_LEAST, _HAS_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # linux/bpf_common.h
_NUMBER, _ARCHITECTURE = 0, 4  # offsets in struct seccomp_data; arguments begin at 16
_ALLOW = 0x7FFF0000
_REFUSE, _NOT_THERE = 0x00050000 | 1, 0x00050000 | 38  # SECCOMP_RET_ERRNO with EPERM and ENOSYS
_MODE_FILTER = 2
_GET_ACTION_AVAIL = 2
_SECCOMP = {"x86_64": 317, "aarch64": 277}

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, operand


def available(machine: str = "") -> bool:
    """Whether ``restrict`` keeps its promise on this kernel."""
    machine = machine or os.uname().machine
    if machine not in ARCHITECTURES:
        return False
    action = ctypes.c_uint32(_REFUSE & 0xFFFF0000)
    return kernel.syscall(_SECCOMP[machine], _GET_ACTION_AVAIL, 0, ctypes.byref(action)) == 0


def restrict(*, network: bool, system_v: bool) -> None:
    """Refuse the calls to this process and all that it starts.

    ``network`` leaves it TCP, UDP and the looking up of names; ``system_v`` leaves it System V's
    shared memory and semaphores. It must have given up new privileges before.

    Raises:
        OSError: the kernel has no such filters, or not for this machine.
    """
    machine = os.uname().machine
    if machine not in ARCHITECTURES:
        raise OSError(f"no system call filter for {machine}")
    instructions = program(machine, network=network, system_v=system_v)
    packed = b"".join(
        code.to_bytes(2, "little") + bytes((true, false)) + operand.to_bytes(4, "little")
        for code, true, false, operand in instructions
    )
    buffer = ctypes.create_string_buffer(packed, len(packed))
    filter_ = _Program(len(instructions), ctypes.addressof(buffer))
    result = kernel.prctl(kernel.PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(filter_))
    kernel.checked(result, "seccomp")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def program(machine: str, *, network: bool, system_v: bool) -> list[Instruction]:
    """The filter's instructions for a machine of ``ARCHITECTURES``. Pure."""
    column = list(ARCHITECTURES).index(machine)

    def number(name: str) -> int:
        found = CALLS[name][column]
        assert found is not None  # noqa: S101 - every machine has these
        return found

    families = (_AF_UNIX, *INTERNET) if network else (_AF_UNIX,)
    refused = REFUSED if system_v else {**REFUSED, **SYSTEM_V}
    lines: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, ARCHITECTURES[machine]),  # else a program for another machine
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        lines += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _REFUSE)]
    for numbers in refused.values():
        if (refuse := numbers[column]) is not None:
            lines += _when(refuse, [(_RETURN, 0, 0, _REFUSE)])
    # The kernel takes an int of each of these, so the upper half of the register does not count.
    for name in ("socket", "socketpair"):
        lines += _when(number(name), _one_of(0, families, _ALLOW, _REFUSE))
    lines += _when(
        number("clone"),
        [
            (_LOAD, 0, 0, 16),
            (_HAS_BITS, 0, 1, _NEW_NAMESPACES),
            (_RETURN, 0, 0, _REFUSE),
            (_RETURN, 0, 0, _ALLOW),
        ],
    )
    # Its flags lie in memory, where no filter looks; C libraries fall back to clone.
    lines += _when(number("clone3"), [(_RETURN, 0, 0, _NOT_THERE)])
    lines += _when(number("kill"), _one_of(0, (_EVERYBODY,), _REFUSE, _ALLOW))
    lines += _when(number("ioctl"), _one_of(1, (_TIOCSTI, _TIOCLINUX), _REFUSE, _ALLOW))
    return [*lines, (_RETURN, 0, 0, _ALLOW)]


def _when(call: int, then: list[Instruction]) -> list[Instruction]:
    """What returns for this call, and is jumped over for any other."""
    return [(_EQUAL, 0, len(then), call), *then]


def _one_of(argument: int, values: tuple[int, ...], found: int, other: int) -> list[Instruction]:
    """Return one of two actions by the lower half of an argument."""
    tests = [(_EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
    load = (_LOAD, 0, 0, 16 + 8 * argument)  # both machines are little-endian
    return [load, *tests, (_RETURN, 0, 0, other), (_RETURN, 0, 0, found)]
