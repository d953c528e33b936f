"""Confinement on Linux with nothing installed: namespaces, a root of its own, Landlock, seccomp and limits, by ctypes.

`confine_warm` runs once, in the warm process, before it imports anything: it leaves a file system that holds Python
and the learner's packages, read-only, and no network. `confine_guardian` and `confine_notebook` run in each fork:
processes, messages and scratch of its own, no privilege, limits. Each returns the names of the layers that hold.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import platform
import resource
import socket
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRATCH = Path("/scratch")
"""Where a confined notebook may write."""

_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = (
    0x00020000,
    0x04000000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
_RDONLY, _NOSUID, _NODEV, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
_DETACH = 2
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 22, 24, 38

# What notebooks read besides Python itself: shared libraries, time zones, fonts.
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class ResourceLimits:
    """What one notebook may use: bytes of memory (address space of each process), CPU seconds, processes, bytes of a
    file and of all its files, files at once."""

    memory: int = 4 << 30
    cpu: int = 300
    processes: int = 64
    file: int = 64 << 20
    disk: int = 256 << 20
    files: int = 20_000


def _call(name: str, *args: object) -> int:
    result: int = getattr(_libc, name)(*args)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    _call("mount", source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())


# --- the warm process ---------------------------------------------------------------------------------------


def confine_warm(readable: Sequence[Path], hidden: Sequence[Path]) -> list[str]:
    """Move this process into namespaces and a root of its own, in which `readable` but not `hidden` can be read.

    Raises `OSError` where the system forbids it; then nothing should be run here.
    """
    layers = _enter_namespaces(_NEWNS | _NEWNET | _NEWIPC | _NEWUTS)
    _loopback_up()
    _new_root(readable, hidden)
    return [*layers, "network namespace", "message namespace", "own file system"]


def _enter_namespaces(flags: int) -> list[str]:
    """Move this process into new namespaces; an ordinary user may do that only inside one of users."""
    user, group = os.getuid(), os.getgid()
    if user == 0:
        _call("unshare", flags)
        return []
    _call("unshare", flags | _NEWUSER)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    return ["user namespace"]


def _loopback_up() -> None:
    """Let a notebook talk to a server that it started itself; there is no other interface in this namespace."""
    with socket.socket() as probe:
        flags_up = struct.pack("16sh14x", b"lo", 0x1 | 0x40)
        fcntl.ioctl(probe, 0x8914, flags_up)


def _new_root(readable: Sequence[Path], hidden: Sequence[Path]) -> None:
    _mount("none", "/", "", _REC | _PRIVATE)
    root = Path("/tmp") if Path("/tmp").is_dir() else Path("/mnt")
    paths = [Path(p) for p in (*_SYSTEM, *_DEVICES)] + list(readable)
    # Opened before the new root hides them: a source may lie below the folder that becomes the root.
    opened = {path: os.open(path, os.O_PATH) for path in _outermost(paths) if path.exists()}
    _mount("none", str(root), "tmpfs", _NOSUID | _NODEV, "size=1m,mode=755")
    for path, descriptor in opened.items():
        target = root / path.relative_to("/")
        if path.is_symlink() and not path.parent.is_symlink() and path in map(Path, _SYSTEM):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path.readlink())
        else:
            _bind(descriptor, target)
        os.close(descriptor)
    for path in hidden:
        target = root / path.relative_to("/")
        if target.is_dir():
            _mount("none", str(target), "tmpfs", _RDONLY | _NOSUID | _NODEV, "size=0")
    for name in ("proc", "tmp", SCRATCH.name):
        (root / name).mkdir(exist_ok=True)
    # An ordinary user may make a new /proc only where an old one can be seen; each notebook covers it with its own.
    with contextlib.suppress(OSError):
        _mount("/proc", str(root / "proc"), "", _BIND | _REC)
    os.chdir(root)
    # With the old root stacked under the new one, a second folder to put it into is not needed.
    _call("syscall", ctypes.c_long(_SYSCALLS["pivot_root"]), b".", b".")
    _call("umount2", b".", _DETACH)
    os.chdir("/")
    _mount("none", "/", "", _REMOUNT | _BIND | _RDONLY | _NOSUID | _NODEV)


def _outermost(paths: Sequence[Path]) -> list[Path]:
    """The paths that lie below no other of them."""
    unique = sorted(set(paths), key=lambda path: len(path.parts))
    kept: list[Path] = []
    for path in unique:
        if not any(path.is_relative_to(outer) for outer in kept):
            kept.append(path)
    return kept


def _bind(descriptor: int, target: Path) -> None:
    source = f"/proc/self/fd/{descriptor}"
    if Path(source).is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    _mount(source, str(target), "", _BIND | _REC)
    with contextlib.suppress(OSError):  # a mount that was locked by the system keeps its own flags
        _mount("none", str(target), "", _REMOUNT | _BIND | _RDONLY | _NOSUID)  # a device can still be written to


# --- each notebook ------------------------------------------------------------------------------------------


def confine_guardian(limits: ResourceLimits, user: int) -> list[str]:
    """Give this process, and what it forks, scratch space, messages and process numbers of its own."""
    # As an ordinary user each notebook needs a user namespace of its own too: processes are counted in it.
    _enter_namespaces(_NEWNS | _NEWIPC | _NEWPID)
    options = f"size={limits.disk},nr_inodes={limits.files},mode=700"
    if os.getuid() == 0:
        options += f",uid={user},gid={user}"
    _mount("none", str(SCRATCH), "tmpfs", _NOSUID | _NODEV, options)
    return ["process namespace", "bounded scratch"]


def confine_notebook(limits: ResourceLimits, user: int) -> list[str]:
    """Give up every privilege for good and set the limits. The last step before a learner's first line."""
    layers = []
    try:
        _mount("none", "/proc", "proc", _NOSUID | _NODEV | _RDONLY)
    except OSError:  # inside a container a new /proc is often refused; then there is none
        _mount("none", "/proc", "tmpfs", _NOSUID | _NODEV | _RDONLY, "size=0")
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) < 0:
            break  # beyond the last one that this kernel knows
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        layers.append("user of its own")
    header = struct.pack("Ii", 0x20080522, 0)
    _call("capset", header, bytes(24))
    _call("prctl", _PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), 0, 0, 0)
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.cpu),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_FSIZE, limits.file),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 512),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        resource.setrlimit(kind, (value, value))
    layers += ["no privileges", "limits"]
    if _landlock():
        layers.append("Landlock")
    if _seccomp():
        layers.append("seccomp")
    return layers


_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_FS_READ = 0b1101  # execute, read file, read folder
_FS_ALL = (1 << 13) - 1  # all rights of the first version


def _landlock() -> bool:
    """Reading everywhere in the own root, writing in the scratch folder and to /dev/null only."""
    handled = struct.pack("Q", _FS_ALL)
    ruleset = _libc.syscall(ctypes.c_long(_LANDLOCK_CREATE), handled, ctypes.c_size_t(len(handled)), 0)
    if ruleset < 0:
        return False
    for path, rights in (("/", _FS_READ), (str(SCRATCH), _FS_ALL), ("/dev/null", 0b110)):
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = struct.pack("=Qi", rights, descriptor)
        _call("syscall", ctypes.c_long(_LANDLOCK_ADD), ruleset, 1, rule, 0)
        os.close(descriptor)
    _call("syscall", ctypes.c_long(_LANDLOCK_RESTRICT), ruleset, 0)
    os.close(ruleset)
    return True


# Numbers of system calls by machine: the ones that a notebook has no business with.
_TABLES: dict[str, tuple[int, dict[str, int]]] = {
    "x86_64": (
        0xC000003E,
        {
            "ptrace": 101, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "reboot": 169, "swapon": 167,
            "init_module": 175, "finit_module": 313, "delete_module": 176, "kexec_load": 246, "kexec_file_load": 320,
            "add_key": 248, "request_key": 249, "keyctl": 250, "unshare": 272, "setns": 308, "perf_event_open": 298,
            "open_by_handle_at": 304, "name_to_handle_at": 303, "process_vm_readv": 310, "process_vm_writev": 311,
            "bpf": 321, "userfaultfd": 323, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
            "move_mount": 429, "fsopen": 430, "open_tree": 428, "pidfd_getfd": 438, "acct": 163, "settimeofday": 164,
            "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442, "clock_settime": 227, "syslog": 103,
            "memfd_create": 319, "memfd_secret": 447, "shmget": 29,  # memory that no limit counts
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "ptrace": 117, "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "reboot": 142, "swapon": 224,
            "init_module": 105, "finit_module": 273, "delete_module": 106, "kexec_load": 104, "kexec_file_load": 294,
            "add_key": 217, "request_key": 218, "keyctl": 219, "unshare": 97, "setns": 268, "perf_event_open": 241,
            "open_by_handle_at": 265, "name_to_handle_at": 264, "process_vm_readv": 270, "process_vm_writev": 271,
            "bpf": 280, "userfaultfd": 282, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
            "move_mount": 429, "fsopen": 430, "open_tree": 428, "pidfd_getfd": 438, "acct": 89, "settimeofday": 170,
            "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442, "clock_settime": 112, "syslog": 116,
            "memfd_create": 279, "memfd_secret": 447, "shmget": 194,
        },
    ),
}  # fmt: skip
_SOCKET_FAMILIES = (1, 2, 10, 16)  # unix, IPv4, IPv6, netlink
_ARCHITECTURE, _SYSCALLS = _TABLES.get(platform.machine(), (0, {"pivot_root": -1}))


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def _seccomp() -> bool:
    """Refuse the system calls of the table, and every call made in another machine's convention."""
    if not _ARCHITECTURE:
        return False
    load, jump_equal, jump_at_least, give_back = 0x20, 0x15, 0x35, 0x06
    any_bit, refuse, unknown, kill, allow = 0x45, 0x00050001, 0x00050026, 0x80000000, 0x7FFF0000
    clone, *sockets = (56, 41, 53) if platform.machine() == "x86_64" else (220, 198, 199)
    namespaces = _NEWNS | _NEWUTS | _NEWIPC | _NEWUSER | _NEWPID | _NEWNET
    program = [
        (load, 0, 0, 4),  # the architecture
        (jump_equal, 1, 0, _ARCHITECTURE),
        (give_back, 0, 0, kill),
        (load, 0, 0, 0),  # the number of the call
        (jump_at_least, 0, 1, 0x40000000),  # the x32 convention on x86-64
        (give_back, 0, 0, refuse),
        (jump_equal, 0, 1, 435),  # clone3, whose flags cannot be looked into: the C library then uses clone
        (give_back, 0, 0, unknown),
        (jump_equal, 0, 4, clone),
        (load, 0, 0, 16),  # its flags
        (any_bit, 0, 1, namespaces),
        (give_back, 0, 0, refuse),
        (load, 0, 0, 0),
    ]
    for number in sockets:  # families beyond these reach past the network namespace, such as AF_VSOCK
        program += [(jump_equal, 0, 7, number), (load, 0, 0, 16)]
        program += [(jump_equal, 4 - i, 0, family) for i, family in enumerate(_SOCKET_FAMILIES)]
        program += [(give_back, 0, 0, refuse), (load, 0, 0, 0)]
    for number in sorted(_SYSCALLS.values()):
        program += [(jump_equal, 0, 1, number), (give_back, 0, 0, refuse)]
    program.append((give_back, 0, 0, allow))
    code = b"".join(struct.pack("HBBI", *step) for step in program)
    filters = _Program(len(program), code)
    return bool(_libc.prctl(_PR_SET_SECCOMP, 2, ctypes.byref(filters), 0, 0) == 0)


def can_confine() -> bool:
    """Whether this system could; `confine_warm` says for certain."""
    return sys.platform == "linux" and bool(_ARCHITECTURE)


def die_with_parent() -> None:
    """End this process when its parent ends."""
    if sys.platform == "linux":
        _call("prctl", _PR_SET_PDEATHSIG, ctypes.c_ulong(9), 0, 0, 0)
