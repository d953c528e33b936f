"""The warm process: imports what notebooks import, once, and is forked for each of them.

It is started as a program of its own with a clean environment, so no truth, seed or gradebook is in its memory. It
has one thread, and a fork takes milliseconds.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from autograder.sandbox.channel import Channel, ChannelClosed
from autograder.sandbox.confine import ResourceLimits, confine_warm, die_with_parent
from autograder.sandbox.copies import hush
from autograder.sandbox.guardian import Settings, guard
from autograder.sandbox.serve import serve
from autograder.sandbox.shell import NotebookShell

PRELOAD = (
    *("datetime", "json", "math", "pathlib", "re", "tempfile", "time", "numpy", "pandas", "pyarrow.parquet"),
    *("pyarrow.dataset", "matplotlib.pyplot", "matplotlib_inline.backend_inline", "data_generators", "pipeline"),
    "autograder.seam",
)


class NoCheck:
    """Stands for `check` while a notebook is graded: the harness runs the checks, in its own process."""

    def __call__(self, exercise_id: str, answer: Any) -> None:
        return None

    def hint(self, exercise_id: str) -> None:
        return None


def warm_shell() -> NotebookShell:
    """A shell that has run each kind of cell once, so that nothing is imported or compiled for the first time later."""
    import autograder

    autograder.check = NoCheck()  # type: ignore[assignment]
    for name in PRELOAD:
        importlib.import_module(name)
    shell = NotebookShell.instance()
    for source in ("import pandas as pd; pd.DataFrame({'a': [1]})", "print(1)", "1 / 0", "def f(): pass"):
        shell.run(source)
    shell.reset(new_session=True)
    shell.execution_count = 1
    return shell


def main() -> None:
    """Serve on the socket of the first argument: a notebook for each request that brings two connections.

    The second argument says what may be read: JSON with the lists `readable` and `hidden`, or null for no
    confinement. The first message back names the layers that hold, or the error that kept them from it.
    """
    control = socket.socket(fileno=int(sys.argv[1]))
    _be_the_first_to_go()
    hush()
    shell = warm_shell()
    die_with_parent()
    paths = json.loads(sys.argv[2])
    try:
        layers = confine_warm([Path(p) for p in paths["readable"]], [Path(p) for p in paths["hidden"]]) if paths else []
    except OSError as e:
        control.send(json.dumps({"error": str(e)}).encode())
        return
    signal.signal(signal.SIGCHLD, _reap)
    gc.collect()
    gc.freeze()  # the collector then leaves the shared pages alone
    control.send(json.dumps({"layers": layers}).encode())
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 2)
        if not request:
            return
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            control.close()
            settings = json.loads(request)
            _become_guardian(
                Settings(**{**settings, "limits": ResourceLimits(**settings["limits"])}), descriptors, shell, layers
            )
            os._exit(0)
        for descriptor in descriptors:
            os.close(descriptor)


def _be_the_first_to_go() -> None:
    """Where the system runs out of memory, let it end a notebook rather than the harness or another program."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800", encoding="ascii")


def _reap(*_: object) -> None:
    """Wait for the guardians that have ended: only so are their seconds of CPU added up in this process's own."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue


def _become_guardian(settings: Settings, descriptors: list[int], shell: NotebookShell, layers: list[str]) -> None:
    connection, lifeline = (socket.socket(fileno=descriptor) for descriptor in descriptors)

    def notebook(more: list[str]) -> None:
        # The harness hangs up when it has seen enough.
        with contextlib.suppress(ChannelClosed):
            serve(Channel(connection), shell, layers + more)

    guard(settings, lifeline, notebook, connection.close)


if __name__ == "__main__":
    main()
