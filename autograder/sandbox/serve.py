"""The loop of a learner's process: run a cell, call a function, until the harness closes the connection."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.sandbox.channel import Channel, ChannelClosed, ChannelTimeout, Message
from autograder.sandbox.copies import Copies
from autograder.sandbox.shell import NotebookShell
from autograder.seam.answer import AnswerError, call, describe, returned
from autograder.seam.interrupt import Interrupted, call_watching
from autograder.seam.wire import decode, encode


def serve(channel: Channel, shell: NotebookShell, layers: list[str]) -> None:
    """Say what confines this process, then answer the harness's requests until it hangs up."""
    channel.send({"layers": layers})
    copies = Copies(lambda request, stop: _reply(request, shell, stop))
    while True:
        try:
            request = channel.receive()
        except ChannelClosed:
            return
        if request.header["do"] == "cell":
            copies.end()  # it does not know this cell
            channel.send({"outputs": shell.run(request.header["source"]), "count": shell.execution_count - 1})
        elif request.header["do"] == "call":
            reply = _call_in_a_copy(request, copies) if _may_fork() else _reply(request, shell, _interrupt)
            channel.send(reply.header, reply.blob)
        else:
            channel.send({"error": "unreadable", "detail": "an unknown request"})


def _may_fork() -> bool:
    """Whether a copy of this process would be whole: a fork takes only one thread along.

    A notebook that has started a thread pool (DuckDB, polars, threads of its own) is called where it stands.
    """
    if not hasattr(os, "fork"):
        return False
    threads = Path("/proc/self/task")
    if threads.exists():
        return len(list(threads.iterdir())) == 1
    return threading.active_count() == 1 and not {"duckdb", "polars"} & set(sys.modules)


def _call_in_a_copy(request: Message, copies: Copies) -> Message:
    """Answer the request in a fork of this process, so that the call leaves nothing behind in it."""
    if request.header["fresh"]:
        copies.end()
    try:
        return copies.ask(request, request.header["seconds"])
    except ChannelTimeout:
        return Message({"error": "out of time", "detail": f"longer than {request.header['seconds']:g} seconds"})
    except ChannelClosed:
        return Message({"error": "died", "detail": ""})


def _interrupt() -> None:
    raise Interrupted


def _reply(request: Message, shell: NotebookShell, stop: Callable[[], None]) -> Message:
    try:
        value = returned(lambda: encode(_result(request, shell, stop)))
    except AnswerError as e:
        return Message({"error": e.kind, "detail": e.detail})
    except Interrupted:
        return Message({"stopped": True})
    except BaseException as e:  # noqa: BLE001  whatever the learner's objects do while they are read
        return Message({"error": "raised", "detail": describe(e)})
    return Message({"ok": True}, value)


def _result(request: Message, shell: NotebookShell, stop: Callable[[], None]) -> Any:
    name = request.header["name"]
    if name not in shell.user_ns:
        raise AnswerError("raised", f"NameError: no cell defined `{name}`, or the cell that does raised an exception")
    function = shell.user_ns[name]
    args, kwargs = decode(request.blob)
    if not callable(function):
        return function
    mode = request.header["mode"]
    if mode == "call":
        return call(function, args, kwargs)
    moment = request.header["moment"] if mode == "interrupted" else None
    return call(call_watching, (function, args, kwargs, moment, stop), {})
