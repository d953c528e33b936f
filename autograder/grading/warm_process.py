"""The process that is forked for each notebook. Imports nothing heavy, so that a command can start it first of all."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from autograder.course import CourseError
from autograder.sandbox.channel import Channel
from autograder.sandbox.confine import ResourceLimits


class Unconfined(CourseError):
    """This system cannot confine a learner's code; the message says what is missing and what to do."""


class WarmProcess:
    """The process that is forked for each notebook; it is started once and used for many.

    With `confined` it refuses to start a notebook that is not held by every layer of `REQUIRED`.
    """

    REQUIRED = frozenset({"own file system", "network namespace", "process namespace", "no privileges", "limits"})

    def __init__(self, *, confined: bool, limits: ResourceLimits | None = None, control: int | None = None) -> None:
        """Start it, or with `control` use the one behind this inherited socket, which another process has started."""
        self.confined, self._limits = confined, limits or ResourceLimits()
        self.layers: list[str] = []
        self._notebooks = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = control is not None
        if control is not None:
            self._control = socket.socket(fileno=os.dup(control))
            return
        # Requests of several processes stay whole on a socket of packets.
        kind = socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_STREAM
        self._control, theirs = socket.socketpair(socket.AF_UNIX, kind)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "autograder.sandbox.warm", str(theirs.fileno()), _paths(confined)],
                pass_fds=[theirs.fileno()],
                env=_clean_environment(),
                cwd=tempfile.gettempdir(),
            )

    @property
    def control(self) -> int:
        """The descriptor by which a forked process can use this warm process too."""
        return self._control.fileno()

    def wait_until_ready(self) -> None:
        """Wait until it has imported everything. Raises `Unconfined` where a layer of confinement is missing."""
        if self._ready:
            return
        hello = json.loads(self._control.recv(1 << 16) or b'{"error": "the warm process ended"}')
        if "error" in hello:
            raise Unconfined(_cannot_confine(hello["error"]))
        self._ready = True

    def start(self, folder: Path) -> tuple[Channel, Channel]:
        """A new notebook: the channel to it, and the lifeline to its guardian, which ends it when it is closed.

        Raises `Unconfined` where a layer of confinement is missing.
        """
        self.wait_until_ready()
        self._notebooks += 1
        settings = {
            "folder": str(folder),
            "user": _user((os.getpid() % (1 << 22)) * 256 + self._notebooks % 256) if self.confined else 0,
            "confined": self.confined,
            "limits": dataclasses.asdict(self._limits),
        }
        (ours, theirs), (lifeline, end) = socket.socketpair(), socket.socketpair()
        with theirs, end:
            socket.send_fds(self._control, [json.dumps(settings).encode()], [theirs.fileno(), end.fileno()])
        notebook, guardian = Channel(ours), Channel(lifeline)
        self.layers = notebook.receive(timeout=30).header["layers"]
        if self.confined and (missing := self.REQUIRED - set(self.layers)):
            guardian.close()
            raise Unconfined(_cannot_confine(f"missing: {', '.join(sorted(missing))}"))
        return notebook, guardian

    def close(self) -> None:
        """End the warm process; notebooks that are still running end when their lifelines are closed."""
        self._control.close()
        if self._process:
            self._process.terminate()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _user(number: int) -> int:
    """A user that nobody else is, so that the limit on processes counts one notebook's alone; one that exists here."""
    ranges = [line.split() for line in Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()]
    last = max(int(first) + int(length) for first, _, length in ranges)
    return 200_000 + number if 200_000 + number < last else 30_000 + number % 30_000


def _cannot_confine(why: str) -> str:
    return (
        f"Learners' code cannot be confined here ({why}). Grade on Linux with user namespaces allowed, as root, or in "
        "the container image; or, for notebooks that you trust, repeat the command with --unsafe-no-sandbox."
    )


def _paths(confined: bool) -> str:
    """What a confined process may read: Python, and the packages that learners have; not the bank."""
    if not confined:
        return "null"
    specs = [find_spec(name) for name in ("autograder", "data_generators", "pipeline")]
    packages = [Path(spec.submodule_search_locations[0]) for spec in specs if spec and spec.submodule_search_locations]
    readable = [*packages, *map(Path, {sys.prefix, sys.base_prefix})]
    return json.dumps(
        {"readable": [str(p) for p in readable], "hidden": [str(packages[0] / name) for name in ("bank", "hostile")]}
    )


def _clean_environment() -> dict[str, str]:
    """What a notebook's process gets to see of the environment: nothing of the instructor's."""
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": str(_cache() / "matplotlib"),
        "IPYTHONDIR": str(_cache() / "ipython"),
        # The other pools keep a thread; with one, a process can neither be forked whole nor enter a user namespace.
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
        **one_thread,
    }


def _cache() -> Path:
    """Where libraries keep what they would compute again; in nobody else's reach, as a shared folder would be."""
    home = Path(os.environ.get("HOME") or tempfile.gettempdir())
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "autograder"
