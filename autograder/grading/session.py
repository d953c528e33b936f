"""One notebook's process, seen from the harness: run its cells, call its functions, start it again when it dies."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast, get_args

import pandas as pd

from autograder.grading.warm_process import WarmProcess
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
        self._channel: Channel | None = None
        self._lifeline: Channel

    def run(self, source: str) -> Message:
        """Run one cell. Raises `ChannelClosed` or `ChannelTimeout` where it ends or hangs the process.

        Such a cell is left out when the notebook is replayed.
        """
        reply = self._ask({"do": "cell", "source": source}, b"", self.limits.cell)
        self._history.append(source)
        return reply

    def call(self, name: str, mode: str, moment: int, seconds: float, args: bytes, *, fresh: bool) -> Message:
        """Call one of the notebook's functions in a copy of its process: a new one, or the one of the last call.

        Raises `AnswerError` where the process dies or hangs.
        """
        header = {"do": "call", "name": name, "mode": mode, "moment": moment, "seconds": seconds, "fresh": fresh}
        try:
            return self._ask(header, args, seconds + _GRACE)
        except ChannelClosed:
            raise AnswerError("died") from None
        except ChannelTimeout:
            raise AnswerError("out of time", f"longer than {seconds:g} seconds") from None

    def scratch(self) -> Path:
        """A new empty folder below the notebook's own, by the path that the notebook sees."""
        self._folders += 1
        return Path(str(_checked(self._guardian("folder", f"call-{self._folders}")).header["path"]))

    def tables(self, folder: Path) -> Message:
        """The tables in a folder that `scratch` gave. Raises `AnswerError` where they cannot be read."""
        return self._guardian("tables", folder.name)

    def _guardian(self, do: str, folder: str) -> Message:
        if not self._channel:
            self._start()
        try:
            self._lifeline.send({"do": do, "folder": folder, "seconds": self.limits.call}, timeout=self.limits.call)
            return self._lifeline.receive(timeout=self.limits.call + _GRACE)
        except (ChannelClosed, ChannelTimeout):
            self._stop()
            raise AnswerError("died") from None

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
        shutil.rmtree(self._root, ignore_errors=True)
        self._root.mkdir()
        self._channel, self._lifeline = self._warm.start(self._root)
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
            self._lifeline.end()
            self._channel = None

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
        self.stained = self.alone = False
        self._fresh = True

    def restart(self) -> None:
        self._fresh, self.stained = True, False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._value(self._call("call", 0, args, kwargs))

    def scratch(self) -> Path:
        return self._session.scratch()

    def tables(self, folder: Path) -> dict[str, pd.DataFrame]:
        found = self._value(_checked(self._session.tables(folder)))
        if not isinstance(found, dict) or not all(isinstance(table, pd.DataFrame) for table in found.values()):
            raise AnswerError("unreadable", "files that are no tables")
        return found

    def moments(self, *args: Any, **kwargs: Any) -> int:
        count = self._value(self._call("moments", 0, args, kwargs))
        if not isinstance(count, int):
            raise AnswerError("unreadable", "a count of moments that is no number")
        return count

    def interrupted(self, moment: int, *args: Any, **kwargs: Any) -> bool:
        reply = self._call("interrupted", moment, args, kwargs)
        stopped: bool = reply.header.get("stopped") is True
        self.stained = not stopped
        return stopped

    def _call(self, mode: str, moment: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Message:
        fresh, self._fresh = self._fresh or self.alone, False
        self.stained = True
        try:
            return _checked(
                self._session.call(self.name, mode, moment, self._seconds, encode((args, kwargs)), fresh=fresh)
            )
        except AnswerError as e:
            if e.kind in ("out of time", "died"):
                self.stained = False  # the copy went with it
            if e.kind == "out of time":
                self._seconds = self._session.limits.call_again
            raise

    @staticmethod
    def _value(reply: Message) -> Any:
        try:
            return decode(reply.blob)
        except Unreadable as e:
            raise AnswerError("unreadable", str(e)) from None


def _checked(reply: Message) -> Message:
    if kind := reply.header.get("error"):
        # A kind that the harness does not know comes from a process that was tampered with.
        known = kind if kind in get_args(Kind) else "unreadable"
        detail = str(reply.header.get("detail", ""))[:500].encode("utf-8", "replace").decode()
        raise AnswerError(cast("Kind", known), detail)
    return reply
