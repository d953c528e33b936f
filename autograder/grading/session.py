"""One notebook's process, seen from the harness: run its cells, call its functions, start it again when it dies."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast, get_args

from autograder.sandbox.channel import Channel, ChannelClosed, ChannelTimeout, Message
from autograder.seam import AnswerError, Unreadable, decode, encode
from autograder.seam.answer import Kind

_GRACE = 5.0
"""Seconds that a process may take to report that a call ran out of time, before it is ended."""


@dataclass(frozen=True)
class TimeLimits:
    """Wall-clock seconds: one cell, one call of a check, each call after one was too slow, a whole notebook."""

    cell: float = 20.0
    call: float = 10.0
    call_again: float = 2.0
    notebook: float = 240.0


class WarmProcess:
    """The process that is forked for each notebook; it is started once and used for many."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "autograder.sandbox.warm", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=_clean_environment(),
                cwd=tempfile.gettempdir(),
            )
        self._control = ours
        self._ready = False

    def fork(self, folder: Path) -> tuple[int, Channel]:
        """A new notebook process that works in the folder: its process id and the channel to it."""
        if not self._ready:
            if self._control.recv(5) != b"ready":
                raise RuntimeError(
                    "The warm process ended while it started; run `python -m autograder.sandbox.warm 0`."
                )
            self._ready = True
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [os.fsencode(folder)], [theirs.fileno()])
            pid = int.from_bytes(self._control.recv(4), "little")
        return pid, Channel(ours)

    def close(self) -> None:
        """End the warm process. Notebooks that are still running lose their connection and end too."""
        self._control.close()
        self._process.terminate()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _clean_environment() -> dict[str, str]:
    """What a notebook's process gets to see of the environment: nothing of the instructor's."""
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": str(Path(tempfile.gettempdir()) / "autograder-matplotlib"),
        "IPYTHONDIR": str(Path(tempfile.gettempdir()) / "autograder-ipython"),
        "ARROW_DEFAULT_MEMORY_POOL": "system",  # the others keep a thread, and a process with threads cannot be forked
        **one_thread,
    }


class Session:
    """A notebook's process and its scratch folder.

    When the process dies or hangs it is started again on demand, and the cells that ran before run again.
    """

    def __init__(self, warm: WarmProcess, limits: TimeLimits, clock: Callable[[], float]) -> None:
        self._warm, self.limits, self._clock = warm, limits, clock
        self._deadline = clock() + limits.notebook
        self._root = Path(tempfile.mkdtemp(prefix="autograder-"))
        self._folders = 0
        self._history: list[str] = []
        self._pid = 0
        self._channel: Channel | None = None

    def run(self, source: str) -> Message:
        """Run one cell. Raises `ChannelClosed` or `ChannelTimeout` where it ends or hangs the process.

        Such a cell is left out when the notebook is replayed.
        """
        reply = self._ask({"do": "cell", "source": source}, b"", self.limits.cell)
        self._history.append(source)
        return reply

    def call(self, name: str, mode: str, moment: int, seconds: float, args: bytes) -> Message:
        """Call one of the notebook's functions. Raises `AnswerError` where the process dies or hangs."""
        header = {"do": "call", "name": name, "mode": mode, "moment": moment, "seconds": seconds}
        try:
            return self._ask(header, args, seconds + _GRACE)
        except ChannelClosed:
            raise AnswerError("died") from None
        except ChannelTimeout:
            raise AnswerError("out of time", f"longer than {seconds:g} seconds") from None

    def scratch(self) -> Path:
        """A new empty folder below the notebook's own."""
        self._folders += 1
        folder = self._root / f"call-{self._folders}"
        folder.mkdir()
        return folder

    def _ask(self, header: dict[str, Any], blob: bytes, seconds: float) -> Message:
        left = self._deadline - self._clock()
        if left <= 0:
            raise ChannelTimeout
        channel = self._channel or self._start()
        try:
            channel.send(header, blob, timeout=min(seconds, left))
            return channel.receive(timeout=min(seconds, left))
        except (ChannelClosed, ChannelTimeout):
            self._stop()
            raise

    def _start(self) -> Channel:
        home = self._root / "home"
        home.mkdir(exist_ok=True)
        self._pid, self._channel = self._warm.fork(home)
        for source in list(self._history):
            # A replayed cell that ends the process this time is not tried again.
            try:
                self._ask({"do": "cell", "source": source}, b"", self.limits.cell)
            except (ChannelClosed, ChannelTimeout):
                self._history.remove(source)
                return self._start()
        return self._channel

    def _stop(self) -> None:
        if self._channel:
            self._channel.close()
            self._channel = None
            for kill in (os.killpg, os.kill):
                try:
                    kill(self._pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue

    def close(self) -> None:
        """End the process and remove its folder."""
        self._stop()
        shutil.rmtree(self._root, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class RemoteAnswer:
    """A learner's function in its notebook's process: an `Answer` for the checks."""

    def __init__(self, session: Session, name: str) -> None:
        self.name = name
        self._session = session
        self._seconds = session.limits.call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._value(self._call("call", 0, args, kwargs))

    def scratch(self) -> Path:
        return self._session.scratch()

    def moments(self, *args: Any, **kwargs: Any) -> int:
        count = self._value(self._call("moments", 0, args, kwargs))
        if not isinstance(count, int):
            raise AnswerError("unreadable", "a count of moments that is no number")
        return count

    def interrupted(self, moment: int, *args: Any, **kwargs: Any) -> bool:
        reply = self._call("interrupted", moment, args, kwargs)
        return reply.header.get("stopped") is True

    def _call(self, mode: str, moment: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Message:
        try:
            reply = self._session.call(self.name, mode, moment, self._seconds, encode((args, kwargs)))
            if kind := reply.header.get("error"):
                # A kind that the harness does not know comes from a process that was tampered with.
                known = kind if kind in get_args(Kind) else "unreadable"
                raise AnswerError(cast("Kind", known), str(reply.header.get("detail", ""))[:500])
        except AnswerError as e:
            if e.kind == "out of time":
                self._seconds = self._session.limits.call_again
            raise
        return reply

    @staticmethod
    def _value(reply: Message) -> Any:
        try:
            return decode(reply.blob)
        except Unreadable as e:
            raise AnswerError("unreadable", str(e)) from None
