"""Compute something in a fork of this process, so that it leaves nothing behind and cannot hang or harm it."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable

from autograder.sandbox.channel import Channel, ChannelClosed, ChannelTimeout, Message

Stop = Callable[[], None]


class Copy:
    """A fork of this process that answers requests with `reply` until it is ended.

    `reply` is also handed a function that ends the fork on the spot, as a crash would: nothing is flushed or closed.
    """

    def __init__(self, reply: Callable[[Message, Stop], Message], prepare: Callable[[], object] | None = None) -> None:
        ours, theirs = socket.socketpair()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                gc.freeze()  # what is shared with the parent would be copied if the collector looked at it
                os.setpgid(0, 0)
                ours.close()
                if prepare:
                    prepare()
                _serve(Channel(theirs), reply)
            finally:
                os._exit(0)  # whatever was raised: the fork must not go on with what its parent was doing
        theirs.close()
        self._channel = Channel(ours)

    def ask(self, request: Message, seconds: float) -> Message:
        """The reply, which is whatever the fork wrote: the caller has to read it with care.

        Raises `ChannelClosed` where the fork has ended, and `ChannelTimeout`; it is of no use any more then.
        """
        self._channel.send(request.header, request.blob, timeout=seconds)
        return self._channel.receive(timeout=seconds)

    def end(self) -> None:
        """End the fork and what it has started."""
        self._channel.close()
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def _serve(channel: Channel, reply: Callable[[Message, Stop], Message]) -> None:
    def crash() -> None:
        channel.send({"stopped": True})
        os._exit(1)

    while True:
        message = reply(channel.receive(), crash)
        channel.send(message.header, message.blob)


class Copies:
    """One copy at a time, made when it is first asked, and again after it has died, hung or been ended."""

    def __init__(self, reply: Callable[[Message, Stop], Message], prepare: Callable[[], object] | None = None) -> None:
        self._reply, self._prepare = reply, prepare
        self._copy: Copy | None = None

    def ask(self, request: Message, seconds: float) -> Message:
        """The copy's reply. Raises `ChannelClosed` and `ChannelTimeout` as `Copy.ask` does."""
        self._copy = self._copy or Copy(self._reply, self._prepare)
        try:
            answer = self._copy.ask(request, seconds)
        except (ChannelClosed, ChannelTimeout):
            self.end()
            raise
        if answer.header.get("stopped"):
            self.end()
        return answer

    def end(self) -> None:
        """End the copy, if there is one: the next request meets a new one."""
        if self._copy:
            self._copy.end()
        self._copy = None


def hush() -> None:
    """Let nothing that this process or a library writes to its standard streams reach the harness's terminal."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    sys.stdin = os.fdopen(os.dup(0), encoding="utf-8")  # input() then says that there is none
