"""The process between the harness and a notebook: it sets the notebook up, reads its files, and ends it.

It is forked from the warm process and never runs a learner's code. When the harness lets go of the lifeline, or
dies, the guardian ends the notebook and everything that it started.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox.channel import Channel, ChannelClosed, ChannelTimeout, Message
from autograder.sandbox.confine import (
    SCRATCH,
    ResourceLimits,
    confine_guardian,
    confine_notebook,
    die_with_parent,
)
from autograder.sandbox.copies import Copies
from autograder.seam.tables import UnreadableTables, read_tables
from autograder.seam.wire import encode

_WATCH = 0.1
"""Seconds between two looks at the memory of all the notebook's processes: a limit on each does not bound them all."""


@dataclass(frozen=True)
class Settings:
    """How one notebook is to be run: its folder, the user it runs as, its limits, confined or not."""

    folder: str
    user: int
    confined: bool
    limits: ResourceLimits

    @property
    def root(self) -> Path:
        """The folder below which the notebook writes, as it sees it."""
        return SCRATCH if self.confined else Path(self.folder)


def guard(
    settings: Settings, lifeline: socket.socket, notebook: Callable[[list[str]], None], let_go: Callable[[], None]
) -> None:
    """Start the notebook in a process of its own and serve the lifeline until either ends.

    `notebook` is called in the new process with the names of the layers that confine it; `let_go` in this one, to
    close what belongs to the notebook alone.
    """
    try:
        layers = confine_guardian(settings.limits, settings.user) if settings.confined else []
    except OSError:
        return notebook([])  # the harness sees which layers are missing, and sends no code
    home, temporary = settings.root / "home", settings.root / "tmp"
    for folder in (home, temporary):
        _make_folder(folder, settings)
    os.environ.update(HOME=str(home), TMPDIR=str(temporary))
    pid = os.fork()
    if pid == 0:
        lifeline.close()
        os.setsid()
        if settings.confined:
            with contextlib.suppress(OSError):  # as above
                layers += confine_notebook(settings.limits, settings.user)
        die_with_parent()
        os.chdir(home)
        notebook(layers)
        os._exit(0)
    let_go()
    reader = _reader(settings)
    try:
        _serve(settings, Channel(lifeline), lifeline, pid, reader)
    finally:
        reader.end()  # it lives in the notebook's process namespace, whose first process cannot end before it
        # Inside its own process namespace the notebook is the first process: all others end with it.
        for kill in (os.kill, os.killpg):
            try:
                kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        os.waitpid(pid, 0)


def _serve(settings: Settings, channel: Channel, lifeline: socket.socket, notebook: int, reader: Copies) -> None:
    watched: list[Any] = [lifeline]
    ended = os.pidfd_open(notebook) if hasattr(os, "pidfd_open") and sys.platform == "linux" else None
    if ended is not None:
        watched.append(ended)
    while True:
        ready = select.select(watched, [], [], _WATCH)[0]
        if ended in ready or (settings.confined and _holds_more_than(settings.limits.memory)):
            return
        if lifeline not in ready:
            continue
        try:
            request = channel.receive()
            reply = _answer(settings, request, reader)
            channel.send(reply.header, reply.blob)
        except ChannelClosed:
            return


def _answer(settings: Settings, request: Message, reader: Copies) -> Message:
    path = settings.root / Path(request.header["folder"]).name
    if request.header["do"] == "folder":
        try:
            _make_folder(path, settings)
        except OSError as e:  # the notebook has put something here, or has filled its disk
            return Message({"error": "raised", "detail": f"no folder could be made: {e.strerror}"})
        return Message({"path": str(path)})
    try:
        return reader.ask(Message({"path": str(path)}), request.header["seconds"])
    except ChannelTimeout:
        return Message({"error": "out of time", "detail": "reading the files took too long"})
    except ChannelClosed:
        return Message({"error": "unreadable", "detail": "a file that cannot be read"})


def _make_folder(path: Path, settings: Settings) -> None:
    path.mkdir()
    if settings.confined and os.getuid() == 0:
        # Not through a link: the notebook may have put one here since.
        os.chown(path, settings.user, settings.user, follow_symlinks=False)


def _holds_more_than(limit: int) -> bool:
    """Whether the notebook's processes hold more bytes together; unknown, and so False, where there is no /proc."""
    if Path("/proc/self").exists():
        return False  # not yet the notebook's own, in which this process has no number
    processes = [path for path in Path("/proc").iterdir() if path.name.isdigit()]
    if sum(_number(path / "statm", 1) for path in processes) * os.sysconf("SC_PAGE_SIZE") <= limit:
        return False
    # Counted again, slowly, with what they share counted once.
    return sum(_number(path / "smaps_rollup", "Pss:") for path in processes) * 1024 > limit


def _number(path: Path, key: int | str) -> int:
    """A number in a file of /proc, by position or after a word; 0 where the process has gone."""
    try:
        words = path.read_text(encoding="ascii").split()
        return int(words[key if isinstance(key, int) else words.index(key) + 1])
    except (OSError, ValueError, IndexError):
        return 0


def _reader(settings: Settings) -> Copies:
    """A process that reads what a notebook has written, held as the notebook is: files can be made to do harm."""
    return Copies(
        lambda request, _: _tables(Path(request.header["path"])),
        lambda: confine_notebook(settings.limits, settings.user) if settings.confined else None,
    )


def _tables(path: Path) -> Message:
    try:
        return Message({"ok": True}, encode(read_tables(path)))
    except UnreadableTables as e:
        return Message({"error": "unreadable", "detail": str(e)})
