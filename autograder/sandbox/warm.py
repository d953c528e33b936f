"""The warm process: imports what notebooks import, once, and is forked for each of them.

It is started as a program of its own with a clean environment, so no truth, seed or path of the course is in its
memory. It has one thread, and a fork takes milliseconds. Where there is no fork it serves one notebook itself.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import socket
import sys
from typing import Any

from autograder.sandbox.channel import Channel, ChannelClosed
from autograder.sandbox.serve import hush, serve
from autograder.sandbox.shell import NotebookShell

PRELOAD = [
    "datetime",
    "json",
    "math",
    "pathlib",
    "re",
    "time",
    "tempfile",
    "numpy",
    "pandas",
    "pyarrow.parquet",
    "pyarrow.dataset",
    "matplotlib",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "pipeline",
    "data_generators",
    "autograder.seam",
]


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
    """Serve on the socket whose descriptor is the first argument: fork for each message that brings a connection."""
    control = socket.socket(fileno=int(sys.argv[1]))
    hush()
    shell = warm_shell()
    if not hasattr(os, "fork"):
        serve(Channel(control), shell)
        return
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the kernel
    gc.collect()
    gc.freeze()  # the collector then leaves the shared pages alone
    control.sendall(b"ready")
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 1)
        if not request:
            return
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            control.close()
            _become_notebook(request.decode(), descriptors[0], shell)
            os._exit(0)
        os.close(descriptors[0])
        control.sendall(pid.to_bytes(4, "little"))


def _become_notebook(settings: str, descriptor: int, shell: NotebookShell) -> None:
    os.setsid()
    os.chdir(settings)
    try:
        serve(Channel(socket.socket(fileno=descriptor)), shell)
    except ChannelClosed:
        return


if __name__ == "__main__":
    main()
